import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { grpcCode } from '../client/grpc-code.ts';
import { talk } from '../client/talk.ts';
import type { Contract } from '../domain/messages.ts';
import { errorName } from './error-name.ts';
import type { GatewayMetrics } from './metrics.ts';
import { within } from '../client/within.ts';

/** A verified message from outside, on its way to a workflow. */
export interface Message<Signals, Name extends keyof Signals & string> {
  contract: Spoken<Signals>;
  workflowId: string;
  signal: Name;
  argument: Signals[Name];
  /** The same key is told once. */
  key: string;
  /** Whether this workflow may be told, asked before each attempt; false: it is as good as not there. */
  isMeant?: (workflowId: string) => Promise<boolean>;
}
type Spoken<Signals> = Pick<Contract<Signals, never, never>, 'type' | 'signals'>;

/**
 * `done`: Temporal has it. `gone`: no such workflow is open. `refused`: Temporal will never take it. Of these three nothing
 * more is tried. `unconfirmed`: not known within the budget; it is tried again from memory for ten minutes.
 */
export type Delivered = 'done' | 'gone' | 'refused' | 'unconfirmed';

export interface Relay {
  /** Never rejects. */
  tell<Signals, Name extends keyof Signals & string>(
    message: Message<Signals, Name>,
    budgetMs: number,
  ): Promise<Delivered>;
  /** What Temporal has not taken yet. */
  pending(): number;
  /** Tries what is pending at once and waits for it, at most this long. What is left then is lost, and logged. */
  close(withinMs: number): Promise<void>;
}

const KEEP_MS = 10 * 60_000;
const ATTEMPT_MS = 3000;
const BACKOFF = { firstMs: 200, factor: 2, maxMs: 5000 } as const;
const MAX_PENDING = 10_000;
/** Of all arguments that wait; what does not fit is tried once and not kept. */
const MAX_PENDING_BYTES = 32 * 1024 * 1024;
const MAX_DONE = 10_000;
/** `google.rpc.Code`: the signal is too large, or the workflow has had as many as it may. */
const INVALID_ARGUMENT = 3;

export function createRelay({
  client,
  logger,
  metrics,
}: {
  client: Client;
  logger: Logger;
  metrics: GatewayMetrics;
}): Relay {
  const done = new Set<string>();
  const pending = new Map<string, Promise<Delivered>>();
  const closing = new AbortController();
  let over = false;
  let pendingBytes = 0;

  async function attempt<Signals, Name extends keyof Signals & string>({
    contract,
    workflowId,
    signal,
    argument,
    isMeant,
  }: Message<Signals, Name>): Promise<'done' | 'gone'> {
    if (isMeant && !(await isMeant(workflowId))) return 'gone';
    const startedAt = performance.now();
    try {
      await talk(client, { withinMs: ATTEMPT_MS }).tell(contract, workflowId, signal, argument);
      metrics.signalSeconds.observe((performance.now() - startedAt) / 1000);
      return 'done';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'gone';
      throw error;
    }
  }

  async function deliver<Signals, Name extends keyof Signals & string>(
    message: Message<Signals, Name>,
  ): Promise<Delivered> {
    const giveUpAt = performance.now() + KEEP_MS;
    for (let waitMs: number = BACKOFF.firstMs; ; waitMs = Math.min(waitMs * BACKOFF.factor, BACKOFF.maxMs)) {
      try {
        const result = await attempt(message);
        if (result === 'done') remember(message.key);
        return result;
      } catch (error) {
        const { signal } = message;
        if (grpcCode(error) === INVALID_ARGUMENT) {
          logger.error({ signal, error: errorName(error) }, 'not told: Temporal refuses it for good');
          return 'refused';
        }
        if (waitMs === BACKOFF.firstMs) logger.warn({ signal, error: errorName(error) }, 'not told yet, trying again');
        if (over || performance.now() > giveUpAt || pending.size > MAX_PENDING || pendingBytes > MAX_PENDING_BYTES) {
          logger.error({ signal }, 'given up: Temporal could not be told');
          return 'unconfirmed';
        }
      }
      await pause(waitMs);
    }
  }

  // On shutdown everything is tried at once, then quickly.
  async function pause(ms: number): Promise<void> {
    if (closing.signal.aborted) await sleep(BACKOFF.firstMs);
    else await sleep(ms, undefined, { signal: closing.signal }).catch(() => undefined);
  }

  function remember(key: string): void {
    done.add(key);
    if (done.size <= MAX_DONE) return;
    const [oldest] = done;
    if (oldest !== undefined) done.delete(oldest);
  }

  return {
    async tell(message, budgetMs) {
      const { key } = message;
      if (done.has(key)) return 'done';
      let delivery = pending.get(key);
      if (!delivery) {
        const bytes = JSON.stringify(message.argument).length;
        pendingBytes += bytes;
        delivery = deliver(message).finally(() => {
          pending.delete(key);
          pendingBytes -= bytes;
        });
        pending.set(key, delivery);
      }
      return within(delivery, budgetMs, 'unconfirmed');
    },
    pending: () => pending.size,
    async close(withinMs) {
      closing.abort();
      await within(Promise.all(pending.values()), withinMs, undefined);
      over = true;
      if (pending.size > 0) logger.error({ lost: pending.size }, 'stopped before Temporal could be told');
    },
  };
}
