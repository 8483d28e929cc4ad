import { NativeConnection, Worker, type NativeConnectionOptions } from '@temporalio/worker';
import { yamlDirectory } from '../config/duty/directory.ts';
import { startCrew, type Crew } from './crew.ts';
import type { Pack } from './workers.ts';

export interface WorkerServiceOptions extends Omit<Pack, 'directory'> {
  directory?: Pack['directory'];
  connection: NativeConnectionOptions;
  namespace: string;
}

export interface WorkerService {
  /** Serves the accounts as a reloaded configuration of `source` says. */
  follow(): Promise<void>;
  /** Ends when the service was stopped. @throws when a Worker fails. */
  finished: Promise<void>;
  /** Lets what has begun end, then stops. */
  stop(): Promise<void>;
}

/**
 * The pack's Workers as a process of their own: what `escalations worker` runs.
 *
 * @throws when Temporal cannot be reached, or an adapter cannot be loaded.
 * @example
 * ```ts
 * import { pino } from 'pino';
 * import { ConfigurationSource, startWorkers } from 'temporal-escalations';
 *
 * const workers = await startWorkers({
 *   source: await ConfigurationSource.open('escalations.yaml'),
 *   connection: { address: 'localhost:7233' },
 *   namespace: 'default',
 *   logger: pino(),
 * });
 * process.once('SIGTERM', () => void workers.stop());
 * await workers.finished;
 * ```
 */
export async function startWorkers(options: WorkerServiceOptions): Promise<WorkerService> {
  const { source, logger, namespace } = options;
  const pack: Pack = { ...options, directory: options.directory ?? yamlDirectory(source) };
  const connection = await NativeConnection.connect(options.connection);
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);
  let crew: Crew;
  try {
    crew = await startCrew(pack, {
      connection,
      namespace,
      make: (worker) => Worker.create({ connection, namespace, ...worker }),
      onFailure: fail,
    });
  } catch (error) {
    await connection.close();
    throw error;
  }
  logger.info({ queues: [source.current.prefix, ...source.current.accounts.keys()] }, 'working');

  let stopping: Promise<void> | undefined;
  return {
    follow: () => crew.follow(),
    finished: Promise.race([failed, crew.finished]),
    stop: () => (stopping ??= crew.stop().then(() => connection.close())),
  };
}
