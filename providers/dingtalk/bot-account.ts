import { z } from 'zod';
import type { Traits } from '../kit/traits.ts';
import { baseUrlField, hookOf, webhookField, type Hook } from '../kit/hook.ts';

/** A custom bot of one DingTalk group. */
export const dingtalkBotAccount = z.strictObject({
  webhook: webhookField('its access_token', /^[\w-]+$/),
  secret: z.string().min(1).optional().describe('Secret of the bot (SEC…), where signing is switched on'),
  keyword: z.string().min(1).optional().describe('Custom keyword of the bot: added to messages that lack it'),
  baseUrl: baseUrlField,
});
export type DingtalkBotAccount = z.output<typeof dingtalkBotAccount>;

export const dingtalkBotTraits = (account: DingtalkBotAccount): Traits => ({
  host: hookOfBot(account).url.host,
  keyword: account.keyword,
});

export function hookOfBot(account: DingtalkBotAccount): Hook {
  return hookOf(account, (token) => `https://oapi.dingtalk.com/robot/send?access_token=${token}`);
}
