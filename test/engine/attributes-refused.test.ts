import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { msToTs } from '@temporalio/common/lib/time.js';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { openHouse } from '../../sandbox/demo/house.ts';
import { escalations, run } from '../child.ts';
import { connectClient, freshPrefix, serverAddress, workflowBundle } from '../server.ts';

/** A server keeps this many Keyword attributes for a namespace, and refuses to register more. */
const ROOM = 10;

/** A namespace that other teams have filled with attributes of theirs, one of them under a name of ours. */
async function crowdedNamespace(): Promise<string> {
  const namespace = freshPrefix();
  const client = await connectClient();
  onTestFinished(() => client.connection.close());
  await client.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs('1 day') });
  const theirs = ['EscalationLevel', ...Array.from({ length: ROOM - 1 }, (_, nth) => `Theirs${String(nth)}`)];
  const searchAttributes = Object.fromEntries(theirs.map((name) => [name, 2]));
  const register = () => client.connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  // Parts of the server may not have heard of the namespace yet.
  await expect.poll(register, { timeout: 20_000 }).toBeDefined();
  return namespace;
}

it('pages where the server refuses to register search attributes, and tells the operator what to do', async () => {
  const namespace = await crowdedNamespace();
  const logged: { msg: string; missing?: string[]; commands?: string[]; reason?: string }[] = [];
  const log = new Writable({
    write(line: Buffer, _, done) {
      logged.push(JSON.parse(line.toString()) as (typeof logged)[number]);
      done();
    },
  });
  const id = freshPrefix();
  const house = await openHouse({
    address: serverAddress(),
    namespace,
    prefix: id,
    logger: pino(log),
    workflowBundle: await workflowBundle(),
  });
  onTestFinished(() => house.close());
  const folder = await mkdtemp(join(tmpdir(), 'escalations-attributes-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'escalations.yaml'), house.yaml);
  const create = (name: string, type: string): string =>
    `temporal operator search-attribute create -n ${namespace} --name ${name} --type ${type}`;

  const refused = logged.filter(({ msg }) => msg.startsWith('search attributes could not be registered'));
  expect(refused.flatMap(({ missing = [] }) => missing)).toEqual(
    expect.arrayContaining(['IncidentNumber', 'IncidentSeverity', 'EscalationLevel']),
  );
  expect(refused.flatMap(({ commands = [] }) => commands)).toContain(create('IncidentNumber', 'Keyword'));

  await house.client.open({ id, title: 'db-7 is down', severity: 'Critical', channel: 'payments' });
  const card = await house.sandbox.responder('primary').expectCard('db-7 is down');
  await card.click('Acknowledge');
  await house.client.close(id, { by: { member: 'primary' } });
  expect(await house.client.result(id)).toMatchObject({ acknowledgedBy: { member: 'primary' }, outcome: 'closed' });

  const handle = house.temporal.workflow.getHandle(`incident-${id}`);
  const { events } = await handle.fetchHistory();
  expect(events?.filter(({ workflowTaskFailedEventAttributes: failed }) => failed)).toEqual([]);
  const written = (await handle.describe()).typedSearchAttributes.getAll().map(({ key }) => key.name);
  expect(written.filter((name) => /^(Incident(Number|Severity)|EscalationLevel)$/.test(name))).toEqual([]);

  const where = ['--address', serverAddress(), '--namespace', namespace];
  const doctor = await run(escalations(['doctor', '--config', join(folder, 'escalations.yaml'), ...where]));
  expect(doctor.stdout).toContain('! search attributes are missing or of another type: lists show less, pages go out');
  expect(doctor.stdout).toContain(`→ ${create('IncidentNumber', 'Keyword')}`);
  expect(doctor.stdout).toMatch(/--name EscalationLevel && temporal .* --name EscalationLevel --type Int/);
});
