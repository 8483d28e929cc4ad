import type { Context } from 'hono';
import type { Member } from '../../config/configuration.ts';
import type { Locale } from '../../domain/locale.ts';
import { readToken, type Claims } from '../../links/token.ts';
import { wordsFor, type Words } from '../../templates/words.ts';
import type { Door } from '../door.ts';
import { wrong } from '../strangers.ts';
import { signedInHere, type SignedInHere } from './cookie.ts';
import { spokenIn } from './guard.ts';
import { plainPage } from './html.ts';

/** A good link of `/i/`, and who stands before it. */
export interface Visit {
  token: string;
  claims: Claims;
  /** Whose personal link it is. */
  holder: Member | undefined;
  /** Who is signed in with this browser. */
  here: SignedInHere | undefined;
  /** In whose name the page acts: whoever is signed in, unless the holder was chosen; else the holder. */
  actor: Member | undefined;
  locale: Locale;
  words: Words;
}

/** @returns a page that says why not, where the link is not good, or was made for somebody who is no member any more. */
export async function visit(c: Context, door: Door): Promise<Visit | Response> {
  const token = c.req.param('token') ?? '';
  const claims = readToken(token, 'link', door.source.current.gateway.secrets, door.now());
  if (typeof claims === 'string') {
    const { page } = wordsFor(spokenIn(c));
    if (claims === 'expired') return refuse(c, page.linkExpired, 410);
    return wrong(c, 'link', await refuse(c, page.linkUnknown, 404));
  }
  const [holder, here] = await Promise.all([
    claims.member === null ? undefined : door.directory.member(claims.member),
    signedInHere(c, door),
  ]);
  if (claims.member !== null && !holder) return refuse(c, wordsFor(spokenIn(c)).page.linkOfFormer, 410);
  const actor = isHolderChosen(c) ? (holder ?? here?.member) : (here?.member ?? holder);
  const locale = actor?.locale ?? spokenIn(c);
  return { token, claims, holder, here, actor, locale, words: wordsFor(locale) };
}

/** A browser stays whose it is: only its person lets it act as somebody else, for the length of one address. */
export function isHolderChosen(c: Context): boolean {
  return c.req.query('as') === 'holder';
}

function refuse(c: Context, text: string, status: 404 | 410): Response | Promise<Response> {
  return c.html(plainPage(wordsFor(spokenIn(c)), text), status);
}
