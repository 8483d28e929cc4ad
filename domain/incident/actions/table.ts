import { cut } from '../incident.ts';
import { readActor } from '../actor.ts';
import { Given, type Action, type ActionName, type Actions } from '../action.ts';
import { readOccurrence } from '../occurrence.ts';
import type { Why } from '../../reason.ts';
import { acknowledge, unacknowledge } from './acknowledge.ts';
import { close } from './close.ts';
import { comment } from './comment.ts';
import { addResponders, escalate, reassign } from './direct.ts';
import { revise } from './revise.ts';
import { snooze, wake } from './snooze.ts';

/** Everything that people can do to an incident. */
export const ACTIONS: { [N in ActionName]: Action<Actions[N]> } = {
  acknowledge,
  unacknowledge,
  wake,
  snooze,
  close,
  comment,
  revise,
  escalate,
  reassign,
  addResponders,
};

/**
 * Reads whatever a client sent with an action. Never throws: an acknowledgment counts however odd its argument is.
 * @returns the action and what was odd about it, for the timeline.
 */
export function readAction<N extends ActionName>(name: N, raw: unknown): { action: Actions[N]; notes: Why[] } {
  const given = new Given(raw);
  const { by, via, key, occurrence } = given.fields;
  const action = {
    by: readActor(by, given.notes),
    ...(typeof via === 'string' && { via: cut(via, 200) }),
    ...(typeof key === 'string' && { key: cut(key, 200) }),
    ...readOccurrence(occurrence),
    ...ACTIONS[name].read(given),
  } as Actions[N];
  return { action, notes: given.notes };
}

/** A sentence when the action asks for something impossible; signals are repaired instead, see {@link readAction}. */
export function refuseArguments(name: ActionName, raw: unknown): string | undefined {
  return ACTIONS[name].refuseArgument?.(new Given(raw).fields);
}
