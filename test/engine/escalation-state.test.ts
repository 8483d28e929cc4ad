import { readFileSync } from 'node:fs';
import { Client, type WorkflowClientInterceptor } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { Worker } from '@temporalio/worker';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createPlanning } from '../../activities/plan.ts';
import { EscalationClient } from '../../client/escalation-client.ts';
import { yamlDirectory } from '../../config/duty/directory.ts';
import { parseConfiguration } from '../../config/load.ts';
import { SEARCH_ATTRIBUTES } from '../../domain/incident/attributes.ts';
import { escalations, run } from '../child.ts';
import { openTestHouse } from '../e2e/house.ts';
import {
  connectClient,
  connectNative,
  freshPrefix,
  serverAddress,
  serverNamespace,
  workflowBundle,
} from '../server.ts';

const operating = readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8');
const [, shown = ''] = /<!-- views:start -->([\s\S]*)<!-- views:end -->/.exec(operating) ?? [];
const VIEWS = Object.fromEntries(
  [...shown.matchAll(/\*\*(.+)\*\* \(\[open\]\((.+)\)\)\n\n```\n(.+)\n```/g)].map(
    ([, name = '', link = '', query = '']) => [name, { link, query }],
  ),
);

async function connected(): Promise<Client> {
  const client = await connectClient();
  onTestFinished(() => client.connection.close());
  return client;
}

async function idsIn(client: Client, view: string, prefix: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query: VIEWS[view]?.query ?? '' })) ids.push(workflowId);
  return ids.filter((id) => id.startsWith(`incident-${prefix}`)).sort();
}

describe('an operator', () => {
  it('finds open, unacknowledged Criticals while no worker runs, also those of foreign clients', async () => {
    const client = await connected();
    const prefix = freshPrefix();
    const escalation = new EscalationClient({ client, taskQueue: prefix });
    await escalation.open({ id: `${prefix}-warning`, title: 'slow', severity: 'Warning' });
    await escalation.open({ id: `${prefix}-critical`, title: 'db-7 is down', severity: 'Critical' });
    await client.workflow.start('escalateIncident', {
      workflowId: `incident-${prefix}-foreign`,
      taskQueue: prefix,
      args: [{ incident: { id: `${prefix}-foreign`, severity: 'Critical' } }],
    });
    const found = ['critical', 'foreign'].map((name) => `incident-${prefix}-${name}`);

    await expect
      .poll(() => idsIn(client, 'Nobody has acknowledged a Critical', prefix), { timeout: 10_000 })
      .toEqual(found);
    expect(await idsIn(client, 'Nobody has acknowledged', prefix)).toEqual([...found, `incident-${prefix}-warning`]);
    expect(await idsIn(client, 'All open incidents', prefix)).toHaveLength(3);

    const where = ['--address', serverAddress(), '--namespace', serverNamespace()];
    const { stdout } = await run(escalations(['list', '--unacknowledged', ...where]));
    const mine = stdout.split('\n').filter((line) => line.includes(prefix));
    expect(mine.map((line) => line.replaceAll(/\s+/g, ' ').replace(/20\d\d\S+ /, ''))).toEqual([
      `Critical paging ${prefix}-critical db-7 is down`,
      `(unknown) (no worker yet) ${prefix}-foreign`,
      `Warning paging ${prefix}-warning slow`,
    ]);
    for (const id of ['warning', 'critical', 'foreign']) {
      await client.workflow.getHandle(`incident-${prefix}-${id}`).terminate();
    }
  });

  it('sees by EscalationState how an incident stands, down to its close, and its title as memo', async () => {
    const house = await openTestHouse({ escalateAfter: '1h' });
    onTestFinished(() => house.close());
    const id = house.configuration.prefix;
    const handle = house.temporal.workflow.getHandle(`incident-${id}`);
    const state = async (): Promise<unknown> =>
      (await handle.describe()).typedSearchAttributes.getAll().find(({ key }) => key.name === 'EscalationState')?.value;
    const by = { by: { member: 'primary' } };

    await house.client.open({ id, title: 'db-7 is down', severity: 'Critical', channel: 'payments' });
    await house.sandbox.responder('primary').expectCard('db-7 is down');
    expect(await state()).toBe('paging');
    await house.client.acknowledge(id, by);
    await expect.poll(state).toBe('acknowledged');
    await house.client.snooze(id, { ...by, minutes: 60 });
    await expect.poll(state).toBe('snoozed');
    await house.client.revise(id, { ...by, title: 'db-7 and db-8 are down' });
    await house.client.close(id, by);
    await house.client.result(id);
    expect(await state()).toBe('closed');
    expect((await handle.describe()).memo?.['title']).toBe('db-7 and db-8 are down');
  });

  it('can open the documented views: link and query are the same', () => {
    expect(Object.keys(VIEWS)).toHaveLength(4);
    for (const { link, query } of Object.values(VIEWS)) {
      expect(new URL(link).searchParams.get('query')).toBe(query);
      expect(query).toContain('EscalationState IS NULL');
    }
  });
});

it('takes six Keywords of a namespace, EscalationState first', () => {
  const names = Object.entries(SEARCH_ATTRIBUTES);
  expect(names[0]).toEqual(['EscalationState', 'Keyword']);
  expect(names.filter(([, type]) => type === 'Keyword')).toHaveLength(6);
});

it('opens incidents where the server lacks the attributes, and does not ask it again for five minutes', async () => {
  const plain = await connected();
  const namespace = freshPrefix();
  await plain.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs('1 day') });
  const asked: boolean[] = [];
  const watching: WorkflowClientInterceptor = {
    startWithDetails(input, next) {
      asked.push(input.options.typedSearchAttributes !== undefined);
      return next(input);
    },
  };
  const client = new Client({ connection: plain.connection, namespace, interceptors: { workflow: [watching] } });
  const escalation = new EscalationClient({ client, taskQueue: namespace });
  const open = (id: string) => escalation.open({ id, title: 'db-7 is down' }).then(({ result }) => result);

  // Parts of the server may not have heard of the namespace yet.
  await expect.poll(() => open('first').catch(String), { timeout: 20_000 }).toBe('started');
  const before = asked.length;
  expect(asked.slice(-2)).toEqual([true, false]);
  expect(await open('second')).toBe('started');
  expect(asked.slice(before)).toEqual([false]);
});

it('never writes a value that makes the server end the run, however long a rule is called', async () => {
  const prefix = freshPrefix();
  const yaml = `prefix: ${prefix}\ngateway: { secrets: [a-secret-of-no-consequence] }\nunmatched: ignore\n`;
  const source = { current: parseConfiguration(yaml, { file: 'escalations.yaml', env: {} }) };
  const planning = createPlanning({
    source,
    directory: yamlDirectory(source),
    attributes: () => Object.keys(SEARCH_ATTRIBUTES),
  });
  const long = { name: '规则'.repeat(1000), delayMs: 3_600_000, levels: [] };
  const connection = await connectNative();
  const worker = await Worker.create({
    connection,
    namespace: serverNamespace(),
    taskQueue: prefix,
    workflowBundle: await workflowBundle(),
    activities: {
      ...planning,
      matchRule: async (request: Parameters<typeof planning.matchRule>[0]) => ({
        ...(await planning.matchRule(request)),
        rule: long,
      }),
    },
  });
  const client = await connected();
  const escalation = new EscalationClient({ client, taskQueue: prefix });
  await worker.runUntil(async () => {
    await escalation.open({ id: prefix, title: 'db-7 is down', channel: '频道'.repeat(64) });
    const handle = client.workflow.getHandle(`incident-${prefix}`);
    const level = async (): Promise<unknown> =>
      (await handle.describe()).typedSearchAttributes.getAll().find(({ key }) => key.name === 'EscalationLevel')?.value;
    await expect.poll(level, { timeout: 10_000 }).toBe(0);
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await escalation.close(prefix, { by: { name: 'the test' } });
  });
  await connection.close();
});
