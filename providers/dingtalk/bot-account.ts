import { z } from 'zod';
import { baseUrlField, hookOf, webhookField, type Hook } from '../kit/hook.ts';

/** A custom bot of one DingTalk group. */
export const dingtalkBotAccount = z.strictObject({
  webhook: webhookField('its access_token', /^[\w-]+$/),
  secret: z.string().min(1).optional().describe('Secret of the bot (SEC…), where signing is switched on'),
  keyword: z.string().min(1).optional().describe('Custom keyword of the bot: added to messages that lack it'),
  baseUrl: baseUrlField,
});
export type DingtalkBotAccount = z.output<typeof dingtalkBotAccount>;

export function hookOfBot(account: DingtalkBotAccount): Hook {
  return hookOf(account, (token) => `https://oapi.dingtalk.com/robot/send?access_token=${token}`);
}
