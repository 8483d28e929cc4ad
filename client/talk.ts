import { WithStartWorkflowOperation, type Client } from '@temporalio/client';
import type { Workflow } from '@temporalio/common';
import { within } from './within.ts';
import type { Contract, Exchange, Exchanges } from '../domain/messages.ts';

/** Nobody has answered in time. Whether it was done is not known. */
export class NoAnswerError extends Error {
  override name = 'NoAnswerError';
  constructor(ms: number) {
    super(`no answer within ${String(Math.round(ms))} ms`);
  }
}

const LATE = Symbol('late');

/** How the workflow is started where it does not run yet. */
export interface Start {
  taskQueue: string;
  /** Shown in lists of the Web UI, such as `the phone of primary`. */
  summary: string;
}

/** A workflow, or one run of it. */
export type Whom = string | { workflowId: string; runId: string };

/** The one typed way to a workflow from outside. */
export interface Talk {
  /**
   * Signals: durable when it returns, also while no worker is up.
   * @throws WorkflowNotFoundError when it does not run and is not to be started; what gRPC says when it takes too long.
   */
  tell<Signals, Name extends keyof Signals & string>(
    contract: Pick<Contract<Signals, never, never>, 'type' | 'signals'>,
    workflowId: string,
    name: Name,
    argument: Signals[Name],
    start?: Start,
  ): Promise<void>;
  /** Queries, every earlier signal included; also a closed workflow, for as long as it is kept. Needs a worker. */
  ask<Queries extends Exchanges<Queries>, Name extends keyof Queries & string>(
    contract: Pick<Contract<unknown, Queries, never>, 'queries'>,
    whom: Whom,
    name: Name,
    ...args: Queries[Name] extends Exchange<undefined, unknown> ? [] : [Queries[Name]['argument']]
  ): Promise<Queries[Name]['answer']>;
  /**
   * Updates, and starts the workflow where it does not run, if `start` says how. Needs a worker.
   * @param how.updateId the same id counts once, however often it is asked. Default: random.
   * @throws WorkflowUpdateFailedError when the workflow refuses; when nobody answers in time it may count all the same.
   */
  request<Updates extends Exchanges<Updates>, Name extends keyof Updates & string>(
    contract: Pick<Contract<unknown, never, Updates>, 'type' | 'updates'>,
    workflowId: string,
    name: Name,
    argument: Updates[Name]['argument'],
    how?: { start?: Start; updateId?: string },
  ): Promise<Updates[Name]['answer']>;
}

/**
 * @param limit.withinMs for each call, milliseconds; absent: as long as the caller's own deadline.
 *
 * @example
 * const codes = await talk(client, { withinMs: 300 }).ask(PHONE, phoneId, 'codes');
 */
export function talk(client: Client, limit: { withinMs?: number } = {}): Talk {
  const { workflow } = client;
  const { withinMs } = limit;

  /** Until the client has given it up: a signal that was said again while the first may still arrive would count twice. */
  function once<T>(call: () => Promise<T>): Promise<T> {
    if (withinMs === undefined) return call();
    return underWay(client, client.withDeadline(Date.now() + Math.max(withinMs, 1), call));
  }

  /** No longer than anybody waits: the client itself looks at no deadline between its retries, for up to two seconds. */
  async function inTime<T>(call: () => Promise<T>): Promise<T> {
    if (withinMs === undefined) return call();
    const ms = Math.max(withinMs, 1);
    const answer = await within(once(call), ms, LATE);
    if (answer === LATE) throw new NoAnswerError(ms);
    return answer;
  }

  return {
    tell(contract, workflowId, signal, argument, start) {
      return once(async () => {
        if (!start) {
          await workflow.getHandle(workflowId).signal(signal, argument);
          return;
        }
        await workflow.signalWithStart(contract.type, {
          workflowId,
          taskQueue: start.taskQueue,
          args: [],
          signal,
          signalArgs: [argument],
          staticSummary: start.summary,
        });
      });
    },

    ask(_contract, whom, name, ...args) {
      const handle =
        typeof whom === 'string' ? workflow.getHandle(whom) : workflow.getHandle(whom.workflowId, whom.runId);
      return inTime(() => handle.query(name, ...args));
    },

    request(contract, workflowId, name, argument, { start, updateId } = {}) {
      const options = { args: [argument] as [unknown], ...(updateId !== undefined && { updateId }) };
      if (!start) return inTime(() => workflow.getHandle(workflowId).executeUpdate(name, options));
      const startWorkflowOperation = new WithStartWorkflowOperation(contract.type, {
        workflowId,
        taskQueue: start.taskQueue,
        args: [],
        workflowIdConflictPolicy: 'USE_EXISTING',
        staticSummary: start.summary,
      });
      return inTime(() =>
        workflow.executeUpdateWithStart<Workflow, never, [unknown]>(name, { ...options, startWorkflowOperation }),
      );
    },
  };
}

/** Calls with a time limit: the client may be busy with one for longer than anybody waits for it. */
const calls = new WeakMap<Client, Set<Promise<unknown>>>();

function underWay<T>(client: Client, call: Promise<T>): Promise<T> {
  const ours = calls.get(client) ?? new Set<Promise<unknown>>();
  calls.set(client, ours);
  ours.add(call);
  const forget = (): void => void ours.delete(call);
  call.then(forget, forget);
  return call;
}

/**
 * Waits for every call that is under way, before their connection is closed: the client would try one of them again on
 * the closed connection, and throws that where nobody can catch it.
 */
export async function allEnded(client: Client): Promise<void> {
  await Promise.allSettled([...(calls.get(client) ?? [])]);
}
