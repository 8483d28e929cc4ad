import { z } from 'zod';
import type { MessageAdapter } from '../kit/adapter.ts';
import type { Page } from '../kit/message.ts';
import { drawBulletin, mentioned, textOf } from '../kit/bulletin.ts';
import type { Card, Tint } from '../kit/card.ts';
import { utf8Bytes } from '../kit/cut.ts';
import { outsideBlocks, verdictIn, withoutMessage } from '../kit/hook.ts';
import type { HttpReply, Io } from '../kit/io.ts';
import { byCode, NOT_KNOWN, refusal } from '../kit/refusal.ts';
import { hookOfBot, type WecomBotAccount } from './bot-account.ts';
import { setupBot } from './bot-setup.ts';

const reply = z.object({ errcode: z.int(), errmsg: z.string().default('') });

const ID = 'wecom.bot';
interface Message {
  json: Record<string, unknown>;
  /** What its limit counts. */
  content: string;
  maxBytes: number;
}

const MAX_MARKDOWN_BYTES = 4096;
const MAX_TEXT_BYTES = 2048;
/** For one bot 20 a minute. */
const PAUSE_MS = 60_000;

/**
 * wecom.bot: one message to the group of a message push (formerly group robot).
 *
 * Request   POST {webhook}, JSON { msgtype: markdown|text, … }; no signature: the key in the address is the secret.
 * Mentions  By userid `<@userid>` in Markdown; by phone, and everybody, only by the lists of a text. So a message is a
 *           text when somebody can be mentioned only by phone.
 * Limit     Markdown 4,096 bytes, text 2,048 bytes; 20 a minute.
 * Errors    HTTP 200 and { errcode, errmsg }; 93000 is a wrong address or a text that is too long.
 * Source    https://developer.work.weixin.qq.com/document/path/99110
 */
export const wecomBot: MessageAdapter<WecomBotAccount> = {
  id: ID,
  form: 'message',
  setup: setupBot,

  async send(delivery, account, io) {
    const { message } = mentionsOf(delivery);
    const { json } = drawBulletin(
      delivery,
      delivery.plain || delivery.verbose || message === 'text'
        ? (card) => drawText(delivery, card)
        : (card) => drawMarkdown(delivery, card),
      ({ content, maxBytes }) => utf8Bytes(content) <= maxBytes,
    );
    return outsideBlocks(ID, hookOfBot(account).url, io, async () => {
      readAnswer(await post(json, account, io), account);
    });
  },

  /** UNCONFIRMED: the key is looked at before the message, which is none here. */
  async check(account, io) {
    await withoutMessage(
      ({ providerCode = '' }) => MESSAGE_MISSING.includes(providerCode),
      async () => {
        readAnswer(await post({}, account, io), account);
      },
    );
  },
};

async function post(json: Message['json'], account: WecomBotAccount, io: Io): Promise<HttpReply> {
  return io.http({ method: 'POST', url: hookOfBot(account).url.href, json });
}

/** UNCONFIRMED: how numbers of other countries are written; those people are named and not mentioned. */
function mentionsOf({ mentions }: Page) {
  const { ids, names } = mentioned(mentions, ({ identity, phone }) => {
    if (identity !== undefined && /^[\w.@-]{1,64}$/.test(identity) && identity !== '@all') return { userid: identity };
    const mobile = /^\+86(1\d{10})$/.exec(phone ?? '')?.[1];
    return mobile === undefined ? undefined : { mobile };
  });
  const userids = ids.flatMap(({ id }) => id.userid ?? []);
  const mobiles = ids.flatMap(({ id }) => id.mobile ?? []);
  const isAll = mentions === 'all';
  return { userids: isAll ? ['@all'] : userids, mobiles, names, message: isAll || mobiles.length > 0 ? 'text' : 'any' };
}

function drawMarkdown(delivery: Page, { tint, title, status, lines, facts, link }: Card): Message {
  const { userids, names } = mentionsOf(delivery);
  const ats = [...userids.map((userid) => `<@${userid}>`), ...names.map(literal)];
  const content = [
    `**<font color="${COLOURS[tint]}">${literal(title)}</font>**`,
    literal(status),
    ...facts.map(([label, value]) => `<font color="comment">${literal(label)}:</font> ${literal(value)}`),
    ...lines.map(literal),
    ...(ats.length > 0 ? [ats.join(' ')] : []),
    ...(link ? [`[${literal(link.label)}](${link.url})`] : []),
  ].join('\n');
  return { json: { msgtype: 'markdown', markdown: { content } }, content, maxBytes: MAX_MARKDOWN_BYTES };
}

/** Three colours there are: orange red, grey, green. */
const COLOURS: Record<Tint, string> = {
  Critical: 'warning',
  Warning: 'warning',
  Info: 'comment',
  Processing: 'comment',
  Closed: 'info',
};

/** The dialect has no escapes: its marks are parted where nobody sees it. */
function literal(text: string): string {
  return text
    .replaceAll('<', '<\u200b')
    .replace(/\*(?=\*)/g, '*\u200b')
    .replace(/\](?=\()/g, ']\u200b')
    .replaceAll('`', '\u02cb')
    .replace(/^\s*(?=[#>])/, '\u200b');
}

function drawText(delivery: Page, card: Card): Message {
  const { userids, mobiles, names } = mentionsOf(delivery);
  // A text knows `<@userid>` too.
  const parted = (line: string): string => line.replaceAll('<', '<\u200b');
  const content = textOf(card, parted, parted(names.join(', ')));
  const text = { content, mentioned_list: userids, mentioned_mobile_list: mobiles };
  return { json: { msgtype: 'text', text }, content, maxBytes: MAX_TEXT_BYTES };
}

/** Codes for a missing message: the bot has accepted the key, so it works. */
const MESSAGE_MISSING = ['40008', '40058', '44004'];

const MEANINGS = byCode([
  { kind: 'rate-limited', means: 'more than 20 messages in a minute', codes: ['45009', '45033'] },
  { kind: 'unavailable', means: 'the platform is busy', codes: ['-1'] },
  {
    kind: 'unauthorized',
    means: 'the key is wrong or the bot was removed; copy the address from the group again',
    codes: ['93000'],
  },
  { kind: 'refused', means: 'the message is too long', codes: ['93000/length', '45002', '301024'] },
  { kind: 'refused', means: 'the message is malformed', codes: ['40008', '40033', '40058', '44004'] },
]);

/** @throws DeliveryError in our words. */
export function readAnswer(answer: HttpReply, account: WecomBotAccount): void {
  const verdict = verdictIn(reply, ID, answer, hookOfBot(account));
  if (verdict === undefined || verdict.errcode === 0) return;
  const { errcode, errmsg } = verdict;
  const isLength = errcode === 93000 && /long|length|size|exceed/i.test(errmsg);
  const code = isLength ? '93000/length' : String(errcode);
  throw refusal(ID, MEANINGS.get(code) ?? NOT_KNOWN, { code, pauseMs: PAUSE_MS });
}
