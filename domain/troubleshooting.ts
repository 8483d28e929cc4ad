import { ERROR_KINDS, type Attempt } from './delivery.ts';
import type { Locale } from './locale.ts';

/** What can go wrong, as `docs/troubleshooting.md` explains it: a section each, under this name. */
export const TROUBLES = [...ERROR_KINDS, 'unanswered', 'failed', 'expired', 'accepted'] as const;
export type Trouble = (typeof TROUBLES)[number];

/** Where it is explained, and what to do about it. */
export function troubleshooting(trouble: Trouble, locale: Locale = 'en'): string {
  return `${locale === 'en' ? 'see' : '见'} docs/troubleshooting.md#${trouble}`;
}

/** What went wrong with an attempt; undefined: nothing, as far as anybody knows. */
export function troubleOf({ kind, outcome }: Pick<Attempt, 'kind' | 'outcome'>): Trouble | undefined {
  if (kind !== undefined) return kind;
  if (outcome === 'unknown') return 'unknown-outcome';
  return outcome === 'unanswered' || outcome === 'failed' || outcome === 'expired' ? outcome : undefined;
}
