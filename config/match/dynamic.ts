// Labels of an incident that name other targets for a level.

import type { Incident } from '../../domain/incident/incident.ts';
import { comparedMail } from '../../domain/mail-address.ts';
import { adapterFacts } from '../../domain/media.ts';
import { CONTROL_LABEL, type GroupTarget, type Level, type Rule } from '../../domain/incident/rule.ts';
import type { Configuration } from '../configuration.ts';
import { platformOf } from '../schema/names.ts';
import type { Reason } from '../../domain/reason.ts';

const MOST_GROUPS = 20;
const LONGEST_CHAT = 200;
const MOST_NAMED = 20;

/** One label that redirects a level. */
interface Order {
  label: string;
  /** From 0. */
  index: number;
  /** Whom its values name; for groups, the platform they are in. */
  of: 'emails' | 'team_names' | { platform: string };
  values: string[];
}

/**
 * The rule for this one incident: its labels may put other targets in the place of a level's. Levels count from 0 there.
 *
 *     layer_person_reset_<n>_emails                       members, by id or e-mail address, separated by commas
 *     layer_person_reset_<n>_team_names                   teams
 *     layer_webhook_reset_<n>_<platform>s                 groups of a platform: `account` or `account/chat`
 *
 * People of labels replace all people of the level, groups those of their platform; media, rounds and the rest stay.
 * Values that name nothing in the configuration count for nothing, and when none is left the level stays as it was.
 * Notes hold no value that was not found: it may be an address or a token.
 * @param channel of the incident. It may take no such labels, and so may the channel of the rule.
 */
export function redirect(
  rule: Rule,
  { labels }: Pick<Incident, 'labels'>,
  configuration: Configuration,
  channel = 'default',
): { rule: Rule; notes: Reason[] } {
  const orders = Object.entries(labels).flatMap(([label, text]) => readOrder(label, text));
  if (orders.length === 0) return { rule, notes: [] };
  const concerned = [channel, rule.name.split('/')[0] ?? ''];
  const closed = concerned.find((name) => configuration.channels.get(name)?.labelsRedirect === false);
  if (closed !== undefined) return { rule, notes: [{ key: 'labels-switched-off', channel: closed }] };
  const notes = orders
    .filter(({ index }) => index >= rule.levels.length)
    .map(({ label, index }): Reason => ({ key: 'label-beyond-levels', label, level: index + 1 }));
  const levels = rule.levels.map((level, index) => {
    const mine = orders.filter((order) => order.index === index);
    return mine.length === 0 ? level : redirectLevel(level, mine, { configuration, notes });
  });
  return { rule: { ...rule, levels }, notes };
}

function readOrder(label: string, text: string): Order[] {
  const [, personIndex, people, groupIndex, platform] = CONTROL_LABEL.exec(label) ?? [];
  const index = Number(personIndex ?? groupIndex);
  const values = [...new Set(text.split(',').map((value) => value.trim()))].filter((value) => value !== '');
  if (people === 'emails' || people === 'team_names') return [{ label, index, of: people, values }];
  return platform === undefined ? [] : [{ label, index, of: { platform }, values }];
}

interface Context {
  configuration: Configuration;
  notes: Reason[];
}

function redirectLevel(level: Level, orders: Order[], { configuration, notes }: Context): Level {
  const to: Level['to'] = { members: [], teams: [], schedules: [] };
  let { groups } = level;
  for (const order of orders) {
    const { of, values } = order;
    const found = values.map((value) =>
      typeof of === 'string' ? findPeople(value, of, configuration) : findGroup(value, of, configuration),
    );
    const names = [...new Set(found.filter((name) => name !== undefined))];
    if (of === 'emails') to.members.push(...names);
    else if (of === 'team_names') to.teams.push(...names);
    else if (names.length > 0) groups = replaceGroups(groups, of.platform, names, configuration);
    notes.push(...report(order, names, found.filter((name) => name === undefined).length));
  }
  const isSomebody = to.members.length + to.teams.length > 0;
  return { ...level, to: isSomebody ? to : level.to, groups };
}

/** @returns a member's id, or the name of a team. */
function findPeople(
  value: string,
  kind: 'emails' | 'team_names',
  { members, teams }: Configuration,
): string | undefined {
  if (kind === 'team_names') return teams.has(value) ? value : undefined;
  if (members.has(value)) return value;
  const address = comparedMail(value);
  const theirs = [...members.values()].filter(({ email }) => email !== undefined && comparedMail(email) === address);
  return (theirs.find(({ mailbox }) => mailbox !== true) ?? theirs[0])?.id;
}

/** @returns `account` or `account/chat`, when it is an account of the platform that can post there. */
function findGroup(value: string, { platform }: { platform: string }, { accounts }: Configuration): string | undefined {
  const { account: name, chat } = splitGroup(value);
  const account = accounts.get(name);
  if (!account || platformOf(account.adapter) !== platform) return undefined;
  const { form } = adapterFacts(account.adapter);
  const isComplete = form === 'group' || (form === 'direct and group' && chat !== undefined);
  return isComplete && (chat?.length ?? 0) <= LONGEST_CHAT ? value : undefined;
}

function splitGroup(value: string): Pick<GroupTarget, 'account' | 'chat'> {
  const [account = '', ...rest] = value.split('/');
  const chat = rest.join('/');
  return { account, ...(chat !== '' && { chat }) };
}

const PLAIN_GROUP: GroupTarget = { account: '', severities: [], events: [], mention: false };

/** The new ones hear of what the one whose place they take would have heard of. */
function replaceGroups(
  groups: GroupTarget[],
  platform: string,
  names: string[],
  { accounts }: Configuration,
): GroupTarget[] {
  const isReplaced = ({ account }: GroupTarget): boolean => {
    const adapter = accounts.get(account)?.adapter;
    return adapter !== undefined && platformOf(adapter) === platform;
  };
  const { account: _, chat: __, alias: ___, ...manner } = groups.find(isReplaced) ?? PLAIN_GROUP;
  const placed = names.map((name): GroupTarget => ({ ...splitGroup(name), ...manner }));
  return [...groups.filter((group) => !isReplaced(group)), ...placed].slice(0, MOST_GROUPS);
}

function report({ label, index, of, values }: Order, names: string[], lost: number): Reason[] {
  const notes: Reason[] = [];
  if (names.length > 0) notes.push({ key: 'label-redirects', label, level: index + 1, to: names.slice(0, MOST_NAMED) });
  if (lost > 0 || values.length === 0) {
    const wanted = typeof of === 'object' ? of : ({ kind: of === 'emails' ? 'member' : 'team' } as const);
    const partly = names.length > 0 && { partly: true as const };
    notes.push({ key: 'label-names-nobody', label, lost, of: values.length, ...wanted, ...partly });
  }
  return notes;
}
