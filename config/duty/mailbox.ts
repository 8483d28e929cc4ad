// Turns a bare e-mail address of a rule into a member whose id is a digest, so that histories hold no address.

import { createHash } from 'node:crypto';
import { comparedMail } from '../../domain/mail-address.ts';
import type { Member } from '../configuration.ts';

/** Ids of this form are never keys of `members`. */
export const MAILBOX_ID = /^mail-[0-9a-f]{8}$/;

/** What a bare e-mail address is called in rules, histories and timelines, which must not hold it. */
export function mailboxId(address: string): string {
  return `mail-${createHash('sha256').update(comparedMail(address)).digest('hex').slice(0, 8)}`;
}

export function mailboxMember(id: string, address: string): Member {
  return { id, name: id, email: address, locale: 'en', timeZone: 'UTC', identities: {}, mailbox: true };
}
