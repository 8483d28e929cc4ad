import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { MessageAdapter } from '../kit/adapter.ts';
import type { Page } from '../kit/message.ts';
import { drawBulletin, mentioned, textOf, withKeyword } from '../kit/bulletin.ts';
import type { Card } from '../kit/card.ts';
import { utf8Bytes } from '../kit/cut.ts';
import { statusError, verdictIn, withoutMessage } from '../kit/hook.ts';
import type { HttpReply, Io } from '../kit/io.ts';
import { byCode, NOT_KNOWN, refusal } from '../kit/refusal.ts';
import { hookOfBot, type FeishuBotAccount } from './bot-account.ts';
import { setupBot } from './bot-setup.ts';
import { COLOURS } from './card.ts';

/** Older answers carry only `StatusCode`. */
const reply = z
  .object({ code: z.int().optional(), StatusCode: z.int().optional() })
  .transform(({ code, StatusCode }) => code ?? StatusCode)
  .pipe(z.int());

const ID = 'feishu.bot';
type Json = Record<string, unknown>;

/** A request may have 20 KB; the platform counts the message as it keeps it. */
const MAX_BYTES = 18_000;
/** For one bot 5 a second and 100 a minute; the answer does not say which was exceeded. */
const PAUSE_MS = 5000;

/**
 * feishu.bot: one card to the group of a custom bot of Feishu or Lark, with a link; it cannot be pressed or redrawn.
 *
 * Request   POST {webhook}, JSON { timestamp, sign, msg_type: interactive|text, card|content }.
 * Sign      base64 HMAC-SHA256, key `timestamp + "\n" + secret`, of nothing; timestamp in seconds, good for an hour.
 * Mentions  `<at id=ou_…></at>` in the Markdown of a card, `<at user_id="ou_…">name</at>` in a text; by open_id or
 *           user_id only. An id that nobody in the group has is shown as the name in a text.
 * Limit     20 KB a request; 5 a second, 100 a minute.
 * Errors    HTTP 200 and { code, msg }; `code` decides.
 * Source    https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
 */
export const feishuBot: MessageAdapter<FeishuBotAccount> = {
  id: ID,
  form: 'message',
  setup: setupBot,

  async send(delivery, account, io) {
    const draw = delivery.plain || delivery.verbose ? drawText : drawCard;
    const message = drawBulletin(
      delivery,
      (card) => draw(delivery, { ...card, title: titleOf(card, delivery, account) }),
      (drawn) => utf8Bytes(JSON.stringify(drawn)) <= MAX_BYTES,
    );
    readAnswer(await post(message, account, io), account);
    return { outcome: 'accepted' };
  },

  /** UNCONFIRMED: the address, the sign and the sender's IP are looked at before the message, which is none here. */
  async check(account, io) {
    await withoutMessage(
      ({ providerCode = '' }) => MESSAGE_MISSING.includes(providerCode),
      async () => {
        readAnswer(await post({}, account, io), account);
      },
    );
  },
};

async function post(message: Json, account: FeishuBotAccount, io: Io): Promise<HttpReply> {
  const timestamp = String(Math.floor(io.now() / 1000));
  const signed = account.secret === undefined ? {} : { timestamp, sign: signatureOf(timestamp, account.secret) };
  return io.http({ method: 'POST', url: hookOfBot(account).url.href, json: { ...signed, ...message } });
}

/** The secret is part of the key, and nothing is signed with it. @param timestamp in seconds. */
export function signatureOf(timestamp: string, secret: string): string {
  return createHmac('sha256', `${timestamp}\n${secret}`).digest('base64');
}

function titleOf({ title }: Card, { face }: Page, { keyword }: FeishuBotAccount): string {
  return withKeyword(title, keyword, face.number);
}

/** Of JSON 1.0; all that comes from the incident stands in `plain_text`, where nothing is markup. */
function drawCard({ mentions }: Page, { tint, title, status, lines, facts, link }: Card): Json {
  const { ids, names } = mentioned(mentions, ({ identity }) => idOf(identity));
  const ats = mentions === 'all' ? ['<at id=all></at>'] : ids.map(({ id }) => `<at id=${id}></at>`);
  return {
    msg_type: 'interactive',
    card: {
      config: { wide_screen_mode: true },
      header: { template: COLOURS[tint], title: plain(title) },
      elements: [
        { tag: 'div', text: plain(status) },
        ...(facts.length > 0 ? [{ tag: 'div', fields: facts.map(fieldOf) }] : []),
        ...(lines.length > 0 ? [{ tag: 'div', text: plain(lines.join('\n')) }] : []),
        ...(ats.length > 0 ? [{ tag: 'markdown', content: ats.join(' ') }] : []),
        ...(names.length > 0 ? [{ tag: 'div', text: plain(names.join(', ')) }] : []),
        ...(link ? [{ tag: 'action', actions: [buttonOf(link)] }] : []),
      ],
    },
  };
}

function buttonOf({ label, url }: NonNullable<Card['link']>): Json {
  return { tag: 'button', type: 'primary', text: plain(label), url };
}

function fieldOf([label, value]: [string, string]): Json {
  return { is_short: value.length <= 24, text: plain(`${label}: ${value}`) };
}

function plain(content: string): Json {
  return { tag: 'plain_text', content };
}

function drawText({ mentions }: Page, card: Card): Json {
  const { ids, names } = mentioned(mentions, ({ identity }) => idOf(identity));
  const ats =
    mentions === 'all'
      ? ['<at user_id="all">all</at>']
      : [...ids.map(({ id, name }) => `<at user_id="${id}">${literal(name)}</at>`), ...names.map(literal)];
  return { msg_type: 'text', content: { text: textOf(card, literal, ats.join(' ')) } };
}

/** A text knows mentions, so what could begin one is broken where nobody sees it. */
function literal(text: string): string {
  return text.replaceAll('<', '<\u200b');
}

/** What stands in an `<at>` is ours, whatever was configured. */
function idOf(identity: string | undefined): string | undefined {
  return identity !== undefined && /^[\w-]{1,64}$/.test(identity) ? identity : undefined;
}

/** Codes for a missing message: the bot has accepted everything else of the request, so its credentials work. */
const MESSAGE_MISSING = ['19002', '9499'];

const MEANINGS = byCode([
  { kind: 'rate-limited', means: 'too many messages; many bots send on the full and the half hour', codes: [11232] },
  { kind: 'refused', means: 'the message is malformed or too large', codes: [9499] },
  {
    kind: 'unauthorized',
    means: 'the address is wrong or the bot was removed; copy it from the group again',
    codes: [19001],
  },
  { kind: 'refused', means: 'the kind of message is unknown', codes: [19002] },
  {
    kind: 'unauthorized',
    means: "the sign is wrong or too old; check secret and this machine's clock",
    codes: [19021],
  },
  { kind: 'unauthorized', means: "this machine's address is not on the bot's IP whitelist", codes: [19022] },
  { kind: 'unauthorized', means: "the message lacks the bot's keyword; set keyword to it", codes: [19024] },
  { kind: 'refused', means: 'the message is too large', codes: [19036] },
]);

/** @throws DeliveryError in our words. */
export function readAnswer(answer: HttpReply, account: FeishuBotAccount): void {
  const verdict = verdictIn(reply, ID, answer, hookOfBot(account));
  if (verdict === undefined || verdict === 0) return;
  const code = String(verdict);
  const meaning = MEANINGS.get(code);
  if (!meaning && answer.status >= 400) throw statusError(ID, answer, 'check webhook and baseUrl');
  throw refusal(ID, meaning ?? NOT_KNOWN, { code, pauseMs: PAUSE_MS });
}
