import { z } from 'zod';
import { AccessTokens } from '../kit/access-token.ts';
import type { Io } from '../kit/io.ts';
import { baseUrlOf, type DingtalkAppAccount } from './account.ts';
import { isTokenRefused, readLegacyReply, readReply } from './reply.ts';

const tokenReply = z.object({ accessToken: z.string().min(1), expireIn: z.number() });

/**
 * Of the app, two hours.
 *
 * Request  POST https://api.dingtalk.com/v1.0/oauth2/accessToken, JSON { appKey, appSecret }.
 * Source   https://open.dingtalk.com/document/development/obtain-the-access-token-of-an-internal-app
 */
export const dingtalkTokens = new AccessTokens<DingtalkAppAccount>({
  adapter: 'dingtalk.app',
  keyOf: (account) => `${baseUrlOf(account, 'api')} ${account.clientId}`,
  isRefused: isTokenRefused,
  async request(account, io) {
    const reply = await io.http({
      method: 'POST',
      url: `${baseUrlOf(account, 'api')}/v1.0/oauth2/accessToken`,
      json: { appKey: account.clientId, appSecret: account.clientSecret },
    });
    const { accessToken: value, expireIn } = tokenReply.parse(readReply(reply));
    return { value, expiresInMs: expireIn * 1000 };
  },
});

/** One request to `api.dingtalk.com` with the app's token. @throws DeliveryError */
export function callDingtalk(
  account: DingtalkAppAccount,
  io: Io,
  { method = 'POST', path, json }: { method?: 'POST' | 'PUT'; path: string; json: unknown },
): Promise<unknown> {
  return dingtalkTokens.use(account, io, async (token) =>
    readReply(
      await io.http({
        method,
        url: `${baseUrlOf(account, 'api')}${path}`,
        headers: { 'x-acs-dingtalk-access-token': token },
        json,
      }),
    ),
  );
}

/** The same to `oapi.dingtalk.com`, which still owns people. The same token is good there. @throws DeliveryError */
export function callLegacy(
  account: DingtalkAppAccount,
  io: Io,
  { path, json }: { path: string; json: unknown },
): Promise<unknown> {
  return dingtalkTokens.use(account, io, async (token) => {
    const url = `${baseUrlOf(account, 'legacy')}${path}?access_token=${encodeURIComponent(token)}`;
    return readLegacyReply(await io.http({ method: 'POST', url, json }));
  });
}
