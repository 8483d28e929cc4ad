import type { LostRun } from '../incident/view.ts';
import type { Outcome } from '../delivery.ts';
import type { Coming } from '../incident/due.ts';
import type { Severity } from '../incident/incident.ts';
import type { Recorded, RecordKind } from '../incident/record.ts';
import type { Actor, Progress } from '../incident/view.ts';
import type { CarriedMedium } from '../media.ts';
import type { Reason, ReasonKey, Reasons } from '../reason.ts';

/** What the words about an incident need of their reader. */
export interface Speech {
  /** A member's id, a group's alias or an actor, as the reader knows them. Never empty. */
  name: (who: Actor | string) => string;
  reason: (reason: Reason) => string;
}

/**
 * The words about what happened to an incident, in one language. Pure, because workflows show them in the Web UI; what
 * only messages and pages say is in `templates/`.
 */
export interface IncidentWords {
  severities: Record<Severity, string>;
  progress: Record<Progress, string>;
  somebody: string;
  /** Leads the sentence of a record. */
  kinds: Record<RecordKind, string>;
  outcomes: Record<Outcome, string>;
  media: Record<CarriedMedium, string>;
  /** How an action reached us. */
  via: (via: string) => string;
  /** `2 h`. */
  span: (minutes: number) => string;
  list(names: readonly string[]): string;
  /** In brackets, after what it explains. */
  because: (reason: string) => string;
  /** Follow the kind: `to level 2: nobody acknowledged`. */
  records: { [K in RecordKind]: (record: Recorded<K>, speech: Speech) => string };
  reasons: { [K in ReasonKey]: (values: Reasons[K], speech: Speech) => string };
  /** What happens by itself next. */
  coming: { [F in Coming['for']]: (coming: Extract<Coming, { for: F }>, speech: Speech) => string };
  /** Parts of a line about the state. */
  state: {
    nobodyYet: string;
    level(level: number, levels: number, round: number): string;
    acknowledged(who: string): string;
    acknowledgedAt(time: string): string;
    snoozed(until: string): string;
    /** A message that no worker of the account has reported on since. */
    waiting(account: string, since: string): string;
    /** After that sentence, for an operator. */
    stuck: string;
    tookBack(who: string): string;
    nobodyNow: string;
    toldNobody: string;
    /** The run was ended before its incident was closed. `at`: a time of day. */
    lost(how: LostRun['how'], at: string): string;
    closed(who: string): string;
    noRule: string;
    next(what: string, at: string): string;
    /** After how often something came. */
    lastTime(time: string): string;
  };
  /** Labels of what an operator reads. */
  labels: Record<
    | 'workflow'
    | 'description'
    | 'channel'
    | 'source'
    | 'details'
    | 'label'
    | 'rule'
    | 'configuration'
    | 'responder'
    | 'responders'
    | 'none'
    | 'notifications'
    | 'timeline'
    | 'what',
    string
  >;
}
