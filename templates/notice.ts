// The words in which a member hears of a change in their own accounts.

import type { Notice as Change } from '../domain/member/book.ts';
import type { Locale } from '../domain/locale.ts';
import type { Notice } from '../providers/kit/message.ts';
import { wordsFor } from './words.ts';

export function noticeWritten(
  { kind, account, identity }: Change,
  locale: Locale,
): Pick<Notice, 'wording' | 'severity' | 'values'> {
  const { notice: words, severities } = wordsFor(locale);
  const text =
    kind === 'unlinked'
      ? words.unlinked(account)
      : identity === undefined
        ? words.linked(account)
        : words.replaced(account);
  return {
    wording: { subject: words.subject(account), text: `${text} ${words.ifNotYou}`, status: '' },
    severity: 'Info',
    values: { severity: severities.Info, title: words.subject(account), number: '-', channel: '' },
  };
}
