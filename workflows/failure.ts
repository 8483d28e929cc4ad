import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/common';
import type { FailedAttempt } from '../activities/contract.ts';
import { ERROR_KINDS, LOST_WITH_WORKER, OUTCOME_OF, type ErrorKind, type Route } from '../domain/delivery.ts';
import type { Reason } from '../domain/reason.ts';
import type { AttemptResult } from '../domain/incident/pursuit.ts';

/** Of one message through one account, or of one redraw, repeated by the server. */
export const MOST_ATTEMPTS = 3;

/** What a failed activity means for the attempt it made. */
export function resultOf(error: unknown, route: Route): AttemptResult {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof CancelledFailure) return { route, outcome: 'suppressed', kind: 'cancelled' };
  if (cause instanceof TimeoutFailure) {
    return cause.timeoutType === 'SCHEDULE_TO_START' || cause.timeoutType === 'SCHEDULE_TO_CLOSE'
      ? { route, outcome: 'expired', kind: 'expired', reason: { key: 'no-worker', account: route.account } }
      : unknown(route, LOST_WITH_WORKER.reason);
  }
  if (cause instanceof ApplicationFailure && ERROR_KINDS.includes(cause.type as ErrorKind)) {
    const kind = cause.type as ErrorKind;
    const { code, reason = cause.message } = (cause.details?.[0] ?? {}) as Partial<FailedAttempt>;
    return { route, kind, outcome: OUTCOME_OF[kind], reason, ...(code !== undefined && { code }) };
  }
  return unknown(route, { key: 'worker-failed' });
}

/** Attempts the server repeated before the last one, which the workflow never saw. */
export function earlierAttempts(error: unknown, route: Route): AttemptResult[] {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const earlier = cause instanceof ApplicationFailure ? (cause.details?.[1] as FailedAttempt[] | undefined) : undefined;
  if (cause instanceof TimeoutFailure && cause.timeoutType === 'START_TO_CLOSE') {
    const told = (cause.lastHeartbeatDetails as FailedAttempt[] | undefined) ?? [];
    const isLastOfAll = error instanceof ActivityFailure && error.retryState === 'MAXIMUM_ATTEMPTS_REACHED';
    const lost = isLastOfAll ? Math.max(MOST_ATTEMPTS - 1 - told.length, 0) : 0;
    return [...told, ...Array<FailedAttempt>(lost).fill(LOST_WITH_WORKER)].map((one) => earlierResult(one, route));
  }
  return (earlier ?? []).map((attempt) => earlierResult(attempt, route));
}

export function earlierResult({ kind, reason, code }: FailedAttempt, route: Route): AttemptResult {
  return { route, kind, outcome: OUTCOME_OF[kind], reason, ...(code !== undefined && { code }) };
}

function unknown(route: Route, reason: Reason): AttemptResult {
  return { route, outcome: 'unknown', kind: 'unknown-outcome', reason };
}
