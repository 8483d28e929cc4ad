import { loadClientConfigProfile } from '@temporalio/envconfig';
import type { TestProject } from 'vitest/node';
import { SEARCH_ATTRIBUTES } from '../domain/incident/attributes.ts';
import { findServer } from '../sandbox/engine/find-server.ts';
import { startServer } from '../sandbox/engine/start-server.ts';
import { findTestServer } from './test-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    temporal: { address: string; namespace: string; isOurs: boolean };
    timeSkippingServer: string | undefined;
  }
}

/** One Temporal server for the run: the one the environment names, else one of ours, in memory and on free ports. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const testServer = await findTestServer(console.log);
  project.provide('timeSkippingServer', 'executable' in testServer ? testServer.executable : undefined);

  const found = await findServer(console.log);
  if ('address' in found) {
    const { namespace = 'default' } = loadClientConfigProfile();
    project.provide('temporal', { address: found.address, namespace, isOurs: false });
    return () => Promise.resolve();
  }
  const engine = await startServer({ server: found, searchAttributes: SEARCH_ATTRIBUTES });
  project.provide('temporal', { address: engine.address, namespace: 'default', isOurs: true });
  return () => engine.stop();
}
