import { createHmac } from 'node:crypto';
import { refKey, type IncidentRef } from '../domain/incident/occurrence.ts';
import { isSame } from './constant-time.ts';

/** What a token may be used for; one purpose's token is worthless for another. */
export const PURPOSES = ['button', 'page', 'link', 'state'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** What buttons and links carry: readable by all, forgeable by nobody. */
export interface Claims extends IncidentRef {
  purpose: Purpose;
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

/** Version 1, of 0.1.0, has no occurrence: it is read until the last of its tokens has expired. */
type Head1 = [version: 1, purpose: Purpose, workflowId: string, notification: string];
type Head2 = [version: 2, purpose: Purpose, workflowId: string, occurrence: string, notification: string];
/** What the buttons of one message do not share, with account and member in their midst. */
type Tail = [revision: number, action: string, account: string, member: string | null, seconds: number];
type Parts = [...Head1, ...Tail] | [...Head2, ...Tail];

const HEAD_LENGTHS: Readonly<Record<number, number>> = { 1: 4, 2: 5 };
const TAIL_LENGTH = 5;

/** base64url(JSON) `.` base64url(first 16 bytes of HMAC-SHA256). The first secret signs. */
export function mintToken(claims: Claims, secrets: readonly string[]): string {
  const { purpose, workflowId, occurrence = '', notification, revision, action, account, member, expiresAt } = claims;
  const seconds = Math.ceil(expiresAt / 1000);
  const parts: Parts = [2, purpose, workflowId, occurrence, notification, revision, action, account, member, seconds];
  const body = encode(parts);
  return `${body}.${sign(body, secrets[0] ?? '')}`;
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
  if (!secrets.some((secret) => isSame(mac, sign(body, secret)))) return 'forged';
  const parts = readParts(body);
  if (parts?.head[1] !== purpose) return 'forged';
  const { head, tail } = parts;
  const [revision, action, account, member, seconds] = tail;
  const expiresAt = seconds * 1000;
  // Whatever is no time has passed.
  if (!(now <= expiresAt)) return 'expired';
  const [workflowId, notification] = [head[2], head.at(-1) ?? ''];
  const named = head[0] === 2 && head[3] !== '' ? { workflowId, occurrence: head[3] } : { workflowId };
  return { purpose, ...named, notification: String(notification), revision, action, account, member, expiresAt };
}

/** A token in two pieces, for platforms whose buttons hold 64 bytes. */
export interface TokenPieces {
  /** Action, revision, expiry and the whole signature over all parts: at most 56 bytes, for the button. */
  own: string;
  /** Incident, notification, account and member, the same for all buttons of a message and however often it is redrawn. */
  shared: string;
}

/**
 * A workflow id alone may be longer than 64 bytes, so the parts that all buttons share stand once, elsewhere in the
 * message. They are worthless apart: the signature holds for both together. Undefined for what is no token.
 */
export function splitToken(token: string): TokenPieces | undefined {
  const [body = '', mac, ...rest] = token.split('.');
  const parts = readParts(body);
  if (!parts || !mac || rest.length > 0) return undefined;
  const [revision, action, account, member, seconds] = parts.tail;
  return {
    own: [action, revision.toString(36), seconds.toString(36), mac].join('.'),
    shared: encode([...parts.head, account, member]),
  };
}

/** The token whose pieces these are; whether it is a good one is for {@link readToken} to say. */
export function joinToken({ own, shared }: TokenPieces): string | undefined {
  const [, action = '', revision = '', seconds = '', mac = ''] =
    /^([a-z0-9 ]{0,20})\.([a-z0-9]{1,8})\.([a-z0-9]{1,8})\.([\w-]{22})$/.exec(own) ?? [];
  const common = parseJson(shared);
  const isSpelled = [revision, seconds].every((digits) => parseInt(digits, 36).toString(36) === digits);
  if (mac === '' || !isSpelled || !Array.isArray(common)) return undefined;
  const [account, member] = common.slice(-2) as unknown[];
  const head = common.slice(0, -2) as unknown[];
  if (head.length !== HEAD_LENGTHS[Number(head[0])]) return undefined;
  return `${encode([...head, parseInt(revision, 36), action, account, member, parseInt(seconds, 36)])}.${mac}`;
}

function readParts(body: string): { head: Head1 | Head2; tail: Tail } | undefined {
  const parts = parseJson(body);
  if (!Array.isArray(parts)) return undefined;
  const head = parts.slice(0, -TAIL_LENGTH) as Head1 | Head2;
  // We signed it, so it has a shape of ours; the version says which.
  return head.length === HEAD_LENGTHS[head[0]] ? { head, tail: parts.slice(-TAIL_LENGTH) as Tail } : undefined;
}

function encode(parts: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

function parseJson(encoded: string): unknown {
  try {
    return JSON.parse(Buffer.from(encoded, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/** What a receipt is about. */
export interface ReceiptRef extends IncidentRef {
  /** `n3`. */
  notification: string;
}

/**
 * `<workflow id>/<occurrence>/<notification>/<16 hex>`, which is what receipts echo (Alibaba `OutId`, less than 256
 * characters): it is signed because the push is not.
 */
export function mintReceiptRef(ref: ReceiptRef, secrets: readonly string[]): string {
  const body = `${refKey(ref)}/${ref.notification}`;
  return `${body}/${signReceipt(body, secrets[0] ?? '')}`;
}

export function readReceiptRef(ref: string, secrets: readonly string[]): ReceiptRef | undefined {
  const [, workflowId, occurrence, notification, mac] =
    /^([^/]+)(?:\/([\w-]{1,64}))?\/(n\d+)\/([0-9a-f]{16})$/.exec(ref) ?? [];
  if (!workflowId || !notification || !mac) return undefined;
  const named = { workflowId, ...(occurrence !== undefined && { occurrence }), notification };
  const body = `${refKey(named)}/${notification}`;
  return secrets.some((secret) => isSame(mac, signReceipt(body, secret))) ? named : undefined;
}

function signReceipt(body: string, secret: string): string {
  return mac(`receipt ${body}`, secret).toString('hex').slice(0, 16);
}

function sign(text: string, secret: string): string {
  return mac(text, secret).toString('base64url');
}

function mac(text: string, secret: string): Buffer {
  if (secret === '') throw new RangeError('gateway.secrets is empty: tokens cannot be signed');
  return createHmac('sha256', secret).update(text).digest().subarray(0, 16);
}
