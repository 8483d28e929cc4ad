import { cut, inJson, LIMITS, repairLabels, toSeverity, type Severity } from './incident.ts';
import type { Why } from '../reason.ts';
import type { Targets } from './rule.ts';
import type { Actor } from './view.ts';

/** Carried by every action of a person. */
export interface By {
  by?: Actor;
  /** The way by which the action reached us: `voice`, `card`, `page`, `link`, `api`. */
  via?: string;
  /** The same key counts once. */
  key?: string;
}

export const CLOSE_SOURCES = ['person', 'recovered', 'timeout', 'cancelled'] as const;
export type CloseSource = (typeof CLOSE_SOURCES)[number];

/** The argument of each action, the same for its signal and its update. */
export interface Actions {
  acknowledge: By;
  unacknowledge: By;
  wake: By;
  /** 1 to 1440 minutes. */
  snooze: By & { minutes?: number };
  close: By & { resolution?: string; source?: CloseSource };
  /** At most 1024 characters. */
  comment: By & { text?: string };
  /** `onlyRaise`: a lower severity is ignored, because an alert that fires again must not calm an incident down. */
  revise: By & {
    title?: string;
    severity?: Severity;
    description?: string;
    labels?: Record<string, string>;
    onlyRaise?: boolean;
  };
  /** Starts a later level. Default: the level after the present one. */
  escalate: By & { level?: number };
  /** Tells these people instead of the level's, by their own preferences; no level follows. */
  reassign: By & Partial<Targets>;
  /** Tells these people as well, once, by their own preferences; nothing else changes. */
  addResponders: By & Partial<Targets>;
}
export type ActionName = keyof Actions;
export const ACTION_NAMES = [
  'acknowledge',
  'unacknowledge',
  'wake',
  'snooze',
  'close',
  'comment',
  'revise',
  'escalate',
  'reassign',
  'addResponders',
] as const satisfies readonly ActionName[];

/** How long a snooze lasts that does not say how long. */
export const DEFAULT_SNOOZE_MINUTES = 120;
const MAX_SNOOZE_MINUTES = 1440;

/** What a provider told about a message after taking it. Signal `receipt` of the incident. */
export interface Receipt {
  /** Notification id, `n1`, … */
  notification: string;
  account: string;
  outcome: 'delivered' | 'failed';
  /** In English, as its adapter says it. */
  reason?: string;
  code?: string;
}

/** Reads the argument of the signal `receipt`; undefined when it does not have our shape. */
export function readReceipt(raw: unknown): Receipt | undefined {
  const { notification, account, outcome, reason, code } = (raw ?? {}) as Partial<Record<keyof Receipt, unknown>>;
  if (typeof notification !== 'string' || typeof account !== 'string') return undefined;
  if (outcome !== 'delivered' && outcome !== 'failed') return undefined;
  const more = { ...(typeof reason === 'string' && { reason }), ...(typeof code === 'string' && { code }) };
  return { notification, account, outcome, ...more };
}

/**
 * Reads whatever a client sent with an action. Never throws: an acknowledgment counts however odd its argument is.
 * @returns the action and what was odd about it, for the timeline.
 */
export function readAction<N extends ActionName>(name: N, raw: unknown): { action: Actions[N]; notes: Why[] } {
  const notes: Why[] = [];
  const given = typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>) : {};
  const action: Record<string, unknown> = { by: readActor(given['by'], notes) };
  for (const key of ['via', 'key'] as const) {
    if (typeof given[key] === 'string') action[key] = cut(given[key], 200);
  }
  const copyText = (key: string, max: number): void => {
    const text = given[key];
    if (typeof text !== 'string') return;
    action[key] = cut(text, max);
    if (text.length > max) notes.push({ key: 'cut', field: key, from: text.length, to: max });
  };
  switch (name) {
    case 'snooze': {
      const asked = readNumber(given['minutes']);
      const minutes = Number.isFinite(asked)
        ? Math.min(Math.max(Math.round(asked), 1), MAX_SNOOZE_MINUTES)
        : DEFAULT_SNOOZE_MINUTES;
      action['minutes'] = minutes;
      if (minutes !== given['minutes']) {
        notes.push({ key: 'snooze-taken', given: show(given['minutes']), minutes });
      }
      break;
    }
    case 'close':
      copyText('resolution', LIMITS.text);
      if (CLOSE_SOURCES.includes(given['source'] as CloseSource)) action['source'] = given['source'];
      break;
    case 'comment':
      copyText('text', LIMITS.text);
      break;
    case 'revise': {
      copyText('title', LIMITS.title);
      copyText('description', LIMITS.description);
      const severity = toSeverity(given['severity']);
      if (severity) action['severity'] = severity;
      else if (given['severity'] !== undefined) {
        notes.push({ key: 'severity-kept', given: show(given['severity']) });
      }
      const { labels } = given;
      if (typeof labels === 'object' && labels !== null && !Array.isArray(labels)) {
        action['labels'] = repairLabels(labels, notes);
      } else if (labels !== undefined) notes.push({ key: 'labels-kept' });
      if (given['onlyRaise'] === true) action['onlyRaise'] = true;
      break;
    }
    case 'escalate': {
      const { level } = given;
      if (isLevel(level)) action['level'] = level;
      else if (level !== undefined) notes.push({ key: 'no-such-level', given: show(level) });
      break;
    }
    case 'reassign':
    case 'addResponders':
      Object.assign(action, readTargets(given));
      break;
    default:
  }
  return { action: action, notes };
}

/** A sentence when the action asks for something impossible; signals are repaired instead, see {@link readAction}. */
export function refuseArguments(name: ActionName, raw: unknown): string | undefined {
  const given = typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>) : {};
  const { minutes, text } = given;
  if (
    name === 'snooze' &&
    !(Number.isInteger(minutes) && Number(minutes) >= 1 && Number(minutes) <= MAX_SNOOZE_MINUTES)
  ) {
    return `snooze needs minutes, a whole number from 1 to ${MAX_SNOOZE_MINUTES}`;
  }
  if (name === 'comment' && (typeof text !== 'string' || text.trim() === '' || text.length > LIMITS.text)) {
    return `comment needs text of 1 to ${LIMITS.text} characters`;
  }
  if (name === 'escalate' && given['level'] !== undefined && !isLevel(given['level'])) {
    return 'level must be a whole number from 1';
  }
  if (name === 'reassign' || name === 'addResponders') {
    const { members, teams, schedules } = readTargets(given);
    if (members.length + teams.length + schedules.length === 0) return `${name} needs members, teams or schedules`;
  }
  if (name === 'revise' && given['severity'] !== undefined && !toSeverity(given['severity'])) {
    return 'severity must be Critical, Warning or Info';
  }
  return undefined;
}

/** Reads names only, at most 100 of each kind; anything else that was sent names nobody. */
export function readTargets(given: Record<string, unknown> | Partial<Targets>): Targets {
  const names = (list: unknown): string[] =>
    Array.isArray(list)
      ? list.filter((name): name is string => typeof name === 'string' && name !== '').slice(0, 100)
      : [];
  return { members: names(given.members), teams: names(given.teams), schedules: names(given.schedules) };
}

function isLevel(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1;
}

/** For people: the member, else the name. */
export function actorName(actor: Actor | undefined): string {
  return actor?.member ?? actor?.name ?? 'somebody';
}

/** Who acted. Where it is missing or cannot be read, "somebody" acted, and the timeline notes that. */
export function readActor(raw: unknown, notes: Why[]): Actor {
  if (typeof raw === 'object' && raw !== null) {
    const { member, name } = raw as Record<string, unknown>;
    if (typeof member === 'string' && member !== '') return { member: cut(member, 128) };
    if (typeof name === 'string' && name !== '') return { name: cut(name, 128) };
  }
  if (typeof raw === 'string' && raw !== '') return { name: cut(raw, 128) };
  notes.push({ key: 'nobody-named' });
  return { name: 'somebody' };
}

/** A number, or text that holds one. */
function readNumber(value: unknown): number {
  return typeof value === 'number' || (typeof value === 'string' && value.trim() !== '') ? Number(value) : NaN;
}

function show(value: unknown): string {
  return value === undefined ? '(none)' : cut(inJson(value), 40);
}
