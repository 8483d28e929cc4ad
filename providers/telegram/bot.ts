import { z } from 'zod';
import type { MessageAdapter } from '../kit/adapter.ts';
import { plainText } from '../kit/card.ts';
import type { Page } from '../kit/message.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import { readHandle } from '../kit/refusal.ts';
import { splitChat, type TelegramBotAccount } from './account.ts';
import { callTelegram, Moved } from './call.ts';
import { telegramCallback } from './callback.ts';
import { drawMessage } from './message.ts';
import { checkTelegram, telegramSetup } from './setup.ts';

const sent = z.object({ message_id: z.int(), chat: z.object({ id: z.int() }) });
const handleOf = z.object({ chatId: z.string().min(1), messageId: z.string().regex(/^\d+$/) });

/**
 * telegram.bot: one message with buttons to one person or chat, edited as the incident moves on.
 *
 * Request  POST {api}/bot{token}/sendMessage, JSON { chat_id, text, parse_mode: HTML, reply_markup }.
 * Redraw   …/editMessageText; `message is not modified` is a success.
 * Limit    text 1 to 4,096 characters, callback_data 64 bytes; about 1 a second to one chat, 20 a minute to one group,
 *          30 a second in all; 429 says how long to wait.
 * Source   https://core.telegram.org/bots/api#sendmessage, https://core.telegram.org/bots/faq
 */
export const telegramBot: MessageAdapter<TelegramBotAccount> = {
  id: 'telegram.bot',
  form: 'message',
  callback: telegramCallback,

  async send(delivery, account, io) {
    const { chatId, topic } = receiverOf(delivery);
    const isPerson = 'person' in delivery.to;
    const message = drawMessage(delivery, {
      isWhole: isPerson || delivery.event === 'opened',
      isPressable: account.secretToken !== undefined,
    });
    const thread = handleOf.safeParse(delivery.thread).data;
    const result = await sendTo(chatId, account, io, (chat_id) => ({
      chat_id,
      ...message,
      ...(topic !== undefined && { message_thread_id: topic }),
      ...(thread?.chatId === chat_id && {
        reply_parameters: { message_id: Number(thread.messageId), allow_sending_without_reply: true },
      }),
    }));
    const { success, data } = sent.safeParse(result);
    return success && !delivery.plain
      ? { outcome: 'accepted', handle: { chatId: String(data.chat.id), messageId: String(data.message_id) } }
      : { outcome: 'accepted' };
  },

  async tell({ to, wording }, account, io) {
    const { chatId } = receiverOf({ to });
    await sendTo(chatId, account, io, (chat_id) => ({ chat_id, text: plainText({ wording }) }));
  },

  async redraw(delivery, handle, account, io) {
    const data = readHandle('telegram.bot', handleOf, handle);
    const message = drawMessage(delivery, { isWhole: true, isPressable: account.secretToken !== undefined });
    const { chatId: chat_id, messageId } = data;
    await callTelegram('editMessageText', { chat_id, message_id: Number(messageId), ...message }, account, io);
  },

  async check(account, io) {
    await callTelegram('getMe', {}, account, io);
  },
  setup: telegramSetup,
  checks: checkTelegram,
};

function receiverOf({ to }: Pick<Page, 'to'>): { chatId: string; topic?: number } {
  if ('chat' in to) {
    if (to.chat !== '') return splitChat(to.chat);
    throw new DeliveryError('unreachable', 'telegram.bot: no chat is named; set chat of the group');
  }
  const { identity, member } = to.person;
  if (identity !== undefined) return { chatId: identity };
  throw new DeliveryError(
    'unreachable',
    `telegram.bot: app not linked: ${member} has to press Start in a chat with the bot; ` +
      'then add the chat id to identities',
  );
}

/** By token and old id: groups that became supergroups while this process runs. */
const moved = new Map<string, string>();
const MOST_MOVED = 1000;

async function sendTo(
  chatId: string,
  account: TelegramBotAccount,
  io: Io,
  message: (chatId: string) => Record<string, unknown>,
): Promise<unknown> {
  const key = `${account.token} ${chatId}`;
  try {
    return await callTelegram('sendMessage', message(moved.get(key) ?? chatId), account, io);
  } catch (error) {
    if (!(error instanceof Moved)) throw error;
    if (moved.size >= MOST_MOVED) moved.clear();
    moved.set(key, error.to);
    // Turned away at the door, so nothing is sent twice.
    return callTelegram('sendMessage', message(error.to), account, io);
  }
}
