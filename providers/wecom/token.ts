import { z } from 'zod';
import { AccessTokens } from '../kit/access-token.ts';
import type { Io } from '../kit/io.ts';
import { baseUrlOf, type WecomAppAccount } from './account.ts';
import { isTokenRefused, readReply } from './reply.ts';

const tokenReply = z.object({ access_token: z.string().min(1), expires_in: z.number() });

/**
 * Of one app of the corporation, two hours. Asking often is blocked by the platform.
 *
 * Request  GET /cgi-bin/gettoken?corpid&corpsecret
 * Source   https://developer.work.weixin.qq.com/document/path/91039
 */
export const wecomTokens = new AccessTokens<WecomAppAccount>({
  adapter: 'wecom.app',
  keyOf: (account) => `${baseUrlOf(account)} ${account.corpId} ${String(account.agentId)}`,
  isRefused: isTokenRefused,
  async request(account, io) {
    const query = new URLSearchParams({ corpid: account.corpId, corpsecret: account.secret });
    const url = `${baseUrlOf(account)}/cgi-bin/gettoken?${query.toString()}`;
    const { access_token: value, expires_in } = tokenReply.parse(readReply(await io.http({ method: 'GET', url })));
    return { value, expiresInMs: expires_in * 1000 };
  },
});

/** One request with the app's token: POST with `json`, else GET. @throws DeliveryError */
export function callWecom(
  account: WecomAppAccount,
  io: Io,
  { path, query = {}, json }: { path: string; query?: Record<string, string>; json?: unknown },
): Promise<unknown> {
  return wecomTokens.use(account, io, async (token) => {
    const search = new URLSearchParams({ access_token: token, ...query });
    const url = `${baseUrlOf(account)}/cgi-bin/${path}?${search.toString()}`;
    return readReply(await io.http(json === undefined ? { method: 'GET', url } : { method: 'POST', url, json }));
  });
}
