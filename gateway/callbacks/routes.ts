import { Hono, type Context } from 'hono';
import type { Account } from '../../config/configuration.ts';
import type { CallEvent } from '../../domain/phone/call.ts';
import { phoneOfCallToken } from '../../domain/phone/call-token.ts';
import { INCIDENT, PHONE } from '../../domain/messages.ts';
import { refOf } from '../../domain/incident/occurrence.ts';
import type { Receipt } from '../../domain/incident/receipt.ts';
import {
  CallbackError,
  type CallbackContract,
  type CallbackRead,
  type Happening,
  type HttpAnswer,
  type HttpRequest,
  type PressResult,
} from '../../providers/kit/adapter.ts';
import { createIo } from '../../providers/kit/http.ts';
import { MOST_ITEMS } from '../../providers/kit/push-items.ts';
import { hasSecretPath } from '../../providers/kit/secret-path.ts';
import { readReceiptRef } from '../../links/token.ts';
import { phoneWorkflowId } from '../../links/phone-id.ts';
import { answerCallee } from './callee.ts';
import { takeMessage } from './command.ts';
import type { Door } from '../door.ts';
import { NOT_TAKEN } from '../intake.ts';
import { errorName, errorPlace } from '../error-name.ts';
import { noteChat } from '../linking/members.ts';
import { takePress, takeRefresh } from './press.ts';
import { takeReply } from './reply.ts';
import type { Delivered } from '../relay.ts';
import { wrong } from '../strangers.ts';

const MAX_BYTES = 256 * 1024;
const MAX_BUDGET_MS = 1000;
/** Left for the answer's way back to the vendor. */
const MARGIN_MS = 200;
const FOLLOW_MS = 5000;

/** `POST /callbacks/<account>[/<secret>]`: raw bytes, verify, parse, signal, answer. */
export function callbackRoutes(door: Door): Hono {
  const app = new Hono();
  const take = (c: Context) => callback(c, door);
  for (const path of ['/callbacks/:account', '/callbacks/:account/:secret']) app.get(path, take).post(path, take);
  return app;
}

async function callback(c: Context, door: Door): Promise<Response> {
  const startedAt = performance.now();
  const receivedAt = door.now();
  const configuration = door.source.current;
  const account = configuration.accounts.get(c.req.param('account') ?? '');
  const contract = account && (await door.load(account.adapter)).callback;
  if (!account || !contract)
    return refuse(c, door, 404, 'unknown', 'There is no such account, or it has no callbacks.');
  const path = new URL(c.req.url);
  if (!isAddressGood(contract, account, path)) {
    const text = 'The address is not the one that was configured for this account.';
    return wrong(c, 'callback', refuse(c, door, 401, 'wrong-path', text));
  }

  const intake = account.traits.callbackSecret === undefined ? door.intake.unproved : door.intake.proved;
  const endsAt = startedAt + Math.min(MAX_BUDGET_MS, contract.deadlineMs - MARGIN_MS);
  const taken = await intake.take(c.req.raw, MAX_BYTES, (body) => {
    const request: HttpRequest = {
      method: c.req.method,
      body,
      headers: c.req.raw.headers,
      url: new URL(`${configuration.gateway.publicUrl ?? path.origin}${path.pathname}${path.search}`),
      receivedAt,
    };
    return takePush(c, door, { account, contract, request, startedAt, budget: () => endsAt - performance.now() });
  });
  if (typeof taken !== 'string') return taken;
  const { status, headers } = NOT_TAKEN[taken];
  const text = taken === 'busy' ? 'Too much is being sent at once: please send it again.' : 'The body is too large.';
  const answer = refuse(c, door, status, taken, text);
  for (const [name, value] of Object.entries(headers)) answer.headers.set(name, value);
  return answer;
}

interface Push {
  account: Account;
  contract: CallbackContract<unknown>;
  request: HttpRequest;
  /** Of `performance.now()`. */
  startedAt: number;
  /** Milliseconds left until the vendor wants its answer. */
  budget: () => number;
}

async function takePush(c: Context, door: Door, push: Push): Promise<Response> {
  const { account, contract, request, startedAt, budget } = push;
  let read: CallbackRead;
  try {
    read = await contract.read(request, account.settings, createIo({ timeoutMs: Math.max(budget(), 1) }));
  } catch (error) {
    if (error instanceof CallbackError) {
      const refused = refuse(c, door, error.status, String(error.status), error.message);
      return error.status === 401 ? wrong(c, 'callback', refused) : refused;
    }
    door.logger.error({ account: account.name, error: errorName(error), at: errorPlace(error) }, 'callback not read');
    return refuse(c, door, 400, '400', 'The body cannot be read.');
  }
  if (request.method === 'GET' && read.happenings.length > 0) {
    return refuse(c, door, 400, 'get', 'Nothing is changed by GET.');
  }
  if (read.happenings.length > MOST_ITEMS) {
    return refuse(c, door, 413, 'too-many', `One push may tell of ${String(MOST_ITEMS)} things at most.`);
  }

  const told = await Promise.all(read.happenings.map((happening) => tell(happening, account, door, budget)));
  const results = told.flatMap(({ press }) => (press ? [press] : []));
  const isUnconfirmed = told.some(({ delivered }) => delivered === 'unconfirmed');

  const answer: HttpAnswer =
    isUnconfirmed && contract.redelivers
      ? { status: 503, body: 'not confirmed, please send again', contentType: 'text/plain' }
      : (read.answer ?? contract.answer(request, account.settings, results));
  const result = isUnconfirmed
    ? 'unconfirmed'
    : (told.find(({ delivered }) => delivered !== 'done')?.delivered ?? 'done');
  door.metrics.callbacks.inc({ account: account.name, result });
  door.logger.info(
    {
      account: account.name,
      result,
      told: told.map(({ kind, delivered }) => `${kind} ${delivered}`),
      status: answer.status,
      ms: Math.round(performance.now() - startedAt),
    },
    'callback',
  );
  if (contract.follow)
    follow(contract.follow(request, account.settings, results, createIo({ timeoutMs: FOLLOW_MS })), account, door);
  return new Response(answer.body, { status: answer.status, headers: { 'content-type': answer.contentType } });
}

/** Says something besides the answer; nothing depends on whether it arrives. */
function follow(said: Promise<void>, { name }: Account, { logger }: Door): void {
  said.catch((error: unknown) => {
    logger.warn({ account: name, error: errorName(error) }, 'a presser was not answered in the chat');
  });
}

interface Told {
  kind: Happening['kind'];
  delivered: Delivered | 'ignored';
  /** For the answer. */
  press?: PressResult;
}

async function tell(happening: Happening, account: Account, door: Door, budget: () => number): Promise<Told> {
  const { kind } = happening;
  switch (kind) {
    case 'press': {
      const press = await takePress(happening, account, door, budget);
      return { kind, ...press };
    }
    case 'refresh':
      return { kind, delivered: 'ignored', press: await takeRefresh(happening, account, door, budget()) };
    case 'call':
      return { kind, ...(await tellPhone(happening, account, door, budget)) };
    case 'receipt':
      return { kind, delivered: await tellReceipt(happening, account, door, budget) };
    case 'reply':
      return { kind, ...(await takeReply(happening, account, door, budget)) };
    case 'message':
      return { kind, ...(await takeMessage(happening, account, door, budget)) };
    case 'chat':
      return { kind, delivered: await takeChat(happening, account, door, budget) };
  }
}

/**
 * A change of groups is lost while Temporal is away. The next event, or the next question to the platform, sets it
 * right.
 */
async function takeChat(
  { chat, change, name }: Extract<Happening, { kind: 'chat' }>,
  account: Account,
  door: Door,
  budget: () => number,
): Promise<Delivered> {
  try {
    await noteChat(door, account.name, { chat, change, ...(name !== undefined && { name }) }, Math.max(budget(), 1));
    return 'done';
  } catch (error) {
    door.logger.warn({ account: account.name, error: errorName(error) }, 'a change of the chats was not kept');
    return 'unconfirmed';
  }
}

/** The phone's workflow finds out which call is meant. Not found: forged, or the call is long over. */
async function tellPhone(
  call: Extract<Happening, { kind: 'call' }>,
  account: Account,
  door: Door,
  budget: () => number,
): Promise<Omit<Told, 'kind'>> {
  const { callee, event } = call;
  const { prefix, gateway } = door.source.current;
  // The token says which workflow placed the call, whatever the key of telephone numbers is now.
  const byToken = event.token === undefined ? undefined : phoneOfCallToken(prefix, event.token);
  const workflowId = byToken ?? (callee === undefined ? undefined : phoneWorkflowId(prefix, gateway, callee));
  if (workflowId === undefined) return { delivered: 'ignored' };
  const argument: CallEvent = { ...event, account: account.name };
  const key = JSON.stringify(['call', workflowId, argument]);
  const delivered = await door.relay.tell({ contract: PHONE, workflowId, signal: 'callback', argument, key }, budget());
  if (delivered === 'gone') door.logger.info({ account: account.name }, 'no call is waiting for this callback');
  if (!call.say) return { delivered };
  const told = { account: account.name, workflowId, delivered };
  return { delivered, press: await answerCallee(call, told, door, budget) };
}

async function tellReceipt(
  { ref, receipt }: Extract<Happening, { kind: 'receipt' }>,
  account: Account,
  door: Door,
  budget: () => number,
): Promise<Delivered | 'ignored'> {
  const named = readReceiptRef(ref, door.source.current.gateway.secrets);
  if (!named) return 'ignored';
  const { workflowId, ...which } = refOf(named);
  const argument: Receipt = { ...receipt, ...which, notification: named.notification, account: account.name };
  const key = JSON.stringify(['receipt', workflowId, argument]);
  return door.relay.tell({ contract: INCIDENT, workflowId, signal: 'receipt', argument, key }, budget());
}

/**
 * The secret part of the path: it is mandatory where the adapter's pushes are not signed, and checked wherever it is
 * configured.
 */
function isAddressGood(contract: CallbackContract<unknown>, { traits }: Account, address: URL): boolean {
  const { callbackSecret } = traits;
  return callbackSecret === undefined ? !contract.needsSecretPath : hasSecretPath(address, callbackSecret);
}

function refuse(c: Context, door: Door, status: 400 | 401 | 404 | 413 | 503, result: string, text: string): Response {
  // An account that does not exist must not become a label: anybody could invent thousands.
  const asked = c.req.param('account') ?? '';
  const account = door.source.current.accounts.has(asked) ? asked : '';
  door.metrics.callbacks.inc({ account, result });
  door.logger.info({ account, result, status }, 'callback refused');
  return c.text(text, status);
}
