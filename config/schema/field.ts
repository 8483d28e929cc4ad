// Fields that several schemas of the file use: texts, names, durations, windows.

import { z } from 'zod';
import type { Window } from '../../domain/delivery.ts';
import { DURATION_FORMS, parseDuration } from './duration.ts';

export function text(max: number) {
  return z.string().trim().min(1).max(max);
}

export function named(pattern: RegExp, message: string) {
  return z.string().regex(pattern, message);
}

/** A text with a sentence about what is wrong with it, if anything is. */
export function checked(problem: (text: string) => string | undefined) {
  return z.string().superRefine((written, context) => {
    const message = problem(written);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}

export function email() {
  return checked((written) =>
    written.length <= 254 && /^[^\s@"<>,;]+@[^\s@"<>,;]+\.[^\s@"<>,;]+$/.test(written)
      ? undefined
      : 'is not an e-mail address; write it like oncall@example.com',
  ).describe('An e-mail address');
}

export function timeZone() {
  return checked((zone) =>
    isTimeZone(zone) ? undefined : 'is no time zone; write one such as Asia/Shanghai or UTC',
  ).describe('IANA name, such as Asia/Shanghai');
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Written like `5m`, read as milliseconds. */
export function duration(min: string, max: string) {
  return z
    .string({ error: ({ input }) => (input === undefined ? undefined : `write a duration like ${DURATION_FORMS}`) })
    .transform((written, context) => {
      try {
        const ms = parseDuration(written);
        if (ms >= parseDuration(min) && ms <= parseDuration(max)) return ms;
        context.addIssue(`must be between ${min} and ${max}`);
      } catch (error) {
        context.addIssue((error as RangeError).message);
      }
      return z.NEVER;
    })
    .describe(`A duration from ${min} to ${max}`);
}

/**
 * Written like `5/1h`: at most 5 sends to one receiver in any hour.
 * @param example what to write, and what it means.
 */
export function window(example = '5/1h: at most 5 sends in any hour') {
  return z.string().transform((written, context): Window => {
    const [, sends = '', span = ''] = /^([1-9]\d{0,4})\/(\S+)$/.exec(written) ?? [];
    try {
      if (sends !== '') return { sends: Number(sends), perMs: parseDuration(span) };
    } catch {
      // The issue below says what to write.
    }
    context.addIssue(`write it like ${example}`);
    return z.NEVER;
  });
}

export function unique(entries: readonly string[], context: z.RefinementCtx): void {
  for (const [index, entry] of entries.entries()) {
    if (entries.indexOf(entry) === index) continue;
    context.addIssue({ code: 'custom', path: [index], message: `${entry} is in this list twice; keep one` });
  }
}
