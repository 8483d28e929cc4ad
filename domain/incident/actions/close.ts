import { CLOSE_SOURCES, type Action, type Actions, type CloseSource } from '../action.ts';
import { LIMITS } from '../incident.ts';
import { progressTo } from '../step.ts';
import { tellGroups, withdraw } from '../telling.ts';

export const close: Action<Actions['close']> = {
  read(given) {
    const source = CLOSE_SOURCES.find((one: CloseSource) => one === given.fields['source']);
    return { ...given.text('resolution', LIMITS.text), ...(source && { source }) };
  },
  perform(step, { by, say }, { resolution, source }) {
    const { state, now } = step;
    state.closed = { by, at: now, ...(resolution !== undefined && { resolution }) };
    state.outcome = 'closed';
    say({ kind: 'closed', ...(source && { source }), ...(resolution && { resolution }) });
    delete state.snoozedUntil;
    progressTo(step, 'Closed');
    withdraw(step);
    tellGroups(step, 'closed');
  },
};
