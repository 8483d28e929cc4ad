// The words of a message or call that brings a six-digit code.

import type { CodePurpose } from '../domain/member/book.ts';
import type { Call } from '../providers/kit/adapter.ts';
import type { Code } from '../providers/kit/message.ts';
import type { Locale } from '../domain/locale.ts';
import { wordsFor } from './words.ts';

/** Six digits and what they are for. */
export interface Digits {
  purpose: CodePurpose;
  code: string;
  member: string;
  /** The account that is to be linked. */
  links?: string;
}

/** A code to read. */
export function codeWritten(
  { purpose, code, member, links = '' }: Digits,
  locale: Locale,
): Pick<Code, 'wording' | 'severity' | 'values'> {
  const { code: words, severities } = wordsFor(locale);
  const texts: Record<CodePurpose, string> = {
    verify: words.verify(code),
    link: words.link(code, links, `link ${member}-${code}`),
    session: words.session(code),
  };
  return {
    wording: { subject: words.subject, text: texts[purpose], status: '' },
    severity: 'Info',
    values: { severity: severities.Info, title: words.short(code), number: code, channel: '' },
  };
}

/** A code to hear, digit by digit. */
export function codeSpoken({ code }: Digits, locale: Locale): Pick<Call, 'values' | 'speech'> {
  const { code: words, severities, voice } = wordsFor(locale);
  const said = words.short([...code].join(' '));
  return {
    values: { severity: severities.Info, title: said, number: code, count: '1', channel: voice.noChannel },
    speech: { announcement: `${said}. ${said}.`, keys: '', goodbye: '' },
  };
}
