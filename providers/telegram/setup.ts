import { z } from 'zod';
import type { Check, SetupAddresses } from '../kit/adapter.ts';
import type { Locale } from '../../domain/locale.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import type { TelegramBotAccount } from './account.ts';
import { callTelegram } from './call.ts';

const bot = z.object({ username: z.string() });
const webhook = z.object({ url: z.string(), last_error_message: z.string().optional() });

/** Steps in BotFather and in the chats. The address of the API is not written out: the token is part of it. */
export function telegramSetup(_account: TelegramBotAccount, { callbackUrl }: SetupAddresses): Record<Locale, string[]> {
  const call = `POST …/bot<token>/setWebhook {"url":"${callbackUrl}","secret_token":"<secretToken>","allowed_updates":["message","callback_query","my_chat_member"]}`;
  return {
    en: [
      'Write /newbot to @BotFather and put the token (digits:letters) into `token`.',
      'Where api.telegram.org is out of reach, put the address of your proxy into `baseUrl`.',
      'Add the bot to the group or channel; its chat id begins with - and is shown by getUpdates as long as no webhook is set. Name it in `chat` of the group, in a forum as id:topic.',
      'Whoever is to be told in person presses Start in a chat with the bot; their chat id goes into `identities`.',
      `For buttons choose a \`secretToken\` and register the address, https on port 443, 80, 88 or 8443: ${call}`,
    ],
    zh: [
      '给 @BotFather 发送 /newbot，把得到的 token（数字:字母）填入 `token`。',
      '无法访问 api.telegram.org 时，把代理地址填入 `baseUrl`。',
      '把机器人加入群组或频道；chat id 以 - 开头，在未设置 webhook 时可由 getUpdates 查到，填入群目标的 `chat`（论坛话题写作 id:topic）。',
      '需要单独通知的成员先在与机器人的对话里按 Start，再把其 chat id 填入 `identities`。',
      `要使用按钮，请选定 \`secretToken\` 并登记回调地址（https，端口 443、80、88 或 8443）：${call}`,
    ],
  };
}

export async function checkTelegram(account: TelegramBotAccount, io: Io): Promise<Check[]> {
  const name = { en: 'The token is good', zh: 'token 有效' };
  try {
    const { username } = bot.parse(await callTelegram('getMe', {}, account, io));
    return [{ name, ok: true, detail: `@${username}` }, await checkWebhook(account, io)];
  } catch (error) {
    return [{ name, ok: false, detail: error instanceof DeliveryError ? error.message : 'the answer cannot be read' }];
  }
}

async function checkWebhook(account: TelegramBotAccount, io: Io): Promise<Check> {
  const name = { en: 'Presses reach us', zh: '按钮回调可达' };
  if (account.secretToken === undefined) {
    return { name, ok: false, detail: 'no secretToken is set: messages have no buttons, only the link' };
  }
  const { success, data } = webhook.safeParse(await callTelegram('getWebhookInfo', {}, account, io));
  if (!success || data.url === '') return { name, ok: false, detail: 'no webhook is registered; call setWebhook' };
  if (data.last_error_message === undefined) return { name, ok: true, detail: new URL(data.url).host };
  return { name, ok: false, detail: `Telegram could not deliver the last update: ${data.last_error_message}` };
}
