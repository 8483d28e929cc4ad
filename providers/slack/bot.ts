import type { MessageAdapter } from '../kit/adapter.ts';
import type { Page } from '../kit/message.ts';
import { COLOURS, drawBulletin, mentioned } from '../kit/bulletin.ts';
import type { Card } from '../kit/card.ts';
import { cutTo, utf16Units } from '../kit/cut.ts';
import { outsideBlocks, statusError, withoutMessage } from '../kit/hook.ts';
import type { HttpReply, Io } from '../kit/io.ts';
import { byCode, NOT_KNOWN, refusal } from '../kit/refusal.ts';
import { hookOfBot, type SlackBotAccount } from './bot-account.ts';
import { setupBot } from './bot-setup.ts';

const ID = 'slack.bot';
type Json = Record<string, unknown>;

/** All blocks together; the platform stops somewhere above 13,000. */
const MAX_CHARACTERS = 10_000;
const MAX_TEXT = 4000;
const HEADER = 150;
const FIELDS = 10;

/**
 * slack.bot: one message to the channel of an incoming webhook; it cannot be changed, answered or found again.
 *
 * Request   POST {webhook}, JSON { text, blocks, attachments: [{ color, blocks }] }.
 * Mentions  `<@U…>` and `<!channel>` in mrkdwn; by user id only. In attachments they notify
 *           nobody (UNCONFIRMED), so they stand above.
 * Limit     1 a second; header 150 characters, 10 fields, about 13,000 characters of blocks.
 * Errors    Status and one word of plain text; 429 with Retry-After in seconds. A success says `ok`.
 * Source    https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export const slackBot: MessageAdapter<SlackBotAccount> = {
  id: ID,
  form: 'message',
  setup: setupBot,

  async send(delivery, account, io) {
    const isText = delivery.plain || delivery.verbose;
    const message = drawBulletin(
      delivery,
      (card) => (isText ? drawText(delivery, card) : drawBlocks(delivery, card)),
      (drawn) => JSON.stringify(drawn).length <= (isText ? MAX_TEXT : MAX_CHARACTERS),
    );
    return outsideBlocks(ID, hookOfBot(account).url, io, async () => {
      readAnswer(await post(message, account, io));
    });
  },

  async check(account, io) {
    // Slack looks for the text only when the webhook exists, so `refused` proves that it does.
    await withoutMessage(
      ({ kind }) => kind === 'refused',
      async () => {
        readAnswer(await post({}, account, io));
      },
    );
  },
};

async function post(json: Json, account: SlackBotAccount, io: Io): Promise<HttpReply> {
  return io.http({ method: 'POST', url: hookOfBot(account).url.href, json });
}

function mentionLine({ mentions }: Page): string {
  const { ids, names } = mentioned(mentions, ({ identity }) =>
    identity !== undefined && /^[UW][A-Z0-9]{1,30}$/.test(identity) ? identity : undefined,
  );
  return mentions === 'all' ? '<!channel>' : [...ids.map(({ id }) => `<@${id}>`), ...names.map(literal)].join(' ');
}

/** What comes from the incident stands in `plain_text`, where nothing is markup. */
function drawBlocks(delivery: Page, { tint, title, status, lines, facts, link }: Card): Json {
  const whom = mentionLine(delivery);
  return {
    // For the notification; not shown beside blocks.
    text: literal(title),
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: plain(cutTo(title, HEADER, utf16Units)) },
      ...(whom === '' ? [] : [{ type: 'section', text: { type: 'mrkdwn', text: whom } }]),
    ],
    attachments: [
      {
        color: COLOURS[tint],
        blocks: [
          { type: 'section', text: plain(status) },
          ...(facts.length > 0 ? [{ type: 'section', fields: facts.slice(0, FIELDS).map(fieldOf) }] : []),
          ...(lines.length > 0 ? [{ type: 'section', text: plain(lines.join('\n')) }] : []),
          // A button would ask the app for an address that takes presses.
          ...(link ? [{ type: 'section', text: { type: 'mrkdwn', text: linkOf(link) } }] : []),
        ],
      },
    ],
  };
}

function fieldOf([label, value]: [string, string]): Json {
  return plain(`${label}: ${value}`);
}

function plain(text: string): Json {
  // Empty texts are refused.
  return { type: 'plain_text', text: text || '-', emoji: false };
}

function linkOf({ label, url }: NonNullable<Card['link']>): string {
  return `<${url}|${literal(label)}>`;
}

function drawText(delivery: Page, { title, status, lines, facts, link }: Card): Json {
  const whom = mentionLine(delivery);
  const text = [
    ...[title, status, ...facts.map(([label, value]) => `${label}: ${value}`), ...lines].map(literal),
    ...(whom === '' ? [] : [whom]),
    ...(link ? [linkOf(link)] : []),
  ].join('\n');
  return { text, unfurl_links: false, unfurl_media: false };
}

/**
 * Escaped as the vendor asks; marks of formatting and emoji it has no escapes for stand apart where nobody sees it.
 * UNCONFIRMED: that they are then no formatting in every client; a mention they cannot become.
 * https://docs.slack.dev/messaging/formatting-message-text
 */
function literal(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[*_~`]/g, '\u200b$&\u200b')
    .replace(/:(?=[\w+'-]+:)/g, ':\u200b')
    .replace(/^(?=\s*(?:&gt;|[-•]|\d+\.))/, '\u200b');
}

const MEANINGS = byCode([
  {
    kind: 'refused',
    means: 'the message is malformed or too large',
    codes: ['invalid_payload', 'invalid_blocks', 'no_text', 'too_many_attachments', 'user_not_found'],
  },
  {
    kind: 'rejected',
    means: 'the channel does not take it; check its posting permissions',
    codes: ['action_prohibited', 'posting_to_general_channel_denied'],
  },
  { kind: 'rejected', means: 'the channel is gone or archived', codes: ['channel_not_found', 'channel_is_archived'] },
  {
    kind: 'unauthorized',
    means: 'the webhook is wrong or was removed; create another one in the settings of the Slack app',
    codes: ['invalid_token', 'no_service', 'no_service_id', 'no_active_hooks', 'no_team'],
  },
  { kind: 'unauthorized', means: 'the workspace is disabled', codes: ['team_disabled'] },
  { kind: 'unavailable', means: 'the platform failed', codes: ['rollup_error'] },
  { ...NOT_KNOWN, codes: [400] },
  { kind: 'rejected', means: 'the channel is gone', codes: [410] },
]);

/** Any 2xx is a success: an endpoint of our own need not say `ok`. @throws DeliveryError in our words. */
export function readAnswer(answer: HttpReply): void {
  const { status, text } = answer;
  if (status < 300) return;
  const word = status === 429 ? '' : (/^[a-z_]{1,60}$/.exec(text.trim())?.[0] ?? '');
  const meaning = MEANINGS.get(word) ?? MEANINGS.get(String(status));
  if (!meaning) throw statusError(ID, answer, 'check webhook and baseUrl');
  throw refusal(ID, meaning, { code: word || String(status), pauseMs: 1000 });
}
