import { createHash, createHmac } from 'node:crypto';
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
import { openBox, sealBox, signBox, type BoxKeys } from '../kit/sealed-box.ts';
import { pushJson } from '../kit/push-items.ts';
import { hasSecretPath } from '../kit/secret-path.ts';
import { baseUrlOf, type DingtalkAppAccount } from './account.ts';
import { cardSecretOf } from './derived.ts';
import { drawParams, noteParams, readParams } from './card.ts';
import { sendByRobot } from './robot.ts';

const press = z.object({
  type: z.literal('actionCallback').optional(),
  outTrackId: z.string().min(1),
  corpId: z.string(),
  userId: z.string().min(1),
  content: z.string(),
});
const content = z.object({ cardPrivateData: z.object({ params: z.unknown() }) });

const sealed = z.object({ encrypt: z.string().min(1) });
const event = z.object({ EventType: z.string() });
const chatEvent = z.object({
  openConversationId: z.string().min(1),
  title: z.string().optional(),
});
const CHANGES = {
  im_cool_app_install: 'joined',
  im_cool_app_uninstall: 'left',
  chat_update_title: 'renamed',
  chat_disband: 'left',
} as const;

const message = z.object({
  msgId: z.string().min(1),
  /** Absent where the app is not visible to the writer. */
  senderStaffId: z.string().min(1).optional(),
  chatbotCorpId: z.string().optional(),
  conversationType: z.string().optional(),
  conversationId: z.string().optional(),
  sessionWebhook: z.string().optional(),
  text: z.object({ content: z.string() }).optional(),
});

/** How old, or how far ahead of our clock, a press may be. */
const PRESS_SKEW_MS = 5 * 60_000;
/** The others: DingTalk's own word for messages; events may be repeated. */
const SKEW_MS = 60 * 60_000;
const MAX_TEXT = 2000;

/**
 * Three kinds of pushes to one address.
 *
 * Press    `x-ddpaas-signature` = base64 HMAC-SHA256(apiSecret, `x-ddpaas-signature-timestamp`). Nothing else is signed:
 *          the secret path keeps others out, and the token's own signature binds what is pressed. Answered within 2 s
 *          with new values for the card and, for the presser alone, in `userPrivateData`.
 * Event    { encrypt }, query signature, timestamp, nonce; answered within 1.5 s with the encrypted word `success`.
 * Message  to the bot: `sign` = base64 HMAC-SHA256(appSecret, timestamp + "\n" + appSecret). Not over the content either.
 *          Answered through the `sessionWebhook` inside it.
 * Source   https://open.dingtalk.com/document/development/event-callback-card
 *          https://open.dingtalk.com/document/orgapp/push-events
 *          https://open.dingtalk.com/document/orgapp/receive-message
 */
export const dingtalkCallback = {
  deadlineMs: 1500,
  needsSecretPath: true,
  redelivers: false,

  read(request: HttpRequest, account: DingtalkAppAccount): CallbackRead {
    if (!hasSecretPath(request.url, account.callbackSecret)) throw new CallbackError(401, 'the secret path is wrong');
    if (request.method !== 'POST') throw new CallbackError(400, 'dingtalk.app: nothing is told by GET');
    // UNCONFIRMED: whether every push says that it is JSON; none says that it is something else.
    if (!/^(application\/json)?$/.test(mediaType(request.headers))) {
      throw new CallbackError(400, 'dingtalk.app: the push is not JSON');
    }
    switch (kindOf(request)) {
      case 'press':
        return { happenings: readPress(request, account) };
      case 'message':
        return { happenings: readMessage(request, account) };
      case 'event':
        return readEvent(request, account);
    }
  },

  answer(request: HttpRequest, _account: DingtalkAppAccount, [result]: PressResult[]): HttpAnswer {
    if (!result || kindOf(request) !== 'press') return json({});
    return json({
      cardUpdateOptions: { updateCardDataByKey: true, updatePrivateDataByKey: true },
      ...(result.picture && { cardData: { cardParamMap: drawParams(result.picture) } }),
      // No toast exists: what only the presser is to know stands in their own copy of the card.
      userPrivateData: { cardParamMap: noteParams(result.text) },
    });
  },

  async follow(request: HttpRequest, account: DingtalkAppAccount, [result]: PressResult[], io: Io): Promise<void> {
    if (!result?.text || kindOf(request) !== 'message') return;
    const { senderStaffId, sessionWebhook } = message.parse(pushJson(request.body));
    if (sessionWebhook !== undefined && isOfDingtalk(sessionWebhook, account)) {
      await io.http({
        method: 'POST',
        url: sessionWebhook,
        json: { msgtype: 'text', text: { content: result.text.slice(0, MAX_TEXT) } },
      });
    } else if (senderStaffId !== undefined) {
      const text = { msgKey: 'sampleText', msgParam: { content: result.text.slice(0, MAX_TEXT) } } as const;
      await sendByRobot({ userId: senderStaffId }, text, account, io);
    }
  },
} satisfies CallbackContract<DingtalkAppAccount>;

function kindOf({ headers, url }: HttpRequest): 'press' | 'message' | 'event' {
  if (headers.has('x-ddpaas-signature') || headers.has('x-ddpaas-signature-timestamp')) return 'press';
  if (headers.has('sign')) return 'message';
  if (url.searchParams.has('nonce')) return 'event';
  throw new CallbackError(401, 'dingtalk.app: the push is not signed');
}

function readPress({ headers, body, receivedAt }: HttpRequest, account: DingtalkAppAccount): Happening[] {
  const timestamp = headers.get('x-ddpaas-signature-timestamp') ?? '';
  verify(headers.get('x-ddpaas-signature'), cardSecretOf(account), timestamp);
  verifyFreshness(timestamp, receivedAt, PRESS_SKEW_MS);
  const { success, data } = press.safeParse(pushJson(body));
  if (!success) throw new CallbackError(400, 'dingtalk.app: the press names nobody or nothing');
  if (data.corpId !== account.corpId)
    throw new CallbackError(401, 'dingtalk.app: the press is of another organisation');
  const inside = content.safeParse(pushJson(Buffer.from(data.content)));
  if (!inside.success) throw new CallbackError(400, 'dingtalk.app: the content of the press cannot be read');
  const ours = readParams(inside.data.cardPrivateData.params);
  if (!ours) return [];
  return [{ kind: 'press', identity: data.userId, eventId: eventIdOf(data, ours.text), ...ours }];
}

/**
 * A press brings no id of its own. Where nothing was typed the gateway's key will do: person, card, action. Two
 * different comments are two, and the same one sent again by DingTalk is one.
 */
function eventIdOf({ outTrackId, userId, content: pressed }: z.output<typeof press>, text: string | undefined): string {
  if (text === undefined) return '';
  return createHash('sha256')
    .update(JSON.stringify([outTrackId, userId, pressed]))
    .digest('base64url');
}

function readMessage({ headers, body, receivedAt }: HttpRequest, account: DingtalkAppAccount): Happening[] {
  const timestamp = headers.get('timestamp') ?? '';
  verify(headers.get('sign'), account.clientSecret, `${timestamp}\n${account.clientSecret}`);
  verifyFreshness(timestamp, receivedAt, SKEW_MS);
  const { success, data } = message.safeParse(pushJson(body));
  if (!success) throw new CallbackError(400, 'dingtalk.app: the message cannot be read');
  if (data.chatbotCorpId !== undefined && data.chatbotCorpId !== account.corpId) {
    throw new CallbackError(401, 'dingtalk.app: the message is of another organisation');
  }
  const { senderStaffId: identity, text, msgId: eventId, conversationId: chat } = data;
  // One whom the app may not know, and what is no text: nothing to act on.
  if (identity === undefined || text === undefined) return [];
  const isGroup = data.conversationType === '2' && chat !== undefined;
  return [
    { kind: 'message', identity, text: text.content.trim().slice(0, MAX_TEXT), eventId, ...(isGroup && { chat }) },
  ];
}

function readEvent({ url, body, receivedAt }: HttpRequest, account: DingtalkAppAccount): CallbackRead {
  const keys = keysOf(account);
  const query = (name: string): string => url.searchParams.get(name) ?? '';
  const timestamp = query('timestamp');
  const envelope = sealed.safeParse(pushJson(body));
  if (!envelope.success) throw new CallbackError(400, 'dingtalk.app: the event is not encrypted');
  const { encrypt } = envelope.data;
  const given = query('msg_signature') || query('signature');
  if (!isSame(given, signBox(keys.token, timestamp, query('nonce'), encrypt))) {
    throw new CallbackError(401, 'dingtalk.app: the signature is wrong; check token');
  }
  verifyFreshness(timestamp, receivedAt, SKEW_MS);
  const happened = parse(Buffer.from(openBox(encrypt, keys)));
  return { happenings: chatsIn(happened), answer: taken(keys, receivedAt) };
}

function chatsIn(happened: unknown): Happening[] {
  const kind = event.safeParse(happened);
  const change = Object.entries(CHANGES).find(([name]) => name === kind.data?.EventType)?.[1];
  const { data } = chatEvent.safeParse(happened);
  if (change === undefined || !data) return [];
  const { openConversationId: chat, title } = data;
  return [{ kind: 'chat', chat, change, ...(title !== undefined && title !== '' && { name: title }) }];
}

/** The encrypted word `success`: anything else is taken for a failure, and the address for a wrong one. */
function taken(keys: BoxKeys, now: number): HttpAnswer {
  const timeStamp = String(now);
  const encrypt = sealBox('success', keys);
  const nonce = createHash('sha256').update(encrypt).digest('hex').slice(0, 16);
  return json({ msg_signature: signBox(keys.token, timeStamp, nonce, encrypt), timeStamp, nonce, encrypt });
}

function keysOf({ token, aesKey, clientId }: DingtalkAppAccount): BoxKeys {
  if (token === undefined || aesKey === undefined) {
    throw new CallbackError(
      401,
      'dingtalk.app: an event came; set token and aesKey to those of the event subscription',
    );
  }
  return { token, aesKey, owner: clientId };
}

function verify(given: string | null, secret: string, signed: string): void {
  const expected = createHmac('sha256', secret).update(signed).digest('base64');
  if (!isSame(given ?? '', expected)) throw new CallbackError(401, 'dingtalk.app: the signature is wrong');
}

/** @param timestamp milliseconds */
function verifyFreshness(timestamp: string, receivedAt: number, skewMs: number): void {
  const at = /^\d{13}$/.test(timestamp) ? Number(timestamp) : NaN;
  // Written so that NaN is not fresh.
  if (!(Math.abs(receivedAt - at) <= skewMs)) {
    throw new CallbackError(401, 'dingtalk.app: the push is too old or from the future; check the clock');
  }
}

/** The content is not signed: nobody may have us send to an address of their own. */
function isOfDingtalk(address: string, account: DingtalkAppAccount): boolean {
  return URL.canParse(address) && new URL(address).origin === new URL(baseUrlOf(account, 'legacy')).origin;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new CallbackError(400, 'dingtalk.app: the push is not JSON');
  }
}

function json(body: unknown): HttpAnswer {
  return { status: 200, body: JSON.stringify(body), contentType: 'application/json' };
}
