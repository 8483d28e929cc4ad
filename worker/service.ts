import { NativeConnection, Worker, type NativeConnectionOptions, type WorkerOptions } from '@temporalio/worker';
import { yamlDirectory } from '../config/duty/directory.ts';
import type { Configuration } from '../config/configuration.ts';
import { accountWorker, packWorkers, releaseAccounts, type Pack } from './workers.ts';

export interface WorkerServiceOptions extends Omit<Pack, 'directory'> {
  directory?: Pack['directory'];
  connection: NativeConnectionOptions;
  namespace: string;
}

export interface WorkerService {
  /** Serves accounts that a reloaded configuration brought; removed ones are drained until the process ends. */
  follow(current: Configuration): Promise<void>;
  /** Ends when the service was stopped. @throws when a Worker fails. */
  finished: Promise<void>;
  /** Lets what has begun end, then stops. */
  stop(): Promise<void>;
}

/** The pack's Workers as a process of their own. */
export async function startWorkers(options: WorkerServiceOptions): Promise<WorkerService> {
  const { source, logger, namespace } = options;
  const pack: Pack = { ...options, directory: options.directory ?? yamlDirectory(source) };
  const connection = await NativeConnection.connect(options.connection);
  const running: { worker: Worker; run: Promise<void> }[] = [];
  const served = new Set<string>();
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);

  const start = async (worker: WorkerOptions): Promise<void> => {
    const made = await Worker.create({ connection, namespace, ...worker });
    const run = made.run();
    run.catch(fail);
    running.push({ worker: made, run });
  };

  const [main, ...channels] = await packWorkers(pack, connection, namespace);
  // Channels first: the first page of the first incident finds its queue polled.
  await Promise.all(channels.map(start));
  for (const name of source.current.accounts.keys()) served.add(name);
  if (main) await start(main);
  logger.info({ queues: [source.current.prefix, ...served] }, 'working');

  const stopAll = async (): Promise<void> => {
    for (const { worker } of running) if (worker.getState() === 'RUNNING') worker.shutdown();
    await Promise.allSettled(running.map(({ run }) => run));
    await releaseAccounts(pack);
    await connection.close();
  };
  let stopping: Promise<void> | undefined;
  return {
    async follow(current) {
      for (const account of current.accounts.values()) {
        if (served.has(account.name)) continue;
        served.add(account.name);
        await start(await accountWorker(pack, account));
        logger.info({ account: account.name }, 'a new account is served');
      }
    },
    finished: Promise.race([failed, Promise.all(running.map(({ run }) => run)).then(() => undefined)]),
    stop: () => (stopping ??= stopAll()),
  };
}
