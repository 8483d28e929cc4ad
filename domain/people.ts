import { actorName, readAction, type ActionName, type Actions } from './action.ts';
import { BOUNDS, type Escalation } from './escalation.ts';
import { isWorse, repairIncident, type Incident } from './incident.ts';
import { startOver, wakeUp } from './levels.ts';
import { assign, note, progressTo, type Step } from './step.ts';
import { askOnce, tellGroups, withdraw } from './telling.ts';
import type { Actor, RecordKind } from './view.ts';

/** Why an action makes no sense now, for the one who asked; signals take it silently. */
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
  return undefined;
}

/** Somebody acted: once per key, and whatever the argument looks like. */
export function act(step: Step, name: ActionName, argument: unknown): void {
  const { keys } = step.state;
  const { action, notes } = readAction(name, argument);
  if (action.key !== undefined) {
    if (keys.includes(action.key)) return;
    keys.push(action.key);
    keys.splice(0, keys.length - BOUNDS.keys);
  }
  if (refuse(step.state, name, argument) !== undefined) return;
  for (const oddity of notes) note(step, 'repaired', oddity);
  perform(step, name, action);
}

interface Doer {
  by: Actor;
  /** For people. */
  who: string;
  /** Puts it into the timeline, under their name. */
  say: (kind: RecordKind, text: string) => void;
}

function perform<N extends ActionName>(step: Step, name: N, action: Actions[N]): void {
  const { by = { name: 'somebody' }, via } = action;
  const say: Doer['say'] = (kind, text) => {
    note(step, kind, text, { by, ...(via !== undefined && { via }) });
  };
  DEEDS[name](step, { by, who: actorName(by), say }, action);
}

const DEEDS: { [N in ActionName]: (step: Step, doer: Doer, action: Actions[N]) => void } = {
  acknowledge(step, { by, who, say }) {
    const { state, now } = step;
    const isRepeated = hasAcknowledged(state, who);
    if (isRepeated && state.snoozedUntil === undefined) return;
    const [first] = state.acknowledgments;
    say('acknowledged', `by ${who}${first && !isRepeated ? ` too, after ${actorName(first.by)}` : ''}`);
    if (!isRepeated) state.acknowledgments.push({ by, at: now });
    if (by.member !== undefined) assign(step, by.member);
    delete state.snoozedUntil;
    progressTo(step, 'Processing');
    stopTelling(step, by.member);
    tellGroups(step, 'acknowledged');
  },

  unacknowledge(step, { who, say }) {
    const { state } = step;
    state.acknowledgments = state.acknowledgments.filter((earlier) => actorName(earlier.by) !== who);
    say('unacknowledged', `by ${who}`);
    progressTo(step, state.acknowledgments.length === 0 ? 'Triggered' : 'Processing');
    tellGroups(step, 'unacknowledged');
    if (state.progress === 'Triggered' && state.snoozedUntil === undefined) startOver(step);
  },

  snooze(step, { who, say }, { minutes = 0 }) {
    const { state, now } = step;
    state.snoozedUntil = now + minutes * 60_000;
    say('snoozed', `for ${minutes} minutes by ${who}`);
    state.revision += 1;
    state.look += 1;
    withdraw(step);
    tellGroups(step, 'snoozed');
  },

  wake(step, { who, say }) {
    const { state } = step;
    say('woken', `by ${who}`);
    if (state.progress === 'Triggered') {
      wakeUp(step);
      return;
    }
    delete state.snoozedUntil;
    state.revision += 1;
    state.look += 1;
    tellGroups(step, 'woken');
  },

  close(step, { by, who, say }, { resolution, source }) {
    const { state, now } = step;
    state.closed = { by, at: now, ...(resolution !== undefined && { resolution }) };
    state.outcome = 'closed';
    const how = source && source !== 'person' ? ` (${source})` : '';
    say('closed', `by ${who}${how}${resolution ? `: ${resolution}` : ''}`);
    delete state.snoozedUntil;
    progressTo(step, 'Closed');
    withdraw(step);
    tellGroups(step, 'closed');
  },

  comment(step, { who, say }, { text = '(nothing)' }) {
    say('commented', `${who}: ${text}`);
    tellGroups(step, 'commented');
  },

  revise(step, { who, say }, changes) {
    const { state } = step;
    const before = state.incident;
    const { after, repairs } = revised(before, changes);
    const keys = (['title', 'severity', 'description', 'labels'] as const).filter(
      (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
    );
    for (const repair of repairs) note(step, 'repaired', repair);
    if (keys.length === 0) return;
    state.incident = after;
    state.look += 1;
    const what = keys.map((key) => (key === 'severity' ? `severity ${before.severity} → ${after.severity}` : key));
    say('revised', `${what.join(', ')} by ${who}`);
    tellGroups(step, 'revised');
    if (isWorse(after.severity, before.severity)) raiseAlarm(step);
  },
};

/** The severity was raised: whoever has not acted is told anew, whoever has, once. */
function raiseAlarm(step: Step): void {
  const { state } = step;
  if (state.snoozedUntil !== undefined) wakeUp(step, 'the severity was raised');
  else if (state.progress === 'Triggered') startOver(step);
  else
    askOnce(
      step,
      state.responders.map(({ member }) => member),
    );
}

function revised(before: Incident, changes: Actions['revise']): { after: Incident; repairs: string[] } {
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
 * What is told regardless of an acknowledgment goes on, until one of those who are told by it acknowledges.
 */
function stopTelling(step: Step, member: string | undefined): void {
  const { state } = step;
  const regardless = state.notifications.filter((notification) => notification.regardless);
  if (regardless.some(({ to }) => 'member' in to && to.member === member)) {
    state.regardless = false;
    for (const notification of regardless) notification.regardless = false;
  }
  withdraw(step, (notification) => notification.regardless);
}

function hasAcknowledged({ acknowledgments }: Escalation, who: string): boolean {
  return acknowledgments.some(({ by }) => actorName(by) === who);
}
