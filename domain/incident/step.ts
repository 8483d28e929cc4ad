import type { CallRequest } from '../phone/call.ts';
import type { Handle, Route } from '../delivery.ts';
import { record, type Escalation, type Notification } from './escalation.ts';
import type { Circumstances, Happening } from './record.ts';
import type { MediaChoice, Targets } from './rule.ts';
import type { Progress } from './view.ts';

/** A round that planning is asked for. */
export interface RoundAsked {
  start: number;
  level: number;
  round: number;
  /** Besides the level's rounds. */
  once?: Once;
}

/** People told once, whatever else goes on: all of them, or only those who are no responders yet. */
export interface Once {
  to: Targets;
  /** Absent: by the media of the level. */
  by?: MediaChoice;
  who: 'everybody' | 'newcomers';
}

/** Something to do about what happened. */
export type Command =
  | ({ do: 'resolve' } & RoundAsked)
  | { do: 'send'; notification: string; route: Route; plain: boolean; reconcile: boolean; patient: boolean }
  | { do: 'withdraw'; notification: string }
  | { do: 'call'; request: CallRequest & { routes: [Route, ...Route[]] } }
  | { do: 'drop'; notification: string; line: string }
  | { do: 'redraw'; notification: string; route: Route; handle: Handle; look: number };

/** One happening being worked into what is remembered: `state` is a copy of its own and may be changed. */
export interface Step {
  readonly state: Escalation;
  readonly commands: Command[];
  readonly now: number;
}

/**
 * One more record in the timeline.
 * @example note(step, { kind: 'escalated', level: 2, why: 'nobody-acknowledged' });
 */
export function note({ state, now }: Step, happening: Happening & Circumstances): void {
  record(state, now, happening);
}

export function find({ state }: Step, id: string): Notification | undefined {
  return state.notifications.find((notification) => notification.id === id);
}

/** Cards show the progress, buttons are made for it. */
export function progressTo({ state }: Step, progress: Progress): void {
  if (state.progress !== progress) state.revision += 1;
  state.progress = progress;
  state.look += 1;
}

export function assign({ state, now }: Step, member: string): void {
  if (!state.responders.some((responder) => responder.member === member)) state.responders.push({ member, at: now });
}

/** Of data that was made in the same way. */
export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
