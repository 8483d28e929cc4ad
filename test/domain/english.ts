import type { Reason } from '../../domain/reason.ts';
import { reasonText } from '../../domain/words/index.ts';

/** What an English reader is told. */
export function english(reason: Reason | undefined): string | undefined {
  return reason === undefined ? undefined : reasonText(reason, { locale: 'en' });
}
