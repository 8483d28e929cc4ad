import { createHash } from 'node:crypto';
import { WorkflowNotFoundError } from '@temporalio/client';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { contactCard } from '../../config/contact-card.ts';
import type { Actions } from '../../domain/incident/action.ts';
import { unverifiedOf } from '../../links/digest.ts';
import { cut, LIMITS } from '../../domain/incident/incident.ts';
import { refKey, refOf } from '../../domain/incident/occurrence.ts';
import type { Claims } from '../../links/token.ts';
import { OPERATOR } from '../../links/url.ts';
import type { Words } from '../../templates/words.ts';
import type { Door } from '../door.ts';
import type { Look } from '../looks.ts';
import { errorName } from '../error-name.ts';
import { mintNonce, readNonce } from './nonce.ts';
import { offeredAt } from '../../domain/incident/action.ts';
import { incidentPage, plainPage, type Notice, type PageAction } from './html.ts';
import { headers, isGesture, noStore } from './guard.ts';
import { sessionNonce } from './session.ts';
import { signInRoutes } from './sign-in.ts';
import { isHolderChosen, visit, type Visit } from './visit.ts';
import { readerFor } from '../reader.ts';
import type { Delivered } from '../relay.ts';
import { INCIDENT } from '../../domain/messages.ts';

const MAX_FORM_BYTES = 32 * 1024;
const SIGNAL_BUDGET_MS = 1000;
const DESCRIBE_BUDGET_MS = 2000;
const TEXT_LIMITS = { maxSize: MAX_FORM_BYTES, onError: (c: Context) => c.text('The form is too large.', 413) };

/**
 * `/i/<token>`: the incident for people with a link. GET and HEAD change nothing, whoever opens them: mail scanners
 * do. A personal link names who acts, on its own incident only; a group's link is for reading, unless somebody is signed
 * in with this browser.
 */
export function pageRoutes(door: Door): Hono {
  const app = new Hono();
  app.use('/i/*', noStore, headers);
  app.get('/i/:token', (c) => show(c, door));
  app.get('/i/:token/contacts.vcf', (c) => contacts(c, door));
  app.post('/i/:token', bodyLimit(TEXT_LIMITS), (c) => act(c, door));
  app.route('/', signInRoutes(door));
  return app;
}

async function show(c: Context, door: Door): Promise<Response> {
  const visited = await visit(c, door);
  if (visited instanceof Response) return visited;
  return draw(c, door, visited, { ...noticeOf(c.req.query('said'), visited.words) });
}

/** The numbers that call, for phones that let only contacts through at night. */
async function contacts(c: Context, door: Door): Promise<Response> {
  const visited = await visit(c, door);
  if (visited instanceof Response) return visited;
  const card = contactCard(door.source.current);
  if (card === undefined) return c.html(plainPage(visited.words, visited.words.page.linkUnknown), 404);
  return c.body(card, 200, { 'content-type': 'text/vcard; charset=utf-8' });
}

async function act(c: Context, door: Door): Promise<Response> {
  const startedAt = performance.now();
  const visited = await visit(c, door);
  if (visited instanceof Response) return visited;
  const { token, claims, actor, holder, words } = visited;
  if (!actor) return c.html(plainPage(words, words.page.readOnly), 403);

  const form = new URLSearchParams(await c.req.text());
  const nonce = form.get('nonce') ?? '';
  const ask = readForm(form);
  const { secrets } = door.source.current.gateway;
  const verdict = readNonce(nonce, { token, member: actor.id }, secrets, door.now());
  if (verdict === 'wrong' || !ask) return c.html(plainPage(words, words.page.badForm), 400);
  if (verdict === 'young' && !isGesture(c)) {
    // The same nonce again, so that the next press counts at once.
    const text = ask.action === 'acknowledge' ? words.page.notAcknowledged : words.page.notDone;
    return draw(c, door, visited, { nonce, notice: { tone: 'bad', text }, status: 409 });
  }

  const { workflowId, ...which } = refOf(claims);
  const key = `page/${digest(JSON.stringify([nonce, ask]))}`;
  const argument: Actions[PageAction] = {
    ...ask.argument,
    ...which,
    by: { member: actor.id },
    via: isOperators(claims) && actor.id === holder?.id ? 'operator page' : 'page',
    key,
  };
  const message = {
    contract: INCIDENT,
    workflowId,
    signal: ask.action,
    argument,
    key: `${refKey(claims)} ${key}`,
  };
  const result = await door.relay.tell(message, SIGNAL_BUDGET_MS);
  door.logger.info({ action: ask.action, result, ms: Math.round(performance.now() - startedAt) }, 'page');
  return c.redirect(`?said=${result}${isHolderChosen(c) ? '&as=holder' : ''}`, 303);
}

async function draw(
  c: Context,
  door: Door,
  { token, claims, holder, here, actor, locale, words }: Visit,
  shown: { nonce?: string; notice?: Notice; status?: 409 },
): Promise<Response> {
  const { gateway } = door.source.current;
  const unverified = actor && unverifiedOf(actor, door.proofs.of(door.client, actor.id), gateway.secrets);
  let seen: Partial<Look> = {};
  try {
    seen = await door.looks.at(claims, DESCRIBE_BUDGET_MS);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return c.html(plainPage(words, words.page.notKept), 410);
    door.logger.warn({ error: errorName(error) }, 'incident page without its state');
  }
  const { view, newer } = seen;
  const lost = view && (await door.looks.lost(view, DESCRIBE_BUDGET_MS));
  const mint = (member: string) => mintNonce({ token, member }, gateway.secrets, door.now());
  const isOthers = holder !== undefined && here !== undefined && holder.id !== here.member.id;
  const content = incidentPage({
    reader: readerFor({ locale, timeZone: actor?.timeZone ?? 'UTC' }, door),
    ...(view && { view }),
    ...(actor && {
      actor: {
        member: actor.id,
        name: actor.name,
        nonce: shown.nonce ?? mint(actor.id),
        unverified: (await unverified) ?? [],
      },
    }),
    ...(shown.notice && { notice: shown.notice }),
    signIn: `${token}/sign-in`,
    ...(here && { session: { name: here.member.name, nonce: sessionNonce(here, door) } }),
    ...(isOthers && { holder: { name: holder.name, isChosen: isHolderChosen(c) } }),
    ...(newer && { newer: newer.number }),
    ...(lost && { lost }),
    ...(contactCard(door.source.current) !== undefined && { contacts: `${token}/contacts.vcf` }),
  });
  return c.html(content, view ? (shown.status ?? 200) : 503);
}

/** What the form asks for, checked. */
function readForm(form: URLSearchParams): { action: PageAction; argument: object } | undefined {
  const [name, given] = (form.get('action') ?? '').split(' ');
  const action = offeredAt('page', name);
  const text = cut((form.get('text') ?? '').trim(), LIMITS.text);
  switch (action) {
    case 'snooze': {
      const minutes = Number(given);
      return Number.isInteger(minutes) ? { action, argument: { minutes } } : undefined;
    }
    case 'escalate': {
      const level = Number(given);
      return Number.isInteger(level) && level >= 1 ? { action, argument: { level } } : undefined;
    }
    case 'close':
      return { action, argument: { source: 'person', ...(text && { resolution: text }) } };
    case 'comment':
      return text ? { action, argument: { text } } : undefined;
    case 'acknowledge':
    case 'unacknowledge':
    case 'wake':
      return { action, argument: {} };
    case undefined:
      return undefined;
  }
}

function noticeOf(said: string | undefined, words: Words): { notice?: Notice } {
  const notices: Record<Delivered, Notice> = {
    done: { tone: 'good', text: words.page.recorded },
    unconfirmed: { tone: 'wait', text: words.press.unconfirmed },
    refused: { tone: 'bad', text: words.press.refused },
    gone: { tone: 'bad', text: words.press.over },
  };
  const notice = Object.hasOwn(notices, said ?? '') ? notices[said as Delivered] : undefined;
  return notice ? { notice } : {};
}

function isOperators({ account }: Claims): boolean {
  return account === OPERATOR;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
