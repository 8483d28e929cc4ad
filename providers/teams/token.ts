import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AccessTokens } from '../kit/access-token.ts';
import type { Io } from '../kit/io.ts';
import { placesOf, type TeamsAppAccount } from './account.ts';
import { readLogin, readReply } from './reply.ts';

const tokenReply = z.object({ access_token: z.string().min(1), expires_in: z.number() });

/**
 * Of the bot in its tenant, about an hour.
 *
 * Request  POST {login}/{tenantId}/oauth2/v2.0/token, form grant_type=client_credentials.
 * Source   https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 */
export const teamsTokens = new AccessTokens<TeamsAppAccount>({
  adapter: 'teams.app',
  // The secret is hashed: a new one asks for a new token.
  keyOf(account) {
    const { appId, appPassword, tenantId } = account;
    return createHash('sha256')
      .update(JSON.stringify([placesOf(account).login, tenantId, appId, appPassword]))
      .digest('base64');
  },
  isRefused: ({ providerCode }) => providerCode?.startsWith('401') === true,
  async request(account, io) {
    const { login, api } = placesOf(account);
    const reply = await io.http({
      method: 'POST',
      url: `${login}/${encodeURIComponent(account.tenantId)}/oauth2/v2.0/token`,
      form: {
        grant_type: 'client_credentials',
        client_id: account.appId,
        client_secret: account.appPassword,
        scope: `${api}/.default`,
      },
    });
    const { access_token, expires_in } = tokenReply.parse(readLogin(reply));
    return { value: access_token, expiresInMs: expires_in * 1000 };
  },
});

/**
 * One request to the Connector with the bot's token.
 * @param request `service` without a trailing slash; only an address that {@link placesOf} or a verified push names.
 * @throws DeliveryError
 */
export function callTeams(
  account: TeamsAppAccount,
  io: Io,
  request: { method: 'GET' | 'POST' | 'PUT'; path: string; json?: unknown; service?: string },
): Promise<unknown> {
  const { method, path, json, service = placesOf(account).service } = request;
  return teamsTokens.use(account, io, async (token) =>
    readReply(
      await io.http({
        method,
        url: `${service}${path}`,
        headers: { authorization: `Bearer ${token}` },
        ...(json !== undefined && { json }),
      }),
    ),
  );
}
