import { actorName, readAction, readTargets, type ActionName, type Actions } from './action.ts';
import { autoCloseAt } from './due.ts';
import { BOUNDS, currentLevel, type Acknowledgment, type Escalation, type Notification } from './escalation.ts';
import { isWorse, repairIncident, type Incident } from './incident.ts';
import { startDirect, startLevel, startOver, wakeUp } from './levels.ts';
import type { Why } from '../reason.ts';
import { REVISABLE, type Happening, type Named } from './record.ts';
import type { Level, Targets } from './rule.ts';
import { assign, note, progressTo, type Step } from './step.ts';
import { askOnce, tellGroups, withdraw } from './telling.ts';
import type { Actor } from './view.ts';

/**
 * Why an action makes no sense now, as a sentence for the person who asked. Only updates are refused by it; a signal
 * has nobody to answer.
 */
export function refuse(state: Escalation, name: ActionName, argument: unknown): string | undefined {
  const { action } = readAction(name, argument);
  const { closed } = state;
  if (state.progress === 'Closed') {
    return closed
      ? `already closed by ${actorName(closed.by)} at ${new Date(closed.at).toISOString()}`
      : 'already closed';
  }
  if (name === 'wake' && state.snoozedUntil === undefined) return 'it is not snoozed';
  if (name === 'unacknowledge' && !hasAcknowledged(state, actorName(action.by))) {
    return `${actorName(action.by)} has not acknowledged it`;
  }
  if (isTooEarly(state, name)) return 'planning has not answered yet';
  if (name === 'escalate') return refuseLevel(state, (action as Actions['escalate']).level);
  return undefined;
}

/** Whom a reassignment or an addition tells can only be said once the rule is known. */
function isTooEarly({ rule, progress }: Escalation, name: ActionName): boolean {
  return !rule && progress !== 'Closed' && ['escalate', 'reassign', 'addResponders'].includes(name);
}

function refuseLevel({ rule, level, levelStartedAt }: Escalation, wanted = level + 1): string | undefined {
  const levels = rule?.levels.length ?? 0;
  if (wanted > levels) return `there is no level ${wanted}: the rule has ${levels}`;
  if (wanted > level) return undefined;
  const at = wanted === level ? ` at ${new Date(levelStartedAt).toISOString()}` : '';
  return `level ${wanted} was already started${at}`;
}

/** The incident closes by itself when nobody has touched it for long enough. */
export function closeWhenNeglected(step: Step): void {
  const at = autoCloseAt(step.state);
  if (step.state.progress === 'Closed' || at === undefined || at > step.now) return;
  perform(step, 'close', { by: { name: 'auto-close' }, source: 'timeout' });
}

/** Does what somebody asked for: once per key, and whatever the argument looks like. */
export function act(step: Step, name: ActionName, argument: unknown): void {
  const { keys } = step.state;
  const { action, notes } = readAction(name, argument);
  if (isTooEarly(step.state, name)) {
    // Whoever escalates now has seen level 0.
    const asked = { name, argument: { ...(name === 'escalate' && { level: 1 }), ...action } };
    step.state.early = [...(step.state.early ?? []), asked].slice(0, BOUNDS.early);
    return;
  }
  if (action.key !== undefined) {
    if (keys.includes(action.key)) return;
    keys.push(action.key);
    keys.splice(0, keys.length - BOUNDS.keys);
  }
  if (refuse(step.state, name, argument) !== undefined) return;
  for (const reason of notes) note(step, { kind: 'repaired', reason });
  step.state.updatedAt = step.now;
  perform(step, name, action);
}

interface Doer {
  by: Actor;
  who: string;
  /** Records the action in the timeline, under the name of the person who acted. */
  say: (happening: Happening) => void;
}

function perform<N extends ActionName>(step: Step, name: N, action: Actions[N]): void {
  const { by = { name: 'somebody' }, via } = action;
  const say: Doer['say'] = (happening) => {
    note(step, { ...happening, by, ...(via !== undefined && { via }) });
  };
  DEEDS[name](step, { by, who: actorName(by), say }, action);
}

const DEEDS: { [N in ActionName]: (step: Step, doer: Doer, action: Actions[N]) => void } = {
  acknowledge(step, { by, who, say }) {
    const { state, now } = step;
    const isRepeated = hasAcknowledged(state, who);
    if (isRepeated && state.snoozedUntil === undefined) return;
    const [first] = state.acknowledgments;
    say({ kind: 'acknowledged', ...(first && !isRepeated && { after: first.by }) });
    if (!isRepeated) state.acknowledgments.push({ by, at: now });
    state.firstAcknowledgedAt ??= now;
    if (by.member !== undefined) assign(step, by.member);
    delete state.snoozedUntil;
    progressTo(step, 'Processing');
    stopTelling(step, by.member);
    tellGroups(step, 'acknowledged');
  },

  unacknowledge(step, { who, say }) {
    const { state } = step;
    state.acknowledgments = state.acknowledgments.filter((earlier) => actorName(earlier.by) !== who);
    say({ kind: 'unacknowledged' });
    progressTo(step, state.acknowledgments.length === 0 ? 'Triggered' : 'Processing');
    tellGroups(step, 'unacknowledged');
    if (state.progress === 'Triggered' && state.snoozedUntil === undefined) startOver(step);
  },

  snooze(step, { say }, { minutes = 0 }) {
    const { state, now } = step;
    state.snoozedUntil = now + minutes * 60_000;
    say({ kind: 'snoozed', minutes });
    state.revision += 1;
    state.look += 1;
    withdraw(step, ({ added }) => added === true);
    tellGroups(step, 'snoozed');
  },

  wake(step, { say }) {
    const { state } = step;
    say({ kind: 'woken' });
    if (state.progress === 'Triggered') {
      wakeUp(step);
      return;
    }
    delete state.snoozedUntil;
    state.revision += 1;
    state.look += 1;
    tellGroups(step, 'woken');
  },

  close(step, { by, say }, { resolution, source }) {
    const { state, now } = step;
    state.closed = { by, at: now, ...(resolution !== undefined && { resolution }) };
    state.outcome = 'closed';
    say({ kind: 'closed', ...(source && { source }), ...(resolution && { resolution }) });
    delete state.snoozedUntil;
    progressTo(step, 'Closed');
    withdraw(step);
    tellGroups(step, 'closed');
  },

  comment(step, { say }, { text = '(nothing)' }) {
    say({ kind: 'commented', comment: text });
    tellGroups(step, 'commented');
  },

  revise(step, { say }, changes) {
    const { state } = step;
    const before = state.incident;
    const { after, repairs } = revised(before, changes);
    const changed = REVISABLE.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
    for (const reason of repairs) note(step, { kind: 'repaired', reason });
    if (changed.length === 0) return;
    state.incident = after;
    state.look += 1;
    const severity = changed.includes('severity') && { severity: { from: before.severity, to: after.severity } };
    say({ kind: 'revised', changed, ...severity });
    tellGroups(step, 'revised');
    if (isWorse(after.severity, before.severity)) raiseAlarm(step);
  },

  escalate(step, { say }, { level = step.state.level + 1 }) {
    const takesBack = step.state.acknowledgments.map(({ by }) => by);
    say({ kind: 'escalated', level, ...(takesBack.length > 0 && { takesBack }) });
    takeBack(step);
    startLevel(step, level);
    tellGroups(step, 'escalated');
  },

  reassign(step, { say }, targets) {
    const { state } = step;
    const to = readTargets(targets);
    const acknowledged = state.acknowledgments;
    say({ kind: 'reassigned', ...namedIn(to) });
    takeBack(
      step,
      acknowledged.filter(({ by: { member = '' } }) => to.members.includes(member)),
    );
    withdraw(step);
    state.responders = [];
    startDirect(step, { level: directLevel(to, currentLevel(state)), acknowledged });
    tellGroups(step, 'reassigned');
  },

  addResponders(step, { say }, targets) {
    const to = readTargets(targets);
    say({ kind: 'responder-added', ...namedIn(to) });
    askOnce(step, { to, by: 'preference', who: 'newcomers' });
  },
};

/** Ends a snooze and drops all acknowledgments but these. */
function takeBack(step: Step, kept: Acknowledgment[] = []): void {
  delete step.state.snoozedUntil;
  step.state.acknowledgments = kept;
  progressTo(step, kept.length > 0 ? 'Processing' : 'Triggered');
}

/**
 * A level for people named by hand: as many rounds as the level it replaces, by each person's own preferences, and no
 * level after it.
 */
function directLevel(to: Targets, replaced: Level | undefined): Level {
  return {
    to,
    by: 'preference',
    groups: [],
    repeat: replaced?.repeat ?? { everyMs: 10 * 60_000, times: 1 },
    escalateAfterMs: replaced?.escalateAfterMs ?? 30 * 60_000,
    evenIfAcknowledged: false,
    whenNobodyReached: 'wait',
  };
}

function namedIn(targets: Targets): Named {
  return Object.fromEntries(Object.entries(targets).filter(([, names]) => (names as string[]).length > 0));
}

/**
 * The severity was raised: a snooze ends, and the level of a Triggered incident starts over. While somebody works on it,
 * the responders are told once.
 */
function raiseAlarm(step: Step): void {
  const { state } = step;
  if (state.snoozedUntil !== undefined) wakeUp(step, 'severity-raised');
  else if (state.progress === 'Triggered') startOver(step);
  else
    askOnce(step, {
      to: { members: state.responders.map(({ member }) => member), teams: [], schedules: [] },
      who: 'everybody',
    });
}

function revised(before: Incident, changes: Actions['revise']): { after: Incident; repairs: Why[] } {
  const { severity = before.severity, onlyRaise, labels } = changes;
  const repaired = repairIncident({
    ...before,
    ...changes,
    severity: onlyRaise && !isWorse(severity, before.severity) ? before.severity : severity,
    labels: { ...before.labels, ...labels },
  });
  return typeof repaired === 'string'
    ? { after: before, repairs: [] }
    : { after: repaired.incident, repairs: repaired.repairs };
}

/**
 * What is told regardless of an acknowledgment goes on, until one of those who are told by it acknowledges; who was
 * added by hand is told until they acknowledge themselves.
 */
function stopTelling(step: Step, member: string | undefined): void {
  const { state } = step;
  const isTheirs = ({ to }: Notification): boolean => 'member' in to && to.member === member;
  const regardless = state.notifications.filter((notification) => notification.regardless && !notification.added);
  if (regardless.some(isTheirs)) {
    state.regardless = false;
    for (const notification of regardless) notification.regardless = false;
  }
  withdraw(step, (notification) => (notification.added ? !isTheirs(notification) : notification.regardless));
}

function hasAcknowledged({ acknowledgments }: Escalation, who: string): boolean {
  return acknowledgments.some(({ by }) => actorName(by) === who);
}
