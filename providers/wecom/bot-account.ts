import { z } from 'zod';
import type { Traits } from '../kit/traits.ts';
import { baseUrlField, hookOf, webhookField, type Hook } from '../kit/hook.ts';

/** A message push (group robot) of one WeCom group. */
export const wecomBotAccount = z.strictObject({
  webhook: webhookField('its key', /^[\w-]+$/),
  baseUrl: baseUrlField,
});
export type WecomBotAccount = z.output<typeof wecomBotAccount>;

export const wecomBotTraits = (account: WecomBotAccount): Traits => ({ host: hookOfBot(account).url.host });

export function hookOfBot(account: WecomBotAccount): Hook {
  return hookOf(account, (key) => `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${key}`);
}
