import type { MailMeaning } from '../kit/mail-reply.ts';

const noMail: MailMeaning = { kind: 'rejected', means: "the recipient's domain takes no mail" };
const invalid: MailMeaning = { kind: 'rejected', means: 'the recipient is on the list of invalid addresses' };

/**
 * Reply codes of DirectMail, which gives some numbers a meaning of its own; undefined: the meaning of RFC 5321.
 * Source https://help.aliyun.com/zh/direct-mail/summary-of-common-email-return-codes-and-solutions
 */
export function directMailReply(code: number): MailMeaning | undefined {
  return MEANINGS[code];
}

const MEANINGS: Partial<Record<number, MailMeaning>> = {
  423: noMail,
  427: { kind: 'rejected', means: "the recipient's server cannot be reached" },
  436: { kind: 'unauthorized', means: 'the sender must be the address that signs in; check address' },
  504: { kind: 'refused', means: 'a header of the mail is not understood' },
  524: noMail,
  526: noMail,
  535: { kind: 'unauthorized', means: 'sign-in refused; check address, password and region' },
  551: { kind: 'unauthorized', means: 'the sender address is not available; check the account in the console' },
  // The reply claims to be permanent, but a quota renews at midnight or when somebody pays.
  552: { kind: 'exhausted', means: 'daily or monthly quota used up; raise it in the console or add another account' },
  554: { kind: 'refused', means: 'taken for spam; reword the title' },
  557: { kind: 'refused', means: 'the mail is too large' },
  559: invalid,
  561: { kind: 'rejected', means: 'the recipient is a trap for spam' },
  563: invalid,
};
