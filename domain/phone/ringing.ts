import type { AttemptResult } from '../incident/pursuit.ts';
import type { Reason } from '../reason.ts';
import type { CallEvent } from './call.ts';
import { pressKeys } from './keys.ts';
import { callOf, endsWithin, isUnresolved, ringTime, type PhoneCall } from './phone-call.ts';
import { endUnwanted, placeAgain } from './placing.ts';
import { addAttempt, announced, callsOf, latestOf, tell, type Line, type LineStep } from './step.ts';

/**
 * When the line has to be looked at again. A call that is being placed needs no time here: its activity has timeouts of
 * its own.
 */
export function lineDue({ current }: Line): { at: number; what: string } | undefined {
  if (!current || current.state === 'placing') return undefined;
  return current.state === 'unknown'
    ? { at: current.since + ringTime(current), what: `may ring through ${current.route.account}` }
    : { at: current.since + endsWithin(current), what: `rings through ${current.route.account}` };
}

/** A provider told about a call: that it rings, which keys were pressed, how it ended. */
export function takeCallback(step: LineStep, event: CallEvent): void {
  const call = callOf(callsOf(step), event, step.now);
  if (!call) return;
  if (event.callId !== undefined) call.callId = event.callId;
  const isCurrent = call === step.line.current;
  if (isCurrent && call.state !== 'ringing') ring(step, call);
  pressKeys(step, call, event.keys ?? '');
  if (!event.ended) {
    endUnwanted(step, call);
    return;
  }
  const isOurs = call.ending && event.ended.outcome === 'unanswered';
  const ended: Reason = isOurs ? { key: 'call-not-needed' } : event.ended.reason;
  const reason: Reason = call.odd === undefined ? ended : { key: 'odd-keys', ended, keys: call.odd };
  const result = { ...event.ended, reason };
  if (isCurrent) finish(step, call, result);
  else if (isUnresolved(call)) correct(step, call, result);
}

/** A phone rings, which its incidents are told. */
export function ring(step: LineStep, call: PhoneCall): void {
  call.state = 'ringing';
  call.since = step.now;
  addAttempt(step, call.items, call.route, { outcome: 'accepted' });
  // The person is sent a list to read, because nobody remembers what a call about several incidents said and its key
  // acts on all of them.
  if (call.items.length > 1) step.commands.push({ do: 'list', list: announced(call) });
  const { token, items } = call;
  for (const item of items) tell(step, item, 'calling', { token, incidents: items.length });
}

/** The provider has not said in time what became of the call. */
export function giveUpWaiting(step: LineStep): void {
  const call = step.line.current;
  const due = lineDue(step.line);
  if (!call || !due || due.at > step.now) return;
  const outcome = { outcome: 'unknown', reason: { key: 'call-unknown' } } as const;
  if (call.state === 'ringing') {
    finish(step, call, outcome);
    return;
  }
  addAttempt(step, call.items, call.route, outcome);
  step.line.recent.push(call);
  // The phone no longer rings, so the next account may call.
  placeAgain(step, call, call.routes);
}

function finish(step: LineStep, call: PhoneCall, result: CallResult): void {
  step.line.recent.push(call);
  delete step.line.current;
  correct(step, call, result);
}

/** How a call ended, told to its incidents; not while another call is on for them, whose word is still to come. */
function correct(step: LineStep, call: PhoneCall, { outcome, reason, code }: CallResult): void {
  const changes = { outcome, ...(reason !== undefined && { reason }), ...(code !== undefined && { code }) };
  for (const item of call.items) {
    const latest = latestOf(step, item);
    for (const { attempts } of new Set([item, latest])) {
      const attempt = attempts.findLast(({ account }) => account === call.route.account);
      if (attempt) Object.assign(attempt, changes);
    }
    if (!step.line.current?.items.includes(latest)) tell(step, latest, 'over');
  }
}

type CallResult = Pick<AttemptResult, 'outcome' | 'reason' | 'code'>;
