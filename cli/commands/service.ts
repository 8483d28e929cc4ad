import type { Command } from 'commander';
import type { Logger } from 'pino';
import type { OpenIncident } from '../../gateway/incidents/open.ts';
import type { ConfigurationSource } from '../../config/watch.ts';
import { CommandError } from '../command-error.ts';
import {
  explained,
  noNamespace,
  isNotFound,
  reach,
  targetOf,
  withConnection,
  type ConnectionFlags,
  type Target,
} from '../connection.ts';

interface ServiceFlags extends ConnectionFlags {
  config: string;
}

/** How long a worker that is started waits for Temporal before it says that it is not there. */
const CONNECT_MS = 10_000;

export function addServiceCommands(program: Command): void {
  serving(program.command('worker'))
    .description('run incidents and send what they ask for, until SIGTERM')
    .option('--with-gateway', 'run the gateway in the same process')
    .action((flags: ServiceFlags & { withGateway?: true }) =>
      run(flags, { worker: true, gateway: flags.withGateway === true }),
    );
  serving(program.command('gateway'))
    .description('take what providers and people answer, until SIGTERM')
    .action((flags: ServiceFlags) => run(flags, { worker: false, gateway: true }));
}

function serving(command: Command): Command {
  return withConnection(command)
    .option('--config <file>', 'the configuration, taken over again when it changes and on SIGHUP', 'escalations.yaml')
    .addHelpText('after', '\nLOG_LEVEL=debug|info|warn|error sets what is logged.');
}

/** @throws ConfigurationError or CommandError before anything is started, or what ended the service. */
async function run(flags: ServiceFlags, parts: { worker: boolean; gateway: boolean }): Promise<void> {
  const { serviceLog } = await import('../service-log.ts');
  const logger = serviceLog();
  let follow = (): Promise<void> => Promise.resolve();
  const { openConfiguration } = await import('../../worker/reload.ts');
  const source = await openConfiguration(flags.config, logger, () => follow());
  const closers: (() => Promise<void>)[] = [];
  try {
    const target = await targetOf(flags);
    const endings: Promise<unknown>[] = [];
    if (parts.worker) await mustReach(target);
    endings.push(stopSignal(logger));
    if (parts.gateway) closers.push(await openGateway(source, target, logger));
    if (parts.worker) {
      const service = await openWorkers(source, target, logger);
      closers.push(() => service.stop());
      follow = () => service.follow();
      await follow();
      endings.push(service.finished);
    }
    await Promise.race(endings);
  } finally {
    source.close();
    // The gateway closes last, so that presses which it has not yet delivered to Temporal still can be.
    for (const close of closers.reverse()) await close();
    if (closers.length > 0) logger.info('stopped');
  }
}

/** @throws CommandError when Temporal or the namespace is not there. */
async function mustReach(target: Target): Promise<void> {
  const { address, namespace } = target;
  const connection = await reach(target, CONNECT_MS);
  try {
    await connection.withDeadline(Date.now() + CONNECT_MS, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
  } catch (error) {
    throw isNotFound(error) ? noNamespace(namespace, address) : explained(error, target);
  } finally {
    await connection.close();
  }
}

async function openWorkers(source: ConfigurationSource, { connection, namespace }: Target, logger: Logger) {
  const [{ startWorkers }, { forwardTemporalLog }] = await Promise.all([
    import('../../worker/service.ts'),
    import('../service-log.ts'),
  ]);
  await forwardTemporalLog(logger);
  return startWorkers({ source, logger, connection, namespace });
}

/** Starts the gateway even when Temporal is away: it verifies callbacks and delivers them once Temporal is back. */
async function openGateway(
  source: ConfigurationSource,
  { connection: options, namespace }: Target,
  logger: Logger,
): Promise<() => Promise<void>> {
  const [{ Client, Connection }, { createGateway }, { yamlDirectory }, { EscalationClient }] = await Promise.all([
    import('@temporalio/client'),
    import('../../gateway/index.ts'),
    import('../../config/duty/directory.ts'),
    import('../../client/escalation-client.ts'),
  ]);
  const connection = Connection.lazy(options);
  const client = new Client({ connection, namespace });
  const escalations = new EscalationClient({ client, taskQueue: source.current.prefix });
  const open: OpenIncident = (incident, options) => escalations.open(incident, options);
  const gateway = createGateway({ source, client, directory: yamlDirectory(source), logger, open });
  try {
    const { url, operationsUrl } = await gateway.listen();
    logger.info({ url, operationsUrl }, 'listening');
  } catch (error) {
    await connection.close();
    const { host, port } = source.current.gateway;
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const why = code === 'EADDRINUSE' ? 'is taken by another process' : `cannot be listened on (${code})`;
    throw new CommandError(`${host}:${port} ${why}: change gateway.listen`);
  }
  return async () => {
    await gateway.close();
    await connection.close();
  };
}

/** Resolves at the first SIGTERM or SIGINT. A second one of the same kind ends the process at once, as usual. */
async function stopSignal(logger: Logger): Promise<void> {
  const signal = await new Promise<NodeJS.Signals>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, resolve);
  });
  logger.info({ signal }, 'stopping');
}
