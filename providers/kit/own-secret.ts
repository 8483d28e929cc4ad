// Secrets that whoever writes the file has chosen, in contrast to those that a vendor has given.
import { z } from 'zod';
import { isGuessable } from '../../links/guess.ts';

/** At least 16 characters that a stranger does not find by trying. */
export function ownSecret() {
  return z.string().min(16, { abort: true }).superRefine(hardToGuess);
}

/** For secrets of another form. */
export function hardToGuess(secret: string, context: z.RefinementCtx<string>): void {
  if (!isGuessable(secret)) return;
  const message =
    'can be guessed, being made of few characters, words, rows of keys or repetitions; take what `openssl rand -hex 32` prints';
  context.addIssue({ code: 'custom', message });
}
