import { createHash, randomBytes } from 'node:crypto';
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { getCookie, setCookie } from 'hono/cookie';
import type { Account, Member } from '../../config/configuration.ts';
import type { SignedIn, SignIn } from '../../providers/kit/adapter.ts';
import { identityOf } from '../../config/duty/directory.ts';
import { platformOf } from '../../config/schema/names.ts';
import { createIo } from '../../providers/kit/http.ts';
import { mintToken, readToken, type Claims } from '../../links/token.ts';
import { wordsFor, type Words } from '../../templates/words.ts';
import { browserKind } from '../pages/browser.ts';
import { dropSession, newSessionId, setSession, signedInHere } from '../pages/cookie.ts';
import type { Door } from '../door.ts';
import { errorName } from '../error-name.ts';
import { addressOf } from '../address.ts';
import { wrong } from '../strangers.ts';
import { sendCode, tryCode } from './codes.ts';
import { linkPage, type LinkStep } from './html.ts';
import { askMember } from '../../client/long-lived.ts';
import { talk } from '../../client/talk.ts';
import { comparedMail } from '../../domain/mail-address.ts';
import { ACCOUNT } from '../../domain/messages.ts';
import { accountWorkflowId } from '../../domain/workflow-ids.ts';
import { headers, noStore, spokenIn } from '../pages/guard.ts';

const COOKIE = 'linking';
const LIFETIME_MS = 15 * 60_000;
const MAX_FORM_BYTES = 16 * 1024;
const SIGN_IN_MS = 10_000;
/** Somebody waits before the page while a code is sent. */
const CODE_MS = 25_000;
const ASK_MS = 5000;

/**
 * How people link the account they have on a chat platform, without an administrator. `/app/<account>` is opened inside
 * the platform's client; the platform says who it is and comes back to `/oauth/<account>`. It is linked at once where the
 * platform proves an address that exactly one member has, and neither the member nor the account has another link there.
 * Otherwise a code goes to the member's own e-mail or phone.
 */
export function linkRoutes(door: Door): Hono {
  const app = new Hono();
  for (const path of ['/app/*', '/oauth/*']) app.use(path, noStore, headers);
  app.get('/app/:account', (c) => begin(c, door));
  app.get('/oauth/:account', (c) => comeBack(c, door));
  const limit = bodyLimit({ maxSize: MAX_FORM_BYTES, onError: (c) => c.text('The form is too large.', 413) });
  app.post('/oauth/:account', limit, (c) => act(c, door));
  return app;
}

interface Linking {
  account: Account;
  signIn: SignIn<unknown>;
  publicUrl: string;
}

async function linkingOf(c: Context, door: Door): Promise<Linking | undefined> {
  const { accounts, gateway } = door.source.current;
  const account = accounts.get(c.req.param('account') ?? '');
  const signIn = account && (await door.load(account.adapter)).signIn;
  return account && signIn && gateway.publicUrl !== undefined
    ? { account, signIn, publicUrl: gateway.publicUrl }
    : undefined;
}

async function begin(c: Context, door: Door): Promise<Response> {
  const linking = await linkingOf(c, door);
  if (!linking) return c.text('There is nothing here.', 404);
  const { account, signIn, publicUrl } = linking;
  const browser = randomBytes(16).toString('base64url');
  setCookie(c, COOKIE, browser, {
    path: '/oauth',
    httpOnly: true,
    sameSite: 'Lax',
    secure: publicUrl.startsWith('https:'),
    maxAge: LIFETIME_MS / 1000,
  });
  const state = stateFor(door, account, { action: `sign-in ${digest(browser)}` });
  return c.redirect(signIn.authorizeUrl(account.settings, { redirectUri: redirectUri(linking), state }), 302);
}

async function comeBack(c: Context, door: Door): Promise<Response> {
  const linking = await linkingOf(c, door);
  if (!linking) return c.text('There is nothing here.', 404);
  const words = wordsFor(spokenIn(c));
  const { account, signIn } = linking;
  const state = readState(c, door, account, c.req.query('state') ?? '', 'sign-in');
  const code = c.req.query(signIn.codeParameter ?? 'code');
  if (!state || code === undefined) return say(c, words, words.link.again, 400);
  let signedIn: SignedIn;
  try {
    const io = createIo({ timeoutMs: SIGN_IN_MS });
    signedIn = await signIn.identify(code, account.settings, io, { redirectUri: redirectUri(linking) });
  } catch (error) {
    door.logger.warn({ account: account.name, error: errorName(error) }, 'a sign-in was not confirmed');
    return say(c, words, words.link.again, 400);
  }
  const { identity } = signedIn;
  const known = await door.directory.findByIdentity(account.name, identity);
  if (known) return linked(c, door, account, known, identity);
  try {
    const proven = provenMember(signedIn, door);
    if (proven && (await linkAtOnce(door, account, proven, identity))) {
      return await linked(c, door, account, proven, identity);
    }
    return await step(c, door, account, identity, { step: 'who', suggested: suggestedMember(signedIn, door)?.id });
  } catch (error) {
    door.logger.warn({ account: account.name, error: errorName(error) }, 'a link could not be made');
    return say(c, words, words.link.later, 503);
  }
}

/** Of a page of ours: which member it is, the code, or the end of the link. */
async function act(c: Context, door: Door): Promise<Response> {
  const linking = await linkingOf(c, door);
  if (!linking) return c.text('There is nothing here.', 404);
  const words = wordsFor(spokenIn(c));
  const { account } = linking;
  const form = new URLSearchParams(await c.req.text());
  const state = readState(c, door, account, form.get('state') ?? '', 'link');
  if (!state) return say(c, words, words.link.again, 400);
  const identity = state.notification;
  const { prefix, gateway } = door.source.current;
  const asker = { account: account.name, identity, address: addressOf(c, gateway.trustedProxies) };
  const member = await door.directory.member(state.member ?? form.get('member') ?? '').catch(() => undefined);
  if (!member || member.mailbox) return step(c, door, account, identity, { step: 'who' });
  const ask = { client: door.client, prefix, member: member.id };
  try {
    switch (form.get('action')) {
      case 'unlink':
        if (state.action !== `linked ${digest(getCookie(c, COOKIE) ?? '')}`)
          return await say(c, words, words.link.again, 400);
        await askMember(ask, 'unlink', { account: account.name }, ASK_MS);
        // It was signed out with all others.
        if ((await signedInHere(c, door))?.member.id === member.id) dropSession(c, door);
        return await say(c, words, words.link.unlinked, 200);
      case 'try': {
        const verdict = await tryCode(door, { asker, member, code: form.get('code') ?? '' }, ASK_MS);
        if (verdict === 'good') return await linked(c, door, account, member, identity);
        const problem = verdict === 'wrong' ? words.link.wrong : words.link.gone;
        const again = { step: verdict === 'wrong' ? 'code' : 'who', problem } as const;
        return wrong(c, 'code', await step(c, door, account, identity, again, member));
      }
      default: {
        if (!door.askers.mayAsk(asker, door.now())) {
          return await step(c, door, account, identity, { step: 'who', problem: words.link.tooManyCodes });
        }
        const answer = await sendCode(door, asker, member, CODE_MS);
        if ('sent' in answer) {
          const replaces = await hasOtherLink(door, account, member, identity);
          return await step(c, door, account, identity, { step: 'code', replaces }, member);
        }
        return await step(c, door, account, identity, { step: 'who', problem: words.link.noCode });
      }
    }
  } catch (error) {
    door.logger.warn({ account: account.name, error: errorName(error) }, 'a link could not be made');
    return say(c, words, words.link.later, 503);
  }
}

/**
 * Where there is no link yet, neither of this member nor of this id.
 * @throws when Temporal does not answer in time.
 */
async function linkAtOnce(door: Door, { name, adapter }: Account, member: Member, identity: string): Promise<boolean> {
  const { client, source } = door;
  const { prefix } = source.current;
  if (identityOf(member, name, platformOf(adapter)) !== undefined) return false;
  const owner = await ownerOf(door, name, identity);
  if (owner !== undefined && owner !== member.id) return false;
  try {
    await askMember({ client, prefix, member: member.id }, 'link', { account: name, identity }, ASK_MS);
    return true;
  } catch (error) {
    // The member's workflow has another link, which only a code replaces.
    if (error instanceof WorkflowUpdateFailedError) return false;
    throw error;
  }
}

/** Unlike the directory, it does not take no answer for nobody. @throws when nobody answers in time. */
async function ownerOf({ client, source }: Door, account: string, identity: string): Promise<string | undefined> {
  const workflowId = accountWorkflowId(source.current.prefix, account);
  try {
    // An answer of nothing arrives as null.
    return (await talk(client, { withinMs: ASK_MS }).ask(ACCOUNT, workflowId, 'whoIs', identity)) ?? undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

async function hasOtherLink(
  door: Door,
  { name, adapter }: Account,
  member: Member,
  identity: string,
): Promise<boolean> {
  const { identities } = await door.proofs.of(door.client, member.id);
  const known = identityOf(member, name, platformOf(adapter)) ?? identities[name];
  return known !== undefined && known !== identity;
}

/** Whoever the platform vouches for is signed in with this browser, where nobody else is. */
async function linked(c: Context, door: Door, account: Account, member: Member, identity: string): Promise<Response> {
  const here = await signedInHere(c, door);
  if (!here) await signIn(c, door, member);
  const isOfFile = identityOf(member, account.name, platformOf(account.adapter)) === identity;
  const others = here && here.member.id !== member.id ? { signedInAs: here.member.name } : {};
  return step(c, door, account, identity, { step: 'linked', ...others, ...(isOfFile && { fixed: true }) }, member);
}

/** The link stands without it, so a failure is only logged. */
async function signIn(c: Context, door: Door, member: Member): Promise<void> {
  const session = { id: newSessionId(), browser: browserKind(c.req.header('user-agent')) };
  const ask = { client: door.client, prefix: door.source.current.prefix, member: member.id };
  try {
    await askMember(ask, 'signIn', session, ASK_MS);
    setSession(c, door, member.id, session.id);
  } catch (error) {
    door.logger.warn({ error: errorName(error) }, 'a browser could not be signed in');
  }
}

async function step(
  c: Context,
  door: Door,
  account: Account,
  identity: string,
  shown: LinkStep,
  member?: Member,
): Promise<Response> {
  const browser = digest(getCookie(c, COOKIE) ?? '');
  const action = `${shown.step === 'linked' ? 'linked' : 'link'} ${browser}`;
  const state = stateFor(door, account, {
    action,
    notification: identity,
    member: (shown.step === 'who' ? undefined : member?.id) ?? null,
  });
  const people = [...door.source.current.members.values()].filter(({ mailbox }) => !mailbox);
  const words = wordsFor(member?.locale ?? spokenIn(c));
  return c.html(linkPage(words, { ...shown, state, people, account: account.name, name: member?.name ?? '' }));
}

function say(c: Context, words: Words, text: string, status: 200 | 400 | 503): Response | Promise<Response> {
  return c.html(linkPage(words, { step: 'say', text, tone: status === 200 ? 'good' : 'bad' }), status);
}

/** The one member whose address the platform proves to be this person's. */
function provenMember({ provenEmail }: SignedIn, door: Door): Member | undefined {
  return provenEmail === undefined ? undefined : onlyMember(door, { email: provenEmail });
}

/** The one member who may be meant, to choose from the list; what the platform says of it proves nothing. */
function suggestedMember({ provenEmail, email, phone }: SignedIn, door: Door): Member | undefined {
  const told = [{ email: provenEmail }, { email }, { phone }];
  return told.map((address) => onlyMember(door, address)).find((member) => member !== undefined);
}

function onlyMember(door: Door, { email, phone }: { email?: string | undefined; phone?: string | undefined }) {
  const mail = email === undefined ? undefined : comparedMail(email);
  const [only, ...others] = [...door.source.current.members.values()].filter(
    (member) =>
      !member.mailbox &&
      ((phone !== undefined && member.phone === phone) ||
        (mail !== undefined && member.email !== undefined && comparedMail(member.email) === mail)),
  );
  return others.length === 0 ? only : undefined;
}

/** Of a state the notification is the platform's id, and the action is bound to the browser's cookie. */
function stateFor(door: Door, account: Account, claims: Pick<Claims, 'action'> & Partial<Claims>): string {
  const { secrets } = door.source.current.gateway;
  const empty = { workflowId: '', notification: '', revision: 0, member: null };
  const expiresAt = door.now() + LIFETIME_MS;
  return mintToken({ ...empty, ...claims, purpose: 'state', account: account.name, expiresAt }, secrets);
}

function readState(
  c: Context,
  door: Door,
  account: Account,
  state: string,
  kind: 'sign-in' | 'link',
): Claims | undefined {
  const claims = readToken(state, 'state', door.source.current.gateway.secrets, door.now());
  const browser = getCookie(c, COOKIE);
  if (typeof claims === 'string' || browser === undefined || claims.account !== account.name) return undefined;
  const kinds = kind === 'link' ? ['link', 'linked'] : [kind];
  return kinds.some((one) => claims.action === `${one} ${digest(browser)}`) ? claims : undefined;
}

function redirectUri({ account, publicUrl }: Linking): string {
  return `${publicUrl}/oauth/${account.name}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
