import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { inject } from 'vitest';

// One process runs every file of the project: its native runtime and the bundle are made once.
const shared = globalThis as { workflowBundle?: Promise<WorkflowBundleWithSourceMap>; runtimeInstalled?: true };
if (!shared.runtimeInstalled) {
  Runtime.install({ logger: new DefaultLogger('WARN') });
  shared.runtimeInstalled = true;
}

/** The Temporal server that all tests of this run share; tests keep apart by {@link freshPrefix}. */
export function serverAddress(): string {
  return inject('temporal').address;
}

export function serverNamespace(): string {
  return inject('temporal').namespace;
}

/** Executable of the time-skipping test server, undefined where there is none. */
export function timeSkippingServer(): string | undefined {
  return inject('timeSkippingServer');
}

/** Close it with `client.connection.close()`. */
export async function connectClient(): Promise<Client> {
  const connection = await Connection.connect(connectionOptions());
  return new Client({ connection, namespace: serverNamespace() });
}

/** For Workers. Close it with `close()` after they have ended. */
export async function connectNative(): Promise<NativeConnection> {
  return NativeConnection.connect(connectionOptions());
}

/** A prefix for queues and ids that no other test uses. */
export function freshPrefix(): string {
  return `t${randomUUID().slice(0, 8)}`;
}

/** `workflows/index.ts` as Workers load it. */
export function workflowBundle(): Promise<WorkflowBundleWithSourceMap> {
  shared.workflowBundle ??= bundleWorkflowCode({
    workflowsPath: join(import.meta.dirname, '..', 'workflows', 'index.ts'),
    logger: new DefaultLogger('WARN'),
  });
  return shared.workflowBundle;
}

function connectionOptions() {
  return inject('temporal').isOurs ? { address: serverAddress() } : loadClientConnectConfig().connectionOptions;
}
