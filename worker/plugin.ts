import { SimplePlugin } from '@temporalio/plugin';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { pino, type Logger } from 'pino';
import type { Configuration } from '../config/configuration.ts';
import { yamlDirectory, type Directory } from '../config/duty/directory.ts';
import { ConfigurationSource } from '../config/watch.ts';
import { startCrew, type Crew } from './crew.ts';
import { openConfiguration } from './reload.ts';
import type { Pack } from './workers.ts';
import { PLUGIN_NAME } from './workflow-code.ts';

export interface EscalationsPluginOptions {
  /** Path of `escalations.yaml`, or what was loaded from one. */
  config: string | Configuration;
  /** Where people and who is on duty come from. Default: the file. */
  directory?: Directory;
  logger?: Logger;
  workflowBundle?: Pack['workflowBundle'];
}

/**
 * Runs the pack's own Workers beside yours, on your Worker's connection and namespace, for as long as yours runs. Give it
 * to the Worker or to its NativeConnection, one instance a process.
 *
 * @throws ConfigurationError when `run` is called with a file that cannot be used.
 * @example
 * ```ts
 * import { NativeConnection, Worker } from '@temporalio/worker';
 * import { EscalationsPlugin } from 'temporal-escalations';
 *
 * const worker = await Worker.create({
 *   connection: await NativeConnection.connect(),
 *   taskQueue: 'mine',
 *   workflowsPath: new URL('./workflows.js', import.meta.url).pathname,
 *   plugins: [new EscalationsPlugin({ config: 'escalations.yaml' })],
 * });
 * await worker.run();
 * ```
 */
export class EscalationsPlugin extends SimplePlugin {
  readonly #settings: EscalationsPluginOptions;
  readonly #own = new WeakSet<Worker>();
  #users = 0;
  #started: Promise<Running> | undefined;

  constructor(options: EscalationsPluginOptions) {
    super({ name: PLUGIN_NAME });
    this.#settings = options;
  }

  override configureWorker(options: WorkerOptions): WorkerOptions {
    if (!options.connection) {
      throw new TypeError(
        'EscalationsPlugin needs a Worker with a connection: pass `connection: await NativeConnection.connect(…)`',
      );
    }
    return options;
  }

  override async runWorker(user: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    if (this.#own.has(user)) return next(user); // a plugin on the connection meets our own Workers too
    const theirs = next(user);
    theirs.catch(() => undefined);
    let failure: unknown;
    const stopTheirs = (error: unknown): void => {
      failure ??= error;
      if (user.getState() === 'RUNNING') user.shutdown();
    };
    this.#users += 1;
    const started = (this.#started ??= this.#start(user, stopTheirs));
    started.catch(stopTheirs);
    try {
      await theirs;
    } finally {
      this.#users -= 1;
      if (this.#users === 0) {
        this.#started = undefined;
        await (await started.catch(() => undefined))?.stop();
      }
    }
    if (failure !== undefined) throw failure as Error;
  }

  async #start(user: Worker, onFailure: (error: unknown) => void): Promise<Running> {
    const { config, directory, logger = pino({ name: 'escalations' }), workflowBundle } = this.#settings;
    let follow = (): Promise<void> => Promise.resolve();
    const source =
      typeof config === 'string'
        ? await openConfiguration(config, logger, () => follow())
        : ConfigurationSource.fixed(config);
    const pack: Pack = {
      source,
      directory: directory ?? yamlDirectory(source),
      logger,
      ...(workflowBundle && { workflowBundle }),
    };
    const { connection } = user;
    if (!(connection instanceof NativeConnection)) throw new TypeError('EscalationsPlugin needs a NativeConnection');
    const { namespace, dataConverter, interceptors } = user.options;
    let crew: Crew;
    try {
      crew = await startCrew(pack, {
        connection,
        namespace,
        dataConverter,
        make: async (options) => {
          const worker = await Worker.create({
            connection,
            namespace,
            ...(dataConverter && { dataConverter }),
            // The user's workflow interceptors are not in our bundle.
            interceptors: { client: interceptors.client, activity: interceptors.activity },
            ...options,
          });
          this.#own.add(worker);
          return worker;
        },
        onFailure,
      });
    } catch (error) {
      source.close();
      throw error;
    }
    follow = () => crew.follow();
    return {
      async stop() {
        await crew.stop();
        source.close();
      },
    };
  }
}

interface Running {
  stop(): Promise<void>;
}
