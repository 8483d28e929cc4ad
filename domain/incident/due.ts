import { currentLevel, hasNextLevel, recipientName, tellingEndsBy, type Escalation } from './escalation.ts';
import { lastResortAt } from './pass.ts';

/** Something that happens by itself. */
export interface Due {
  at: number;
  what: Coming;
}

/** What it is, as data: `domain/words` labels the timer in the Web UI with it. */
export type Coming =
  /** Acknowledged, and closed by nobody. */
  | { for: 'reminder' }
  | { for: 'auto-close' }
  /** The end of a snooze. */
  | { for: 'waking' }
  /** The first level starts, after the delay of the rule. */
  | { for: 'start' }
  | { for: 'start-over' }
  | { for: 'level'; level: number }
  | { for: 'round'; level: number; round: number }
  /** Everybody has been told. */
  | { for: 'exhaustion' }
  | { for: 'last-resort' }
  /** The wait for the end of a call is over. */
  | { for: 'call'; level: number; round: number; medium: string; to: string; isRinging: boolean };

/** The next thing that happens by itself. */
export function nextDue(state: Escalation): Due | undefined {
  if (state.progress === 'Closed') return undefined;
  return [...dueOfLevel(state), ...dueOfCalls(state), ...dueOfNeglect(state)].sort((a, b) => a.at - b.at)[0];
}

/** What time alone does to an incident that was acknowledged and forgotten, or that nobody has touched at all. */
function dueOfNeglect(state: Escalation): Due[] {
  const [reminder, close] = [acknowledgmentEndsAt(state), autoCloseAt(state)];
  return [
    ...(reminder === undefined ? [] : [{ at: reminder, what: { for: 'reminder' as const } }]),
    ...(close === undefined ? [] : [{ at: close, what: { for: 'auto-close' as const } }]),
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
  // A Critical cannot close by itself before somebody has taken it, so its time counts from then.
  const opened = isCritical ? (firstAcknowledgedAt ?? openedAt) : openedAt;
  return (since === 'opened' ? opened : Math.max(updatedAt, snoozedUntil)) + afterMs;
}

function dueOfLevel(state: Escalation): Due[] {
  const { level: n, round, startsAt, snoozedUntil, levelStartedAt } = state;
  const level = currentLevel(state);
  if (snoozedUntil !== undefined) return [{ at: snoozedUntil, what: { for: 'waking' } }];
  if (state.progress === 'Triggered' && startsAt !== undefined) {
    return [{ at: startsAt, what: { for: n === 0 ? 'start' : 'start-over' } }];
  }
  if (!level) return [];
  const due: Due[] = [];
  if (hasNextLevel(state) && (state.progress === 'Triggered' || level.evenIfAcknowledged)) {
    due.push({ at: levelStartedAt + level.escalateAfterMs, what: { for: 'level', level: n + 1 } });
  }
  if (state.progress === 'Triggered' && round < level.repeat.times) {
    due.push({ at: levelStartedAt + round * level.repeat.everyMs, what: { for: 'round', level: n, round: round + 1 } });
  } else if (state.progress === 'Triggered' && !hasNextLevel(state) && !state.exhausted && !state.resolving) {
    const [endsAt, resortAt] = [tellingEndsBy(state), lastResortAt(state)];
    const at = resortAt ?? endsAt;
    if (at !== undefined && at < Infinity) {
      due.push({ at, what: { for: resortAt === undefined ? 'exhaustion' : 'last-resort' } });
    }
  }
  return due;
}

function dueOfCalls(state: Escalation): Due[] {
  return state.notifications.flatMap(({ wait, to, medium, level, round }) => {
    if (!wait) return [];
    const isRinging = wait.what === 'ringing';
    return [{ at: wait.until, what: { for: 'call', level, round, medium, to: recipientName({ to }), isRinging } }];
  });
}
