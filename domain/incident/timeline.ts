import type { ActionName } from './action.ts';
import type { Receipt } from './receipt.ts';
import type { CallWord } from '../phone/call.ts';
import type { Escalation } from './escalation.ts';
import { drawConclusions, keepTime } from './levels.ts';
import {
  stopWaiting,
  takeAttempt,
  takeLine,
  takeReceipt,
  takeRedrawn,
  takeWord,
  type Attempted,
  type Redrawn,
} from './outcomes.ts';
import { act, closeWhenNeglected } from './people.ts';
import { isOfAnother, readMeant } from './occurrence.ts';
import type { Match } from './plan.ts';
import { note, type Command, type Step } from './step.ts';
import { forgetOldest, redraw, tellRound, type Resolved } from './telling.ts';

export { refuse } from './people.ts';
export type { Command } from './step.ts';

/** Something that happened. `receipt` and `called` may hold anything: anybody can send a signal. */
export type Happened =
  | { type: 'matched'; match: Match }
  | { type: 'due' }
  | { type: 'acted'; name: ActionName; argument: unknown }
  | ({ type: 'resolved' } & Resolved)
  | ({ type: 'attempted' } & Attempted)
  | { type: 'queued'; notification: string; line: string }
  | { type: 'called'; word: CallWord }
  | { type: 'receipt'; receipt: Receipt }
  | ({ type: 'redrawn' } & Redrawn);

/**
 * The whole of an escalation: what is remembered + what happened + the time → what is remembered then, and what to do.
 * Pure: the given state is not changed. When to wake up next is `nextDue` of the new state.
 *
 * What time asks for is in `levels.ts`, what people do in `people.ts`, who is told by what in `telling.ts`, and what
 * came of that in `outcomes.ts`.
 */
export function advance(
  before: Escalation,
  happened: Happened,
  now: number,
): { state: Escalation; commands: Command[] } {
  if (isAboutAnother(before, happened)) return { state: before, commands: [] };
  const step: Step = { state: copy(before), commands: [], now };
  take(step, happened);
  drawConclusions(step);
  forgetOldest(step);
  redraw(step);
  return { state: step.state, commands: step.commands };
}

/**
 * A card, a call or a message of an earlier occurrence changes nothing in this one: its notifications are numbered from
 * n1 again, so that what was said of theirs would be believed.
 */
function isAboutAnother(state: Escalation, happened: Happened): boolean {
  switch (happened.type) {
    case 'acted':
      return isOfAnother(state, readMeant(happened.argument));
    case 'called':
      return isOfAnother(state, readMeant(happened.word));
    case 'receipt':
      return isOfAnother(state, readMeant(happened.receipt));
    default:
      return false;
  }
}

function take(step: Step, happened: Happened): void {
  switch (happened.type) {
    case 'matched':
      follow(step, happened.match);
      break;
    case 'due':
      closeWhenNeglected(step);
      keepTime(step);
      stopWaiting(step);
      break;
    case 'acted':
      act(step, happened.name, happened.argument);
      break;
    case 'resolved':
      tellRound(step, happened);
      break;
    case 'attempted':
      takeAttempt(step, happened);
      break;
    case 'queued':
      takeLine(step, happened.notification, happened.line);
      break;
    case 'called':
      takeWord(step, happened.word);
      break;
    case 'receipt':
      takeReceipt(step, happened.receipt);
      break;
    case 'redrawn':
      takeRedrawn(step, happened);
      break;
  }
}

/** Planning has said which rule. It is taken once and kept. */
function follow(step: Step, { rule, notes, first, ...match }: Match): void {
  const { state, commands } = step;
  state.match = match;
  if (match.number !== undefined) {
    state.number = match.number;
    delete state.occurrence;
  }
  for (const reason of notes) note(step, { kind: 'repaired', reason });
  if (state.progress === 'Closed') return;
  if (!rule) {
    note(step, { kind: 'closed', why: 'no-rule' });
    state.progress = 'Closed';
    state.outcome = 'unmatched';
    return;
  }
  state.rule = rule;
  // No level has started: this is when the first task began.
  state.startsAt = state.levelStartedAt + rule.delayMs;
  const { early = [] } = state;
  delete state.early;
  for (const { name, argument } of early) act(step, name, argument);
  keepTime(step);
  if (first && early.length === 0 && state.resolving && first.severity === state.incident.severity) {
    // Planning has answered both questions at once.
    commands.pop();
    const { start, level, round } = state;
    tellRound(step, { start, level, round, resolution: first });
  }
}

/** The parts that a step may change are its own. */
function copy(state: Escalation): Escalation {
  return {
    ...state,
    acknowledgments: [...state.acknowledgments],
    responders: [...state.responders],
    notifications: state.notifications.map((notification) => ({ ...notification })),
    timeline: [...state.timeline],
    keys: [...state.keys],
  };
}
