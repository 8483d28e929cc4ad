import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { MessageAdapter } from '../kit/adapter.ts';
import type { Page, Person } from '../kit/message.ts';
import { COLOURS, drawBulletin, mentioned, textOf, withKeyword } from '../kit/bulletin.ts';
import type { Card } from '../kit/card.ts';
import { utf8Bytes } from '../kit/cut.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import { outsideBlocks, verdictIn, withoutMessage } from '../kit/hook.ts';
import type { HttpReply, Io } from '../kit/io.ts';
import { byCode, NOT_KNOWN, refusal } from '../kit/refusal.ts';
import { hookOfBot, type DingtalkBotAccount } from './bot-account.ts';
import { setupBot } from './bot-setup.ts';

const reply = z.object({ errcode: z.int(), errmsg: z.string().default('') });
/** The gateway of the platform has shut this machine's address out. */
const punished = z.object({ status: z.literal(1111) });

const ID = 'dingtalk.bot';
type Json = Record<string, unknown>;

const MAX_BYTES = 20_000;
/** Whoever sends more than 20 in a minute is not heard for ten. */
const BLOCK_MS = 10 * 60_000;
const PUNISHED_MS = 5 * 60_000;

/**
 * dingtalk.bot: one message to the group of a custom bot.
 *
 * Request   POST {webhook}[&timestamp=…&sign=…], JSON { msgtype: actionCard|markdown|text, at }.
 * Sign      base64 HMAC-SHA256, key the secret, of `timestamp + "\n" + secret`; timestamp in milliseconds.
 * Mentions  `at.atMobiles`, `at.atUserIds`, and for each `@…` in what is read; `at.isAtAll` needs none. Without effect in
 *           an actionCard, so a message that mentions somebody is Markdown.
 * Limit     20,000 bytes; 20 a minute, then nothing for ten minutes.
 * Errors    HTTP 200 and { errcode, errmsg }; for 310000 `errmsg` says which rule of the bot it was.
 * Source    https://open.dingtalk.com/document/orgapp/custom-robot-access
 */
export const dingtalkBot: MessageAdapter<DingtalkBotAccount> = {
  id: ID,
  form: 'message',
  setup: setupBot,

  async send(delivery, account, io) {
    const draw = delivery.plain || delivery.verbose ? drawText : drawMarkdown;
    const message = drawBulletin(
      delivery,
      (card) => draw(delivery, { ...card, title: withKeyword(card.title, account.keyword, delivery.face.number) }),
      (drawn) => utf8Bytes(JSON.stringify(drawn)) <= MAX_BYTES,
    );
    return outsideBlocks(ID, hookOfBot(account).url, io, async () => {
      readAnswer(await post(message, account, io), account);
    });
  },

  /** UNCONFIRMED: token, sign and the sender's IP are looked at before the message, which is none here. */
  async check(account, io) {
    await withoutMessage(
      ({ providerCode = '' }) => MESSAGE_MISSING.includes(providerCode),
      async () => {
        readAnswer(await post({}, account, io), account);
      },
    );
  },
};

async function post(json: Json, account: DingtalkBotAccount, io: Io): Promise<HttpReply> {
  const { url } = hookOfBot(account);
  if (account.secret !== undefined) {
    const timestamp = String(io.now());
    url.searchParams.set('timestamp', timestamp);
    url.searchParams.set('sign', signatureOf(timestamp, account.secret));
  }
  return io.http({ method: 'POST', url: url.href, json });
}

/** @param timestamp in milliseconds. */
export function signatureOf(timestamp: string, secret: string): string {
  return createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64');
}

interface Mention {
  /** What stands in the list and, after `@`, in what is read. */
  id: string;
  isPhone: boolean;
}

function mentionsOf({ mentions }: Page) {
  const { ids, names } = mentioned(mentions, mentionOf);
  const isAtAll = mentions === 'all';
  return {
    isAnybody: isAtAll || ids.length > 0,
    isNamed: ids.length + names.length > 0,
    ats: ids.map(({ id: { id } }) => `@${id}`),
    names,
    at: {
      atMobiles: ids.flatMap(({ id }) => (id.isPhone ? [id.id] : [])),
      atUserIds: ids.flatMap(({ id }) => (id.isPhone ? [] : [id.id])),
      isAtAll,
    },
  };
}

/** UNCONFIRMED: how numbers of other countries are written; those people are named and not mentioned. */
function mentionOf({ identity, phone }: Person): Mention | undefined {
  if (identity !== undefined && /^[\w.-]{1,64}$/.test(identity)) return { id: identity, isPhone: false };
  const mobile = /^\+86(1\d{10})$/.exec(phone ?? '')?.[1];
  return mobile === undefined ? undefined : { id: mobile, isPhone: true };
}

function drawMarkdown(delivery: Page, { tint, title, status, lines, facts, link }: Card): Json {
  const { isAnybody, isNamed, ats, names, at } = mentionsOf(delivery);
  const isCard = !isAnybody && link !== undefined;
  const text = [
    `### <font color=${COLOURS[tint]}>${literal(title)}</font>`,
    `**${literal(status)}**`,
    ...facts.map(([label, value]) => `${literal(label)}: ${literal(value)}`),
    ...lines.map(literal),
    ...(isNamed ? [[...ats, ...names.map(literal)].join(' ')] : []),
    // In an actionCard the button is the link.
    ...(link && !isCard ? [`[${literal(link.label)}](${link.url})`] : []),
    // Two spaces: without them a line goes on where the last one ended.
  ].join('  \n');
  return isCard
    ? { msgtype: 'actionCard', actionCard: { title, text, singleTitle: link.label, singleURL: link.url } }
    : { msgtype: 'markdown', markdown: { title, text }, at };
}

/** UNCONFIRMED: that every client takes `\` for what it is in Markdown. Where one does not, it is seen; nobody is told. */
function literal(text: string): string {
  return text
    .trimStart()
    .replace(/[\\`*_[\]<>~&]/g, '\\$&')
    .replace(/^[#+=-]/, '\\$&')
    .replace(/^(\d+)([.)])/, '$1\\$2');
}

function drawText(delivery: Page, card: Card): Json {
  const { ats, names, at } = mentionsOf(delivery);
  const content = textOf(card, (line) => line, [...ats, ...names].join(' '));
  return { msgtype: 'text', text: { content }, at };
}

/** What is said to a request without a message, by a bot that took everything else of it. */
const MESSAGE_MISSING = ['40035', '400105', '43004', '310000/keywords'];

const MEANINGS = byCode([
  {
    kind: 'rate-limited',
    means: 'more than 20 messages in a minute: the bot is blocked for ten minutes',
    codes: ['130101', '410100', '660026'],
  },
  { kind: 'unavailable', means: 'the platform is busy', codes: ['-1'] },
  {
    kind: 'unauthorized',
    means: "the message lacks the bot's keyword; set keyword to it",
    codes: ['310000/keywords'],
  },
  {
    kind: 'unauthorized',
    means: "the sign is wrong or too old; check secret and this machine's clock",
    codes: ['310000/sign'],
  },
  { kind: 'unauthorized', means: "this machine's address is not on the bot's IP list", codes: ['310000/ip'] },
  {
    kind: 'unauthorized',
    means: 'a security rule of the bot refused it; check keyword, secret and IP list',
    codes: ['310000'],
  },
  {
    kind: 'unauthorized',
    means: 'the token is wrong or the bot was removed; copy the address from the group again',
    codes: ['300001', '300005', '400101', '400106'],
  },
  { kind: 'unauthorized', means: 'the bot is stopped; start it in the settings of the group', codes: ['400102'] },
  { kind: 'rejected', means: 'the group was dissolved', codes: ['400013'] },
  { kind: 'refused', means: 'the message is malformed or too large', codes: ['400105', '40035', '43002', '43004'] },
]);

/** @throws DeliveryError in our words: the platform's own repeat the request's address. */
export function readAnswer(answer: HttpReply, account: DingtalkBotAccount): void {
  if (punished.safeParse(answer.body).success) {
    throw new DeliveryError('rate-limited', 'dingtalk.bot: too many requests from this machine (1111)', {
      providerCode: '1111',
      retryAfterMs: PUNISHED_MS,
    });
  }
  const verdict = verdictIn(reply, ID, answer, hookOfBot(account));
  if (verdict === undefined || verdict.errcode === 0) return;
  const code = codeOf(verdict);
  throw refusal(ID, MEANINGS.get(code) ?? NOT_KNOWN, { code, pauseMs: BLOCK_MS });
}

function codeOf({ errcode, errmsg }: z.output<typeof reply>): string {
  if (errcode !== 310000) return String(errcode);
  const rule = /keyword|关键词/i.test(errmsg)
    ? '/keywords'
    : /sign|timestamp|签名/i.test(errmsg)
      ? '/sign'
      : /\bip\b|白名单/i.test(errmsg)
        ? '/ip'
        : '';
  return `310000${rule}`;
}
