import { durationText } from './flashduty/duration-text.ts';
import { flashdutyRules, type FlashdutyRule } from './flashduty/export.ts';
import { dashed, slug, type Ledger, type Placeholders } from './flashduty/ledger.ts';
import { levelOf } from './flashduty/level.ts';
import { groupsOf, timesOf } from './flashduty/when.ts';
import { yamlOf } from './flashduty/yaml.ts';

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
  return { yaml: yamlOf(channels, options.timeZone, placeholders), notes: [...notes], placeholders };
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

function ruleOf(
  rule: FlashdutyRule,
  name: string,
  { timeZone }: ImportOptions,
  ledger: Ledger,
): Record<string, unknown> {
  for (const key of Object.keys(rule)) {
    if (!RULE_KEYS.has(key)) ledger.note(`${key} is not known and was left out`);
  }
  if (rule.template_id != null) ledger.note('its message template was left out; our own wording is used');
  const groups = groupsOf(rule.filters, ledger);
  const filters = groups === 'never' ? [] : groups;
  const times = timesOf(rule, timeZone, ledger);
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

function unusedName(wanted: string, taken: readonly string[]): string {
  const name = wanted.slice(0, 58);
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? name : `${name} (${String(count)})`;
    if (!taken.includes(candidate)) return candidate;
  }
}
