import { readActor } from './actor.ts';
import type { ActionName } from './action.ts';
import type { Receipt } from './receipt.ts';
import type { Attempt, Handle, Outcome, Route } from '../delivery.ts';
import type { Incident } from './incident.ts';
import { incidentNumber, INCIDENT_NUMBER } from './number.ts';
import { readOccurrence, refOf, type IncidentRef } from './occurrence.ts';
import type { GroupPlan, Match, MediumPlan } from './plan.ts';
import type { GroupEvent, Level, Medium, Rule } from './rule.ts';
import {
  asStored,
  RECORD_KINDS,
  type Circumstances,
  type Happening,
  type RecordKind,
  type TimelineRecord,
} from './record.ts';
import type { Reason } from '../reason.ts';
import type { Actor, Progress, RecordView } from './view.ts';

/** Everything a running escalation remembers. Plain data: it is carried over when a run continues as a new one. */
export interface Escalation {
  workflowId: string;
  /** See {@link IncidentRef}; absent in runs that 0.1.0 has started. */
  occurrence?: string;
  /** Six characters, for people to say aloud. */
  number: string;
  incident: Incident;
  /** When its run was started, or the first of the runs that continue each other: a worker may have come later. */
  openedAt: number;
  /** When somebody last did something. */
  updatedAt: number;
  /** Absent until planning has answered. */
  match?: Omit<Match, 'rule' | 'notes' | 'first'>;
  rule?: Rule;
  progress: Progress;
  outcome?: 'closed' | 'unmatched';
  /** From 1; 0 before the first level. */
  level: number;
  /** From 1, within the level. */
  round: number;
  /** Which start of a level this is: tells apart notifications of equal level and round. */
  start: number;
  /** Number of the last start of a level; people who are told once count as a start of their own. */
  starts: number;
  levelStartedAt: number;
  /** When the first level is due: after the delay, or when the rule starts over. */
  startsAt?: number;
  startOversUsed: number;
  /** Round 1 of the level is told even if somebody has acknowledged. */
  regardless: boolean;
  /**
   * These are told instead of the level's people: they were named by hand, or they are the last resort.
   * `acknowledged`: until planning has said who they are, the acknowledgments of before, should one of them be theirs.
   */
  direct?: { level: Level; acknowledged?: Acknowledgment[]; lastResort?: true };
  /** Absent before the first level. */
  pass?: Pass;
  /** Groups of the levels that have started which did not choose to hear of the page itself. */
  listeners?: GroupPlan[];
  /** Actions that came before planning had answered; they are done after it. */
  early?: { name: ActionName; argument: unknown }[];
  /** Planning works on the current round. */
  resolving: boolean;
  /** The round named nobody on purpose (`[]` for this severity). */
  nobodyOnPurpose: boolean;
  exhausted: boolean;
  snoozedUntil?: number;
  /** The earliest first. */
  acknowledgments: Acknowledgment[];
  /** When the incident was first acknowledged, even if that acknowledgment was taken back. */
  firstAcknowledgedAt?: number;
  closed?: { by: Actor; at: number; resolution?: string };
  /** Members, in the order they were assigned. */
  responders: { member: string; at: number }[];
  notifications: Notification[];
  /** Number of the last notification. */
  lastId: number;
  /** Changes of progress, level or round. */
  revision: number;
  /** Changes of what a card shows. */
  look: number;
  timeline: TimelineRecord[];
  /** Keys of actions that were done, newest last. */
  keys: string[];
}

/** One run through the levels of the rule: since it began, or started over. */
export interface Pass {
  /** The first start of a level in it. */
  start: number;
  /** The rule means to tell people of this severity; `[]` for it says that nobody is told on purpose. */
  meansSomebody: boolean;
  /** Why rounds told fewer people than they name, such as `nobody is on duty in db-primary`. */
  gaps: Reason[];
}

export interface Acknowledgment {
  by: Actor;
  at: number;
}

/** What is told together. */
export interface Wave {
  level: number;
  round: number;
  start: number;
}

/** One person or group × one medium × one round. */
export interface Notification extends Wave {
  id: string;
  to: { member: string } | { group: GroupPlan };
  medium: Medium;
  event: GroupEvent;
  at: number;
  /** Accounts still to be tried, best first. */
  routes: Route[];
  /** Media still to be tried for this person when this one fails. */
  fallback: MediumPlan[];
  /** This one stands in for a medium that failed. */
  standIn: boolean;
  /** The attempt under way. `since`: absent in states of older versions. */
  trying?: { route: Route; look: number; plain: boolean; reconcile: boolean; since?: number };
  /** Of a call: when we stop waiting for the phone workflow's next signal. */
  wait?: { until: number; what: 'line' | 'long line' | 'ringing' };
  /** Of a call: the workflow that owns the number. */
  line?: string;
  /** Goes out even if somebody has acknowledged. */
  regardless: boolean;
  /**
   * It tells somebody who was added by hand while the incident went on: only that person and the close take it back.
   */
  added?: true;
  /** This is the second call of its round, because nobody picked up the first. */
  redial?: true;
  /** Taken back: somebody acknowledged, snoozed or closed. */
  withdrawn: boolean;
  /** A newer page to the same recipient by the same medium is under way: this one may not leave any more. */
  overtaken?: true;
  outcome: Outcome;
  reason?: Reason;
  attempts: Attempt[];
  /** A receipt that came before the answer to the attempt under way. */
  receipt?: Receipt;
  /** The message as sent, to redraw it. */
  sent?: { route: Route; handle: Handle; look: number; redrawing: boolean };
}

export const BOUNDS = { records: 400, notifications: 300, keys: 200, early: 20, carriedBytes: 60 * 1024 } as const;

/** A worker that takes an incident later than this was not there; in a storm one is busy for some seconds. */
const LATE_MS = 10_000;

/**
 * A new escalation, of which nothing but the incident is known yet.
 * @param ref its workflow, and the first run of this chain: the occurrence, unless an earlier one is opened again.
 * @param now the clocks of delay and levels begin then, with the first task: an outage of all workers skips no level.
 * @param startedAt when the run was started, which is when the incident opened. Default: `now`.
 */
export function openEscalation(
  ref: IncidentRef,
  incident: Incident,
  repairs: Reason[],
  now: number,
  reopened?: Reopened,
  startedAt = now,
): Escalation {
  const own = refOf({ ...ref, ...readOccurrence(reopened?.occurrence) });
  const state: Escalation = {
    ...own,
    number: reopened?.number ?? incidentNumber(own),
    incident,
    openedAt: startedAt,
    updatedAt: startedAt,
    progress: 'Triggered',
    level: 0,
    round: 0,
    start: 0,
    starts: 0,
    levelStartedAt: now,
    startOversUsed: 0,
    regardless: false,
    resolving: false,
    nobodyOnPurpose: false,
    exhausted: false,
    acknowledgments: [],
    responders: [],
    notifications: [],
    lastId: 0,
    revision: 0,
    look: 0,
    timeline: [],
    keys: [],
  };
  if (reopened) {
    const { by, via, reason, timeline, responders, lastId } = reopened;
    state.timeline = timeline;
    state.responders = responders.map((member) => ({ member, at: now }));
    state.lastId = lastId;
    const how = { by, ...(via !== undefined && { via }) };
    record(state, startedAt, { kind: 'reopened', ...how, ...(reason !== undefined && { comment: reason }) });
  } else {
    const { severity, title } = incident;
    record(state, startedAt, { kind: 'opened', severity, title });
  }
  const lateMs = now - startedAt;
  if (lateMs >= LATE_MS) {
    record(state, now, { kind: 'missed', lateSeconds: Math.round(lateMs / 1000) });
  }
  for (const reason of repairs) record(state, now, { kind: 'repaired', reason });
  return state;
}

/**
 * Reads what a closed run left. Anybody may start a workflow, so whatever does not have our shape opens a new incident.
 */
export function readReopened(raw: unknown): Reopened | undefined {
  const given = (raw ?? {}) as Partial<Record<keyof Reopened, unknown>>;
  const { by, via, reason, timeline, responders, lastId, occurrence, number } = given;
  if (!Array.isArray(timeline) || !timeline.every(isRecord)) return undefined;
  if (!Array.isArray(responders) || !responders.every((one) => typeof one === 'string')) return undefined;
  if (typeof lastId !== 'number' || !Number.isInteger(lastId) || lastId < 0) return undefined;
  return {
    by: readActor(by, []),
    timeline: timeline.map(asStored),
    responders,
    lastId,
    ...readOccurrence(occurrence),
    ...(typeof number === 'string' && INCIDENT_NUMBER.test(number) && { number }),
    ...(typeof via === 'string' && { via }),
    ...(typeof reason === 'string' && { reason }),
  };
}

function isRecord(raw: unknown): raw is RecordView {
  const { at, kind, text } = (raw ?? {}) as Partial<Record<keyof RecordView, unknown>>;
  return typeof at === 'string' && typeof text === 'string' && RECORD_KINDS.includes(kind as RecordKind);
}

/** What a closed run leaves to the one that opens the incident again. */
export interface Reopened {
  by: Actor;
  via?: string;
  reason?: string;
  timeline: TimelineRecord[];
  /** Members: assigned again. */
  responders: string[];
  /** Number of its last notification: ids are never reused. */
  lastId: number;
  /** It is the same one again, under the same number. Absent: it was closed by a run that 0.1.0 had started. */
  occurrence?: string;
  number?: string;
}

export function currentLevel(state: Escalation): Level | undefined {
  return state.direct?.level ?? state.rule?.levels[state.level - 1];
}

export function hasNextLevel(state: Escalation): boolean {
  return !state.direct && state.level < (state.rule?.levels.length ?? 0);
}

/** Nobody has acknowledged the incident and it is not snoozed, so people may be told. */
export function isAwake({ progress, snoozedUntil }: Escalation): boolean {
  return progress === 'Triggered' && snoozedUntil === undefined;
}

/** Its commands are those of the first policy: its history must lead to them again. */
export function isOfFirstPolicy({ match }: Escalation): boolean {
  return match?.edition === undefined;
}

/** A person is being told by it right now: an attempt is under way, or a phone is about to ring. */
export function isUnderWay(notification: Notification): boolean {
  return notification.trying !== undefined || notification.wait !== undefined;
}

/**
 * Until when what is under way in this start of the level keeps us from saying that everybody has been told: a call
 * until it is over (it ends by itself), a message, which may wait for its channel worker for ever, as long as the level
 * would wait for another round. Undefined when nothing is under way.
 */
export function tellingEndsBy(state: Escalation): number | undefined {
  const telling = state.notifications.filter((one) => one.start === state.start && isUnderWay(one));
  const everyMs = currentLevel(state)?.repeat.everyMs ?? 0;
  return telling.length === 0
    ? undefined
    : Math.max(...telling.map(({ wait, at }) => (wait ? Infinity : at + everyMs)));
}

/** `notified` records go first when the timeline is full; what a person did is never dropped. */
const FOLDABLE: RecordKind[] = ['notified', 'missed', 'assigned', 'repaired', 'escalated', 'exhausted'];

export function record(state: Escalation, at: number, happening: Happening & Circumstances): void {
  state.timeline.push({ at: new Date(at).toISOString(), ...happening });
  if (state.timeline.length <= BOUNDS.records) return;
  if (foldOldest(state.timeline)) return;
  // Only records of what people did are left: the oldest comments give way, the opening never does.
  state.timeline.splice(1, 1);
}

/** @returns the record that gave way, if any could. */
function foldOldest(timeline: TimelineRecord[]): TimelineRecord | undefined {
  for (const kind of FOLDABLE) {
    const index = timeline.findIndex((entry) => entry.kind === kind);
    if (index >= 0) return timeline.splice(index, 1)[0];
  }
  return undefined;
}

export function recipientName({ to }: Pick<Notification, 'to'>): string {
  return 'member' in to ? to.member : to.group.alias;
}

/** A run goes on with what an earlier one has carried over, which may have been one of an older version. */
export function takeOver(carried: Escalation): Escalation {
  const { number = carried.match?.number ?? '' } = carried as Partial<Escalation>;
  return { ...carried, number, timeline: carried.timeline.map(asStored) };
}

/**
 * What is under way cannot be carried into a new run. Results of sending would reach nobody: they stay unknown. A round
 * that was being planned is due again. What is over gives way, oldest first, until it fits; see {@link fit}.
 */
export function carryOver(state: Escalation): Escalation {
  return fit({
    ...state,
    resolving: false,
    round: state.resolving ? state.round - 1 : state.round,
    notifications: state.notifications.map(({ trying, sent, ...rest }) => ({
      ...rest,
      ...(sent && { sent: { ...sent, redrawing: false } }),
      ...(trying && { outcome: 'unknown' as const }),
    })),
  });
}

/**
 * Into {@link BOUNDS.carriedBytes}, if that is possible without what the policy still needs and what people did: first
 * notifications of earlier starts go, half of them at most, then records of what was told, then the other half.
 */
function fit(state: Escalation): Escalation {
  let excess = bytes(state) - BOUNDS.carriedBytes;
  if (excess <= 0) return state;
  const notifications = [...state.notifications];
  const timeline = [...state.timeline];
  const forget = (atLeast: number): void => {
    while (excess > 0 && notifications.length > atLeast) {
      const index = notifications.findIndex((one) => one.start !== state.start && !isUnderWay(one));
      if (index < 0) return;
      excess -= bytes(notifications.splice(index, 1)[0]);
    }
  };
  forget(notifications.length / 2);
  while (excess > 0) {
    const folded = foldOldest(timeline);
    if (!folded) break;
    excess -= bytes(folded);
  }
  forget(0);
  return { ...state, notifications, timeline };
}

function bytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
