import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { mintToken, readToken } from '../../links/token.ts';
import type { Door } from '../door.ts';

const NAME = 'responder';
const LIFETIME_MS = 30 * 24 * 60 * 60_000;

/** Remembers whose personal link was opened in this browser, so that group links can be acted on. */
export function setResponder(c: Context, door: Door, member: string): void {
  const { secrets, publicUrl } = door.source.current.gateway;
  const claims = { workflowId: '', notification: '', revision: 0, action: 'cookie', account: '' };
  const value = mintToken({ purpose: 'page', ...claims, member, expiresAt: door.now() + LIFETIME_MS }, secrets);
  setCookie(c, NAME, value, {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: publicUrl?.startsWith('https:') ?? false,
    maxAge: LIFETIME_MS / 1000,
  });
}

/** A member id, when the cookie is ours and has not expired. */
export function responderOf(c: Context, door: Door): string | undefined {
  const claims = readToken(getCookie(c, NAME) ?? '', 'page', door.source.current.gateway.secrets, door.now());
  return typeof claims === 'string' || claims.action !== 'cookie' ? undefined : (claims.member ?? undefined);
}
