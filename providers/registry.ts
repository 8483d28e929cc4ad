import type { z } from 'zod';
import type { AdapterId } from '../domain/media.ts';
import { aliyunEmailAccount, aliyunSmsAccount, aliyunVoiceAccount } from './aliyun/account.ts';
import { dingtalkAppAccount } from './dingtalk/account.ts';
import { dingtalkBotAccount } from './dingtalk/bot-account.ts';
import { feishuAppAccount } from './feishu/account.ts';
import { feishuBotAccount } from './feishu/bot-account.ts';
import type { Adapter, Registration } from './kit/adapter.ts';
import { slackAppAccount } from './slack/account.ts';
import { smtpEmailAccount } from './smtp/account.ts';
import { webhookBotAccount } from './webhook/account.ts';
import { telegramBotAccount } from './telegram/account.ts';
import { teamsAppAccount } from './teams/account.ts';
import { tencentSmsAccount, tencentVoiceAccount } from './tencent/account.ts';
import { twilioSmsAccount, twilioVoiceAccount } from './twilio/account.ts';
import { slackBotAccount } from './slack/bot-account.ts';
import { wecomAppAccount } from './wecom/account.ts';
import { wecomBotAccount } from './wecom/bot-account.ts';
import { zoomBotAccount } from './zoom/account.ts';

/** Every adapter, by id: the schema of its accounts, and its code, loaded when an account uses it. */
export const registry: Readonly<Record<AdapterId, Registration>> = {
  'feishu.app': entry(feishuAppAccount, async () => (await import('./feishu/app.ts')).feishuApp),
  'slack.app': entry(slackAppAccount, async () => (await import('./slack/app.ts')).slackApp),
  'teams.app': entry(teamsAppAccount, async () => (await import('./teams/app.ts')).teamsApp),
  'feishu.bot': entry(feishuBotAccount, async () => (await import('./feishu/bot.ts')).feishuBot),
  'dingtalk.app': entry(dingtalkAppAccount, async () => (await import('./dingtalk/app.ts')).dingtalkApp),
  'dingtalk.bot': entry(dingtalkBotAccount, async () => (await import('./dingtalk/bot.ts')).dingtalkBot),
  'wecom.app': entry(wecomAppAccount, async () => (await import('./wecom/app.ts')).wecomApp),
  'wecom.bot': entry(wecomBotAccount, async () => (await import('./wecom/bot.ts')).wecomBot),
  'slack.bot': entry(slackBotAccount, async () => (await import('./slack/bot.ts')).slackBot),
  'zoom.bot': entry(zoomBotAccount, async () => (await import('./zoom/bot.ts')).zoomBot),
  'telegram.bot': entry(telegramBotAccount, async () => (await import('./telegram/bot.ts')).telegramBot),
  'aliyun.voice': entry(aliyunVoiceAccount, async () => (await import('./aliyun/voice.ts')).aliyunVoice),
  'tencent.voice': entry(tencentVoiceAccount, async () => (await import('./tencent/voice.ts')).tencentVoice),
  'aliyun.sms': entry(aliyunSmsAccount, async () => (await import('./aliyun/sms.ts')).aliyunSms),
  'tencent.sms': entry(tencentSmsAccount, async () => (await import('./tencent/sms.ts')).tencentSms),
  'aliyun.email': entry(aliyunEmailAccount, async () => (await import('./aliyun/email.ts')).aliyunEmail),
  'smtp.email': entry(smtpEmailAccount, async () => (await import('./smtp/email.ts')).smtpEmail),
  'twilio.voice': entry(twilioVoiceAccount, async () => (await import('./twilio/voice.ts')).twilioVoice),
  'twilio.sms': entry(twilioSmsAccount, async () => (await import('./twilio/sms.ts')).twilioSms),
  'webhook.bot': entry(webhookBotAccount, async () => (await import('./webhook/bot.ts')).webhookBot),
};

/**
 * The one place where the type of the account is given up: here schema and adapter are held to agree; afterwards
 * accounts are `unknown`, and safe as long as what an adapter gets was parsed by the schema beside it.
 */
function entry<Schema extends z.ZodType>(schema: Schema, load: () => Promise<Adapter<z.output<Schema>>>): Registration {
  return { schema, load };
}

const loaded = new Map<AdapterId, Promise<Adapter<unknown>>>();

/** Loads the adapter's code once per process. */
export function loadAdapter(id: AdapterId): Promise<Adapter<unknown>> {
  const adapter = loaded.get(id) ?? registry[id].load();
  loaded.set(id, adapter);
  return adapter;
}
