import { legibleLine } from '../legible.ts';
import { actorName } from './actor.ts';
import type { ActionName, Actions, Doer } from './action.ts';
import { ACTIONS, readAction } from './actions/table.ts';
import { autoCloseAt } from './due.ts';
import { BOUNDS, type Escalation } from './escalation.ts';
import { isOfAnother } from './occurrence.ts';
import { note, type Step } from './step.ts';

/**
 * Why an action makes no sense now, as a sentence for the person who asked. Only updates are refused by it; a signal
 * has nobody to answer.
 */
export function refuse(state: Escalation, name: ActionName, argument: unknown): string | undefined {
  const why = refuseAction(state, name, readAction(name, argument).action);
  return why === undefined ? undefined : legibleLine(why);
}

function refuseAction<N extends ActionName>(state: Escalation, name: N, action: Actions[N]): string | undefined {
  const { closed, progress } = state;
  if (isOfAnother(state, action)) {
    return `this means an earlier occurrence, which is over; what is open now is number ${state.number}`;
  }
  if (progress === 'Closed') {
    return closed
      ? `already closed by ${actorName(closed.by)} at ${new Date(closed.at).toISOString()}`
      : 'already closed';
  }
  if (isTooEarly(state, name)) return 'planning has not answered yet';
  return ACTIONS[name].refuse?.(state, action);
}

/** Whom a reassignment or an addition tells can only be said once the rule is known. */
function isTooEarly({ rule, progress }: Escalation, name: ActionName): boolean {
  return !rule && progress !== 'Closed' && ACTIONS[name].needsRule === true;
}

/** The incident closes by itself when nobody has touched it for long enough. */
export function closeWhenNeglected(step: Step): void {
  const at = autoCloseAt(step.state);
  if (step.state.progress === 'Closed' || at === undefined || at > step.now) return;
  perform(step, 'close', { by: { name: 'auto-close' }, source: 'timeout' });
}

/** Does what somebody asked for: once per key, and whatever the argument looks like. */
export function act(step: Step, name: ActionName, argument: unknown): void {
  const { keys } = step.state;
  const { action, notes } = readAction(name, argument);
  if (isTooEarly(step.state, name)) {
    // Whoever escalates now has seen level 0.
    const asked = { name, argument: { ...(name === 'escalate' && { level: 1 }), ...action } };
    step.state.early = [...(step.state.early ?? []), asked].slice(0, BOUNDS.early);
    return;
  }
  if (action.key !== undefined) {
    if (keys.includes(action.key)) return;
    keys.push(action.key);
    keys.splice(0, keys.length - BOUNDS.keys);
  }
  if (refuseAction(step.state, name, action) !== undefined) return;
  for (const reason of notes) note(step, { kind: 'repaired', reason });
  step.state.updatedAt = step.now;
  perform(step, name, action);
}

function perform<N extends ActionName>(step: Step, name: N, action: Actions[N]): void {
  const { by = { name: 'somebody' }, via } = action;
  const say: Doer['say'] = (happening) => {
    note(step, { ...happening, by, ...(via !== undefined && { via }) });
  };
  ACTIONS[name].perform(step, { by, who: actorName(by), say }, action);
}
