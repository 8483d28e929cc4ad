import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a token may be used for; one purpose's token is worthless for another. */
export const PURPOSES = ['button', 'page', 'link', 'state'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** What buttons and links carry: readable by all, forgeable by nobody. */
export interface Claims {
  purpose: Purpose;
  workflowId: string;
  /** `n3`, or `` for none. */
  notification: string;
  /** Changes of progress, level or round when it was written. */
  revision: number;
  /** `acknowledge`, `snooze`, `close`, or `` for none. */
  action: string;
  /** The account it was sent through. */
  account: string;
  /** The person it was written for; null in a group. */
  member: string | null;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

const VERSION = 1;

/** base64url(JSON) `.` base64url(first 16 bytes of HMAC-SHA256). The first secret signs. */
export function mintToken(claims: Claims, secrets: readonly string[]): string {
  const { purpose, workflowId, notification, revision, action, account, member, expiresAt } = claims;
  const parts = [
    VERSION,
    purpose,
    workflowId,
    notification,
    revision,
    action,
    account,
    member,
    Math.ceil(expiresAt / 1000),
  ];
  const body = Buffer.from(JSON.stringify(parts)).toString('base64url');
  return `${body}.${sign(body, secrets[0] ?? '').toString('base64url')}`;
}

/** @returns the claims, or why the token is not good. Every secret verifies. */
export function readToken(
  token: string,
  purpose: Purpose,
  secrets: readonly string[],
  now: number,
): Claims | 'forged' | 'expired' {
  const [body, mac, ...rest] = token.split('.');
  if (!body || !mac || rest.length > 0 || token.length > 2048) return 'forged';
  const given = Buffer.from(mac, 'base64url');
  const signed = secrets.some((secret) => {
    const expected = sign(body, secret);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  if (!signed) return 'forged';
  // We signed it, so it has a shape of ours; the version tells older shapes apart.
  const parts = JSON.parse(Buffer.from(body, 'base64url').toString()) as unknown[];
  if (parts[0] !== VERSION || parts[1] !== purpose) return 'forged';
  const [, , workflowId, notification, revision, action, account, member, seconds] = parts as Parts;
  const expiresAt = seconds * 1000;
  if (now > expiresAt) return 'expired';
  return { purpose, workflowId, notification, revision, action, account, member, expiresAt };
}

/** A token in two pieces, for platforms whose buttons hold 64 bytes. */
export interface TokenPieces {
  /** Action, revision, expiry and the whole signature over all parts: at most 56 bytes, for the button. */
  own: string;
  /** Workflow, notification, account and member, the same for all buttons of a message and however often it is redrawn. */
  shared: string;
}

/**
 * A workflow id alone may be longer than 64 bytes, so the parts that all buttons share stand once, elsewhere in the
 * message. They are worthless apart: the signature holds for both together. Undefined for what is no token.
 */
export function splitToken(token: string): TokenPieces | undefined {
  const [body = '', mac, ...rest] = token.split('.');
  const parts = parseParts(body);
  if (!parts || !mac || rest.length > 0) return undefined;
  const [version, purpose, workflowId, notification, revision, action, account, member, seconds] = parts;
  const shared = [version, purpose, workflowId, notification, account, member];
  return {
    own: [action, revision.toString(36), seconds.toString(36), mac].join('.'),
    shared: Buffer.from(JSON.stringify(shared)).toString('base64url'),
  };
}

/** The token whose pieces these are; whether it is a good one is for {@link readToken} to say. */
export function joinToken({ own, shared }: TokenPieces): string | undefined {
  const [, action = '', revision = '', seconds = '', mac = ''] =
    /^([a-z0-9 ]{0,20})\.([a-z0-9]{1,8})\.([a-z0-9]{1,8})\.([\w-]{22})$/.exec(own) ?? [];
  const common = parseJson(shared);
  if (mac === '' || !Array.isArray(common) || common.length !== 6) return undefined;
  const [version, purpose, workflowId, notification, account, member] = common as unknown[];
  const numbers = [revision, seconds].map((text) => parseInt(text, 36));
  const parts = [version, purpose, workflowId, notification, numbers[0], action, account, member, numbers[1]];
  return `${Buffer.from(JSON.stringify(parts)).toString('base64url')}.${mac}`;
}

type Parts = [number, Purpose, string, string, number, string, string, string | null, number];

function parseParts(body: string): Parts | undefined {
  const parts = parseJson(body);
  return Array.isArray(parts) && parts.length === 9 && parts[0] === VERSION ? (parts as Parts) : undefined;
}

function parseJson(encoded: string): unknown {
  try {
    return JSON.parse(Buffer.from(encoded, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/** `<workflow tail>.<notification>.<16 hex>`: what receipts echo (Alibaba `OutId`), signed because the push is not. */
export function mintReceiptRef(workflowId: string, notification: string, secrets: readonly string[]): string {
  const body = `${workflowId}/${notification}`;
  return `${body}/${sign(`receipt ${body}`, secrets[0] ?? '')
    .toString('hex')
    .slice(0, 16)}`;
}

export function readReceiptRef(
  ref: string,
  secrets: readonly string[],
): { workflowId: string; notification: string } | undefined {
  const match = /^(.+)\/(n\d+)\/([0-9a-f]{16})$/.exec(ref);
  if (!match?.[1] || !match[2] || !match[3]) return undefined;
  const [, workflowId, notification, mac] = match;
  const given = Buffer.from(mac, 'hex');
  const signed = secrets.some((secret) =>
    timingSafeEqual(given, sign(`receipt ${workflowId}/${notification}`, secret).subarray(0, 8)),
  );
  return signed ? { workflowId, notification } : undefined;
}

function sign(text: string, secret: string): Buffer {
  if (secret === '') throw new RangeError('gateway.secrets is empty: tokens cannot be signed');
  return createHmac('sha256', secret).update(text).digest().subarray(0, 16);
}
