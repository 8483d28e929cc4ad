import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';

/** Name of this pack's plugin, which changes nothing of how workflows are bundled. */
export const PLUGIN_NAME = 'temporal-escalations.EscalationsPlugin';

/** What the Worker that runs the workflows has from outside. */
export interface WorkflowHost {
  connection: Pick<NativeConnection, 'plugins'>;
  dataConverter?: DataConverter | undefined;
}

/** The sources when run by a TypeScript runner, the compiled files when installed. */
export const workflowsPath = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../workflows/index.ts' : '../workflows/index.js', import.meta.url),
);

/**
 * Where a Worker has the workflows from: the bundle that the package ships, which saves bundling them at each start, or
 * their files where a bundle made here would differ from it. The SDK's own half of a bundle must be of exactly the version
 * that runs it; converters of the user run inside workflows; a plugin may change what is bundled.
 */
export function workflowCode(
  host: WorkflowHost,
  logger: Logger,
): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const version = sdkVersion();
  const codePath = fileURLToPath(new URL(`../workflows/${bundleName(version)}`, import.meta.url));
  const reason = existsSync(codePath) ? customOf(host) : `no bundle for @temporalio/worker ${version} is shipped`;
  if (reason !== undefined) {
    logger.info({ reason }, 'the workflows are bundled at the start');
    return { workflowsPath };
  }
  logger.debug({ codePath }, 'the workflows come bundled');
  return { workflowBundle: { codePath } };
}

function customOf({ connection, dataConverter }: WorkflowHost): string | undefined {
  if (dataConverter?.payloadConverterPath !== undefined || dataConverter?.failureConverterPath !== undefined) {
    return 'the data converter has code of its own for workflows';
  }
  const plugin = connection.plugins.find(({ name }) => name !== PLUGIN_NAME);
  return plugin && `the plugin ${plugin.name} may change them`;
}

/** What `npm run build` calls the bundle beside the workflows: for which version of the SDK it is. */
export function bundleName(version: string): string {
  return `bundle-${version}.js`;
}

/** The version of the SDK that runs Workers here. */
export function sdkVersion(): string {
  return (createRequire(import.meta.url)('@temporalio/worker/package.json') as { version: string }).version;
}
