import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { ConfigurationError } from '../../config/schema/problem.ts';
import { openHouse, type House } from '../../sandbox/demo/house.ts';
import { EscalationsPlugin, type EscalationsPluginOptions } from '../../worker/plugin.ts';
import { connectNative, freshPrefix, serverAddress, serverNamespace, workflowBundle } from '../server.ts';
import type { repairDatabase } from './repair-database.ts';

const theirActivities = { restart: () => Promise.resolve() };

/** Providers, gateway and client: everything but the Workers, which the plugin is to run. */
async function houseWithoutWorkers(): Promise<House> {
  const where = { address: serverAddress(), namespace: serverNamespace() };
  const house = await openHouse({ ...where, prefix: freshPrefix(), escalateAfter: '1h', worker: false });
  onTestFinished(() => house.close());
  return house;
}

async function pluginFor(config: EscalationsPluginOptions['config']): Promise<EscalationsPlugin> {
  return new EscalationsPlugin({ config, logger: pino({ level: 'silent' }), workflowBundle: await workflowBundle() });
}

it('pages for a workflow of a team, which learns who closed it, and ends with the Worker of that team', async () => {
  const { configuration, client, sandbox, temporal } = await houseWithoutWorkers();
  const { prefix } = configuration;
  const connection = await connectNative();
  const taskQueue = `${prefix}-theirs`;
  const worker = await Worker.create({
    connection,
    namespace: serverNamespace(),
    taskQueue,
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: join(import.meta.dirname, 'repair-database.ts'),
      logger: new DefaultLogger('WARN'),
    }),
    plugins: [await pluginFor(configuration)],
  });

  const closedBy = await worker.runUntil(async () => {
    const repair = await temporal.workflow.start<typeof repairDatabase>('repairDatabase', {
      workflowId: `repair-${prefix}`,
      taskQueue,
      args: [prefix, prefix],
    });
    const card = await sandbox.responder('primary').expectCard('db-7 is down');
    await card.click('Acknowledge');
    await client.close(prefix, { by: { member: 'primary' } });
    return repair.result();
  });

  expect(closedBy).toBe('primary');
  // A connection refuses to be closed while any Worker, theirs or the pack's, still uses it.
  await connection.close();
});

it('goes on paging until the last Worker that shares it has ended', async () => {
  const { configuration, client, sandbox } = await houseWithoutWorkers();
  const { prefix } = configuration;
  const connection = await connectNative();
  const plugins = [await pluginFor(configuration)];
  const theirs = { connection, namespace: serverNamespace(), activities: theirActivities, plugins };
  const [first, last] = [
    await Worker.create({ ...theirs, taskQueue: `${prefix}-first` }),
    await Worker.create({ ...theirs, taskQueue: `${prefix}-last` }),
  ];
  const ended = first.run();

  await last.runUntil(async () => {
    first.shutdown();
    await ended;
    await client.open({ id: prefix, title: 'db-7 is down', severity: 'Critical', channel: 'payments' });
    await sandbox.responder('primary').expectCard('db-7 is down');
  });

  await connection.close();
});

it('serves an account that a changed file brings, inside the Worker of a team', async () => {
  const { yaml, configuration, client, sandbox } = await houseWithoutWorkers();
  const { prefix } = configuration;
  const folder = await mkdtemp(join(tmpdir(), 'escalations-plugin-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const config = join(folder, 'escalations.yaml');
  await writeFile(config, yaml);
  const log = new PassThrough();
  const isServed = new Promise<void>((resolve) => {
    createInterface({ input: log }).on('line', (line) => {
      if (line.includes('"account":"mail-two","msg":"the account is served')) resolve();
    });
  });
  const plugin = new EscalationsPlugin({
    config,
    logger: pino({ level: 'info' }, log),
    workflowBundle: await workflowBundle(),
  });
  const connection = await connectNative();
  const theirs = { connection, namespace: serverNamespace(), activities: theirActivities, plugins: [plugin] };
  const worker = await Worker.create({ ...theirs, taskQueue: `${prefix}-theirs` });

  await worker.runUntil(async () => {
    await client.open({ id: `${prefix}-1`, title: 'db-7 is down', severity: 'Warning', channel: 'payments' });
    await sandbox.responder('primary').expectMail('db-7 is down');
    await writeFile(config, yaml.replace(/^ {2}mail:/m, '  mail-two:').replace('[mail]', '[mail-two]'));
    await isServed;
    await client.open({ id: `${prefix}-2`, title: 'db-8 is down', severity: 'Warning', channel: 'payments' });
    await sandbox.responder('primary').expectMail('db-8 is down');
  });

  await connection.close();
});

it('stops the Worker of a team whose file cannot be used, and says which file', async () => {
  const connection = await connectNative();
  onTestFinished(() => connection.close());
  const plugins = [await pluginFor('nowhere/escalations.yaml')];
  const taskQueue = freshPrefix();
  const worker = await Worker.create({ connection, taskQueue, activities: theirActivities, plugins });

  const failure: unknown = await worker.run().catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(ConfigurationError);
  expect((failure as Error).message).toContain('nowhere/escalations.yaml');
  expect(worker.getState()).toBe('STOPPED');
});

it('refuses a Worker without a connection, and says what to pass', async () => {
  const plugins = [await pluginFor('escalations.yaml')];
  const created = Worker.create({ taskQueue: freshPrefix(), activities: theirActivities, plugins });

  await expect(created).rejects.toThrow('pass `connection: await NativeConnection.connect(…)`');
});
