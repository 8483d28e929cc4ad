import { Client, Connection } from '@temporalio/client';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, onTestFinished } from 'vitest';
import { startServer } from '../../sandbox/engine/start-server.ts';
import type { Engine, ServerOptions } from '../../sandbox/engine/start-server.ts';

const engines: Engine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop()));
});

async function start(options: ServerOptions = {}): Promise<Engine> {
  const engine = await startServer(options);
  engines.push(engine);
  return engine;
}

async function connect(engine: Engine): Promise<Client> {
  const connection = await Connection.connect({ address: engine.address });
  onTestFinished(() => connection.close());
  return new Client({ connection });
}

const lives = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

it('answers on loopback as soon as it is started, with the Web UI beside it', async () => {
  const engine = await start({ uiPort: 0 });
  const client = await connect(engine);

  const { serverVersion } = await client.connection.workflowService.getSystemInfo({});
  const page = await fetch(engine.uiUrl ?? '');

  expect(engine.address).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(serverVersion).toMatch(/^1\.\d+\./);
  expect(page.status).toBe(200);
  expect(engine.how).toMatch(/^Temporal CLI /);
});

it('serves the namespace it was asked for', async () => {
  const client = await connect(await start({ namespace: 'oncall' }));

  const described = await client.connection.workflowService.describeNamespace({ namespace: 'oncall' });

  expect(described.namespaceInfo?.name).toBe('oncall');
});

it('keeps running incidents through a power cut when it has a database file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'engine-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const engine = await start({ dbFilename: join(folder, 'temporal.db') });
  const { address, pid } = engine;
  const client = await connect(engine);
  const incident = await client.workflow.start('escalateIncident', { taskQueue: 'nobody', workflowId: 'incident-1' });

  engine.kill();
  await engine.restart();
  const again = await connect(engine);
  const described = await again.workflow.getHandle('incident-1').describe();

  expect(engine.address).toBe(address);
  expect(engine.pid).not.toBe(pid);
  expect(described.status.name).toBe('RUNNING');
  expect(described.runId).toBe(incident.firstExecutionRunId);
});

it('leaves no process behind when it is stopped', async () => {
  const engine = await start();
  const { pid } = engine;
  expect(lives(pid)).toBe(true);

  await engine.stop();

  expect(lives(pid)).toBe(false);
  await expect(Connection.connect({ address: engine.address, connectTimeout: '200ms' })).rejects.toThrow();
});

it('does not take another server on its port for its own', async () => {
  const first = await start();
  const port = Number(first.address.split(':')[1]);

  await expect(startServer({ port })).rejects.toThrow(`${first.address} is taken`);
});

it('says what the server said when it cannot start', async () => {
  await expect(startServer({ dbFilename: '/nowhere/temporal.db' })).rejects.toThrow(
    /did not become ready.*\n.*nowhere/s,
  );
});
