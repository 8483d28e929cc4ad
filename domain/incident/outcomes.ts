import { readReceipt } from './receipt.ts';
import { readCallWord, type CallWord } from '../phone/call.ts';
import type { Handle } from '../delivery.ts';
import { isUnderWay, type Notification } from './escalation.ts';
import { ringMs } from '../media.ts';
import { afterFailure, isNotTold, type AttemptResult, type Next } from './pursuit.ts';
import type { Reason } from '../reason.ts';
import { find, note, type Step } from './step.ts';
import { about, conclude, drop, LINE_MS, redial, send, standInFor } from './telling.ts';

/** After the ring time, the result of a call may come this much later. */
const CALL_RESULT_MS = 150_000;

export interface Attempted {
  notification: string;
  result: AttemptResult;
  handle?: Handle;
  earlier?: AttemptResult[];
  /** Why the message went out in the preset's words: its template failed. */
  flaw?: Reason;
}

/** Takes in what came of an attempt; after a failure, starts what is tried next. */
export function takeAttempt(step: Step, { notification: id, result, handle, earlier = [], flaw }: Attempted): void {
  const notification = find(step, id);
  if (!notification) return;
  const { trying, receipt } = notification;
  delete notification.receipt;
  // A receipt that came before the answer proves that the provider has the message, even if the answer was lost.
  const proven: AttemptResult =
    receipt && result.kind === 'unknown-outcome' ? { route: result.route, outcome: 'accepted' } : result;
  for (const attempt of [...earlier, proven]) addAttempt(step, notification, attempt);
  if (proven.kind !== undefined) {
    tryElsewhere(step, notification, proven);
    return;
  }
  delete notification.trying;
  if (handle) {
    const look = trying?.look ?? step.state.look;
    notification.sent = { route: result.route, handle, look, redrawing: false };
  }
  conclude(step, notification, notification.withdrawn ? 'late' : proven.outcome);
  if (flaw !== undefined) {
    note(step, { ...about(notification), news: 'preset-words', reason: flaw });
  }
  if (receipt) takeReceipt(step, receipt);
}

function tryElsewhere(step: Step, notification: Notification, failed: AttemptResult): void {
  const isOver = notification.withdrawn || notification.overtaken === true;
  const next: Next = isOver ? { try: 'nothing' } : afterFailure(notification, failed);
  if (next.try === 'route') {
    notification.routes = notification.routes.filter(({ account }) => account !== next.route.account);
    send(step, notification, next.route, next);
    return;
  }
  delete notification.trying;
  delete notification.wait;
  const hasGivenUp = failed.kind === 'cancelled' || (notification.withdrawn && failed.outcome !== 'unknown');
  const reason = failed.kind === 'cancelled' && notification.overtaken ? { key: 'overtaken' as const } : failed.reason;
  conclude(step, notification, hasGivenUp ? 'suppressed' : failed.outcome, reason);
  if (next.try === 'medium') standInFor(step, notification);
}

function addAttempt(
  { now }: Step,
  notification: Notification,
  { route, outcome, reason, code, kind }: AttemptResult,
): void {
  const attempt = {
    account: route.account,
    adapter: route.adapter,
    medium: notification.medium,
    outcome,
    at: new Date(now).toISOString(),
    ...(reason !== undefined && { reason }),
    ...(code !== undefined && { code }),
    ...(kind !== undefined && kind !== 'cancelled' && { kind }),
  };
  notification.attempts = [...notification.attempts, attempt];
}

/** The workflow of the phone has taken the request for a call. */
export function takeLine(step: Step, id: string, line: string): void {
  const notification = find(step, id);
  if (!notification) return;
  notification.line = line;
  if (notification.withdrawn || notification.outcome === 'expired') drop(step, notification);
}

/** The workflow of the phone says that the phone rings, or that the call is over. */
export function takeWord(step: Step, raw: unknown): void {
  const word = readCallWord(raw);
  const notification = word && find(step, word.notification);
  if (!notification) return;
  const last = word.attempts.at(-1);
  notification.attempts = word.attempts;
  if (word.phase === 'calling') {
    notification.wait = { until: step.now + ringMs(last?.adapter) + CALL_RESULT_MS, what: 'ringing' };
    const outcome = notification.withdrawn ? 'late' : 'accepted';
    conclude(step, notification, outcome, {
      key: 'rings',
      ...(last && { account: last.account }),
      ...which(word.call),
    });
    return;
  }
  delete notification.wait;
  if (notification.withdrawn && notification.outcome === 'suppressed') return;
  const isProven = notification.outcome === 'accepted' || notification.outcome === 'late';
  conclude(step, notification, notification.outcome === 'late' ? 'late' : (last?.outcome ?? 'failed'), last?.reason);
  if (notification.outcome === 'unanswered') redial(step, notification);
  // Nothing has proved that a phone rang, and a text too many is better than silence.
  const mayNotKnow = notification.outcome === 'unknown' && !isProven;
  if (isNotTold(notification) || mayNotKnow) standInFor(step, notification);
}

/** So that the timelines of incidents that shared a call can be laid side by side. */
function which(call: CallWord['call']): { call?: string; incidents?: number } {
  return call ? { call: call.token, ...(call.incidents > 1 && { incidents: call.incidents }) } : {};
}

/** The workflow of the phone has not said in time what became of the call. */
export function stopWaiting(step: Step): void {
  for (const notification of [...step.state.notifications]) {
    if (notification.wait?.what === 'line' && notification.wait.until <= step.now) waitLonger(step, notification);
    const { wait } = notification;
    if (!wait || wait.until > step.now) continue;
    delete notification.wait;
    if (wait.what === 'ringing') {
      conclude(step, notification, 'unknown', { key: 'end-unknown' });
    } else {
      drop(step, notification);
      conclude(step, notification, 'expired', { key: 'line-never-free' });
      standInFor(step, notification);
    }
  }
}

/** Tells the person by another medium meanwhile; the call keeps its place in the queue. */
function waitLonger(step: Step, notification: Notification): void {
  notification.wait = { until: notification.at + LINE_MS, what: 'long line' };
  if (!standInFor(step, notification)) return;
  note(step, { ...about(notification), news: 'line-busy' });
}

/**
 * A provider reports on a message. The report may come before the provider's own answer, or long after we sent the
 * message elsewhere.
 */
export function takeReceipt(step: Step, raw: unknown): void {
  const receipt = readReceipt(raw);
  const notification = receipt && find(step, receipt.notification);
  if (!notification) return;
  const { account, outcome, reason, code } = receipt;
  const attempt = notification.attempts.findLast((one) => one.account === account);
  if (!attempt) {
    if (notification.trying?.route.account === account) notification.receipt = receipt;
    return;
  }
  if (attempt.outcome === outcome || attempt.outcome === 'delivered') return;
  const isLast = attempt === notification.attempts.at(-1);
  const known = { ...attempt, outcome, ...(reason !== undefined && { reason }), ...(code !== undefined && { code }) };
  notification.attempts = notification.attempts.map((other) => (other === attempt ? known : other));
  // A failure of an earlier attempt says nothing about the later one, and a message that went out late stays late.
  if (isUnderWay(notification) || notification.withdrawn || (outcome === 'failed' && !isLast)) return;
  conclude(step, notification, outcome, reason);
  if (outcome === 'failed') standInFor(step, notification);
}

/** A card shows the state of `look` now; or cannot be drawn again. */
export function takeRedrawn(step: Step, { notification: id, look, problem }: Redrawn): void {
  const notification = find(step, id);
  if (!notification?.sent) return;
  notification.sent = { ...notification.sent, look, redrawing: false };
  if (problem === undefined) return;
  note(step, { ...about(notification), news: 'not-redrawn', reason: problem });
}

export interface Redrawn {
  notification: string;
  look: number;
  problem?: Reason;
}
