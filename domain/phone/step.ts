import type { Route } from '../delivery.ts';
import type { AttemptResult } from '../incident/pursuit.ts';
import type { CallEnd, CallList, CallOrder, CallWord } from './call.ts';
import type { KeyAction } from './keys.ts';
import { refOf } from '../incident/occurrence.ts';
import { isSame, type PhoneCall, type Waiting } from './phone-call.ts';
import type { ReplyCode } from './reply-code.ts';

/** Everything one phone number's workflow remembers. Plain data. */
export interface Line {
  /** Its workflow. */
  workflowId: string;
  /** Incidents that want to be told, oldest first. */
  waiting: Waiting[];
  /** The one call that is being placed or rings. */
  current?: PhoneCall;
  /** Earlier calls, newest last, because their callbacks may still arrive. */
  recent: PhoneCall[];
  /** When each account last called this number, for the vendors' windows. */
  placed: Record<string, number[]>;
  /** Codes in text messages that can still be answered with. */
  codes?: ReplyCode[];
  /** When somebody answered with a code that was none, in the last day. */
  wrongCodes?: number[];
  /** How many calls there were. */
  count: number;
}

/** Something to do about what happened. */
export type LineCommand =
  | { do: 'place'; order: CallOrder }
  | { do: 'list'; list: CallList }
  | { do: 'cancel'; token: string }
  | { do: 'end'; call: CallEnd }
  | { do: 'tell'; workflowId: string; word: CallWord }
  | KeyAction;

/** One happening being worked into what is remembered: `line` is a copy of its own and may be changed. */
export interface LineStep {
  readonly line: Line;
  readonly commands: LineCommand[];
  readonly now: number;
}

/** The call of now first, then earlier ones. */
export function callsOf(step: LineStep): PhoneCall[] {
  const { current, recent } = step.line;
  return current ? [current, ...recent] : recent;
}

/** The same incident in the newest call that announces it. */
export function latestOf(step: LineStep, item: Waiting): Waiting {
  const { current, recent } = step.line;
  const items = [...recent, ...(current ? [current] : [])].flatMap((call) => call.items);
  return items.findLast((other) => isSame(other, item)) ?? item;
}

export function addAttempt(
  step: LineStep,
  items: Waiting[],
  route: Route,
  result: Pick<AttemptResult, 'outcome' | 'reason' | 'code' | 'kind'>,
): void {
  const { outcome, reason, code, kind } = result;
  const at = new Date(step.now).toISOString();
  for (const item of items) {
    item.attempts.push({
      account: route.account,
      adapter: route.adapter,
      medium: 'voice',
      outcome,
      at,
      ...(reason !== undefined && { reason }),
      ...(code !== undefined && { code }),
      ...(kind !== undefined && kind !== 'cancelled' && { kind }),
    });
  }
}

/** A word to one incident. */
export function tell(
  step: LineStep,
  { workflowId, occurrence, notification, attempts }: Waiting,
  phase: CallWord['phase'],
  call?: CallWord['call'],
): void {
  const word: CallWord = {
    ...(occurrence !== undefined && { occurrence }),
    notification,
    phase,
    attempts: attempts.map((attempt) => ({ ...attempt })),
    ...(call && { call }),
  };
  step.commands.push({ do: 'tell', workflowId, word });
}

/** Everything that this call announces, for the person to read and for whoever places it. */
export function announced({ token, items }: PhoneCall): CallList {
  return {
    token,
    member: items[0]?.member ?? '',
    items: items.map(({ workflowId, occurrence, notification, number, title, severity, channel, level }) => ({
      ...refOf({ workflowId, occurrence }),
      notification,
      number,
      title,
      severity,
      ...(channel !== undefined && { channel }),
      ...(level !== undefined && { level }),
    })),
  };
}
