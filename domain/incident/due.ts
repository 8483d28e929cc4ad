import { currentLevel, hasNextLevel, recipientName, tellingEndsBy, type Escalation } from './escalation.ts';
import { lastResortAt } from './pass.ts';

/** Something that happens by itself. `what` labels the timer in the Web UI. */
export interface Due {
  at: number;
  what: string;
}

/** The next thing that happens by itself. */
export function nextDue(state: Escalation): Due | undefined {
  if (state.progress === 'Closed') return undefined;
  return [...dueOfLevel(state), ...dueOfCalls(state), ...dueOfNeglect(state)].sort((a, b) => a.at - b.at)[0];
}

/** Acknowledged and forgotten, or touched by nobody at all. */
function dueOfNeglect(state: Escalation): Due[] {
  const [reminder, close] = [acknowledgmentEndsAt(state), autoCloseAt(state)];
  return [
    ...(reminder === undefined ? [] : [{ at: reminder, what: 'acknowledged but not closed' }]),
    ...(close === undefined ? [] : [{ at: close, what: 'auto-close' }]),
  ];
}

/** When an acknowledgment no longer counts because nobody has closed the incident. */
export function acknowledgmentEndsAt({
  progress,
  snoozedUntil,
  rule,
  acknowledgments,
}: Escalation): number | undefined {
  if (progress !== 'Processing' || snoozedUntil !== undefined || rule?.acknowledgeTimeoutMs === undefined)
    return undefined;
  const last = acknowledgments.at(-1);
  return last && last.at + rule.acknowledgeTimeoutMs;
}

/** When the incident closes by itself; a Critical that nobody has taken never does. A snooze counts as being touched. */
export function autoCloseAt(state: Escalation): number | undefined {
  const { progress, incident, match, openedAt, firstAcknowledgedAt, updatedAt, snoozedUntil = 0 } = state;
  const isCritical = incident.severity === 'Critical';
  if (!match?.autoClose || (progress === 'Triggered' && isCritical)) return undefined;
  const { since, afterMs } = match.autoClose;
  // A Critical could not close before somebody took it: its time counts from then.
  const opened = isCritical ? (firstAcknowledgedAt ?? openedAt) : openedAt;
  return (since === 'opened' ? opened : Math.max(updatedAt, snoozedUntil)) + afterMs;
}

function dueOfLevel(state: Escalation): Due[] {
  const { level: n, round, startsAt, snoozedUntil, levelStartedAt } = state;
  const level = currentLevel(state);
  if (snoozedUntil !== undefined) return [{ at: snoozedUntil, what: 'snoozed' }];
  if (state.progress === 'Triggered' && startsAt !== undefined) {
    return [{ at: startsAt, what: n === 0 ? 'delay before L1' : 'start over at L1' }];
  }
  if (!level) return [];
  const due: Due[] = [];
  if (hasNextLevel(state) && (state.progress === 'Triggered' || level.evenIfAcknowledged)) {
    due.push({ at: levelStartedAt + level.escalateAfterMs, what: `escalate to L${n + 1}` });
  }
  if (state.progress === 'Triggered' && round < level.repeat.times) {
    due.push({ at: levelStartedAt + round * level.repeat.everyMs, what: `L${n} r${round + 1}` });
  } else if (state.progress === 'Triggered' && !hasNextLevel(state) && !state.exhausted && !state.resolving) {
    const [endsAt, resortAt] = [tellingEndsBy(state), lastResortAt(state)];
    const at = resortAt ?? endsAt;
    if (at !== undefined && at < Infinity) {
      due.push({ at, what: resortAt === undefined ? 'everybody has been told' : 'tell the last resort' });
    }
  }
  return due;
}

function dueOfCalls(state: Escalation): Due[] {
  return state.notifications.flatMap(({ wait, to, medium, level, round }) => {
    if (!wait) return [];
    const doing = wait.what === 'ringing' ? 'ringing' : 'waiting for the line';
    return [{ at: wait.until, what: `L${level} r${round} ${medium} → ${recipientName({ to })}, ${doing}` }];
  });
}
