import { z } from 'zod';
import {
  CallbackError,
  type CallbackContract,
  type CallbackRead,
  type Happening,
  type HttpAnswer,
  type HttpRequest,
} from '../kit/adapter.ts';
import { isSame } from '../../links/constant-time.ts';
import { cutTo, utf16Units } from '../kit/cut.ts';
import type { TelegramBotAccount } from './account.ts';
import { callTelegram } from './call.ts';
import { readPress } from './message.ts';

const chat = z.object({ id: z.int(), type: z.string(), title: z.string().optional() });
const from = z.object({ id: z.int(), is_bot: z.boolean().optional() });
const keyboard = z.array(z.array(z.object({ url: z.string().optional() })));
const pressed = z.object({
  callback_query: z.object({
    id: z.string().min(1),
    from,
    data: z.string(),
    /** Without a keyboard when Telegram no longer has it at hand. */
    message: z.object({ reply_markup: z.object({ inline_keyboard: keyboard }).optional() }).optional(),
  }),
});
const written = z.object({ update_id: z.int(), message: z.object({ chat, from, text: z.string() }) });
const renamed = z.object({ message: z.object({ chat, new_chat_title: z.string() }) });
const migrated = z.object({ message: z.object({ chat, migrate_to_chat_id: z.int() }) });
const membership = z.object({
  my_chat_member: z.object({ chat, new_chat_member: z.object({ status: z.string() }) }),
});

const MAX_NOTE = 200;
const MAX_ANSWER = 4000;

/**
 * Updates: presses, messages to the bot, chats it enters and leaves.
 *
 * Proof     Header X-Telegram-Bot-Api-Secret-Token, the secret_token of setWebhook; nothing is signed.
 * Deadline  None is stated; whatever is not answered with 2xx is sent again for about a day, and holds up what is behind
 *           it, so an update that we cannot read is taken.
 * Answer    A call of the API in the body: answerCallbackQuery (200 characters) or sendMessage.
 * Source    https://core.telegram.org/bots/api#setwebhook, …#update, …#making-requests-when-getting-updates
 */
export const telegramCallback: CallbackContract<TelegramBotAccount> = {
  deadlineMs: 10_000,
  needsSecretPath: false,
  redelivers: true,

  read(request, account): CallbackRead {
    verify(request, account);
    return { happenings: happeningsOf(updateOf(request)) };
  },

  answer(request, _account, [result]): HttpAnswer {
    if (!result) return json({});
    const update = updateOf(request);
    const press = pressed.safeParse(update).data?.callback_query;
    if (press) return json({ method: 'answerCallbackQuery', ...noteOf(press.id, result) });
    const message = written.safeParse(update).data?.message;
    if (!message) return json({});
    return json({ method: 'sendMessage', chat_id: message.chat.id, text: cutTo(result.text, MAX_ANSWER, utf16Units) });
  },

  /** An unconfirmed press is answered with 503 so that it comes again; the presser is told meanwhile. */
  async follow(request, account, [result], io) {
    const press = pressed.safeParse(updateOf(request)).data?.callback_query;
    if (!press || result?.state !== 'unconfirmed') return;
    await callTelegram('answerCallbackQuery', noteOf(press.id, result), account, io);
  },
};

function verify({ headers }: HttpRequest, { secretToken }: TelegramBotAccount): void {
  if (secretToken === undefined) {
    throw new CallbackError(401, 'telegram.bot: set secretToken to the secret_token that setWebhook was given');
  }
  if (!isSame(headers.get('x-telegram-bot-api-secret-token') ?? '', secretToken)) {
    throw new CallbackError(401, 'telegram.bot: the secret token is wrong; check secretToken');
  }
}

function updateOf({ body }: HttpRequest): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    return undefined;
  }
}

function happeningsOf(update: unknown): Happening[] {
  const press = pressed.safeParse(update).data?.callback_query;
  if (press) {
    const { inline_keyboard = [] } = press.message?.reply_markup ?? {};
    const identity = String(press.from.id);
    return [{ kind: 'press', identity, eventId: press.id, ...readPress(press.data, inline_keyboard) }];
  }
  const words = written.safeParse(update).data;
  if (words) return messageOf(words);
  const name = renamed.safeParse(update).data?.message;
  if (name) return [{ kind: 'chat', chat: String(name.chat.id), change: 'renamed', name: name.new_chat_title }];
  const move = migrated.safeParse(update).data?.message;
  if (move) {
    return [
      { kind: 'chat', chat: String(move.chat.id), change: 'left' },
      { kind: 'chat', chat: String(move.migrate_to_chat_id), change: 'joined', ...titleOf(move.chat) },
    ];
  }
  const change = membership.safeParse(update).data?.my_chat_member;
  return change && change.chat.type !== 'private' ? membershipOf(change) : [];
}

function messageOf({ update_id, message }: z.output<typeof written>): Happening[] {
  if (message.from.is_bot === true) return [];
  // `/ack@OncallBot 7QK2MD` is how a group speaks to one of several bots.
  const text = message.text.replace(/^\/(\w+)(?:@\w+)?/, '$1').trim();
  const inGroup = message.chat.type !== 'private';
  return [
    {
      kind: 'message',
      identity: String(message.from.id),
      text,
      eventId: String(update_id),
      ...(inGroup && { chat: String(message.chat.id) }),
    },
  ];
}

function membershipOf({
  chat,
  new_chat_member: { status },
}: z.output<typeof membership>['my_chat_member']): Happening[] {
  const id = String(chat.id);
  if (['left', 'kicked'].includes(status)) return [{ kind: 'chat', chat: id, change: 'left' }];
  if (!['member', 'administrator', 'creator'].includes(status)) return [];
  return [{ kind: 'chat', chat: id, change: 'joined', ...titleOf(chat) }];
}

function titleOf({ title }: z.output<typeof chat>): { name?: string } {
  return title === undefined ? {} : { name: title };
}

/** A failure stays until it is clicked away, a success is shown for a moment. */
function noteOf(id: string, { state, text }: { state: string; text: string }): Record<string, unknown> {
  return { callback_query_id: id, text: cutTo(text, MAX_NOTE, utf16Units), show_alert: state !== 'done' };
}

function json(body: unknown): HttpAnswer {
  return { status: 200, body: JSON.stringify(body), contentType: 'application/json' };
}
