import type { Severity } from './incident.ts';

/** `voice`, `sms`, `email`, `push`, or the name of an IM account. */
export type Medium = string;

export type MediaChoice =
  'preference' | { critical?: Medium[]; warning?: Medium[]; info?: Medium[]; default?: Medium[] };

export interface Targets {
  members: string[];
  teams: string[];
  schedules: string[];
}

/** What a group may hear about. The first word is the page itself. */
export const GROUP_EVENTS = [
  'opened',
  'acknowledged',
  'unacknowledged',
  'snoozed',
  'woken',
  'escalated',
  'reassigned',
  'revised',
  'commented',
  'exhausted',
  'closed',
  'reopened',
] as const;
export type GroupEvent = (typeof GROUP_EVENTS)[number];

/** How a group is posted to. It is passed on whole: an option is named where it is written and where it is read. */
export interface GroupManner {
  /** Of a page: the responders, or everybody in the group. */
  mention: boolean | 'all';
  /** What happens later is posted below the first message, also where that one is drawn again. */
  threads?: boolean;
  /** The whole text instead of a card. */
  verbose?: boolean;
}

export interface GroupTarget extends GroupManner {
  account: string;
  /** The chat inside the account, where the account serves several. */
  chat?: string;
  alias?: string;
  /** Empty means all. */
  severities: Severity[];
  /** Empty means all. */
  events: GroupEvent[];
}

export interface Level {
  to: Targets;
  by: MediaChoice;
  groups: GroupTarget[];
  /** `times` counts every send of the level, the first included (1 to 6). */
  repeat: { everyMs: number; times: number };
  /** Until the next level, from the start of this one: 1 s to 12 h. */
  escalateAfterMs: number;
  /** Tell the next level even though somebody acknowledged this one (its first round only). */
  evenIfAcknowledged: boolean;
  whenNobodyReached: 'escalate' | 'wait';
  /** Whoever does not pick up is called once more in the same round. */
  redial?: true;
}

/** An escalation rule as a running escalation keeps it: taken once, later edits never change it. */
export interface Rule {
  /** `channel/name`. */
  name: string;
  /** Before the first round: 0 to 3,600,000. */
  delayMs: number;
  levels: Level[];
  /** After the last level: run the levels again, `times` times, `everyMs` after each exhaustion. */
  startOver?: { everyMs: number; times: number };
  /** Acknowledged for this long and still not closed: Triggered again, told again. */
  acknowledgeTimeoutMs?: number;
  /** Which templates put it into words, by name: the texts are looked up when something is sent. */
  wording?: string;
}

/** When an incident that nobody touches is closed by itself; never a Triggered Critical. */
export interface AutoClose {
  afterMs: number;
  since: 'opened' | 'updated';
}

/** The media of a level for a severity; `undefined` means each member's preference. */
export function mediaFor(by: MediaChoice, severity: Severity): Medium[] | undefined {
  if (by === 'preference') return undefined;
  return by[severity.toLowerCase() as Lowercase<Severity>] ?? by.default ?? [];
}

/**
 * Labels of an incident that say whom a level tells, for whoever routes and not for readers. The level from
 * 0 and `emails` or `team_names`; or the level and the platform of group chats.
 */
export const CONTROL_LABEL = /^layer_(?:person_reset_(\d{1,2})_(emails|team_names)|webhook_reset_(\d{1,2})_([a-z]+)s)$/;
