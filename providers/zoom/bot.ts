import type { MessageAdapter } from '../kit/adapter.ts';
import type { Page } from '../kit/message.ts';
import { COLOURS, drawBulletin, mentioned, textOf } from '../kit/bulletin.ts';
import type { Card } from '../kit/card.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import { outsideBlocks, statusError } from '../kit/hook.ts';
import type { HttpReply } from '../kit/io.ts';
import { hookOfBot, type ZoomBotAccount } from './account.ts';
import { setupBot } from './setup.ts';

type Json = Record<string, unknown>;

/** UNCONFIRMED for webhooks: what a chatbot's card may have. */
const MAX_CHARACTERS = 4096;

/**
 * zoom.bot: one message to the channel of an Incoming Webhook connection; it cannot be changed or pressed. There is no
 * way to try the credentials but to send.
 *
 * Request   POST {webhook}?format=full|message, header Authorization: the verification token; JSON { head, body } or one
 *           JSON string.
 * Mentions  `<!jid|name>`, only where `is_markdown_support` makes all texts Markdown. UNCONFIRMED for webhooks. Nothing
 *           mentions everybody.
 * Errors    By HTTP status; what the body says is not written down anywhere.
 * Source    https://support.zoom.com/hc/en/article?id=zm_kb&sysparm_article=KB0067640
 *           https://developers.zoom.us/docs/team-chat/customizing-messages/
 */
export const zoomBot: MessageAdapter<ZoomBotAccount> = {
  id: 'zoom.bot',
  form: 'message',
  setup: setupBot,

  async send(delivery, account, io) {
    const message = drawBulletin<Json | string>(
      delivery,
      (card) => (delivery.plain ? drawText(delivery, card) : drawFull(delivery, card)),
      (drawn) => JSON.stringify(drawn).length <= MAX_CHARACTERS,
    );
    const url = hookOfBot(account);
    url.searchParams.set('format', delivery.plain ? 'message' : 'full');
    const { authorization, verifyToken } = account;
    const headers = { authorization: authorization === 'bearer' ? `Bearer ${verifyToken}` : verifyToken };
    return outsideBlocks('zoom.bot', hookOfBot(account), io, async () => {
      readAnswer(await io.http({ method: 'POST', url: url.href, headers, json: message }));
    });
  },
};

function drawFull(delivery: Page, { tint, title, status, lines, facts, link }: Card): Json {
  const { ids, names } = mentioned(delivery.mentions, ({ identity }) => jidOf(identity));
  const isMarkdown = ids.length > 0;
  const shown = isMarkdown ? literal : (text: string) => text;
  const whom = [...ids.map(({ id, name }) => `<!${id}|${literal(name).replaceAll('|', ' ')}>`), ...names.map(shown)];
  return {
    ...(isMarkdown && { is_markdown_support: true }),
    head: { text: shown(title), sub_head: { text: shown(status) } },
    body: [
      {
        type: 'section',
        sidebar_color: COLOURS[tint],
        sections: [
          ...(facts.length > 0 ? [{ type: 'fields', items: facts.map(fieldOf(shown)) }] : []),
          { type: 'message', text: lines.map(shown).join('\n') || shown(status) },
          ...(whom.length > 0 ? [{ type: 'message', text: whom.join(' ') }] : []),
          ...(link ? [{ type: 'message', text: shown(link.label), link: link.url }] : []),
        ],
      },
    ],
  };
}

function fieldOf(shown: (text: string) => string) {
  return ([label, value]: [string, string]): Json => ({
    key: shown(label),
    value: shown(value),
    short: value.length <= 24,
  });
}

/** A mapping table holds user ids, the users API returns whole addresses. */
function jidOf(identity: string | undefined): string | undefined {
  const [, id] = /^([\w.-]{1,100})(?:@xmpp\.zoom\.us)?$/i.exec(identity ?? '') ?? [];
  return id === undefined ? undefined : `${id}@xmpp.zoom.us`;
}

/** UNCONFIRMED: the dialect has no escapes: its marks stand apart where nobody sees it. */
function literal(text: string): string {
  return text
    .replaceAll('<', '<\u200b')
    .replace(/[*_~`]/g, '\u200b$&\u200b')
    .replace(/\](?=\()/g, ']\u200b')
    .replace(/^(?=\s*(?:[#>-]|\d+\.))/, '\u200b');
}

function drawText({ mentions }: Page, card: Card): string {
  const { names } = mentioned(mentions, () => undefined);
  return textOf(card, (line) => line, names.join(', '));
}

const REMEDY =
  'check webhook and verifyToken; a connection dies with the Zoom account that made it, then make another one with /inc connect';

/** @throws DeliveryError */
export function readAnswer(answer: HttpReply): void {
  const { status } = answer;
  if (status < 300) return;
  if (status === 400) {
    throw new DeliveryError('refused', 'zoom.bot: the message is malformed (400)', { providerCode: '400' });
  }
  throw statusError('zoom.bot', answer, REMEDY);
}
