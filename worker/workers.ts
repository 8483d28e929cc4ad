import { hostname } from 'node:os';
import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createChannel } from '../activities/channel.ts';
import { requestsPerSecond } from '../activities/limits.ts';
import { createLine } from '../activities/line.ts';
import { createPlanning } from '../activities/plan.ts';
import { createProving } from '../activities/proving.ts';
import type { Account, ConfigurationInForce } from '../config/configuration.ts';
import type { Directory } from '../config/duty/directory.ts';
import { loadAdapter } from '../providers/registry.ts';
import { registerAttributes } from './attributes.ts';
import { workflowCode, type WorkflowHost } from './workflow-code.ts';

export interface Pack {
  /** Read anew for every plan and every send: put a reloaded configuration in its place. */
  source: ConfigurationInForce;
  directory: Directory;
  logger: Logger;
  /** Made by `bundleWorkflowCode` of the same SDK version; default: the one that the package ships, see {@link workflowCode}. */
  workflowBundle?: WorkerOptions['workflowBundle'];
  /** Workflows kept in memory between their tasks; 0: each task replays its run. Default: the SDK's. */
  maxCachedWorkflows?: number;
}

/** Longer than the longest send: what has begun ends before the process does. */
const SHUTDOWN_GRACE = '15s';

/** The Worker that runs incidents and phones, and plans. */
export async function mainWorker(
  pack: Pack,
  host: WorkflowHost & { connection: NativeConnection; namespace: string },
): Promise<WorkerOptions> {
  const attributes = await registerAttributes(host.connection, host.namespace, pack.logger);
  return {
    taskQueue: pack.source.current.prefix,
    ...(pack.workflowBundle ? { workflowBundle: pack.workflowBundle } : workflowCode(host, pack.logger)),
    ...(pack.maxCachedWorkflows !== undefined && { maxCachedWorkflows: pack.maxCachedWorkflows }),
    activities: { ...createPlanning({ ...pack, attributes }), ...createLine(pack), ...createProving(pack) },
    // After the death of a worker a due page waits this long for it: the SDK's own 10 s are too long.
    stickyQueueScheduleToStartTimeout: '1s',
    shutdownGraceTime: SHUTDOWN_GRACE,
  };
}

/** The Worker of one account: activities only, a queue of its own, within the vendor's limits. */
export async function accountWorker({ source, directory }: Pack, account: Account): Promise<WorkerOptions> {
  return {
    taskQueue: `${source.current.prefix}.${account.name}`,
    identity: workerIdentity(account.adapter),
    activities: createChannel({ source, directory, account, adapter: await loadAdapter(account.adapter) }),
    maxTaskQueueActivitiesPerSecond: requestsPerSecond(account),
    maxConcurrentActivityTaskPolls: 2,
    shutdownGraceTime: SHUTDOWN_GRACE,
  };
}

/** As the SDK would say it, and the adapter, so that `doctor` sees which file a worker has. */
export function workerIdentity(adapter: string): string {
  return `${String(process.pid)}@${hostname()} ${adapter}`;
}

/** Gives back what adapters keep open, which would hold the process: after the Workers have ended. */
export async function releaseAccounts({ source }: Pick<Pack, 'source'>): Promise<void> {
  const accounts = [...source.current.accounts.values()];
  await Promise.all(accounts.map(async ({ adapter, settings }) => (await loadAdapter(adapter)).close?.(settings)));
}
