import type { Route } from '../delivery.ts';
import type { Locale } from '../locale.ts';
import type { Reason } from '../reason.ts';
import type { Severity } from './incident.ts';
import type { AutoClose, GroupEvent, GroupManner, Level, Medium, Rule } from './rule.ts';

/**
 * The edition of the policy that a new incident follows. It is taken once, like the rule: what an incident of an earlier
 * edition, or of none, was led to by its history stays as it was.
 */
export const EDITION = 1;

/** What planning answers when an incident opens. */
export interface Match {
  /** Only in histories of 0.1.0, in which planning made it of the id; no key of theirs names an occurrence. */
  number?: string;
  /** `undefined`: no rule matched and the configuration says to ignore such incidents. */
  rule?: Rule;
  /** {@link EDITION}; absent in histories of 0.1.0. */
  edition?: number;
  /** Of the channel; taken once, like the rule. */
  autoClose?: AutoClose;
  /** Of the file; taken once, like the rule: who is told when all levels have ended and reached nobody. */
  lastResort?: Level;
  /** Hash of the configuration that was used. */
  configuration: string;
  /** Search attributes this server knows; writing any other would fail the workflow task for ever. */
  attributes: string[];
  /** The accounts of each medium, for rounds that planning cannot resolve. */
  carriers: Record<string, Route[]>;
  /** What the Web UI shows of the incident is in this language. Absent: English. */
  locale?: Locale;
  /** For the timeline, such as why the rule asked for was not used. */
  notes: Reason[];
  /** The first round, when the rule starts without a delay: planning is asked once for both. */
  first?: Resolution & { severity: Severity };
}

/** One medium for one person: the accounts that can carry it to their address, best first. */
export interface MediumPlan {
  medium: Medium;
  /** Accounts that can carry the medium to this person. Empty: none can, and `reason` says why. */
  routes: Route[];
  reason?: Reason;
}

export interface PersonPlan {
  member: string;
  /** The person is told by all of these at the same time. */
  media: MediumPlan[];
  /** The media that are tried, in this order, when the medium of that name has failed. */
  fallback: Record<Medium, MediumPlan[]>;
}

/** Runs that were planned before `manner` was passed whole carry its options beside the others: {@link mannerOf}. */
export interface GroupPlan extends Route, Partial<GroupManner> {
  chat?: string;
  alias: string;
  /** Empty means all. */
  events: GroupEvent[];
  manner?: GroupManner;
}

export function mannerOf({ manner, mention = false, threads = false, verbose = false }: GroupPlan): GroupManner {
  return manner ?? { mention, threads, verbose };
}

/** Who is to be told in one round, by what: computed anew when each round starts. */
export interface Resolution {
  configuration: string;
  people: PersonPlan[];
  groups: GroupPlan[];
  /** The level names no media for this severity on purpose (`[]`). */
  nobodyOnPurpose: boolean;
  /**
   * Why `people` are a guess: the directory could not say who is meant. An earlier answer of it is better than this
   * guess.
   */
  guessed?: Reason;
  /** For the timeline, such as that nobody is on duty in a schedule. */
  notes: Reason[];
}
