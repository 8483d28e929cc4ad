import { z } from 'zod';
import { hostOf, type Traits } from '../kit/traits.ts';
import { baseUrlField } from '../kit/hook.ts';
import { hardToGuess } from '../kit/own-secret.ts';

const TOKEN = /^\d+:[\w-]+$/;
/** With or without a method behind it, as it is copied from a browser. */
const ADDRESS = /^(https?:\/\/[^\s?#]+)\/bot(\d+:[\w-]+)(?:\/\w*)?\/?$/i;
const CHAT = /^(?:-?\d+|@\w+)(?::\d+)?$/;

/** A bot made with BotFather. */
export const telegramBotAccount = z.strictObject({
  token: z
    .string()
    .min(1)
    .refine((token) => TOKEN.test(token) || ADDRESS.test(token), {
      error: 'neither a bot token (digits:letters) nor an address that ends in /bot<token>',
    })
    .describe('Token from BotFather, or the whole address of the API with it'),
  secretToken: z
    .string()
    .regex(/^[\w-]{1,256}$/, { abort: true })
    .superRefine(hardToGuess)
    .optional()
    .describe(
      'secret_token given to setWebhook: proves that presses come from Telegram; without it there are no buttons',
    ),
  baseUrl: baseUrlField.describe('A proxy or a Bot API server of your own, where api.telegram.org is out of reach'),
});
export type TelegramBotAccount = z.output<typeof telegramBotAccount>;

export const telegramBotTraits = (account: TelegramBotAccount): Traits => ({ host: hostOf(apiOf(account)) });

/** Of the API for this bot, without a trailing slash; the token is part of it. */
export function apiOf({ token, baseUrl }: TelegramBotAccount): string {
  const [, root = 'https://api.telegram.org', inAddress = token] = ADDRESS.exec(token) ?? [];
  return `${(baseUrl ?? root).replace(/\/+$/, '')}/bot${inAddress}`;
}

/** `-1001234:5` is topic 5 of a forum. */
export function splitChat(chat: string): { chatId: string; topic?: number } {
  const [chatId = '', topic] = CHAT.test(chat) ? chat.split(':') : [chat];
  return { chatId, ...(topic !== undefined && { topic: Number(topic) }) };
}
