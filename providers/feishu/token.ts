import { z } from 'zod';
import { AccessTokens } from '../kit/access-token.ts';
import type { Io } from '../kit/io.ts';
import { baseUrlOf, type FeishuAppAccount } from './account.ts';
import { isTokenRefused, readReply } from './reply.ts';

const tokenReply = z.object({ tenant_access_token: z.string(), expire: z.number() });

/**
 * Of the tenant, about two hours. The platform may return the old token with what is left of it, so only `expire` counts.
 *
 * Request  POST {baseUrl}/open-apis/auth/v3/tenant_access_token/internal, JSON { app_id, app_secret }.
 * Source   https://open.feishu.cn/document/server-docs/authentication-management/access-token/tenant_access_token_internal
 */
export const feishuTokens = new AccessTokens<FeishuAppAccount>({
  adapter: 'feishu.app',
  keyOf: (account) => `${baseUrlOf(account)} ${account.appId}`,
  isRefused: isTokenRefused,
  async request(account, io) {
    const reply = await io.http({
      method: 'POST',
      url: `${baseUrlOf(account)}/open-apis/auth/v3/tenant_access_token/internal`,
      json: { app_id: account.appId, app_secret: account.appSecret },
    });
    const { tenant_access_token, expire } = tokenReply.parse(readReply(reply));
    return { value: tenant_access_token, expiresInMs: expire * 1000 };
  },
});

/**
 * One request with the app's token.
 * @returns the `data` of the answer, as it came.
 * @throws DeliveryError
 */
export function callFeishu(
  account: FeishuAppAccount,
  io: Io,
  { method, path, json }: { method: 'GET' | 'POST' | 'PATCH'; path: string; json?: unknown },
): Promise<unknown> {
  return feishuTokens.use(account, io, async (token) => {
    const reply = await io.http({
      method,
      url: `${baseUrlOf(account)}${path}`,
      headers: { authorization: `Bearer ${token}` },
      ...(json !== undefined && { json }),
    });
    return (readReply(reply) as { data?: unknown }).data;
  });
}
