import type { Action, Actions } from '../action.ts';
import { LIMITS } from '../incident.ts';
import { tellGroups } from '../telling.ts';

export const comment: Action<Actions['comment']> = {
  read: (given) => given.text('text', LIMITS.text),
  refuseArgument: ({ text }) =>
    typeof text === 'string' && text.trim() !== '' && text.length <= LIMITS.text
      ? undefined
      : `comment needs text of 1 to ${LIMITS.text} characters`,
  perform(step, { say }, { text = '(nothing)' }) {
    say({ kind: 'commented', comment: text });
    tellGroups(step, 'commented');
  },
};
