import type { Face } from '../domain/incident/face.ts';
import type { CodePurpose } from '../domain/member/book.ts';
import type { Call, Wording } from '../providers/kit/adapter.ts';
import type { Locale } from '../domain/locale.ts';
import { wordsFor } from './words.ts';

export interface CodeMessage {
  purpose: CodePurpose;
  code: string;
  member: string;
  /** The account that is to be linked. */
  links?: string;
}

/** A code to read. */
export function codeWording({ purpose, code, member, links = '' }: CodeMessage, locale: Locale): Wording {
  const { code: words, openPage, severities } = wordsFor(locale);
  const text = purpose === 'link' ? words.link(code, links, `link ${member}-${code}`) : words.verify(code);
  return { subject: words.subject, text, status: '', facts: [], severity: severities.Info, openPage };
}

/** For templates that take the fields of an incident: its title is the code. */
export function codeFace({ code, member }: CodeMessage, locale: Locale): Face {
  return {
    workflowId: `code-${member}`,
    number: code,
    incident: {
      id: 'code',
      title: wordsFor(locale).code.short(code),
      severity: 'Info',
      description: '',
      labels: {},
    },
    progress: 'Triggered',
    level: 0,
    levels: 0,
    round: 1,
    revision: 0,
    exhausted: false,
    responders: [],
  };
}

/** A code to hear, digit by digit. */
export function codeSpoken({ code }: CodeMessage, locale: Locale): Pick<Call, 'values' | 'speech'> {
  const { code: words, severities, voice } = wordsFor(locale);
  const digits = [...code].join(' ');
  const said = words.short(digits);
  return {
    values: { severity: severities.Info, title: said, number: code, count: '1', channel: voice.noChannel },
    speech: { announcement: `${said}. ${said}.`, keys: '', goodbye: '' },
  };
}
