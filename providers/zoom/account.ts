import { z } from 'zod';
import type { Traits } from '../kit/traits.ts';
import { baseUrlField, hookOf, webhookField } from '../kit/hook.ts';

/** One connection of Zoom's Incoming Webhook app: `/inc connect` in a channel shows endpoint and verification token. */
export const zoomBotAccount = z.strictObject({
  webhook: webhookField('the last segment of the Endpoint', /^[\w-]+$/),
  verifyToken: z.string().min(1).describe('Verification Token of the connection'),
  authorization: z
    .enum(['token', 'bearer'])
    .default('token')
    .describe('How the token is sent: as it is, or after the word Bearer'),
  baseUrl: baseUrlField,
});
export type ZoomBotAccount = z.output<typeof zoomBotAccount>;

export const zoomBotTraits = (account: ZoomBotAccount): Traits => ({ host: hookOfBot(account).host });

export function hookOfBot(account: ZoomBotAccount): URL {
  return hookOf(account, (id) => `https://integrations.zoom.us/chat/webhooks/incomingwebhook/${id}`).url;
}
