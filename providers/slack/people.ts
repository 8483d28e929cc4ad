import { z } from 'zod';
import { DeliveryError } from '../kit/delivery-error.ts';
import { PlatformIds } from '../kit/platform-ids.ts';
import { baseUrlOf, type SlackAppAccount } from './account.ts';
import { callSlack } from './call.ts';

const lookUpReply = z.object({ user: z.object({ id: z.string().min(1), deleted: z.boolean().optional() }) });

/**
 * The user ids of people in the workspace, by e-mail.
 *
 * Request  users.lookupByEmail { email }, about 50 a minute; scope users:read.email.
 * Source   https://docs.slack.dev/reference/methods/users.lookupByEmail
 */
export const userIds = new PlatformIds<SlackAppAccount>({
  adapter: 'slack.app',
  addressOf: ({ email }, account) => (email === undefined ? undefined : [baseUrlOf(account), account.botToken, email]),
  notLinked: (member) =>
    `nobody in the workspace has the e-mail of ${member}; ` +
    'let them sign in with Slack, add their user id (U…) to identities, or correct the e-mail',
  async lookUp({ email }, account, io) {
    try {
      const { user } = lookUpReply.parse((await callSlack(account, io, 'users.lookupByEmail', { email })).body);
      return user.deleted ? undefined : user.id;
    } catch (error) {
      if (error instanceof DeliveryError && error.providerCode === 'users_not_found') return undefined;
      throw error;
    }
  },
});
