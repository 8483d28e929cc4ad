import type { CallDrop, CallEvent, CallList, CallRequest } from './call.ts';
import type { AttemptResult } from '../incident/pursuit.ts';
import { takeReply } from './keys.ts';
import { callOf } from './phone-call.ts';
import { callAllWhoWait, takeDrop, takePlaced, takeRefusal, takeRequest } from './placing.ts';
import { giveCode, releaseCodes, type CodeRequest, type Reply } from './reply-code.ts';
import { giveUpWaiting, takeCallback } from './ringing.ts';
import { announced, type Line, type LineCommand, type LineStep } from './step.ts';
import { wrongCodesOf } from './wrong-code.ts';

export type { Line, LineCommand } from './step.ts';
export { lineDue } from './ringing.ts';

export type LineHappened =
  | { type: 'requested'; request: CallRequest }
  | { type: 'dropped'; drop: CallDrop }
  | { type: 'placed'; token: string; callId: string }
  | { type: 'refused'; token: string; result: AttemptResult }
  | { type: 'callback'; event: CallEvent }
  | { type: 'texted'; request: CodeRequest }
  | { type: 'replied'; reply: Reply }
  | { type: 'due' };

/** Callbacks of earlier calls still count for this long: the last re-push of a vendor comes after 16 minutes. */
const RECENT_MS = 20 * 60_000;
/** The longest window of any vendor, and how long a text can be answered. */
const REMEMBERED_MS = 24 * 60 * 60_000;

export function idleLine(workflowId: string): Line {
  return { workflowId, waiting: [], recent: [], placed: {}, count: 0 };
}

/**
 * A phone number is a durable thing: one call at a time, whatever account; incidents that wait together go into the
 * next call. Pure: the given line is not changed.
 */
export function advanceLine(
  before: Line,
  happened: LineHappened,
  now: number,
): { line: Line; commands: LineCommand[] } {
  const line = JSON.parse(JSON.stringify(before)) as Line;
  const step: LineStep = { line, commands: [], now };
  take(step, happened);
  return { line, commands: step.commands };
}

function take(step: LineStep, happened: LineHappened): void {
  switch (happened.type) {
    case 'requested':
      takeRequest(step, happened.request);
      break;
    case 'dropped':
      takeDrop(step, happened.drop);
      break;
    case 'placed':
      takePlaced(step, happened.token, happened.callId);
      break;
    case 'refused':
      takeRefusal(step, happened.token, happened.result);
      break;
    case 'callback':
      takeCallback(step, happened.event);
      break;
    case 'texted':
      step.line.codes = giveCode(step.line.codes ?? [], happened.request, step.now);
      break;
    case 'replied':
      takeReply(step, happened.reply);
      break;
    case 'due':
      giveUpWaiting(step);
      break;
  }
  const { line, now } = step;
  line.recent = line.recent.filter(({ since }) => now - since < RECENT_MS);
  if (line.codes) line.codes = releaseCodes(line.codes, now);
  if (line.wrongCodes) line.wrongCodes = wrongCodesOf(line, now);
  if (!line.current && line.waiting.length > 0) callAllWhoWait(step);
}

/** Until when an idle line is remembered: for late callbacks, the vendors' windows, and answers to texts, right or wrong. */
export function lineIdleUntil({ placed, codes = [], wrongCodes = [] }: Line): number {
  return Math.max(0, ...Object.values(placed).flat(), ...codes.map(({ at }) => at), ...wrongCodes) + REMEMBERED_MS;
}

/** What the call announces that an event is about, if there is such a call. */
export function announcedBy({ current, recent }: Line, event: CallEvent, now: number): CallList | undefined {
  const call = callOf(current ? [current, ...recent] : recent, event, now);
  return call && announced(call);
}
