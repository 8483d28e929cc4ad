import { z } from 'zod';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import { baseUrlOf, type FeishuAppAccount } from './account.ts';
import { isTokenRefused, readReply } from './reply.ts';

const tokenReply = z.object({ tenant_access_token: z.string(), expire: z.number() });

const RENEW_BEFORE_MS = 5 * 60_000;

interface Token {
  value: string;
  expiresAt: number;
}
/** Per host and app, for the whole process. */
const tokens = new Map<string, Token>();
const underWay = new Map<string, Promise<Token>>();

/**
 * One request with the app's token. A refused token is renewed and the request made once more: it was turned away at the
 * door, so nothing is sent twice.
 * @returns the `data` of the answer, as it came.
 * @throws DeliveryError
 */
export async function callFeishu(
  account: FeishuAppAccount,
  io: Io,
  request: { method: 'POST' | 'PATCH'; path: string; json: unknown },
): Promise<unknown> {
  const attempt = async (token: string): Promise<unknown> => {
    const reply = await io.http({
      method: request.method,
      url: `${baseUrlOf(account)}${request.path}`,
      headers: { authorization: `Bearer ${token}` },
      json: request.json,
    });
    return (readReply(reply) as { data?: unknown }).data;
  };
  const token = await tenantToken(account, io);
  try {
    return await attempt(token);
  } catch (error) {
    if (!(error instanceof DeliveryError) || !isTokenRefused(error)) throw error;
    if (tokens.get(keyOf(account))?.value === token) tokens.delete(keyOf(account));
    return await attempt(await tenantToken(account, io));
  }
}

async function tenantToken(account: FeishuAppAccount, io: Io): Promise<string> {
  const kept = tokens.get(keyOf(account));
  if (kept && kept.expiresAt - io.now() > RENEW_BEFORE_MS) return kept.value;
  const underWayAlready = underWay.get(keyOf(account));
  // Whoever asked first may be stopped before the answer comes: then the others ask again.
  const token = await (underWayAlready?.catch(() => renewToken(account, io)) ?? renewToken(account, io));
  return token.value;
}

/**
 * Asks for a token; callers at the same time share one request. The platform may return the old token with what is left
 * of it, so only `expire` counts.
 *
 * Request  POST {baseUrl}/open-apis/auth/v3/tenant_access_token/internal, JSON { app_id, app_secret }.
 * Source   https://open.feishu.cn/document/server-docs/authentication-management/access-token/tenant_access_token_internal
 * @throws DeliveryError never `unknown-outcome`: without a token nothing was sent to anybody.
 */
export function renewToken(account: FeishuAppAccount, io: Io): Promise<Token> {
  const key = keyOf(account);
  const pending =
    underWay.get(key) ??
    requestToken(account, io)
      .then((token) => {
        tokens.set(key, token);
        return token;
      })
      .finally(() => underWay.delete(key));
  underWay.set(key, pending);
  return pending;
}

async function requestToken(account: FeishuAppAccount, io: Io): Promise<Token> {
  const askedAt = io.now();
  try {
    const reply = await io.http({
      method: 'POST',
      url: `${baseUrlOf(account)}/open-apis/auth/v3/tenant_access_token/internal`,
      json: { app_id: account.appId, app_secret: account.appSecret },
    });
    const { tenant_access_token, expire } = tokenReply.parse(readReply(reply));
    return { value: tenant_access_token, expiresAt: askedAt + expire * 1000 };
  } catch (error) {
    throw beforeSending(error, 'no token');
  }
}

/** What a failed preparation means for the message: a lost answer is no lost message, a refused request no refused text. */
export function beforeSending(error: unknown, what: string): unknown {
  if (!(error instanceof DeliveryError)) return new DeliveryError('not-sent', `feishu.app: ${what}: unreadable answer`);
  const details = error.providerCode === undefined ? {} : { providerCode: error.providerCode };
  if (error.kind === 'unknown-outcome') return new DeliveryError('not-sent', `feishu.app: ${what}: ${error.message}`);
  if (error.kind === 'refused') return new DeliveryError('unauthorized', `${error.message}: ${what}`, details);
  return error;
}

function keyOf(account: FeishuAppAccount): string {
  return `${baseUrlOf(account)} ${account.appId}`;
}

/** Forgets what the process keeps about an account. */
export function forgetToken(account: FeishuAppAccount): void {
  tokens.delete(keyOf(account));
}
