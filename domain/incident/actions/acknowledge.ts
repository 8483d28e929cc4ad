import { actorName } from '../actor.ts';
import type { Action, By } from '../action.ts';
import type { Escalation, Notification } from '../escalation.ts';
import { startOver } from '../levels.ts';
import { assign, progressTo, type Step } from '../step.ts';
import { tellGroups, withdraw } from '../telling.ts';

export const acknowledge: Action<By> = {
  read: () => ({}),
  perform(step, { by, who, say }) {
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
};

/** The last one who takes it back sets the incident Triggered: its level starts over. */
export const unacknowledge: Action<By> = {
  read: () => ({}),
  refuse: (state, { by }) =>
    hasAcknowledged(state, actorName(by)) ? undefined : `${actorName(by)} has not acknowledged it`,
  perform(step, { who, say }) {
    const { state } = step;
    state.acknowledgments = state.acknowledgments.filter((earlier) => actorName(earlier.by) !== who);
    say({ kind: 'unacknowledged' });
    progressTo(step, state.acknowledgments.length === 0 ? 'Triggered' : 'Processing');
    tellGroups(step, 'unacknowledged');
    if (state.progress === 'Triggered' && state.snoozedUntil === undefined) startOver(step);
  },
};

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
