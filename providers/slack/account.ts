import { z } from 'zod';
import { hostOf, type Traits } from '../kit/traits.ts';

/** A Slack app installed into one workspace; one address serves its interactivity and its events. */
export const slackAppAccount = z.strictObject({
  botToken: z.string().min(1).describe('Bot User OAuth Token of the workspace, xoxb-…'),
  signingSecret: z.string().min(1).describe('Signing Secret of "Basic Information"'),
  clientId: z.string().min(1).optional().describe('Client ID, for Sign in with Slack and for installing by OAuth'),
  clientSecret: z.string().min(1).optional().describe('Client Secret, beside the Client ID'),
  teamId: z
    .string()
    .min(1)
    .optional()
    .describe('Workspace id, T…; pushes from another workspace with the same app are then refused'),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Address in place of https://slack.com, such as https://slack-gov.com'),
});
export type SlackAppAccount = z.output<typeof slackAppAccount>;

export const slackAppTraits = (account: SlackAppAccount): Traits => ({ host: hostOf(baseUrlOf(account)) });

/** Without a trailing slash. */
export function baseUrlOf({ baseUrl }: Pick<SlackAppAccount, 'baseUrl'>): string {
  return (baseUrl ?? 'https://slack.com').replace(/\/+$/, '');
}
