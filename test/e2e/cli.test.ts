import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { loadConfiguration } from '../../config/load.ts';
import type { IncidentView } from '../../domain/incident/view.ts';
import { readToken } from '../../links/token.ts';
import { OPERATOR } from '../../links/url.ts';
import { openHouse, type House } from '../../sandbox/demo/house.ts';
import { findExecutable } from '../../sandbox/engine/find-server.ts';
import type { Responder } from '../../sandbox/index.ts';
import { Child, escalations, run, type Ended } from '../child.ts';
import { freshPrefix, serverAddress, serverNamespace } from '../server.ts';

const prefix = freshPrefix();
let folder: string;
let house: House;
let worker: Child;
let primary: Responder;
let temporalCli: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'escalations-cli-'));
  temporalCli = (await findExecutable(console.log)).executable;
  const address = serverAddress();
  house = await openHouse({
    address,
    namespace: serverNamespace(),
    prefix,
    escalateAfter: '1h',
    worker: false,
    gateway: false,
  });
  primary = house.sandbox.responder('primary');
  await writeFile(file('escalations.yaml'), house.yaml);
  worker = escalations(['worker', '--config', file('escalations.yaml'), ...where()]);
  await worker.until(/"msg":"working"/);
});

afterAll(async () => {
  await worker.stop();
  await house.close();
  await rm(folder, { recursive: true, force: true });
});

const file = (name: string): string => join(folder, name);
const where = (): string[] => ['--address', serverAddress(), '--namespace', serverNamespace()];
const by = (member: string): string[] => ['--by', member, '--config', file('escalations.yaml')];
const fresh = (name: string): string => `${prefix}-${name}`;

/** `escalations <args>` against the shared server. */
function cli(...args: string[]): Promise<Ended> {
  return run(escalations([...args, ...where()]));
}

async function temporal(...args: string[]): Promise<Ended> {
  return run(new Child(temporalCli, [...args, ...where()]));
}

async function startPlainly(id: string, input: string): Promise<Ended> {
  const started = await temporal(
    ...['workflow', 'start', '--type', 'escalateIncident', '--task-queue', prefix, '--workflow-id', `incident-${id}`],
    ...['--input', input, '--id-conflict-policy', 'UseExisting', '--id-reuse-policy', 'AllowDuplicateFailedOnly'],
    ...['--static-summary', '[Critical] db-7 is down'],
  );
  return started;
}

async function opened(name: string): Promise<string> {
  const id = fresh(name);
  await house.client.open({ id, title: `${name} is down`, severity: 'Critical', channel: 'payments' });
  await primary.expectCard(`${name} is down`);
  return id;
}

async function timelineOf(id: string): Promise<string[]> {
  return (await house.client.describe(id)).timeline.map(({ kind, text }) => `${kind} ${text}`);
}

async function failedTasks(id: string): Promise<number> {
  const { events } = await house.temporal.workflow.getHandle(`incident-${id}`).fetchHistory();
  return (events ?? []).filter(({ workflowTaskFailedEventAttributes }) => workflowTaskFailedEventAttributes).length;
}

it('pages, is acknowledged and is asked with nothing but the temporal command', async () => {
  const id = fresh('plain');
  const input = JSON.stringify({ incident: { id, title: 'db-7 is down', severity: 'Critical', channel: 'payments' } });

  const started = await startPlainly(id, input);
  await primary.expectCard('db-7 is down');
  const signalled = await temporal(
    ...['workflow', 'signal', '-w', `incident-${id}`, '--name', 'acknowledge'],
    ...['--input', '{"by":{"member":"primary"}}'],
  );
  const asked = await temporal('workflow', 'query', '-w', `incident-${id}`, '--type', 'describe', '-o', 'json');

  expect([started.code, signalled.code, asked.code]).toEqual([0, 0, 0]);
  const { queryResult } = JSON.parse(asked.stdout) as { queryResult: [IncidentView] };
  expect(queryResult[0]).toMatchObject({ progress: 'Processing', acknowledgedBy: { member: 'primary' }, level: 1 });
});

it('pages once when a plain client starts the same incident twice', async () => {
  const id = fresh('twice');
  const input = JSON.stringify({ incident: { id, title: 'twice is down', severity: 'Critical', channel: 'payments' } });

  const first = await startPlainly(id, input);
  await primary.expectCard('twice is down');
  const again = await startPlainly(id, input);
  await house.client.close(id, { by: { member: 'primary' } });
  await house.client.result(id);
  const afterwards = await startPlainly(id, input);

  // The command answers with the run that there is, open or closed.
  const runs = [first, again, afterwards].map(({ stdout }) => /RunId +(\S+)/.exec(stdout)?.[1]);
  expect(runs[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(new Set(runs).size).toBe(1);
  expect(primary.cards.filter((card) => JSON.stringify(card).includes('twice is down'))).toHaveLength(1);
});

it('opens, shows, acknowledges and closes an incident from the shell', async () => {
  const id = fresh('shell');
  const about = ['--title', 'shell is down', '--channel', 'payments', '--label', 'service=db', '--task-queue', prefix];

  const started = await cli('open', '--id', id, ...about);
  await primary.expectCard('shell is down');
  const again = await cli('open', '--id', id, ...about);
  const acknowledged = await cli('ack', `incident-${id}`, ...by('primary'));
  const shown = await cli('status', id);
  const json = await cli('status', id, '--json');
  const closed = await cli('close', id, '--name', 'Grafana', '--resolution', 'restarted it');

  expect(started).toMatchObject({ code: 0, stderr: '' });
  expect(started.stdout).toMatch(new RegExp(`^started [0-9A-Z]{6} incident-${id}\n$`));
  expect(again.stdout).toMatch(/^revised /);
  expect(acknowledged.stdout).toMatch(new RegExp(`^incident-${id} #[0-9A-Z]{6} Processing · acknowledged by primary`));
  expect(shown.stdout).toMatch(/^\[Critical\] shell is down\n#[0-9A-Z]{6} Processing/);
  expect(shown.stdout).toMatch(/label +service=db/);
  expect(shown.stdout).toMatch(/n1 +L1 r1 +feishu-cn → primary +accepted/);
  expect(shown.stdout).toMatch(/\d\d:\d\d:\d\d {2}acknowledged +by primary \(from the shell of \S+\)/);
  expect(JSON.parse(json.stdout)).toMatchObject({
    progress: 'Processing',
    incident: { id, labels: { service: 'db' } },
  });
  expect(closed.stdout).toContain('Closed · closed by Grafana: restarted it');
});

it('takes an incident as JSON from a file and from standard input', async () => {
  const [inFile, inPipe] = [fresh('file'), fresh('pipe')];
  const incident = { title: 'JSON is down', severity: 'critical', channel: 'payments' };
  await writeFile(file('incident.json'), JSON.stringify({ incident: { ...incident, id: inFile } }));
  await writeFile(file('none.json'), '"db-7 is down"');

  const fromFile = await cli('open', '--file', file('incident.json'), '--prefix', prefix);
  const fromPipe = await run(
    escalations(['open', '-', '--prefix', prefix, '--json', ...where()], {
      input: JSON.stringify({ ...incident, id: inPipe }),
    }),
  );
  const fromNothing = await cli('open', file('none.json'), '--prefix', prefix);

  expect(fromFile.stdout).toContain(`incident-${inFile}`);
  expect(JSON.parse(fromPipe.stdout)).toMatchObject({ result: 'started', id: inPipe });
  expect(fromNothing).toMatchObject({ code: 1, stdout: '' });
  expect(fromNothing.stderr).toContain('none.json holds no incident');
});

it('watches an incident to its end, for people and for programs', async () => {
  const id = await opened('watched');
  const forPeople = escalations(['watch', id, ...where()]);
  const forPrograms = escalations(['watch', id, '--json', ...where()]);
  const ends = [run(forPeople), run(forPrograms)];
  await Promise.all([forPeople.until(/opened/), forPrograms.until(/"opened"/)]);

  await house.client.comment(id, { by: { member: 'primary' }, text: 'looking \u001b[2J at it' });
  await forPeople.until(/looking/);
  await house.client.close(id, { by: { member: 'primary' } });
  const [people, programs] = await Promise.all(ends);

  expect([people?.code, programs?.code]).toEqual([0, 0]);
  expect(people?.stdout).toMatch(/commented +primary: looking {2}\[2J at it\n.*closed +by primary\n$/);
  const kinds = programs?.stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { kind: string }).kind);
  expect(kinds?.[0]).toBe('opened');
  expect(kinds?.at(-1)).toBe('closed');
  expect(new Set(kinds).size).toBeGreaterThan(3);
});

it('says why it refuses, and ends with 1', async () => {
  const id = await opened('refused');

  const wake = await cli('wake', id);
  const snooze = await cli('snooze', id, '--minutes', '2000');
  const stranger = await cli('ack', 'nothing-of-the-kind');
  await house.client.close(id, { by: { member: 'primary' } });
  const late = await cli('ack', id, ...by('primary'));
  const reopened = await cli('open', '--id', id, '--title', 'again', '--prefix', prefix);
  const unusable = await cli('open', '--id', 'not an id', '--title', 'x', '--prefix', prefix);

  const answers = [wake, snooze, stranger, late, reopened, unusable];
  expect(answers.map(({ code }) => code)).toEqual([1, 1, 1, 1, 1, 1]);
  expect(answers.map(({ stdout }) => stdout)).toEqual(['', '', '', '', '', '']);
  expect(wake.stderr).toBe('it is not snoozed\n');
  expect(snooze.stderr).toContain('a whole number from 1 to 1440');
  expect(stranger.stderr).toBe('no incident is called nothing-of-the-kind\n');
  expect(late.stderr).toMatch(/^already closed by primary at \d{4}-/);
  expect(reopened.stderr).toContain('closed already, nothing was done');
  expect(unusable.stderr).toContain('incident.id must be 1 to 128 of');
});

it('repairs the imperfect incident of a foreign client and pages', async () => {
  const id = fresh('odd');
  const incident = {
    id: 'has spaces',
    title: ['x'],
    severity: 'sev1',
    labels: 'none',
    detailUrl: 'javascript:1',
    channel: 'payments',
  };

  await startPlainly(id, JSON.stringify({ incident }));
  await primary.expectCard(`(no title) ${id}`);

  const repairs = (await timelineOf(id)).filter((line) => line.startsWith('repaired'));
  expect(repairs).toEqual([
    `repaired id was missing or unusable: took ${id} from the workflow id`,
    'repaired title was not text: dropped',
    'repaired title was missing',
    'repaired severity "sev1" is unknown: treated as Critical',
    'repaired labels were not an object: dropped',
    expect.stringContaining('repaired detailUrl was not an http(s) address'),
  ]);
});

it.each([
  ['no input', []],
  ['null', [null]],
  ['no incident', [{}]],
  ['an incident that is text', [{ incident: 'db-7 is down' }]],
])('ends a start with %s at once, with a message', async (name, args) => {
  const workflowId = `incident-${fresh(name.replaceAll(' ', '-'))}`;
  const handle = await house.temporal.workflow.start('escalateIncident', { taskQueue: prefix, workflowId, args });

  const error: unknown = await handle.result().catch((failure: unknown) => failure);

  expect(error).toBeInstanceOf(WorkflowFailedError);
  const { cause } = error as WorkflowFailedError;
  expect(cause).toMatchObject({ type: 'InvalidIncident', nonRetryable: true });
  expect((cause as ApplicationFailure).message).toContain('the incident is missing: start with {"incident":{"id"');
});

it.each([
  ['nothing', []],
  ['null', [null]],
  ['text', ['primary']],
  ['a list', [[1, 2]]],
  ['odd fields', [{ by: 7, via: {}, key: [] }]],
])('takes an acknowledgment with %s as an acknowledgment, and notes it', async (name, args) => {
  const id = await opened(`signal-${name.replaceAll(' ', '-')}`);
  const handle = house.temporal.workflow.getHandle(`incident-${id}`);

  await handle.signal('acknowledge', ...args);
  const view = await house.client.describe(id);
  await house.client.close(id, { by: { member: 'primary' } });
  await handle.result();

  expect(view.progress).toBe('Processing');
  expect(view.timeline.filter(({ kind }) => kind === 'repaired').map(({ text }) => text)).toEqual([
    'nobody was named as the one who did it',
  ]);
  expect(await failedTasks(id)).toBe(0);
});

it('notes a signal that does not exist and goes on', async () => {
  const id = await opened('unknown-signal');

  await temporal('workflow', 'signal', '-w', `incident-${id}`, '--name', 'ackknowledge', '--input', '{"by":1}');

  expect(await timelineOf(id)).toContain('commented somebody: sent the unknown signal ackknowledge');
  expect(await failedTasks(id)).toBe(0);
});

it.each(['worker', 'gateway'])('starts no %s with a configuration that is wrong, and says where', async (service) => {
  await writeFile(file('wrong.yaml'), house.yaml.replace('by: { default: [voice] }', 'by: { default: [vioce] }'));

  const { code, stdout, stderr } = await cli(service, '--config', file('wrong.yaml'));

  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^\S+wrong\.yaml:\d+:\d+ +channels\.payments\.rules\[0\]\.levels\[1\]\.by\.default\[0\].*\n$/);
});

it('validates a configuration, and its accounts without telling anybody', async () => {
  const { world } = house.sandbox;
  const told = (): number => world.calls.length + world.cards.length + world.mails.length + world.texts.length;
  const before = told();
  await writeFile(
    file('stale.yaml'),
    house.yaml.replace('appSecret: sandbox-feishu-secret', 'appSecret: an-old-secret'),
  );

  const good = await run(escalations(['validate', '--config', file('escalations.yaml'), '--online']));
  const stale = await run(escalations(['validate', '--config', file('stale.yaml'), '--online']));
  const missing = await run(escalations(['validate', '--config', file('nowhere.yaml')]));

  expect(good).toMatchObject({ code: 0, stderr: '' });
  expect(good.stdout).toMatch(/is valid: 5 accounts, 3 members, 1 channel/);
  expect(good.stdout.match(/^✓/gm)).toHaveLength(5);
  expect(stale.code).toBe(1);
  expect(stale.stdout).toMatch(/^✗ +feishu-cn +feishu\.app +/m);
  expect(stale.stdout + stale.stderr).not.toContain('an-old-secret');
  expect(missing).toMatchObject({ code: 2, stdout: '' });
  expect(missing.stderr).toContain('nowhere.yaml: cannot be read (ENOENT)');
  expect(told()).toBe(before);
});

it('serves an account that is added while it runs, keeps to the old configuration when the new one is broken', async () => {
  const path = file('reloaded.yaml');
  const own = house.yaml.replace(`prefix: ${prefix}`, `prefix: ${prefix}r`);
  await writeFile(path, own);
  const service = escalations(['worker', '--with-gateway', '--config', path, ...where()]);
  onTestFinished(async () => {
    await service.stop();
  });
  await service.until(/"msg":"working"/);
  expect((await fetch(`${house.operationsUrl}/readyz`)).status).toBe(200);

  await writeFile(path, own.replace('media:', 'medium:'));
  await service.until(/cannot be used; the one before stays in force/);
  const mail = /^ {2}mail:\n(?: {4}.*\n)+/m.exec(own)?.[0] ?? '';
  await writeFile(path, own.replace(mail, mail + mail.replace('mail:', 'mail-two:')));
  await service.until(/"account":"mail-two","msg":"the account is served/);
  const { code, stdout } = await service.stop();

  expect(code).toBe(0);
  expect(stdout).toMatch(/"msg":"stopping"[^]*"msg":"stopped"\}\n$/);
  expect(stdout).not.toMatch(/sandbox-mail|sandbox-feishu-secret|\+86138/);
});

it('says which address does not answer when a worker finds no Temporal', async () => {
  const { code, stderr } = await run(
    escalations(['worker', '--config', file('escalations.yaml'), '--address', '127.0.0.1:9']),
  );

  expect(code).toBe(1);
  expect(stderr).toMatch(/^Temporal cannot be reached at 127\.0\.0\.1:9: start it, or name another server.*\n$/);
});

it('names the namespace that is missing', async () => {
  const config = file('escalations.yaml');
  const worker = await run(
    escalations(['worker', '--config', config, '--address', serverAddress(), '--namespace', 'no']),
  );
  const status = await run(escalations(['status', '1', '--address', serverAddress(), '--namespace', 'no']));

  expect([worker.code, status.code]).toEqual([1, 1]);
  expect(worker.stderr).toContain('has no namespace no: name another with --namespace, or create it with `temporal');
  expect(status.stderr).toBe(worker.stderr);
});

it('opens the door while Temporal is away, and says when its port is taken', async () => {
  const config = file('escalations.yaml');
  const gateway = escalations(['gateway', '--config', config, '--address', '127.0.0.1:9']);
  onTestFinished(async () => {
    await gateway.stop();
  });
  await gateway.until(/"msg":"listening"/);

  const health = await fetch(`${house.gatewayUrl}/healthz`);
  const second = await run(escalations(['gateway', '--config', config]));
  const { code } = await gateway.stop();

  expect(health.status).toBe(200);
  expect(gateway.stdout).toContain(`"url":"${house.gatewayUrl}"`);
  expect(second.code).toBe(1);
  expect(second.stderr).toMatch(/^127\.0\.0\.1:\d+ is taken by another process: change gateway\.listen\n$/);
  expect(code).toBe(0);
});

it('keeps an acknowledgment in Temporal while no worker is up', async () => {
  const id = fresh('alone');
  const idle = `${prefix}-idle`;
  await cli('open', '--id', id, '--title', 'nobody works', '--task-queue', idle);

  const acknowledged = await cli('ack', id, ...by('primary'));
  const status = await cli('status', id);

  expect(acknowledged).toMatchObject({ code: 0, stdout: '' });
  expect(acknowledged.stderr).toContain('kept in Temporal');
  expect(status.code).toBe(1);
  expect(status.stderr).toContain('no worker answers');
  const { events } = await house.temporal.workflow.getHandle(`incident-${id}`).fetchHistory();
  const signals = (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: a }) => a?.signalName ?? []);
  expect(signals).toEqual(['acknowledge']);
  await house.temporal.workflow.getHandle(`incident-${id}`).terminate();
});

it('prints a link to the page for an operator: to read it, or to act in a member’s name', async () => {
  const id = await opened('linked');
  const config = ['--config', file('escalations.yaml')];
  const [reading, acting, stranger] = await Promise.all([
    cli('page', id, ...config),
    cli('page', id, '--as', 'primary', ...config),
    cli('page', id, '--as', 'prymary', ...config),
  ]);

  const { gateway } = await loadConfiguration(file('escalations.yaml'));
  const claims = ({ stdout }: Ended) =>
    readToken(stdout.trim().replace(`${house.gatewayUrl}/i/`, ''), 'link', gateway.secrets, Date.now());
  expect(claims(reading)).toMatchObject({ workflowId: `incident-${id}`, member: null });
  expect(reading.stderr).toContain('it can only be read');
  expect(claims(acting)).toMatchObject({ workflowId: `incident-${id}`, member: 'primary', account: OPERATOR });
  expect(stranger).toMatchObject({ code: 1, stdout: '' });
  expect(stranger.stderr).toContain('prymary is no member of');
});

it('finds what is wrong around it, and what is right', async () => {
  const deserted = `${prefix}d`;
  await writeFile(file('deserted.yaml'), house.yaml.replace(`prefix: ${prefix}`, `prefix: ${deserted}`));

  const well = await cli('doctor', '--config', file('escalations.yaml'));
  const ill = await cli('doctor', '--config', file('deserted.yaml'));
  const lost = await run(escalations(['doctor', '--config', file('wrong.yaml'), '--address', '127.0.0.1:9']));

  expect(well.code).toBe(0);
  expect(well.stdout).toContain('✓ workers poll all 6 queues');
  expect(well.stdout).toContain(`! ${house.gatewayUrl}/healthz does not answer`);
  expect(ill.code).toBe(1);
  expect(ill.stdout).toContain(`✗ no worker polls ${deserted}, ${deserted}.feishu-cn`);
  expect(lost.code).toBe(1);
  expect(lost.stdout).toMatch(/✗ \S+wrong\.yaml cannot be used\n {2}→ \S+wrong\.yaml:\d+:\d+/);
  expect(lost.stdout).toContain('✗ Temporal cannot be reached');
});

it('finds an incident by the number that people say aloud', async () => {
  let last: { id: string; number: string } | undefined;

  // Numbers are listed from some seconds after a server has learnt the attribute, and a moment after the page.
  const isFound = async (): Promise<boolean> => {
    const asked = last;
    const id = await opened(`numbered-${randomUUID().slice(0, 8)}`);
    last = { id, number: (await house.client.describe(id)).number };
    if (asked === undefined) return false;
    const { code, stdout } = await cli('status', asked.number.toLowerCase());
    return code === 0 && stdout.includes(asked.id);
  };

  await expect.poll(isFound, { timeout: 40_000, interval: 1000 }).toBe(true);
});
