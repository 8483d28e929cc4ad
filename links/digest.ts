import { createHmac } from 'node:crypto';
import { comparedMail } from '../domain/mail-address.ts';
import type { Proved, Tried } from '../domain/member/book.ts';

/** What stands for an address in histories. @param secrets of the gateway: the first makes it, any of them knows it. */
export function addressDigest(address: string, [secret = '']: readonly string[]): string {
  return digest(secret, ['address', comparedMail(address)]);
}

function isVerified(address: string, known: string | undefined, secrets: readonly string[]): boolean {
  return known !== undefined && secrets.some((secret) => addressDigest(address, [secret]) === known);
}

/** Addresses of a member that no code has proved, as they are now. */
export async function unverifiedOf(
  { phone, email }: { phone?: string | undefined; email?: string | undefined },
  proved: Promise<Proved>,
  secrets: readonly string[],
): Promise<('phone' | 'email')[]> {
  const { verified } = await proved;
  const isOpen = (kind: 'phone' | 'email', address: string | undefined): boolean =>
    address !== undefined && !isVerified(address, verified[kind], secrets);
  return [
    ...(isOpen('phone', phone) ? (['phone'] as const) : []),
    ...(isOpen('email', email) ? (['email'] as const) : []),
  ];
}

/** What stands for a code in histories. */
export function codeDigest(member: string, code: string, [secret = '']: readonly string[]): string {
  return digest(secret, ['code', member, code]);
}

/** A code as it was typed, under every secret. */
export function triedCode(
  member: string,
  code: string,
  secrets: readonly string[],
  more: Omit<Tried, 'digests'>,
): Tried {
  return { digests: secrets.map((secret) => codeDigest(member, code.replace(/\D/g, ''), [secret])), ...more };
}

function digest(secret: string, parts: string[]): string {
  return createHmac('sha256', secret).update(JSON.stringify(parts)).digest('base64url').slice(0, 22);
}
