import { Document, isMap, isScalar, isSeq, visit, type YAMLMap } from 'yaml';
import { SEVERITIES, toSeverity, type Severity } from '../../domain/incident/incident.ts';
import { ADAPTER_IDS, adapterFacts, DEFAULT_PREFERENCE, type AdapterId } from '../../domain/media.ts';
import type { GroupEvent } from '../../domain/incident/rule.ts';
import { filterProblems, type Filter } from '../match/filter.ts';
import {
  flashdutyRules,
  type FlashdutyFilter,
  type FlashdutyLayer,
  type FlashdutyRule,
  type FlashdutyTarget,
  type FlashdutyWebhook,
} from './flashduty-export.ts';

export interface ImportOptions {
  /** Default: `channel-` and its id. */
  channel?: string;
  /** Of hours; the rules do not say it. */
  timeZone?: string;
  /** Of `notify_step` and `escalate_window`; default: minutes, unless a value is more than they allow in minutes. */
  units?: 'minutes' | 'seconds';
}

export interface Imported {
  /** `channels:` with the rules in the order in which they are asked, and a comment that names what to add. */
  yaml: string;
  /** What could not be carried over, or only by a guess: sentences for a person. */
  notes: string[];
  placeholders: Placeholders;
}

/** Names that stand for ids and still have to be given a meaning. */
export interface Placeholders {
  members: Set<string>;
  teams: Set<string>;
  /** With the roles that rules name. */
  schedules: Map<string, Set<string>>;
  accounts: Map<string, AdapterId>;
}

/** What the translation of one rule adds to. */
interface Ledger extends Placeholders {
  unit: 'minutes' | 'seconds';
  note(sentence: string): void;
  /** The account of a bot: the same token is the same account. */
  bot(adapter: AdapterId, token: string): string;
}

/**
 * Escalation rules of Flashduty in our words. Where something cannot be carried over, somebody is rather told too much
 * than not at all. Tokens stay out of all that is returned.
 *
 * Source  https://docs.flashcat.cloud/en/on-call/channel/escalation-rule
 * @param document one rule, a list, or an answer of the API; either spelling, either scale of units.
 * @throws ConfigurationError when there is no rule in it.
 */
export function importFlashduty(document: unknown, options: ImportOptions = {}): Imported {
  const rules = flashdutyRules(document);
  const notes = new Set<string>();
  const placeholders: Placeholders = {
    members: new Set(),
    teams: new Set(),
    schedules: new Map(),
    accounts: new Map(),
  };
  const bots = new Map<string, string>();
  const unit = options.units ?? unitOf(rules, (sentence) => notes.add(sentence));

  const channels = new Map<string, { rule: Record<string, unknown>; comment?: string }[]>();
  for (const rule of rules) {
    const channel = options.channel ?? `channel-${slug(rule.channel_id ?? 'imported')}`;
    const earlier = channels.get(channel) ?? [];
    const name = unusedName(
      rule.rule_name?.trim() || 'imported',
      earlier.map((entry) => String(entry.rule['name'])),
    );
    const ledger: Ledger = {
      ...placeholders,
      unit,
      note: (sentence) => notes.add(`${name}: ${sentence}`),
      bot(adapter, token) {
        const known = bots.get(`${adapter} ${token}`);
        if (known !== undefined) return known;
        const account = `${dashed(adapter)}-${String(bots.size + 1)}`;
        bots.set(`${adapter} ${token}`, account);
        placeholders.accounts.set(account, adapter);
        return account;
      },
    };
    const comment = rule.description?.trim();
    channels.set(channel, [...earlier, { rule: ruleOf(rule, name, options, ledger), ...(comment && { comment }) }]);
  }
  return { yaml: yamlOf(channels, options, placeholders), notes: [...notes], placeholders };
}

/** No level lasts longer than 720 minutes and none repeats less often than every 120. */
function unitOf(rules: readonly FlashdutyRule[], note: (sentence: string) => void): 'minutes' | 'seconds' {
  for (const { escalate_window: wait, notify_step: step } of rules.flatMap(({ layers }) => layers)) {
    const [field, value] = (wait ?? 0) > 720 ? ['escalate_window', wait] : ['notify_step', step];
    if ((wait ?? 0) <= 720 && (step ?? 0) <= 120) continue;
    note(
      `${field} ${String(value)} is more than the product allows in minutes: notify_step and escalate_window were read ` +
        'as seconds; say --units minutes if they are not',
    );
    return 'seconds';
  }
  return 'minutes';
}

const RULE_KEYS = new Set(
  'rule_id account_id channel_id channel_name rule_name description priority status template_id aggr_window layers time_filters filters created_at created_by creator_id updated_at updated_by deleted_at'.split(
    ' ',
  ),
);

function ruleOf(rule: FlashdutyRule, name: string, options: ImportOptions, ledger: Ledger): Record<string, unknown> {
  for (const key of Object.keys(rule)) {
    if (!RULE_KEYS.has(key)) ledger.note(`${key} is not known and was left out`);
  }
  if (rule.template_id != null) ledger.note('its message template was left out; our own wording is used');
  const groups = groupsOf(rule.filters, ledger);
  const filters = groups === 'never' ? [] : groups;
  const times = timesOf(rule, options, ledger);
  const delay = Math.min(Math.max(rule.aggr_window ?? 0, 0), 3600);
  const isDisabled = groups === 'never' || (rule.status != null && !/^(enabled|active|)$/i.test(rule.status));
  return {
    name,
    ...(isDisabled && { enabled: false }),
    ...((filters.length > 0 || times.length > 0) && {
      when: { ...(filters.length > 0 && { filters }), ...(times.length > 0 && { times }) },
    }),
    ...(delay > 0 && { delay: durationText(delay * 1000) }),
    levels: rule.layers.map((layer, index) => levelOf(layer, `level ${String(index + 1)}`, ledger)),
  };
}

/** None: every incident; `never`: the product could match it, but no incident of ours can. */
function groupsOf(filters: readonly FlashdutyFilter[][], ledger: Ledger): Filter[][] | 'never' {
  const groups: Filter[][] = [];
  let lost = 0;
  for (const group of filters) {
    const conditions = group.map((filter) => conditionOf(filter, ledger));
    if (conditions.includes('never')) {
      lost += 1;
      continue;
    }
    const kept = conditions.filter((condition) => typeof condition === 'object');
    if (kept.length > 0) {
      groups.push(kept);
      continue;
    }
    if (group.length > 0) ledger.note('nothing is left of a group of conditions: the rule matches every incident now');
    return [];
  }
  if (filters.length === 0 || lost < filters.length) return groups;
  ledger.note('no incident here can match its conditions: the rule is disabled');
  return 'never';
}

const ALIASES: Readonly<Record<string, string>> = {
  alert_severity: 'severity',
  incident_severity: 'severity',
  data_source_id: 'source',
  integration_id: 'source',
};

/** A condition that cannot be asked here is left out: the rule matches more than before, not less. */
function conditionOf({ key: written, oper, vals }: FlashdutyFilter, ledger: Ledger): Filter | 'always' | 'never' {
  const key = Object.hasOwn(ALIASES, written) ? (ALIASES[written] ?? written) : written;
  const condition = `the condition on ${written}`;
  const [unknown] = filterProblems({ key, oper, vals: [] });
  if (unknown) {
    ledger.note(`${condition} was left out: ${unknown.message}`);
    return 'always';
  }
  const kept: string[] = [];
  let recovered = 0;
  for (const value of vals) {
    const isSeverity = key === 'severity' || key === 'status';
    const read = isSeverity ? (toSeverity(value) ?? value) : value;
    if (isSeverity && /^ok$/i.test(read)) {
      recovered += 1;
      continue;
    }
    const named = key === 'source' && /^\d+$/.test(read) ? `integration-${read}` : read;
    if (named !== read) {
      ledger.note(`${condition} named integration ${read}: put what incidents say as \`source\` for ${named}`);
    }
    const [problem] = filterProblems({ key, oper, vals: [named] });
    const message = problem?.message ?? (named.length > 256 ? 'is longer than 256 characters' : undefined);
    if (message === undefined) kept.push(named);
    else ledger.note(`${condition} lost a value: ${message}`);
  }
  if (recovered > 0) ledger.note('the status Ok was left out: an incident that recovered is closed here');
  if (kept.length > 0) return { key, oper, vals: kept };
  if (recovered > 0 && recovered === vals.length) return oper === 'IN' ? 'never' : 'always';
  ledger.note(`${condition} was left out`);
  return 'always';
}

function timesOf(rule: FlashdutyRule, { timeZone }: ImportOptions, ledger: Ledger): Record<string, unknown>[] {
  const times: Record<string, unknown>[] = [];
  for (const { start, end, repeat, cal_id } of rule.time_filters) {
    if (cal_id != null) ledger.note(`hours of the service calendar ${cal_id} were left out`);
    const from = /^\d\d:\d\d/.exec(start ?? '')?.[0];
    const to = /^\d\d:\d\d/.exec(end ?? '')?.[0];
    if (from === undefined || to === undefined) {
      if (cal_id == null) ledger.note('hours without start and end were left out');
      continue;
    }
    const days = [...new Set(repeat.map((day) => day % 7))];
    times.push({ ...(days.length > 0 && { days }), from, to });
  }
  if (rule.time_filters.length > 0 && times.length === 0) ledger.note('it holds at all hours now');
  if (times.length > 0 && timeZone === undefined) {
    ledger.note('its hours are read as UTC; say --time-zone, or set timeZone of the channel');
  }
  return times;
}

function levelOf(layer: FlashdutyLayer, where: string, ledger: Ledger): Record<string, unknown> {
  const target = layer.target ?? undefined;
  const unitMs = ledger.unit === 'minutes' ? 60_000 : 1000;
  const to = {
    members: (target?.person_ids ?? []).map((person) => placeholder(ledger.members, `person-${slug(person)}`)),
    teams: (target?.team_ids ?? []).map((team) => placeholder(ledger.teams, `team-${slug(team)}`)),
    schedules: Object.entries(target?.schedule_to_role_ids ?? {}).flatMap(([schedule, roles]) =>
      dutiesOf(`schedule-${slug(schedule)}`, roles, ledger),
    ),
    emails: target?.emails ?? [],
  };
  const groups = (target?.webhooks ?? []).flatMap((webhook) => groupTargets(webhook, where, ledger));
  let people = to.members.length + to.teams.length + to.schedules.length;
  if (people + to.emails.length + groups.length === 0) {
    ledger.note(`${where} tells nobody that could be carried over: name somebody instead of person-unknown`);
    to.members.push(placeholder(ledger.members, 'person-unknown'));
    people = 1;
  }
  const repeat = repeatOf(layer, unitMs, where, ledger);
  return {
    to: Object.fromEntries(Object.entries(to).filter(([, names]) => names.length > 0)),
    ...(people > 0 && { by: mediaOf(target, where, ledger) }),
    ...(groups.length > 0 && { groups }),
    ...(repeat && { repeat }),
    escalateAfter: durationText(waitOf(layer, unitMs, where, ledger)),
    ...(layer.force_escalate === true && { evenIfAcknowledged: true }),
  };
}

/** Role 0 is the default one. */
function dutiesOf(schedule: string, roles: readonly string[], { schedules }: Ledger): string[] {
  const known = schedules.get(schedule) ?? new Set();
  schedules.set(schedule, known);
  if (roles.length === 0 || roles.includes('0')) return [schedule];
  return roles.map((role) => {
    known.add(`role-${slug(role)}`);
    return `${schedule}/role-${slug(role)}`;
  });
}

function repeatOf({ max_times, notify_step }: FlashdutyLayer, unitMs: number, where: string, ledger: Ledger) {
  const times = Math.round(max_times ?? 1);
  if (times === 0) ledger.note(`${where}: max_times 0 was read as told once`);
  if (times <= 1) return undefined;
  if (times > 6) ledger.note(`${where}: max_times ${String(times)} was cut to 6`);
  const everyMs = clamp((notify_step ?? 10 * (60_000 / unitMs)) * unitMs, 30_000, 120 * 60_000);
  return { every: durationText(everyMs), times: Math.min(times, 6) };
}

function waitOf({ escalate_window: wait }: FlashdutyLayer, unitMs: number, where: string, ledger: Ledger): number {
  if (wait == null) return 30 * 60_000;
  if (wait <= 0) {
    ledger.note(`${where}: escalate_window ${String(wait)} may mean never or at once; took the usual 30 minutes`);
    return 30 * 60_000;
  }
  const waitMs = clamp(wait * unitMs, 1000, 12 * 3_600_000);
  if (waitMs !== wait * unitMs) ledger.note(`${where}: escalate_window ${String(wait)} was cut to 12 hours`);
  return waitMs;
}

const SEVERITY_KEYS = ['critical', 'warning', 'info'] as const;

function mediaOf(target: FlashdutyTarget | undefined, where: string, ledger: Ledger): unknown {
  const by = target?.by;
  if (!by) return (target?.webhooks ?? []).length > 0 ? { default: [] } : 'preference';
  if (by.follow_preference === true) return 'preference';
  const media = SEVERITY_KEYS.map((severity) => {
    const carried = by[severity].flatMap((medium) => mediumOf(medium, where, ledger) ?? []);
    if (carried.length > 0 || by[severity].length === 0) return [...new Set(carried)];
    const instead = [...DEFAULT_PREFERENCE[severity]];
    ledger.note(`${where}: nothing is left of the media for ${severity}; took ${instead.join(', ')}`);
    return instead;
  });
  const [first = []] = media;
  if (media.every((other) => other.join() === first.join())) return { default: first };
  return Object.fromEntries(SEVERITY_KEYS.map((severity, index) => [severity, media[index] ?? []]));
}

function mediumOf(written: string, where: string, ledger: Ledger): string | undefined {
  if (/^(voice|sms|email|push)$/.test(written)) return written;
  if (written === 'flashduty_app') return 'push';
  const [, app = '', source = ''] = /^(\w+)_app:(\w+)$/.exec(written) ?? [];
  const adapter = adapterOf(`${app}.app`);
  if (adapter) return accountOf(adapter, source, ledger);
  ledger.note(`${where}: the medium ${written} is not available here and was left out`);
  return undefined;
}

const EVENTS: Readonly<Record<string, GroupEvent>> = {
  i_new: 'opened',
  i_assign: 'opened',
  i_notify: 'opened',
  i_ack: 'acknowledged',
  i_unack: 'unacknowledged',
  i_snooze: 'snoozed',
  i_wake: 'woken',
  i_comm: 'commented',
  i_rslv: 'closed',
  i_reopen: 'reopened',
  i_r_title: 'revised',
  i_r_desc: 'revised',
  i_r_severity: 'revised',
};

const SETTINGS = new Set(
  'data_source_id chat_ids token alias severities serverities reply_event_types disable_at is_at_all reply_mode verify_token'.split(
    ' ',
  ),
);
const LOST_SETTINGS: Readonly<Record<string, string>> = {
  user_schema_id: 'the mapping table for mentions was left out: write `identities` of the members',
  put_top_notice: 'pinning was left out',
};

function groupTargets({ type, settings }: FlashdutyWebhook, where: string, ledger: Ledger): Record<string, unknown>[] {
  const isApp = type.endsWith('_app');
  const adapter = adapterOf(isApp ? type.replace(/_app$/, '.app') : `${type}.bot`);
  if (!adapter || adapterFacts(adapter).form === 'direct') {
    ledger.note(`${where}: the group of type ${type} cannot be posted to here and was left out`);
    return [];
  }
  for (const [key, value] of Object.entries(settings ?? {})) {
    if (SETTINGS.has(key) || value === undefined || value === null || value === false || value === '') continue;
    ledger.note(`${where}: ${LOST_SETTINGS[key] ?? `${key} of ${type} is not known and was left out`}`);
  }
  const account = isApp
    ? accountOf(adapter, settings?.data_source_id ?? 'unknown', ledger)
    : ledger.bot(adapter, settings?.token ?? '');
  if (!isApp) ledger.note(`${where}: the token of ${account} was left out: put it into the account`);
  const severities = severitiesOf([...(settings?.severities ?? []), ...(settings?.serverities ?? [])]);
  const events = eventsOf(settings?.reply_event_types ?? [], where, ledger);
  const chats = settings?.chat_ids ?? [];
  if (chats.length === 0 && adapterFacts(adapter).form === 'direct and group') {
    ledger.note(`${where}: ${type} names no chat and was left out`);
    return [];
  }
  return (chats.length > 0 ? chats : [undefined]).map((chat) => ({
    account,
    ...(chat !== undefined && { chat }),
    ...(settings?.alias && { alias: settings.alias.slice(0, 40) }),
    ...(severities.length > 0 && { severities }),
    ...(events.length > 0 && { events }),
    ...(settings?.disable_at === false && { mention: settings.is_at_all === true ? 'all' : true }),
    ...(settings?.reply_mode === 'threads' && { threads: true }),
    ...(settings?.reply_mode === 'verbose' && { verbose: true }),
  }));
}

function severitiesOf(written: readonly string[]): Severity[] {
  const found = new Set(written.flatMap((word) => toSeverity(word) ?? []));
  return found.size === SEVERITIES.length ? [] : [...found];
}

/** Flashduty always posts the page itself. Our groups hear of it as the event `opened`, which is therefore added. */
function eventsOf(types: readonly string[], where: string, ledger: Ledger): GroupEvent[] {
  if (types.length === 0) return [];
  const lost = types.filter((type) => EVENTS[type] === undefined);
  if (lost.length > 0) ledger.note(`${where}: groups cannot hear of ${lost.join(', ')}`);
  return [...new Set(['opened' as const, ...types.flatMap((type) => EVENTS[type] ?? [])])];
}

function adapterOf(name: string): AdapterId | undefined {
  return ADAPTER_IDS.find((id) => id === name);
}

function accountOf(adapter: AdapterId, source: string, { accounts }: Ledger): string {
  const name = `${dashed(adapter)}-${slug(source).toLowerCase()}`;
  accounts.set(name, adapter);
  return name;
}

function placeholder(names: Set<string>, name: string): string {
  names.add(name);
  return name;
}

function unusedName(wanted: string, taken: readonly string[]): string {
  const name = wanted.slice(0, 58);
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? name : `${name} (${String(count)})`;
    if (!taken.includes(candidate)) return candidate;
  }
}

function slug(id: string): string {
  return id.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 24);
}

function dashed(adapter: AdapterId): string {
  return adapter.replace('.', '-');
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}

function durationText(ms: number): string {
  if (ms % 3_600_000 === 0 && ms > 0) return `${String(ms / 3_600_000)}h`;
  return ms % 60_000 === 0 && ms > 0 ? `${String(ms / 60_000)}m` : `${String(Math.round(ms / 1000))}s`;
}

function yamlOf(
  channels: ReadonlyMap<string, { rule: Record<string, unknown>; comment?: string }[]>,
  { timeZone }: ImportOptions,
  { members, teams, schedules, accounts }: Placeholders,
): string {
  const written = [...channels].map(([name, rules]) => [
    name,
    { ...(timeZone !== undefined && { timeZone }), rules: rules.map(({ rule }) => rule) },
  ]);
  const document = new Document({ channels: Object.fromEntries(written) as unknown });
  const toAdd = [
    ['accounts', [...accounts].map(([name, adapter]) => `${name} (${adapter})`)],
    ['members', [...members]],
    ['teams', [...teams]],
    [
      'schedules',
      [...schedules].map(([name, roles]) => (roles.size > 0 ? `${name} (${[...roles].join(', ')})` : name)),
    ],
  ] as const;
  const lines = toAdd.filter(([, names]) => names.length > 0).map(([key, names]) => ` ${key}: ${names.join(', ')}`);
  document.commentBefore = [
    ' Rules of Flashduty. Copy `channels` into escalations.yaml; names stand for ids, add or replace them:',
    ...lines,
  ].join('\n');
  for (const [name, rules] of channels) {
    for (const [index, { comment }] of rules.entries()) {
      const node = document.getIn(['channels', name, 'rules', index], true);
      if (isMap(node) && comment !== undefined) node.commentBefore = ` ${comment.replace(/\s+/g, ' ')}`;
    }
  }
  // Short things on one line, as people write them.
  visit(document, {
    Seq(_, node) {
      if (node.items.every((item) => isScalar(item))) node.flow = true;
    },
    Map(_, node) {
      if (isShort(node)) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 120, flowCollectionPadding: true });
}

function isShort({ items }: YAMLMap): boolean {
  return items.every(({ value }) => isScalar(value) || (isSeq(value) && value.items.every((item) => isScalar(item))));
}
