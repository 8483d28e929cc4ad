import type { Attempt, Handle, Outcome, Route } from './delivery.ts';
import type { Incident } from './incident.ts';
import type { GroupPlan, Match, MediumPlan } from './plan.ts';
import type { GroupEvent, Level, Medium, Rule } from './rule.ts';
import type { Actor, IncidentView, Progress, RecordKind, TimelineRecord } from './view.ts';

/** Everything a running escalation remembers. Plain data: it is carried over when a run continues as a new one. */
export interface Escalation {
  workflowId: string;
  incident: Incident;
  openedAt: number;
  /** Absent until planning has answered. */
  match?: Omit<Match, 'rule' | 'notes' | 'first'>;
  rule?: Rule;
  progress: Progress;
  outcome?: 'closed' | 'unmatched';
  /** From 1; 0 before the first level. */
  level: number;
  /** From 1, within the level. */
  round: number;
  /** How often the level or the rule was started: tells apart notifications of equal level and round. */
  start: number;
  levelStartedAt: number;
  /** When the first level is due: after the delay, or when the rule starts over. */
  startsAt?: number;
  startOversUsed: number;
  /** The level was started although somebody had acknowledged: round 1 only. */
  despite: boolean;
  /** Planning works on the current round. */
  resolving: boolean;
  /** The round named nobody on purpose (`[]` for this severity). */
  nobodyOnPurpose: boolean;
  exhausted: boolean;
  snoozedUntil?: number;
  acknowledgments: { by: Actor; at: number }[];
  firstAcknowledgment?: { by: Actor; at: number };
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

/** One person or group × one medium × one round. */
export interface Notification {
  id: string;
  level: number;
  round: number;
  start: number;
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
  /** The attempt under way. */
  trying?: { route: Route; look: number; plain: boolean; reconcile: boolean };
  /** Calls: when we stop waiting for the phone workflow's next word. */
  wait?: { until: number; what: 'line' | 'long line' | 'ringing' };
  /** Calls: the workflow that owns the number. */
  line?: string;
  /** Taken back: somebody acknowledged, snoozed or closed. */
  withdrawn: boolean;
  outcome: Outcome;
  reason?: string;
  attempts: Attempt[];
  /** The message as sent, to redraw it. */
  sent?: { route: Route; handle: Handle; look: number; redrawing: boolean };
}

export const BOUNDS = { records: 400, notifications: 300, keys: 200 } as const;

/** A new escalation: nothing is known but the incident. */
export function openEscalation(workflowId: string, incident: Incident, repairs: string[], now: number): Escalation {
  const state: Escalation = {
    workflowId,
    incident,
    openedAt: now,
    progress: 'Triggered',
    level: 0,
    round: 0,
    start: 0,
    levelStartedAt: now,
    startOversUsed: 0,
    despite: false,
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
  record(state, now, 'opened', `[${incident.severity}] ${incident.title}`);
  for (const repair of repairs) record(state, now, 'repaired', repair);
  return state;
}

export function currentLevel(state: Escalation): Level | undefined {
  return state.rule?.levels[state.level - 1];
}

export function hasNextLevel(state: Escalation): boolean {
  return state.level < (state.rule?.levels.length ?? 0);
}

/** A person is being told by it right now: an attempt is under way, or a phone is about to ring. */
export function isUnderWay(notification: Notification): boolean {
  return notification.trying !== undefined || notification.wait !== undefined;
}

/** `notified` records go first when the timeline is full; what a person did is never dropped. */
const FOLDABLE: RecordKind[] = ['notified', 'missed', 'assigned', 'repaired', 'escalated', 'exhausted'];

export function record(
  state: Escalation,
  at: number,
  kind: RecordKind,
  text: string,
  more: Omit<TimelineRecord, 'at' | 'kind' | 'text'> = {},
): void {
  state.timeline.push({ at: new Date(at).toISOString(), kind, text, ...more });
  if (state.timeline.length <= BOUNDS.records) return;
  for (const kind of FOLDABLE) {
    const index = state.timeline.findIndex((entry) => entry.kind === kind);
    if (index >= 0) {
      state.timeline.splice(index, 1);
      return;
    }
  }
  // Only actions of people are left: the oldest comment-like ones give way, never the opening.
  state.timeline.splice(1, 1);
}

/** The next thing that happens by itself. `what` labels the timer in the Web UI. */
export function nextDue(state: Escalation): { at: number; what: string } | undefined {
  const due: { at: number; what: string }[] = [];
  const level = currentLevel(state);
  const n = String(state.level);
  if (state.progress === 'Closed') return undefined;
  if (state.snoozedUntil !== undefined) {
    due.push({ at: state.snoozedUntil, what: 'snoozed' });
  } else if (state.progress === 'Triggered' && state.startsAt !== undefined) {
    due.push({ at: state.startsAt, what: state.level === 0 ? 'delay before L1' : 'start over at L1' });
  } else if (level && state.progress === 'Triggered') {
    if (state.round < level.repeat.times) {
      const at = state.levelStartedAt + state.round * level.repeat.everyMs;
      due.push({ at, what: `L${n} r${String(state.round + 1)}` });
    }
    if (hasNextLevel(state))
      due.push({ at: state.levelStartedAt + level.escalateAfterMs, what: escalationLabel(state) });
  } else if (level?.evenIfAcknowledged && hasNextLevel(state)) {
    due.push({ at: state.levelStartedAt + level.escalateAfterMs, what: escalationLabel(state) });
  }
  for (const { wait, to, medium, ...rest } of state.notifications) {
    if (!wait || !('member' in to)) continue;
    const doing = wait.what === 'ringing' ? 'ringing' : 'waiting for the line';
    due.push({
      at: wait.until,
      what: `L${String(rest.level)} r${String(rest.round)} ${medium} → ${to.member}, ${doing}`,
    });
  }
  return due.sort((a, b) => a.at - b.at)[0];
}

function escalationLabel(state: Escalation): string {
  return `escalate to L${String(state.level + 1)}`;
}

export function describe(state: Escalation): IncidentView {
  const iso = (at: number): string => new Date(at).toISOString();
  const next = nextDue(state);
  const { snoozedUntil, firstAcknowledgment, closed, rule, outcome } = state;
  return {
    workflowId: state.workflowId,
    number: state.match?.number ?? '',
    incident: state.incident,
    progress: state.progress,
    ...(outcome && { outcome }),
    ...(rule && { rule: rule.name }),
    configuration: state.match?.configuration ?? '',
    level: state.level,
    levels: rule?.levels.length ?? 0,
    round: state.round,
    revision: state.revision,
    ...(snoozedUntil !== undefined && { snoozedUntil: iso(snoozedUntil) }),
    exhausted: state.exhausted,
    ...(firstAcknowledgment && { acknowledgedAt: iso(firstAcknowledgment.at), acknowledgedBy: firstAcknowledgment.by }),
    ...(closed && { closedAt: iso(closed.at), closedBy: closed.by }),
    ...(closed?.resolution !== undefined && { resolution: closed.resolution }),
    responders: state.responders.map(({ member, at }) => {
      const acknowledged = state.acknowledgments.find(({ by }) => by.member === member);
      return { member, assignedAt: iso(at), ...(acknowledged && { acknowledgedAt: iso(acknowledged.at) }) };
    }),
    notifications: state.notifications.map((notification) => ({
      id: notification.id,
      level: notification.level,
      round: notification.round,
      to: recipientName(notification),
      medium: notification.medium,
      outcome: notification.outcome,
      ...(notification.reason !== undefined && { reason: notification.reason }),
      attempts: notification.attempts,
      at: iso(notification.at),
    })),
    timeline: state.timeline,
    ...(next && { next: { at: iso(next.at), what: next.what } }),
  };
}

export function recipientName({ to }: Pick<Notification, 'to'>): string {
  return 'member' in to ? to.member : to.group.alias;
}

/** What is under way cannot be carried into a new run: its results would reach nobody, so they stay unknown. */
export function carryOver(state: Escalation): Escalation {
  return {
    ...state,
    resolving: false,
    notifications: state.notifications.map(({ trying, sent, ...rest }) => ({
      ...rest,
      ...(sent && { sent: { ...sent, redrawing: false } }),
      ...(trying && { outcome: 'unknown' as const }),
    })),
  };
}
