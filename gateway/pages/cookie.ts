import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Member } from '../../config/configuration.ts';
import { isOpen, SESSION_MS } from '../../domain/member/session.ts';
import { mintToken, readToken } from '../../links/token.ts';
import type { Door } from '../door.ts';

const NAME = 'responder';
/** Cookies of earlier versions, which said `cookie`, named no session and could not be revoked: they sign nobody in. */
const ACTION = 'session';

/** Who is signed in with this browser, and as which session of the member's list. */
export interface SignedInHere {
  member: Member;
  session: string;
}

/** Unguessable, and worth nothing by itself: the cookie is signed. */
export function newSessionId(): string {
  return randomBytes(16).toString('base64url');
}

/** Remembers a session that the member's workflow has in its list. */
export function setSession(c: Context, door: Door, member: string, session: string): void {
  const { secrets } = door.source.current.gateway;
  const claims = { workflowId: '', notification: session, revision: 0, action: ACTION, account: '' };
  const value = mintToken({ purpose: 'page', ...claims, member, expiresAt: door.now() + SESSION_MS }, secrets);
  setCookie(c, NAME, value, { ...optionsOf(door), httpOnly: true, sameSite: 'Lax', maxAge: SESSION_MS / 1000 });
}

export function dropSession(c: Context, door: Door): void {
  deleteCookie(c, NAME, optionsOf(door));
}

/**
 * The cookie counts while its session is in the list that the member's workflow keeps and its member is in the
 * configuration. While no worker answers, the list counts that this process has read last; without one nobody is
 * signed in, because personal links act all the same.
 */
export async function signedInHere(c: Context, door: Door): Promise<SignedInHere | undefined> {
  const { secrets } = door.source.current.gateway;
  const claims = readToken(getCookie(c, NAME, optionsOf(door).prefix) ?? '', 'page', secrets, door.now());
  if (typeof claims === 'string' || claims.action !== ACTION || claims.member === null) return undefined;
  const { member: id, notification: session } = claims;
  const [member, { sessions = [] }] = await Promise.all([door.directory.member(id), door.proofs.of(door.client, id)]);
  const isListed = sessions.some((one) => one.id === session && isOpen(one, door.now()));
  return member && isListed ? { member, session } : undefined;
}

/** Over TLS no neighbouring host can set it: https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie */
function optionsOf({ source }: Door): { path: string; secure: boolean; prefix?: 'host' } {
  const secure = source.current.gateway.publicUrl?.startsWith('https:') ?? false;
  return { path: '/', secure, ...(secure && { prefix: 'host' }) };
}
