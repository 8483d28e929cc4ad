import { z } from 'zod';
import { callbackSecret } from '../kit/account-field.ts';
import { hostOf, type Traits } from '../kit/traits.ts';

/** An internal app of one DingTalk organisation with the bot ability; one address takes its events, messages and cards. */
export const dingtalkAppAccount = z.strictObject({
  corpId: z.string().min(1).describe('CorpId of the organisation, ding…'),
  agentId: z.string().min(1).optional().describe('AgentId of the app; shown by `escalations setup` only'),
  clientId: z.string().min(1).describe('Client ID of the app (formerly AppKey)'),
  clientSecret: z.string().min(1).describe('Client Secret of the app (formerly AppSecret)'),
  aesKey: z
    .string()
    .regex(/^[A-Za-z0-9+/]{43}$/, 'must be the 43 characters of the console')
    .optional()
    .describe('Encryption aes_key of the event subscription; without it events are refused'),
  token: z.string().min(1).optional().describe('Signature Token of the event subscription'),
  callbackSecret: callbackSecret.describe(
    'Secret last part of the callback address: the content of a press is not signed by DingTalk',
  ),
  cardTemplateId: z
    .string()
    .min(1)
    .optional()
    .describe('Id of the published card template, ….schema; without it messages have links instead of buttons'),
  robotCode: z.string().min(1).optional().describe('Code of the bot, default the Client ID: the bot of the app itself'),
  coolAppCode: z.string().min(1).optional().describe('Code of the cool app by which the bot came into the groups'),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('One address in place of api.dingtalk.com and oapi.dingtalk.com'),
});
export type DingtalkAppAccount = z.output<typeof dingtalkAppAccount>;

export const dingtalkAppTraits = (account: DingtalkAppAccount): Traits => ({
  host: hostOf(baseUrlOf(account, 'api')),
  callbackSecret: account.callbackSecret,
});

const HOSTS = { api: 'https://api.dingtalk.com', legacy: 'https://oapi.dingtalk.com' } as const;

/** Without a trailing slash. */
export function baseUrlOf({ baseUrl }: DingtalkAppAccount, host: keyof typeof HOSTS): string {
  return (baseUrl ?? HOSTS[host]).replace(/\/+$/, '');
}

export function robotCodeOf({ robotCode, clientId }: DingtalkAppAccount): string {
  return robotCode ?? clientId;
}
