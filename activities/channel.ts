import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure, Context, log } from '@temporalio/activity';
import type { Account, Configuration } from '../config/configuration.ts';
import type { Directory } from '../config/directory.ts';
import { adapterFacts } from '../domain/media.ts';
import type { Adapter, CallAdapter, MessageAdapter } from '../providers/kit/adapter.ts';
import { DeliveryError } from '../providers/kit/delivery-error.ts';
import { createIo } from '../providers/kit/http.ts';
import { composeCall, composeDelivery, composeList } from './compose.ts';
import type { FailedAttempt, List, Place, Redraw, Send } from './contract.ts';
import { failedAttempt, toFailure } from './failure.ts';
import { Limits } from './limits.ts';
import { steady } from './steady.ts';

/** All requests of one attempt; the activity's timeout leaves a second more. */
const REQUEST_MS = 10_000;

export interface ChannelOptions {
  source: { readonly current: Configuration };
  directory: Directory;
  account: Account;
  adapter: Adapter<unknown>;
}

/** A provider lists what it took only a moment later. */
const RECONCILE_PAUSE_MS = 4000;

/** What the worker of one account does, under the adapter's name. */
export function createChannel(given: ChannelOptions): Record<string, Send | Redraw | Place | List> {
  const options = { ...given, directory: steady(given.directory, given.source) };
  const { adapter } = options;
  const limits = new Limits(options.account);
  if (adapter.form === 'call') return { [adapter.id]: placing(options, adapter, limits) };
  return {
    [adapter.id]: sending(options, adapter, limits),
    [`${adapter.id}.list`]: listing(options, adapter, limits),
    ...(adapter.redraw && { [`${adapter.id}.redraw`]: redrawing(options, adapter, limits) }),
  };
}

function sending(options: ChannelOptions, adapter: MessageAdapter<unknown>, limits: Limits): Send {
  return (order) =>
    attempt(adapter.id, async ({ io, earlier }) => {
      const { source, directory } = options;
      const account = settings(options);
      const delivery = await composeDelivery(order, { current: source.current, directory, now: io.now() });
      if (order.reconcileSince !== undefined && adapter.reconcile) {
        await sleep(Math.max(order.reconcileSince + RECONCILE_PAUSE_MS - io.now(), 0));
        const found = await adapter.reconcile(delivery, order.reconcileSince, account, io);
        if (found !== undefined && found !== 'not-sent') return { ...found, earlier };
      }
      await limits.take(io.now(), 'member' in order.to ? order.to.member : order.to.chat);
      return { ...(await adapter.send(delivery, account, io)), earlier };
    });
}

function listing(options: ChannelOptions, adapter: MessageAdapter<unknown>, limits: Limits): List {
  return (order) =>
    attempt(adapter.id, async ({ io }) => {
      const { source, directory } = options;
      const account = settings(options);
      const delivery = await composeList(order, { current: source.current, directory });
      await limits.take(io.now(), order.member);
      await adapter.send(delivery, account, io);
    });
}

function redrawing(options: ChannelOptions, adapter: MessageAdapter<unknown>, limits: Limits): Redraw {
  return (order) =>
    attempt(adapter.id, async ({ io }) => {
      const { source, directory } = options;
      const context = { current: source.current, directory, now: io.now() };
      const delivery = await composeDelivery({ ...order, plain: false }, context);
      await limits.take(io.now());
      await adapter.redraw?.(delivery, order.handle, settings(options), io);
    });
}

function placing(options: ChannelOptions, adapter: CallAdapter<unknown>, limits: Limits): Place {
  return (order) =>
    attempt(adapter.id, async ({ io }) => {
      const { source, directory } = options;
      const call = await composeCall(order, { current: source.current, directory });
      await limits.take(io.now());
      return adapter.place(call, settings(options), io);
    });
}

/** The account as configured now: credentials may have been changed since the worker started. */
function settings({ source, account }: ChannelOptions): unknown {
  const now = source.current.accounts.get(account.name);
  if (now?.adapter === account.adapter) return now.settings;
  throw new DeliveryError('unauthorized', `the account ${account.name} is no longer configured`);
}

/** Sends once; what goes wrong becomes a failure that carries this attempt and those the server made before it. */
async function attempt<T>(
  adapter: string,
  run: (context: { io: ReturnType<typeof createIo>; earlier: FailedAttempt[] }) => Promise<T>,
): Promise<T> {
  const { info, cancellationSignal, heartbeat } = Context.current();
  const earlier = (info.heartbeatDetails as FailedAttempt[] | undefined) ?? [];
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
