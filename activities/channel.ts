import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure, Context, log, type Info } from '@temporalio/activity';
import type { Account, Configuration } from '../config/configuration.ts';
import type { Directory } from '../config/duty/directory.ts';
import { Proofs } from '../client/proofs.ts';
import { LOST_WITH_WORKER } from '../domain/delivery.ts';
import { adapterFacts } from '../domain/media.ts';
import type { Adapter, CallAdapter, PageAdapter, TextAdapter } from '../providers/kit/adapter.ts';
import { DeliveryError } from '../providers/kit/delivery-error.ts';
import { createIo } from '../providers/kit/http.ts';
import { composeCode, composeCodeCall, makeCode } from './code.ts';
import { composeNotice } from './notice.ts';
import { composeCall, composePage, composeList, type Linked } from './compose.ts';
import type { End, FailedAttempt, List, Place, Redraw, Send, SendCode, SendNotice } from './contract.ts';
import { failedAttempt, toFailure } from './failure.ts';
import { Limits } from './limits.ts';
import { Quota } from './quota.ts';
import { replyCode } from './reply-code.ts';
import { steady } from './steady.ts';

/** All requests of one attempt; the activity's timeout leaves a second more. */
const REQUEST_MS = 10_000;

export interface ChannelOptions {
  source: { readonly current: Configuration };
  directory: Directory;
  account: Account;
  adapter: Adapter<unknown>;
}

/** How long a provider needs until it lists a message that it has taken. */
const RECONCILE_PAUSE_MS = 4000;
/** A newly linked chat account is used after this time at the latest. */
const LINKS_FRESH_MS = 10_000;

type Work = Send | Redraw | Place | List | SendCode | SendNotice | End;

/** What the worker of one account does, under the adapter's name. */
export function createChannel(given: ChannelOptions): Record<string, Work> {
  const { account, source } = given;
  const options: Channel = {
    ...given,
    directory: steady(given.directory, source),
    limits: new Limits(() => source.current.accounts.get(account.name) ?? account),
    quota: new Quota(account, source),
    ...(adapterFacts(account.adapter).medium === 'im' && { linked: linkedBy(source) }),
  };
  const { adapter } = options;
  const others = { default: refusing(account) };
  if (adapter.form === 'call') {
    return {
      [adapter.id]: placing(options, adapter),
      ...(adapter.cancel && { [`${adapter.id}.cancel`]: ending(options, adapter) }),
      [`${adapter.id}.code`]: sendingCode(options, adapter),
      ...others,
    };
  }
  return {
    [adapter.id]: sending(options, adapter),
    ...(adapter.redraw && { [`${adapter.id}.redraw`]: redrawing(options, adapter) }),
    ...((adapter.form === 'text' || adapter.tell) && { [`${adapter.id}.notice`]: noticing(options, adapter) }),
    ...(adapter.form === 'text' && {
      [`${adapter.id}.list`]: listing(options, adapter),
      [`${adapter.id}.code`]: sendingCode(options, adapter),
    }),
    ...others,
  };
}

interface Channel extends ChannelOptions {
  limits: Limits;
  quota: Quota;
  linked?: Linked;
}

function linkedBy(source: ChannelOptions['source']): Linked {
  const proofs = new Proofs(source, LINKS_FRESH_MS);
  return async (member) => (await proofs.of(Context.current().client, member)).identities;
}

function sending(options: Channel, adapter: PageAdapter<unknown>): Send {
  return (order) =>
    attempt(adapter.id, async ({ io, earlier }) => {
      const { limits, quota } = options;
      const { settings: account, traits } = configured(options);
      const context = contextOf(options, io.now());
      const code = traits.takesReplies === true ? await replyCode(order, context) : undefined;
      const page = await composePage(order, { ...context, ...(code !== undefined && { code }) });
      if (order.reconcileSince !== undefined && adapter.reconcile) {
        await sleep(Math.max(order.reconcileSince + RECONCILE_PAUSE_MS - io.now(), 0));
        const found = await adapter.reconcile(page, order.reconcileSince, account, io);
        if (found !== undefined && found !== 'not-sent') return { ...found, earlier };
      }
      await quota.take(order.face, io.now(), false);
      await limits.take(io.now(), 'member' in order.to ? order.to.member : order.to.chat);
      const sent = await adapter.send(page, account, io);
      const { flaw } = page.wording;
      return { ...sent, earlier, ...(flaw !== undefined && { note: flaw }) };
    });
}

function listing(options: Channel, adapter: TextAdapter<unknown>): List {
  return (order) =>
    attempt(adapter.id, async ({ io }) => {
      const { source, directory } = options;
      const account = configured(options).settings;
      const list = await composeList(order, { current: source.current, directory });
      await options.limits.take(io.now(), order.member);
      await adapter.send(list, account, io);
    });
}

function redrawing(options: Channel, adapter: PageAdapter<unknown>): Redraw {
  return (order) =>
    attempt(adapter.id, async ({ io }) => {
      if (!(await options.quota.take(order.face, io.now(), true))) return;
      const context = { ...contextOf(options, io.now()), redraws: true };
      const page = await composePage({ ...order, plain: false }, context);
      await options.limits.take(io.now());
      await adapter.redraw?.(page, order.handle, configured(options).settings, io);
    });
}

function placing(options: Channel, adapter: CallAdapter<unknown>): Place {
  return (order) =>
    attempt(adapter.id, async ({ io }) => {
      const { source, directory } = options;
      const call = await composeCall(order, { current: source.current, directory });
      await options.limits.take(io.now());
      return adapter.place(call, configured(options).settings, io);
    });
}

/** Sends a code of six digits to one person. The code is made here, so that no history holds it. */
function sendingCode(options: Channel, adapter: TextAdapter<unknown> | CallAdapter<unknown>): SendCode {
  return (order) =>
    attempt(adapter.id, async ({ io }) => {
      const { source, directory, limits } = options;
      const made = await makeCode(order, { current: source.current, directory });
      await limits.take(io.now(), order.member);
      if (adapter.form === 'call') await adapter.place(composeCodeCall(made), configured(options).settings, io);
      else await adapter.send(composeCode(made), configured(options).settings, io);
      return made.kept;
    });
}

/** Tells a member what has changed in their own accounts. */
function noticing(options: Channel, adapter: PageAdapter<unknown>): SendNotice {
  return (order) =>
    attempt(adapter.id, async ({ io }) => {
      const { settings: account } = configured(options);
      const notice = await composeNotice(order, contextOf(options, io.now()));
      await options.limits.take(io.now(), order.member);
      if (adapter.form === 'text') await adapter.send(notice, account, io);
      else await adapter.tell?.(notice, account, io);
    });
}

function contextOf({ source, directory, linked }: Channel, now: number): Parameters<typeof composePage>[1] {
  return { current: source.current, directory, now, ...(linked && { linked }) };
}

/** The vendors limit calls, not requests that end one, so no limit is waited for here. */
function ending(options: ChannelOptions, adapter: CallAdapter<unknown>): End {
  return ({ callId }) =>
    attempt(adapter.id, async ({ io }) => {
      await adapter.cancel?.(callId, configured(options).settings, io);
    });
}

/** The account as configured now: credentials may have been changed since the worker started. */
function configured({ source, account }: ChannelOptions): Account {
  const now = source.current.accounts.get(account.name);
  if (!now) throw new DeliveryError('unauthorized', { key: 'account-gone', account: account.name });
  if (now.adapter !== account.adapter) throw servedByAnother(account.name, account.adapter, now.adapter);
  return now;
}

/**
 * What was planned for another adapter: the file gave the account to another provider, and plan and worker do not have
 * the same file yet. Nothing has left, so the server asks again, and then it goes elsewhere.
 */
function refusing(account: Account): () => Promise<never> {
  return () =>
    attempt(account.adapter, () => {
      const { activityType } = Context.current().info;
      return Promise.reject(servedByAnother(account.name, activityType, account.adapter));
    });
}

function servedByAnother(account: string, planned: string, adapter: string): DeliveryError {
  return new DeliveryError('not-sent', { key: 'served-by-another', account, planned, adapter });
}

/** Sends once; what goes wrong becomes a failure that carries this attempt and those the server made before it. */
async function attempt<T>(
  adapter: string,
  run: (context: { io: ReturnType<typeof createIo>; earlier: FailedAttempt[] }) => Promise<T>,
): Promise<T> {
  const { info, cancellationSignal, heartbeat } = Context.current();
  const earlier = earlierAttempts(info);
  // Looking up, renewing a token and sending together: the next account is not kept waiting by several requests.
  const signal = AbortSignal.any([cancellationSignal, AbortSignal.timeout(REQUEST_MS)]);
  const io = createIo({ timeoutMs: REQUEST_MS, signal });
  try {
    return await run({ io, earlier });
  } catch (error) {
    if (error instanceof ApplicationFailure) throw error;
    if (!(error instanceof DeliveryError)) log.error('an adapter failed in an unexpected way', defect(error));
    const failure = toFailure(error, { repeatSafe: adapterFacts(adapter).repeatSafe, earlier });
    // The next attempt reads it: the workflow never sees attempts that the server repeats by itself.
    if (!failure.nonRetryable) heartbeat([...earlier, failedAttempt(error)]);
    throw failure;
  }
}

/**
 * What became of the attempts that the server has repeated: those that ended have told it in their heartbeat. The
 * others were lost with their worker, and may have sent.
 */
function earlierAttempts({ attempt, heartbeatDetails }: Info): FailedAttempt[] {
  const told = (heartbeatDetails as FailedAttempt[] | undefined) ?? [];
  return [...told, ...Array.from({ length: Math.max(attempt - 1 - told.length, 0) }, () => LOST_WITH_WORKER)];
}

/** Name and place of a defect; its text may hold an address or a secret. */
function defect(error: unknown): { error: string; at: string } {
  if (!(error instanceof Error)) return { error: typeof error, at: '' };
  return {
    error: error.name,
    at:
      (error.stack ?? '')
        .split('\n')
        .find((line) => line.includes('    at '))
        ?.trim() ?? '',
  };
}
