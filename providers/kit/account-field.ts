// Settings that accounts of several companies have in common.
import { z } from 'zod';
import { hardToGuess } from './own-secret.ts';

/** The last segment of the callback address: nothing else authenticates what is pushed. */
export const callbackSecret = z
  .string()
  .regex(/^[A-Za-z0-9_-]{16,}$/, { error: 'must be at least 16 letters, digits, - or _', abort: true })
  .superRefine(hardToGuess)
  .describe('Secret last part of the callback address /callbacks/<account>/<secret>, entered in the console');

/** An address for an SDK that takes host and port only. A path is refused, because the SDK would drop it silently. */
export const hostUrl = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !URL.canParse(url) || new URL(url).pathname === '/', 'must not have a path');
