import { createDecipheriv, createHash } from 'node:crypto';
import { z } from 'zod';
import {
  CallbackError,
  type CallbackContract,
  type CallbackRead,
  type Happening,
  type HttpAnswer,
  type HttpRequest,
  type PressResult,
} from '../kit/adapter.ts';
import { isSame } from '../../links/constant-time.ts';
import type { Io } from '../kit/io.ts';
import { mediaType } from '../kit/media-type.ts';
import { pushJson } from '../kit/push-items.ts';
import type { FeishuAppAccount } from './account.ts';
import { drawCard, readPress } from './card.ts';
import { readEvent, readMessage } from './event.ts';
import { callFeishu } from './token.ts';

const urlCheck = z.object({ type: z.literal('url_verification'), challenge: z.string(), token: z.string() });
const event = z.object({
  header: z.object({
    event_id: z.string().min(1),
    event_type: z.string(),
    /** Microseconds for card callbacks, milliseconds for events. */
    create_time: z.string().regex(/^\d{10,16}$/),
    token: z.string(),
    app_id: z.string(),
  }),
  event: z.unknown(),
});
const trigger = z.object({
  operator: z.object({ open_id: z.string().min(1) }),
  action: z.unknown(),
});
/** `card.action.trigger_v1`: flat. Its `token` is good for changing the card, and is new for every press. */
const triggerV1 = z.object({
  open_id: z.string().min(1),
  open_message_id: z.string(),
  token: z.string().min(1),
  action: z.unknown(),
});

/** How old, or how far ahead of our clock, a press may be. */
const PRESS_SKEW_MS = 5 * 60_000;
/** Events, which are repeated for 7 hours; what is older is taken and changes nothing. */
const EVENT_SKEW_MS = 8 * 60 * 60_000;

/**
 * Events and card presses, which share one address. Four shapes: the check of the address, events and presses in
 * envelope 2.0, and the older flat press; each may come inside `encrypt`.
 *
 * Signature  X-Lark-Signature = hex SHA-256(timestamp + nonce + encryptKey + raw body) with an Encrypt Key; flat presses
 *            always hex SHA-1(timestamp + nonce + verificationToken + raw body).
 * Deadline   3 s, 1 s for the check of the address. A lost press is never sent again.
 * Source     https://open.feishu.cn/document/uAjLw4CM/ukzMukzMukzM/feishu-cards/card-callback-communication
 *            https://open.feishu.cn/document/server-docs/event-subscription-guide/event-subscription-configure-/encrypt-key-encryption-configuration-case
 */
export const feishuCallback = {
  deadlineMs: 3000,
  needsSecretPath: false,
  redelivers: false,

  read(request: HttpRequest, account: FeishuAppAccount): CallbackRead {
    if (!/^(application\/json)?$/.test(mediaType(request.headers))) {
      throw new CallbackError(400, 'feishu.app: the push is not JSON');
    }
    const body = open(request.body, account);
    const check = urlCheck.safeParse(body);
    if (check.success) {
      // UNCONFIRMED: whether this request is signed, so the token inside speaks for it.
      verifyToken(check.data.token, account);
      return { happenings: [], answer: json({ challenge: check.data.challenge }) };
    }
    const flat = triggerV1.safeParse(body);
    if (flat.success) {
      verifySignature(request, 'sha1', account.verificationToken);
      verifyFreshness(signedAt(request), request);
      const { token, open_id, action } = flat.data;
      return { happenings: pressOf(action, open_id, createHash('sha256').update(token).digest('base64url')) };
    }
    const { success, data } = event.safeParse(body);
    if (!success) throw new CallbackError(400, 'feishu.app: neither an event nor a press');
    const { header } = data;
    if (account.encryptKey !== undefined) verifySignature(request, 'sha256', account.encryptKey);
    verifyToken(header.token, account);
    if (header.app_id !== account.appId) throw new CallbackError(401, 'feishu.app: the push is for another app_id');
    if (header.event_type !== 'card.action.trigger') {
      const isLate = !isFresh(createdAt(header.create_time), request, EVENT_SKEW_MS);
      return { happenings: isLate ? [] : readEvent(header.event_type, data.event), answer: json({}) };
    }
    verifyFreshness(account.encryptKey === undefined ? createdAt(header.create_time) : signedAt(request), request);
    const press = trigger.safeParse(data.event);
    if (!press.success) throw new CallbackError(400, 'feishu.app: the press names nobody or nothing');
    return { happenings: pressOf(press.data.action, press.data.operator.open_id, header.event_id) };
  },

  answer(request: HttpRequest, account: FeishuAppAccount, results: PressResult[]): HttpAnswer {
    const [result] = results;
    if (!result) return json({});
    const card = result.picture && drawCard(result.picture);
    // The flat press wants the bare card and knows no toast.
    if (triggerV1.safeParse(open(request.body, account)).success) return json(card ?? {});
    return json({
      toast: { type: TOASTS[result.state], content: result.text },
      ...(card && { card: { type: 'raw', data: card } }),
    });
  },

  /** What a message was answered with: said below it, once however often the event is repeated. */
  async follow(request: HttpRequest, account: FeishuAppAccount, results: PressResult[], io: Io): Promise<void> {
    const { data } = event.safeParse(open(request.body, account));
    const [result] = results;
    if (data?.header.event_type !== 'im.message.receive_v1' || !result || result.text === '') return;
    const message = readMessage(data.event);
    if (!message) return;
    const text = result.text.replaceAll('<', '<\u200b');
    await callFeishu(account, io, {
      method: 'POST',
      path: `/open-apis/im/v1/messages/${encodeURIComponent(message.id)}/reply`,
      json: {
        msg_type: 'text',
        content: JSON.stringify({ text }),
        uuid: createHash('sha256').update(`answer ${message.id}`).digest('base64url'),
      },
    });
  },
} satisfies CallbackContract<FeishuAppAccount>;

const TOASTS = {
  done: 'success',
  unconfirmed: 'warning',
  closed: 'info',
  'unknown-person': 'error',
  forged: 'error',
  refused: 'error',
  expired: 'error',
} as const satisfies Record<PressResult['state'], string>;

/** Reads the body, decrypted where it is not in the clear. */
function open(raw: Uint8Array, account: FeishuAppAccount): unknown {
  const body = pushJson(raw);
  const sealed = z.object({ encrypt: z.string() }).safeParse(body);
  if (!sealed.success) return body;
  if (account.encryptKey === undefined) {
    throw new CallbackError(401, 'feishu.app: the push is encrypted; set encryptKey to the Encrypt Key of the app');
  }
  return parse(decrypt(account.encryptKey, sealed.data.encrypt));
}

/**
 * AES-256-CBC, the key is SHA-256 of the Encrypt Key, the first 16 bytes are the IV.
 * @throws CallbackError when it was not encrypted with this key.
 */
export function decrypt(encryptKey: string, sealed: string): string {
  try {
    const bytes = Buffer.from(sealed, 'base64');
    const key = createHash('sha256').update(encryptKey).digest();
    const decipher = createDecipheriv('aes-256-cbc', key, bytes.subarray(0, 16));
    return Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]).toString();
  } catch {
    throw new CallbackError(401, 'feishu.app: the push cannot be decrypted; check encryptKey');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CallbackError(400, 'feishu.app: the push is not JSON');
  }
}

/** @throws CallbackError unless the headers sign exactly these bytes with `secret`. */
export function verifySignature(
  { headers, body }: Pick<HttpRequest, 'headers' | 'body'>,
  algorithm: 'sha1' | 'sha256',
  secret: string,
): void {
  const part = (name: string): string => headers.get(`x-lark-${name}`) ?? '';
  const expected = createHash(algorithm)
    .update(part('request-timestamp') + part('request-nonce') + secret)
    .update(body)
    .digest('hex');
  if (!isSame(part('signature'), expected)) throw new CallbackError(401, 'feishu.app: the signature is wrong');
}

function verifyToken(token: string, { verificationToken }: FeishuAppAccount): void {
  if (!isSame(token, verificationToken)) {
    throw new CallbackError(401, 'feishu.app: the verification token is wrong; check verificationToken');
  }
}

function verifyFreshness(at: number, request: HttpRequest): void {
  if (!isFresh(at, request, PRESS_SKEW_MS)) {
    throw new CallbackError(401, 'feishu.app: the press is too old or from the future; check the clock');
  }
}

/** NaN is not fresh. */
function isFresh(at: number, { receivedAt }: HttpRequest, skewMs: number): boolean {
  return Math.abs(receivedAt - at) <= skewMs;
}

/** Milliseconds; NaN when the header is missing. */
function signedAt({ headers }: HttpRequest): number {
  const seconds = headers.get('x-lark-request-timestamp');
  return seconds !== null && /^\d{10}$/.test(seconds) ? Number(seconds) * 1000 : NaN;
}

function createdAt(time: string): number {
  return Number(time.slice(0, 13).padEnd(13, '0'));
}

function pressOf(action: unknown, identity: string, eventId: string): Happening[] {
  const ours = readPress(action);
  return ours ? [{ kind: 'press', identity, eventId, ...ours }] : [];
}

function json(body: unknown): HttpAnswer {
  return { status: 200, body: JSON.stringify(body), contentType: 'application/json' };
}
