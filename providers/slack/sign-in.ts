import { z } from 'zod';
import type { SignedIn, SignIn } from '../kit/adapter.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import { baseUrlOf, type SlackAppAccount } from './account.ts';
import { callSlack } from './call.ts';
import { SCOPES } from './scopes.ts';

const team = z.object({ team_id: z.string() });
const token = z.object({ access_token: z.string().min(1) });
const userInfo = z.object({
  'https://slack.com/user_id': z.string().min(1),
  'https://slack.com/team_id': z.string().min(1),
  email: z.string().optional(),
  email_verified: z.boolean().optional(),
  name: z.string().optional(),
});
const installed = z.object({
  access_token: z.string().min(1),
  scope: z.string().default(''),
  bot_user_id: z.string().default(''),
  team: z.object({ id: z.string(), name: z.string().default('') }),
});

type App = Pick<SlackAppAccount, 'clientId' | 'clientSecret' | 'baseUrl'>;

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
    const given = await exchange(account, io, 'openid.connect.token', code, ask);
    const { access_token } = read(token, given);
    const info = read(userInfo, (await callSlack(account, io, 'openid.connect.userInfo', {}, access_token)).body);
    const home = account.teamId ?? read(team, (await callSlack(account, io, 'auth.test')).body).team_id;
    if (info['https://slack.com/team_id'] !== home) {
      throw new DeliveryError('rejected', 'slack.app: signed in to another workspace than the one of the bot');
    }
    return {
      identity: info['https://slack.com/user_id'],
      ...(info.email !== undefined && info.email_verified === true && { email: info.email }),
      ...(info.name !== undefined && { name: info.name }),
    };
  },
};

/** What installing by OAuth brings: `botToken` and `teamId` of the account. */
export interface SlackInstallation {
  botToken: string;
  teamId: string;
  teamName: string;
  botUserId: string;
  scopes: string[];
}

/** Where an owner of a workspace allows the app. https://docs.slack.dev/authentication/installing-with-oauth */
export function slackInstallUrl(app: App, { redirectUri, state }: { redirectUri: string; state: string }): string {
  const { clientId } = credentialsOf(app);
  return addressOf(app, '/oauth/v2/authorize', {
    client_id: clientId,
    scope: SCOPES.join(','),
    redirect_uri: redirectUri,
    state,
  });
}

/** The installation behind the `code` that came back. @throws DeliveryError */
export async function slackInstall(
  code: string,
  app: App,
  io: Io,
  ask?: { redirectUri: string },
): Promise<SlackInstallation> {
  const { access_token, scope, bot_user_id, team } = read(
    installed,
    await exchange(app, io, 'oauth.v2.access', code, ask),
  );
  return {
    botToken: access_token,
    teamId: team.id,
    teamName: team.name,
    botUserId: bot_user_id,
    scopes: scope.split(',').filter((one) => one !== ''),
  };
}

async function exchange(
  app: App,
  io: Io,
  method: string,
  code: string,
  ask: { redirectUri: string } | undefined,
): Promise<unknown> {
  const { clientId, clientSecret } = credentialsOf(app);
  const account = { botToken: '', ...(app.baseUrl !== undefined && { baseUrl: app.baseUrl }) };
  const fields = { client_id: clientId, client_secret: clientSecret, code, redirect_uri: ask?.redirectUri };
  return (await callSlack(account, io, method, { ...fields, grant_type: 'authorization_code' }, null)).body;
}

function credentialsOf({ clientId, clientSecret }: App): { clientId: string; clientSecret: string } {
  if (clientId !== undefined && clientSecret !== undefined) return { clientId, clientSecret };
  throw new DeliveryError('unauthorized', 'slack.app: set clientId and clientSecret of the app to sign in with Slack');
}

function addressOf(app: App, path: string, query: Record<string, string>): string {
  return `${baseUrlOf(app)}${path}?${new URLSearchParams(query).toString()}`;
}

function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const { success, data } = schema.safeParse(body);
  if (!success) throw new DeliveryError('rejected', 'slack.app: the answer to the sign-in cannot be read');
  return data;
}
