import type { NativeConnection, Worker, WorkerOptions } from '@temporalio/worker';
import { requestsPerSecond } from '../activities/limits.ts';
import type { Account } from '../config/configuration.ts';
import { accountWorker, mainWorker, releaseAccounts, type Pack } from './workers.ts';
import type { WorkflowHost } from './workflow-code.ts';

/** The pack's Workers as they run in this process: one for incidents and phones, one for each account. */
export interface Crew {
  /**
   * Serves what a reloaded configuration says: new accounts, another adapter or another `perSecond` of a known one.
   * Everything else of an account is read anew for each send. An account that was removed is served until the process
   * ends, so that what was planned for it is refused at once and goes elsewhere.
   */
  follow(): Promise<void>;
  /** Ends when every Worker has ended. */
  finished: Promise<void>;
  /** Lets what has begun end, then stops. */
  stop(): Promise<void>;
}

export interface Ship extends WorkflowHost {
  connection: NativeConnection;
  namespace: string;
  /** Makes a Worker on that connection and namespace, with that data converter. */
  make: (options: WorkerOptions) => Promise<Worker>;
  /** Hears of a Worker that failed. */
  onFailure: (error: unknown) => void;
}

interface Running {
  worker: Worker;
  run: Promise<void>;
}

interface Serving extends Running {
  account: Account;
  options: WorkerOptions;
}

/** Between attempts to serve an account whose Worker could not be made. */
const TRY_AGAIN_MS = 5000;

/** @throws when a Worker cannot be made; those that were made have ended by then. */
export async function startCrew(pack: Pack, ship: Ship): Promise<Crew> {
  const { source, logger } = pack;
  const { make, onFailure } = ship;
  const running: Running[] = [];
  const served = new Map<string, Serving>();
  let isStopping = false;
  let following: Promise<void> = Promise.resolve();
  let retry: NodeJS.Timeout | undefined;

  const start = async (options: WorkerOptions): Promise<Running> => {
    const worker = await make(options);
    const run = worker.run();
    run.catch(onFailure);
    running.push({ worker, run });
    return { worker, run };
  };

  /** @returns whether anything had to be done. */
  const serve = async (account: Account): Promise<boolean> => {
    const { name } = account;
    const before = served.get(name);
    if (isStopping || (before && isServedBy(before, account))) return false;
    const options = await optionsFor(pack, account, before);
    // A process may have one Worker a queue: the old one takes nothing more, and what it has begun still ends.
    if (before) shutDown(before);
    served.delete(name);
    served.set(name, { account, options, ...(await start(options)) });
    return true;
  };

  const serveAll = async (): Promise<PromiseSettledResult<boolean>[]> =>
    Promise.allSettled([...source.current.accounts.values()].map(serve));

  const followOnce = async (): Promise<void> => {
    clearTimeout(retry);
    const names = [...source.current.accounts.keys()];
    const results = await serveAll();
    for (const [index, result] of results.entries()) {
      const account = names[index];
      if (result.status === 'rejected') {
        logger.error({ account, error: result.reason as unknown }, 'the account is not served yet; it is tried again');
        retry = setTimeout(() => void follow(), TRY_AGAIN_MS).unref();
      } else if (result.value) logger.info({ account }, 'the account is served as the configuration says now');
    }
  };
  const follow = (): Promise<void> => (following = following.then(followOnce));

  const stop = async (): Promise<void> => {
    isStopping = true;
    await following;
    clearTimeout(retry);
    for (const one of running) shutDown(one);
    await Promise.allSettled(running.map(({ run }) => run));
    await releaseAccounts(pack);
  };

  try {
    // Channels first: the first page of the first incident finds its queue polled.
    for (const result of await serveAll()) if (result.status === 'rejected') throw result.reason;
    const main = await start(await mainWorker(pack, ship));
    const finished = main.run.then(async () => {
      await Promise.all(running.map(({ run }) => run));
    });
    finished.catch(() => undefined);
    return { follow, finished, stop };
  } catch (error) {
    // A Worker that was made holds its connection until it has run.
    await stop();
    throw error;
  }
}

function isServedBy({ account }: Serving, now: Account): boolean {
  return account.adapter === now.adapter && requestsPerSecond(account) === requestsPerSecond(now);
}

/** With the same adapter the same activities go on: they remember what the vendor was sent. */
async function optionsFor(pack: Pack, account: Account, before: Serving | undefined): Promise<WorkerOptions> {
  if (before?.account.adapter !== account.adapter) return accountWorker(pack, account);
  return { ...before.options, maxTaskQueueActivitiesPerSecond: requestsPerSecond(account) };
}

function shutDown({ worker }: Running): void {
  if (worker.getState() === 'RUNNING') worker.shutdown();
}
