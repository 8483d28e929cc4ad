import { z } from 'zod';
import type { SignedIn, SignIn } from '../kit/adapter.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import { baseUrlOf, type SlackAppAccount } from './account.ts';
import { callSlack } from './call.ts';

const team = z.object({ team_id: z.string() });
const token = z.object({ access_token: z.string().min(1) });
const userInfo = z.object({
  'https://slack.com/user_id': z.string().min(1),
  'https://slack.com/team_id': z.string().min(1),
  email: z.string().optional(),
  email_verified: z.boolean().optional(),
  name: z.string().optional(),
});
/**
 * Sign in with Slack: OpenID Connect, scopes openid, profile, email. Only people of the bot's own workspace are taken.
 *
 * Request  openid.connect.token { client_id, client_secret, code, redirect_uri }, then openid.connect.userInfo.
 * Source   https://docs.slack.dev/authentication/sign-in-with-slack
 */
export const slackSignIn: SignIn<SlackAppAccount> = {
  authorizeUrl(account, { redirectUri, state }) {
    const { clientId } = credentialsOf(account);
    return addressOf(account, '/openid/connect/authorize', {
      response_type: 'code',
      scope: 'openid profile email',
      client_id: clientId,
      redirect_uri: redirectUri,
      state,
      ...(account.teamId !== undefined && { team: account.teamId }),
    });
  },

  async identify(code, account, io, ask): Promise<SignedIn> {
    const given = await exchange(account, io, code, ask);
    const { access_token } = read(token, given);
    const info = read(userInfo, (await callSlack(account, io, 'openid.connect.userInfo', {}, access_token)).body);
    const home = account.teamId ?? read(team, (await callSlack(account, io, 'auth.test')).body).team_id;
    if (info['https://slack.com/team_id'] !== home) {
      throw new DeliveryError('rejected', 'slack.app: signed in to another workspace than the one of the bot');
    }
    return {
      identity: info['https://slack.com/user_id'],
      ...(info.email !== undefined && info.email_verified === true && { provenEmail: info.email }),
      ...(info.name !== undefined && { name: info.name }),
    };
  },
};

async function exchange(
  account: SlackAppAccount,
  io: Io,
  code: string,
  ask: { redirectUri: string } | undefined,
): Promise<unknown> {
  const { clientId, clientSecret } = credentialsOf(account);
  const fields = { client_id: clientId, client_secret: clientSecret, code, redirect_uri: ask?.redirectUri };
  const { body } = await callSlack(
    account,
    io,
    'openid.connect.token',
    { ...fields, grant_type: 'authorization_code' },
    null,
  );
  return body;
}

function credentialsOf({ clientId, clientSecret }: SlackAppAccount): { clientId: string; clientSecret: string } {
  if (clientId !== undefined && clientSecret !== undefined) return { clientId, clientSecret };
  throw new DeliveryError('unauthorized', 'slack.app: set clientId and clientSecret of the app to sign in with Slack');
}

function addressOf(account: SlackAppAccount, path: string, query: Record<string, string>): string {
  return `${baseUrlOf(account)}${path}?${new URLSearchParams(query).toString()}`;
}

function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const { success, data } = schema.safeParse(body);
  if (!success) throw new DeliveryError('rejected', 'slack.app: the answer to the sign-in cannot be read');
  return data;
}
