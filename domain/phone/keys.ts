import type { Keys } from '../delivery.ts';
import type { PhoneCall } from './phone-call.ts';
import { refOf, type IncidentRef } from '../incident/occurrence.ts';
import { codeAnswered, type Reply } from './reply-code.ts';
import type { LineStep } from './step.ts';
import { isGuessing, noteWrongCode } from './wrong-code.ts';

/** What a key does: the same on a telephone and in a text message. */
export const KEYS: Keys = { '1': 'acknowledge', '2': 'escalate' };

/** What somebody did by a key or an answer. `level`: escalate to this one; absent: to the next. */
export interface KeyAction extends IncidentRef {
  do: 'acknowledge' | 'escalate';
  member: string;
  via: 'voice' | 'sms';
  key: string;
  level?: number;
}

/** One key, however often it is pressed, acts on all that this call announced; anything else is only noted. */
export function pressKeys(step: LineStep, call: PhoneCall, keys: string): void {
  const [key] = keys;
  if (key === undefined) return;
  call.taken = true;
  const action = (call.route.keys ?? KEYS)[key];
  if (!action || [...keys].some((other) => other !== key)) {
    call.odd = keys;
    return;
  }
  for (const item of call.items) act(step, action, item, 'voice', `${item.notification} call ${call.token} ${key}`);
}

/** Somebody answered a text with its code. */
export function takeReply(step: LineStep, { code, action, key, written }: Reply): void {
  if (written && isGuessing(step.line, step.now)) return;
  const answered = codeAnswered(step.line.codes ?? [], code);
  if (answered) act(step, action, answered, 'sms', `text ${key}`);
  else if (written) noteWrongCode(step);
}

function act(
  step: LineStep,
  action: KeyAction['do'],
  { member, level, ...incident }: IncidentRef & { member: string; level?: number },
  via: KeyAction['via'],
  key: string,
): void {
  const further = action === 'escalate' && level !== undefined ? { level: level + 1 } : {};
  step.commands.push({ do: action, ...refOf(incident), member, via, key, ...further });
}
