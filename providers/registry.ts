import type { z } from 'zod';
import type { AdapterId } from '../domain/media.ts';
import {
  aliyunEmailAccount,
  aliyunEmailTraits,
  aliyunSmsAccount,
  aliyunSmsTraits,
  aliyunVoiceAccount,
  aliyunVoiceTraits,
} from './aliyun/account.ts';
import { dingtalkAppAccount, dingtalkAppTraits } from './dingtalk/account.ts';
import { dingtalkBotAccount, dingtalkBotTraits } from './dingtalk/bot-account.ts';
import { feishuAppAccount, feishuAppTraits } from './feishu/account.ts';
import { feishuBotAccount, feishuBotTraits } from './feishu/bot-account.ts';
import type { Adapter, Registration } from './kit/adapter.ts';
import type { Traits } from './kit/traits.ts';
import { installing, missingPackages } from './packages.ts';
import { slackAppAccount, slackAppTraits } from './slack/account.ts';
import { smtpEmailAccount, smtpEmailTraits } from './smtp/account.ts';
import { webhookBotAccount, webhookBotTraits } from './webhook/account.ts';
import { telegramBotAccount, telegramBotTraits } from './telegram/account.ts';
import { teamsAppAccount, teamsAppTraits } from './teams/account.ts';
import { tencentSmsAccount, tencentSmsTraits, tencentVoiceAccount, tencentVoiceTraits } from './tencent/account.ts';
import { twilioSmsAccount, twilioSmsTraits, twilioVoiceAccount, twilioVoiceTraits } from './twilio/account.ts';
import { slackBotAccount, slackBotTraits } from './slack/bot-account.ts';
import { wecomAppAccount, wecomAppTraits } from './wecom/account.ts';
import { wecomBotAccount, wecomBotTraits } from './wecom/bot-account.ts';
import { zoomBotAccount, zoomBotTraits } from './zoom/account.ts';

/**
 * Every adapter, by id: the schema of its accounts, what they mean to others, its code, loaded when an account uses it, and
 * the vendor's packages which that code imports.
 */
export const registry: Readonly<Record<AdapterId, Registration>> = {
  'feishu.app': entry(feishuAppAccount, feishuAppTraits, async () => (await import('./feishu/app.ts')).feishuApp),
  'slack.app': entry(slackAppAccount, slackAppTraits, async () => (await import('./slack/app.ts')).slackApp),
  'teams.app': entry(teamsAppAccount, teamsAppTraits, async () => (await import('./teams/app.ts')).teamsApp),
  'feishu.bot': entry(feishuBotAccount, feishuBotTraits, async () => (await import('./feishu/bot.ts')).feishuBot),
  'dingtalk.app': entry(
    dingtalkAppAccount,
    dingtalkAppTraits,
    async () => (await import('./dingtalk/app.ts')).dingtalkApp,
  ),
  'dingtalk.bot': entry(
    dingtalkBotAccount,
    dingtalkBotTraits,
    async () => (await import('./dingtalk/bot.ts')).dingtalkBot,
  ),
  'wecom.app': entry(wecomAppAccount, wecomAppTraits, async () => (await import('./wecom/app.ts')).wecomApp),
  'wecom.bot': entry(wecomBotAccount, wecomBotTraits, async () => (await import('./wecom/bot.ts')).wecomBot),
  'slack.bot': entry(slackBotAccount, slackBotTraits, async () => (await import('./slack/bot.ts')).slackBot),
  'zoom.bot': entry(zoomBotAccount, zoomBotTraits, async () => (await import('./zoom/bot.ts')).zoomBot),
  'telegram.bot': entry(
    telegramBotAccount,
    telegramBotTraits,
    async () => (await import('./telegram/bot.ts')).telegramBot,
  ),
  'aliyun.voice': entry(
    aliyunVoiceAccount,
    aliyunVoiceTraits,
    async () => (await import('./aliyun/voice.ts')).aliyunVoice,
    ['@alicloud/openapi-core', '@darabonba/typescript'],
  ),
  'tencent.voice': entry(
    tencentVoiceAccount,
    tencentVoiceTraits,
    async () => (await import('./tencent/voice.ts')).tencentVoice,
    ['tencentcloud-sdk-nodejs'],
  ),
  'aliyun.sms': entry(aliyunSmsAccount, aliyunSmsTraits, async () => (await import('./aliyun/sms.ts')).aliyunSms, [
    '@alicloud/dysmsapi20170525',
    '@alicloud/openapi-core',
    '@darabonba/typescript',
  ]),
  'tencent.sms': entry(tencentSmsAccount, tencentSmsTraits, async () => (await import('./tencent/sms.ts')).tencentSms, [
    'tencentcloud-sdk-nodejs',
  ]),
  'aliyun.email': entry(
    aliyunEmailAccount,
    aliyunEmailTraits,
    async () => (await import('./aliyun/email.ts')).aliyunEmail,
  ),
  'smtp.email': entry(smtpEmailAccount, smtpEmailTraits, async () => (await import('./smtp/email.ts')).smtpEmail),
  'twilio.voice': entry(
    twilioVoiceAccount,
    twilioVoiceTraits,
    async () => (await import('./twilio/voice.ts')).twilioVoice,
    ['twilio'],
  ),
  'twilio.sms': entry(twilioSmsAccount, twilioSmsTraits, async () => (await import('./twilio/sms.ts')).twilioSms, [
    'twilio',
  ]),
  'webhook.bot': entry(webhookBotAccount, webhookBotTraits, async () => (await import('./webhook/bot.ts')).webhookBot),
};

/**
 * The compiler checks here that schema and adapter agree on the type of the account. Everywhere else an account is
 * `unknown`, which is safe because an adapter only gets what the schema beside it has parsed.
 */
function entry<Schema extends z.ZodType>(
  schema: Schema,
  traits: (account: z.output<Schema>) => Traits,
  load: () => Promise<Adapter<z.output<Schema>>>,
  packages: readonly string[] = [],
): Registration {
  return { schema, traits, load, packages };
}

const loaded = new Map<AdapterId, Promise<Adapter<unknown>>>();

/** Loads the adapter's code once per process. @throws when a package of the vendor is not installed. */
export function loadAdapter(id: AdapterId): Promise<Adapter<unknown>> {
  const adapter = loaded.get(id) ?? load(id);
  loaded.set(id, adapter);
  return adapter;
}

async function load(id: AdapterId): Promise<Adapter<unknown>> {
  const missing = missingPackages(registry[id].packages);
  if (missing.length > 0) {
    throw new Error(`${id} needs ${missing.join(' and ')}, which is not installed; ${installing(missing)}`);
  }
  return registry[id].load();
}
