import { z } from 'zod';
import type { Traits } from '../kit/traits.ts';
import { baseUrlField, hookOf, webhookField, type Hook } from '../kit/hook.ts';

/** An incoming webhook of one Slack channel. */
export const slackBotAccount = z.strictObject({
  webhook: webhookField('what follows /services/ in it (T…/B…/…)', /^T\w+\/B\w+\/\w+$/),
  baseUrl: baseUrlField,
});
export type SlackBotAccount = z.output<typeof slackBotAccount>;

export const slackBotTraits = (account: SlackBotAccount): Traits => ({ host: hookOfBot(account).url.host });

export function hookOfBot(account: SlackBotAccount): Hook {
  return hookOf(account, (piece) => `https://hooks.slack.com/services/${piece}`);
}
