import { createHash } from 'node:crypto';
import { XMLParser } from 'fast-xml-parser';
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
import { MOST_ITEMS, tooManyItems } from '../kit/push-items.ts';
import { openBox, signBox } from '../kit/sealed-box.ts';
import type { WecomAppAccount } from './account.ts';
import { drawCard, readKey } from './card.ts';
import { textMessage } from './message.ts';
import { sendToMember, updateCard } from './send.ts';

const outer = z.object({ xml: z.object({ Encrypt: z.string().min(1) }) });
const inner = z.object({
  ToUserName: z.string(),
  FromUserName: z.string().min(1),
  CreateTime: z.string(),
  MsgType: z.string(),
  AgentID: z.string().optional(),
});
const pressed = z.object({
  Event: z.enum(['template_card_event', 'template_card_menu_event']),
  EventKey: z.string(),
  TaskId: z.string().default(''),
  ResponseCode: z.string().min(1).optional(),
  SelectedItems: z
    .object({
      SelectedItem: z.array(
        z.object({ QuestionKey: z.string(), OptionIds: z.object({ OptionId: z.array(z.string()) }) }),
      ),
    })
    .optional()
    .catch(undefined),
});
const written = z.object({ MsgType: z.literal('text'), Content: z.string(), MsgId: z.string().min(1) });

/** How old, or how far ahead of our clock, a push may be; it is repeated within seconds. */
const MAX_SKEW_MS = 5 * 60_000;
const MAX_TEXT = 2000;
/** UNCONFIRMED: WeCom has only been seen to send digits; a push is XML. */
const ECHO = /^[\w-]{1,128}$/;
/** An element opens, closes and holds a CDATA section. */
const MOST_BRACKETS = 3 * MOST_ITEMS;
const TAKEN: HttpAnswer = { status: 200, body: '', contentType: 'text/plain' };

/**
 * The check of the address (GET, answered with the decrypted `echostr`), presses on cards, and messages to the app, all
 * encrypted.
 *
 * Signature  `msg_signature` = hex SHA-1 of token, timestamp, nonce and the ciphertext, sorted.
 * Deadline   5 s; sent again twice when there was no answer. The presser sees nothing of it: what came of a press is
 *            said by updating the card with the press's own code, or by a message.
 * Source     https://developer.work.weixin.qq.com/document/path/90238, …/90240, …/90968
 */
export const wecomCallback = {
  deadlineMs: 5000,
  needsSecretPath: false,
  redelivers: true,

  read(request: HttpRequest, account: WecomAppAccount): CallbackRead {
    if (request.method === 'GET') {
      // A `+` that was not encoded has become a space.
      const echo = (request.url.searchParams.get('echostr') ?? '').replaceAll(' ', '+');
      const body = open(echo, request, account);
      // A push is signed in the same way, and whoever captured one must not have it opened by sending it as a check.
      if (!ECHO.test(body)) throw new CallbackError(401, 'wecom.app: this is no check of the address');
      return { happenings: [], answer: { ...TAKEN, body } };
    }
    // UNCONFIRMED: what a push says that it is, if anything; no form, upload or JSON.
    if (!/^(text\/(xml|plain)|application\/xml)?$/.test(mediaType(request.headers))) {
      throw new CallbackError(400, 'wecom.app: the push is not XML');
    }
    const { push } = readPush(request, account);
    return { happenings: happeningsIn(push) };
  },

  answer(): HttpAnswer {
    return TAKEN;
  },

  async follow(request: HttpRequest, account: WecomAppAccount, [result]: PressResult[], io: Io): Promise<void> {
    if (!result) return;
    const { push, from } = readPush(request, account);
    const isShown = await show(push, from, result, account, io).catch(() => false);
    if (!isShown && result.text !== '') await sendToMember(from, textMessage(result.text), account, io);
  },
} satisfies CallbackContract<WecomAppAccount>;

/** Draws the presser's card as it is to look now. @returns whether it could be. */
async function show(
  push: unknown,
  userId: string,
  { picture, text }: PressResult,
  account: WecomAppAccount,
  io: Io,
): Promise<boolean> {
  const { data } = pressed.safeParse(push);
  const key = data && readKey(data.EventKey);
  if (!key || data.ResponseCode === undefined || !picture) return false;
  const taskId = createHash('sha256').update(`${data.TaskId}/${data.ResponseCode}`).digest('base64url');
  const card = drawCard(picture, { taskId, locale: key.locale, refresh: true, note: text });
  await updateCard({ responseCode: data.ResponseCode, card, to: { userId } }, account, io);
  return true;
}

function happeningsIn(push: unknown): Happening[] {
  const message = written.safeParse(push);
  const { FromUserName: identity, CreateTime } = inner.parse(push);
  if (message.success) {
    const { Content, MsgId: eventId } = message.data;
    return [{ kind: 'message', identity, text: Content.trim().slice(0, MAX_TEXT), eventId }];
  }
  const press = pressed.safeParse(push);
  const key = press.success ? readKey(press.data.EventKey) : undefined;
  if (!press.success || !key) return [];
  const { EventKey, TaskId } = press.data;
  // An event has no id of its own.
  const eventId = createHash('sha256')
    .update(JSON.stringify([identity, CreateTime, EventKey, TaskId]))
    .digest('base64url');
  const { kind, token } = key;
  if (kind === 'refresh') return [{ kind, token, identity, eventId }];
  const minutes = minutesIn(press.data);
  return [{ kind, token, identity, eventId, ...(minutes !== undefined && { minutes }) }];
}

function minutesIn({ SelectedItems }: z.output<typeof pressed>): number | undefined {
  const chosen = SelectedItems?.SelectedItem.find(({ QuestionKey }) => QuestionKey === 'snooze')?.OptionIds.OptionId[0];
  const minutes = Number(chosen);
  return Number.isInteger(minutes) && minutes >= 1 && minutes <= 1440 ? minutes : undefined;
}

const xml = new XMLParser({
  processEntities: false,
  parseTagValue: false,
  isArray: (name) => name === 'SelectedItem' || name === 'OptionId',
});

/** What is inside, and whose it is. */
function readPush(request: HttpRequest, account: WecomAppAccount): { push: unknown; from: string } {
  const envelope = outer.safeParse(parse(Buffer.from(request.body)));
  if (!envelope.success) throw new CallbackError(400, 'wecom.app: the push is not encrypted');
  const text = open(envelope.data.xml.Encrypt, request, account);
  const { xml: push } = z.object({ xml: z.unknown() }).parse(parse(Buffer.from(text)));
  const { success, data } = inner.safeParse(push);
  if (!success) throw new CallbackError(400, 'wecom.app: the push says not from whom it is');
  const isOurs = data.AgentID === undefined || data.AgentID === String(account.agentId);
  if (data.ToUserName !== account.corpId || !isOurs) {
    throw new CallbackError(401, 'wecom.app: the push is for another corporation or app');
  }
  return { push, from: data.FromUserName };
}

/** Verifies the signature over the ciphertext, then opens it. */
function open(
  sealed: string,
  { url, receivedAt }: HttpRequest,
  { token, encodingAesKey, corpId }: WecomAppAccount,
): string {
  const query = (name: string): string => url.searchParams.get(name) ?? '';
  const timestamp = query('timestamp');
  if (!isSame(query('msg_signature'), signBox(token, timestamp, query('nonce'), sealed))) {
    throw new CallbackError(401, 'wecom.app: the signature is wrong; check token');
  }
  const at = /^\d{10}$/.test(timestamp) ? Number(timestamp) * 1000 : NaN;
  // Written so that NaN is not fresh.
  if (!(Math.abs(receivedAt - at) <= MAX_SKEW_MS)) {
    throw new CallbackError(401, 'wecom.app: the push is too old or from the future; check the clock');
  }
  return openBox(sealed, { aesKey: encodingAesKey, owner: corpId });
}

function parse(bytes: Buffer): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (text.split('<', MOST_BRACKETS + 2).length > MOST_BRACKETS + 1) throw tooManyItems();
    // The parser takes whatever stands around an element; nothing does in a push.
    if (/^\s*(<\?xml[^>]*>\s*)?<xml>.*<\/xml>\s*$/s.test(text)) return xml.parse(text) as unknown;
  } catch (error) {
    if (error instanceof CallbackError) throw error;
    // Not UTF-8, or no XML.
  }
  throw new CallbackError(400, 'wecom.app: the push is not XML');
}
