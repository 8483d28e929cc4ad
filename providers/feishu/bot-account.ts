import { z } from 'zod';
import type { Traits } from '../kit/traits.ts';
import { baseUrlField, hookOf, webhookField, type Hook } from '../kit/hook.ts';

/** A custom bot of one Feishu or Lark group. */
export const feishuBotAccount = z.strictObject({
  webhook: webhookField('its last segment', /^[\w-]+$/),
  secret: z.string().min(1).optional().describe('Secret of the signature check, where it is switched on'),
  keyword: z.string().min(1).optional().describe('Custom keyword of the bot: added to messages that lack it'),
  region: z.enum(['feishu', 'lark']).default('feishu').describe('Completes a last segment: feishu.cn or larksuite.com'),
  baseUrl: baseUrlField,
});
export type FeishuBotAccount = z.output<typeof feishuBotAccount>;

export const feishuBotTraits = (account: FeishuBotAccount): Traits => ({
  host: hookOfBot(account).url.host,
  keyword: account.keyword,
});

const HOSTS = { feishu: 'https://open.feishu.cn', lark: 'https://open.larksuite.com' } as const;

export function hookOfBot(account: FeishuBotAccount): Hook {
  const { isForeign, url } = hookOf(account, (piece) => `${HOSTS[account.region]}/open-apis/bot/v2/hook/${piece}`);
  const isVendor = Object.values<string>(HOSTS).includes(url.origin);
  return { url, isForeign: isForeign && !isVendor };
}
