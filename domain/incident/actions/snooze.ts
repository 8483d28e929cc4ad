import { quoted, type Action, type By, type Actions } from '../action.ts';
import { wakeUp } from '../levels.ts';
import { tellGroups, withdraw } from '../telling.ts';

/** How long a snooze lasts that does not say how long. */
export const DEFAULT_SNOOZE_MINUTES = 120;
const MAX_SNOOZE_MINUTES = 1440;

export const snooze: Action<Actions['snooze']> = {
  read({ fields, notes }) {
    const asked = readNumber(fields['minutes']);
    const minutes = Number.isFinite(asked)
      ? Math.min(Math.max(Math.round(asked), 1), MAX_SNOOZE_MINUTES)
      : DEFAULT_SNOOZE_MINUTES;
    if (minutes !== fields['minutes']) notes.push({ key: 'snooze-taken', given: quoted(fields['minutes']), minutes });
    return { minutes };
  },
  refuseArgument: ({ minutes }) =>
    Number.isInteger(minutes) && Number(minutes) >= 1 && Number(minutes) <= MAX_SNOOZE_MINUTES
      ? undefined
      : `snooze needs minutes, a whole number from 1 to ${MAX_SNOOZE_MINUTES}`,
  perform(step, { say }, { minutes = 0 }) {
    const { state, now } = step;
    state.snoozedUntil = now + minutes * 60_000;
    say({ kind: 'snoozed', minutes });
    state.revision += 1;
    state.look += 1;
    withdraw(step, ({ added }) => added === true);
    tellGroups(step, 'snoozed');
  },
};

export const wake: Action<By> = {
  read: () => ({}),
  refuse: ({ snoozedUntil }) => (snoozedUntil === undefined ? 'it is not snoozed' : undefined),
  perform(step, { say }) {
    const { state } = step;
    say({ kind: 'woken' });
    if (state.progress === 'Triggered') {
      wakeUp(step);
      return;
    }
    delete state.snoozedUntil;
    state.revision += 1;
    state.look += 1;
    tellGroups(step, 'woken');
  },
};

/** A number, or text that holds one. */
function readNumber(value: unknown): number {
  return typeof value === 'number' || (typeof value === 'string' && value.trim() !== '') ? Number(value) : NaN;
}
