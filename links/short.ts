import { createHmac } from 'node:crypto';
import { refKey, type IncidentRef } from '../domain/incident/occurrence.ts';
import { isSame } from './constant-time.ts';

/** 96 bits are more than anybody can try through a gateway. */
const MAC_BYTES = 12;
/** Of these, 24 say that the link is one of ours before the incident has been looked for. */
const OUTER_BYTES = 3;

/** A short link as it is written. */
export interface ShortLink {
  number: string;
  member: string;
  /** 16 characters. */
  mac: string;
}

/**
 * `/s/<number>.<member>.<mac>`: a personal link to the incident page, as short as a text message wants it. It names no
 * incident, but its signature covers the one it is about: another that bears the same number cannot be meant.
 */
export function shortUrl(
  publicUrl: string,
  { number, member, ...ref }: IncidentRef & { number: string; member: string },
  [secret = '']: readonly string[],
): string {
  return `${publicUrl}/s/${number}.${encodeURIComponent(member)}.${signed(ref, { number, member }, secret)}`;
}

/**
 * @returns what the link says, undefined when it is none of ours. Strangers are turned away by it without a look at the
 * server's lists; {@link isShortFor} then says which incident it leads to.
 */
export function readShort(link: string, secrets: readonly string[]): ShortLink | undefined {
  const [, number, member, mac] = /^([0-9A-Z]{6})\.(.{1,200})\.([\w-]{16})$/.exec(link) ?? [];
  if (number === undefined || member === undefined || mac === undefined) return undefined;
  const read = { number, member, mac };
  const isOurs = secrets.some((secret) =>
    isSame(mac.slice(0, (OUTER_BYTES / 3) * 4), outer(read, secret, OUTER_BYTES)),
  );
  return isOurs ? read : undefined;
}

/** Whether the link leads to this incident. Every secret verifies. */
export function isShortFor(link: ShortLink, ref: IncidentRef, secrets: readonly string[]): boolean {
  return secrets.some((secret) => isSame(link.mac, signed(ref, link, secret)));
}

type Written = Pick<ShortLink, 'number' | 'member'>;

/** The links of 0.1.0, to incidents without an occurrence, were signed by the outer part alone. */
function signed(ref: IncidentRef, written: Written, secret: string): string {
  if (ref.occurrence === undefined) return outer(written, secret, MAC_BYTES);
  const inner = hmac(`short ${refKey(ref)} ${written.number} ${written.member}`, secret, MAC_BYTES - OUTER_BYTES);
  return outer(written, secret, OUTER_BYTES) + inner;
}

function outer({ number, member }: Written, secret: string, bytes: number): string {
  return hmac(`short ${number} ${member}`, secret, bytes);
}

function hmac(text: string, secret: string, bytes: number): string {
  if (secret === '') throw new RangeError('gateway.secrets is empty: links cannot be signed');
  return createHmac('sha256', secret).update(text).digest().subarray(0, bytes).toString('base64url');
}
