import { createHmac } from 'node:crypto';
import { isSame } from '../../links/constant-time.ts';

const LEAST_AGE_MS = 2000;
const MOST_AGE_MS = 24 * 60 * 60_000;

/** What a page's form carries to prove that this page, shown to this member, is where the press came from. */
export interface NonceSubject {
  /** The page's token. */
  token: string;
  member: string;
}

export function mintNonce(subject: NonceSubject, secrets: readonly string[], now: number): string {
  return `${now.toString(36)}.${sign(subject, now, secrets[0] ?? '').toString('base64url')}`;
}

/** `young`: as fast as link scanners press; a person has to be told apart by other means. */
export function readNonce(
  nonce: string,
  subject: NonceSubject,
  secrets: readonly string[],
  now: number,
): 'good' | 'young' | 'wrong' {
  const [, issued = ''] = /^([0-9a-z]{1,11})\.[\w-]{22}$/.exec(nonce) ?? [];
  const issuedAt = parseInt(issued, 36);
  // Compared as it is spelled: what a form does counts once for each spelling of its nonce.
  if (!secrets.some((secret) => isSame(nonce, mintNonce(subject, [secret], issuedAt)))) return 'wrong';
  const ageMs = now - issuedAt;
  // Written so that NaN is too old.
  if (!(ageMs <= MOST_AGE_MS)) return 'wrong';
  return ageMs < LEAST_AGE_MS ? 'young' : 'good';
}

function sign({ token, member }: NonceSubject, issuedAt: number, secret: string): Buffer {
  const text = JSON.stringify(['nonce', token, member, issuedAt]);
  return createHmac('sha256', secret).update(text).digest().subarray(0, 16);
}
