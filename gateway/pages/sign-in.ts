import { createHash, randomBytes } from 'node:crypto';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { getCookie, setCookie } from 'hono/cookie';
import type { Member } from '../../config/configuration.ts';
import { comparedMail } from '../../domain/mail-address.ts';
import { mintToken, readToken } from '../../links/token.ts';
import { addressOf } from '../address.ts';
import type { Door } from '../door.ts';
import { errorName } from '../error-name.ts';
import { sendCode, tryCode } from '../linking/codes.ts';
import { wrong } from '../strangers.ts';
import { browserKind } from './browser.ts';
import { newSessionId, setSession } from './cookie.ts';
import { signInPage, type SignInStep } from './session-html.ts';
import { visit, type Visit } from './visit.ts';

const COOKIE = 'signing-in';
const LIFETIME_MS = 15 * 60_000;
const MAX_FORM_BYTES = 16 * 1024;
const ASK_MS = 5000;
/** A code passes through every account that may take it until one does; nobody waits for that. */
const CODE_MS = 25_000;
const LONGEST_NAME = 320;

/**
 * `/i/<token>/sign-in`: a browser becomes a member's by a code that goes to the member's own e-mail or phone. Only whoever
 * has a link of an incident can ask for one. Neither the words nor the time they take tell who is a member.
 */
export function signInRoutes(door: Door): Hono {
  const app = new Hono();
  app.get('/i/:token/sign-in', (c) => begin(c, door));
  const limit = bodyLimit({ maxSize: MAX_FORM_BYTES, onError: (c) => c.text('The form is too large.', 413) });
  app.post('/i/:token/sign-in', limit, (c) => goOn(c, door));
  return app;
}

async function begin(c: Context, door: Door): Promise<Response> {
  const visited = await visit(c, door);
  return visited instanceof Response ? visited : draw(c, visited, { step: 'who', who: visited.holder?.id ?? '' });
}

async function goOn(c: Context, door: Door): Promise<Response> {
  const visited = await visit(c, door);
  if (visited instanceof Response) return visited;
  // Whoever is signed in stays so until they sign out themselves.
  if (visited.here) return draw(c, visited, { step: 'who', who: '' });
  const form = new URLSearchParams(await c.req.text());
  return form.get('action') === 'try' ? tryIt(c, door, visited, form) : ask(c, door, visited, form);
}

async function ask(c: Context, door: Door, visited: Visit, form: URLSearchParams): Promise<Response> {
  const who = (form.get('who') ?? '').trim().slice(0, LONGEST_NAME);
  if (who === '') return draw(c, visited, { step: 'who', who });
  const session = newSessionId();
  const asker = { identity: session, address: addressOf(c, door.source.current.gateway.trustedProxies) };
  if (!door.askers.mayAsk(asker, door.now())) {
    return draw(c, visited, { step: 'who', who, problem: visited.words.link.tooManyCodes });
  }
  void memberCalled(who, door)
    .then(async (member) => {
      if (!member) return;
      const sent = await sendCode(door, asker, member, CODE_MS);
      if ('refused' in sent) door.logger.warn({ reason: sent.refused }, 'no code was sent for a sign-in');
    })
    .catch((error: unknown) => {
      door.logger.warn({ error: errorName(error) }, 'no code was sent for a sign-in');
    });
  return draw(c, visited, { step: 'code', state: stateFor(c, door, { who, session }) });
}

async function tryIt(c: Context, door: Door, visited: Visit, form: URLSearchParams): Promise<Response> {
  const { words, token } = visited;
  const state = form.get('state') ?? '';
  const begun = readState(c, door, state);
  if (!begun) return draw(c, visited, { step: 'who', who: '', problem: words.session.tooOld }, 400);
  const { who, session } = begun;
  try {
    const member = await memberCalled(who, door);
    const browser = browserKind(c.req.header('user-agent'));
    const code = form.get('code') ?? '';
    const verdict = member && (await tryCode(door, { asker: { identity: session }, member, code, browser }, ASK_MS));
    if (!member || verdict !== 'good') {
      const shown: SignInStep =
        verdict === 'wrong'
          ? { step: 'code', state, problem: words.link.wrong }
          : { step: 'who', who, problem: words.link.gone };
      return wrong(c, 'code', await draw(c, visited, shown));
    }
    setSession(c, door, member.id, session);
    return c.redirect(`../${token}`, 303);
  } catch (error) {
    door.logger.warn({ error: errorName(error) }, 'nobody could be signed in');
    return draw(c, visited, { step: 'code', state, problem: words.link.later }, 503);
  }
}

function draw(
  c: Context,
  visited: Visit,
  shown: SignInStep,
  status: 200 | 400 | 503 = 200,
): Response | Promise<Response> {
  const { words, token, here } = visited;
  return c.html(signInPage(words, { ...shown, back: `../${token}`, ...(here && { here: here.member.name }) }), status);
}

/** The member with this id or e-mail. */
async function memberCalled(who: string, door: Door): Promise<Member | undefined> {
  const named = await door.directory.member(who);
  if (named) return named.mailbox ? undefined : named;
  const members = [...door.source.current.members.values()];
  const [only, ...others] = members.filter(
    ({ mailbox, email }) => !mailbox && email !== undefined && comparedMail(email) === comparedMail(who),
  );
  return others.length === 0 ? only : undefined;
}

/** Bound to this browser, so that nobody can send somebody else's browser through their own sign-in. */
function stateFor(c: Context, door: Door, { who, session }: { who: string; session: string }): string {
  const { secrets, publicUrl } = door.source.current.gateway;
  const browser = getCookie(c, COOKIE) ?? randomBytes(16).toString('base64url');
  setCookie(c, COOKIE, browser, {
    path: '/i',
    httpOnly: true,
    sameSite: 'Lax',
    secure: publicUrl?.startsWith('https:') ?? false,
    maxAge: LIFETIME_MS / 1000,
  });
  return mintToken(
    {
      purpose: 'state',
      workflowId: '',
      notification: session,
      revision: 0,
      action: actionOf(browser),
      account: '',
      member: who,
      expiresAt: door.now() + LIFETIME_MS,
    },
    secrets,
  );
}

function readState(c: Context, door: Door, state: string): { who: string; session: string } | undefined {
  const claims = readToken(state, 'state', door.source.current.gateway.secrets, door.now());
  const browser = getCookie(c, COOKIE);
  if (typeof claims === 'string' || browser === undefined || claims.action !== actionOf(browser)) return undefined;
  return { who: claims.member ?? '', session: claims.notification };
}

function actionOf(browser: string): string {
  return `signing-in ${createHash('sha256').update(browser).digest('base64url').slice(0, 22)}`;
}
