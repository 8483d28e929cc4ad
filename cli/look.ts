import colors from 'picocolors';
import type { Look } from './incident-text.ts';

/** Of this terminal. */
export function look(): Look {
  return { colors, timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone };
}
