import { WorkflowNotFoundError } from '@temporalio/client';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { talk } from '../../client/talk.ts';
import { isOpen } from '../../domain/member/session.ts';
import { MEMBER } from '../../domain/messages.ts';
import { memberWorkflowId } from '../../domain/workflow-ids.ts';
import { wordsFor } from '../../templates/words.ts';
import type { Door } from '../door.ts';
import { errorName } from '../error-name.ts';
import { dropSession, signedInHere, type SignedInHere } from './cookie.ts';
import { headers, noStore, spokenIn } from './guard.ts';
import { plainPage } from './html.ts';
import { mintNonce, readNonce } from './nonce.ts';
import { sessionsPage } from './session-html.ts';

const MAX_FORM_BYTES = 16 * 1024;
const TELL_MS = 2000;

/** `/session`: who is signed in with this browser, their other browsers, and the way out of each of them. */
export function sessionRoutes(door: Door): Hono {
  const app = new Hono();
  app.use('/session', noStore, headers);
  app.get('/session', async (c) => {
    const here = await signedInHere(c, door);
    return here ? list(c, door, here) : notHere(c);
  });
  const limit = bodyLimit({ maxSize: MAX_FORM_BYTES, onError: (c) => c.text('The form is too large.', 413) });
  app.post('/session', limit, (c) => signOut(c, door));
  return app;
}

/** For the forms that sign out, also those on other pages. */
export function sessionNonce({ member, session }: SignedInHere, door: Door): string {
  const { secrets } = door.source.current.gateway;
  return mintNonce({ token: session, member: member.id }, secrets, door.now());
}

async function list(c: Context, door: Door, here: SignedInHere, said?: string): Promise<Response> {
  const { member, session } = here;
  const { sessions = [] } = await door.proofs.of(door.client, member.id);
  const shown = sessions
    .filter((one) => isOpen(one, door.now()))
    .map((one) => ({ ...one, isHere: one.id === session }));
  const nonce = sessionNonce(here, door);
  return c.html(
    sessionsPage(wordsFor(member.locale), { member, sessions: shown, nonce, ...(said !== undefined && { said }) }),
  );
}

async function signOut(c: Context, door: Door): Promise<Response> {
  const here = await signedInHere(c, door);
  if (!here) return notHere(c);
  const { member, session } = here;
  const words = wordsFor(member.locale);
  const form = new URLSearchParams(await c.req.text());
  const { prefix, gateway } = door.source.current;
  const verdict = readNonce(
    form.get('nonce') ?? '',
    { token: session, member: member.id },
    gateway.secrets,
    door.now(),
  );
  const [action, id = session] = (form.get('action') ?? '').split(' ');
  if (verdict === 'wrong' || (action !== 'out' && action !== 'everywhere')) {
    return c.html(plainPage(words, words.page.badForm), 400);
  }
  const isAll = action === 'everywhere';
  const isLeaving = isAll || id === session;
  // The browser forgets at once, whatever Temporal says.
  if (isLeaving) dropSession(c, door);
  try {
    const workflowId = memberWorkflowId(prefix, member.id);
    await talk(door.client, { withinMs: TELL_MS })
      .tell(MEMBER, workflowId, 'signOut', isAll ? {} : { session: id })
      .catch((error: unknown) => {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      });
    door.proofs.forget(member.id);
  } catch (error) {
    door.logger.warn({ error: errorName(error) }, 'a sign-out was not recorded');
    return c.html(plainPage(words, words.session.outUnconfirmed), 503);
  }
  if (!isLeaving) return list(c, door, here, words.session.otherOut);
  return c.html(plainPage(words, isAll ? words.session.outEverywhere : words.session.outHere));
}

function notHere(c: Context): Response | Promise<Response> {
  const words = wordsFor(spokenIn(c));
  return c.html(plainPage(words, words.session.notHere), 401);
}
