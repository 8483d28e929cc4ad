import { createHmac, timingSafeEqual } from 'node:crypto';

/** 96 bits are more than anybody can try through a gateway. */
const MAC_BYTES = 12;

/** `/s/<number>.<member>.<mac>`: a personal link to the incident page, as short as a text message wants it. */
export function shortUrl(
  publicUrl: string,
  { number, member }: { number: string; member: string },
  [secret = '']: readonly string[],
): string {
  const mac = sign(number, member, secret).toString('base64url');
  return `${publicUrl}/s/${number}.${encodeURIComponent(member)}.${mac}`;
}

/** @returns whose link it is and to which incident, undefined when none of the secrets signed it. */
export function readShort(link: string, secrets: readonly string[]): { number: string; member: string } | undefined {
  const [, number, member, mac] = /^([0-9A-Z]{6})\.(.{1,200})\.([\w-]{16})$/.exec(link) ?? [];
  if (number === undefined || member === undefined || mac === undefined) return undefined;
  const given = Buffer.from(mac, 'base64url');
  const isSigned = secrets.some((secret) => timingSafeEqual(given, sign(number, member, secret)));
  return isSigned ? { number, member } : undefined;
}

function sign(number: string, member: string, secret: string): Buffer {
  if (secret === '') throw new RangeError('gateway.secrets is empty: links cannot be signed');
  return createHmac('sha256', secret).update(`short ${number} ${member}`).digest().subarray(0, MAC_BYTES);
}
