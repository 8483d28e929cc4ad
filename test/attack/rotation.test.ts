import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EscalationClient } from '../../client/escalation-client.ts';
import { yamlDirectory } from '../../config/duty/directory.ts';
import { parseConfiguration } from '../../config/load.ts';
import { ConfigurationSource } from '../../config/watch.ts';
import { PHONE } from '../../domain/messages.ts';
import { createGateway } from '../../gateway/index.ts';
import { CREDENTIALS, TEMPLATES } from '../../sandbox/demo/configuration.ts';
import type { House } from '../../sandbox/demo/house.ts';
import { startWorkers } from '../../worker/service.ts';
import { openTestHouse } from '../e2e/house.ts';
import { People, type Incident, type Person } from '../e2e/people.ts';
import { serverAddress, serverNamespace, workflowBundle } from '../server.ts';

const logger = pino({ level: 'silent' });
const OLD = CREDENTIALS.gateway;
const NEW = 'another-gateway-secret-9876543210';
const CHANNELS = `  calls:
    rules: [{ name: by phone, levels: [{ to: { members: [primary] }, by: { default: [voice] } }] }]
  texts:
    rules: [{ name: by text, levels: [{ to: { members: [backup] }, by: { default: [sms] } }] }]
`;

/** The file before, while and after its secret is rotated. */
const FILES = {
  before: (yaml: string) => yaml,
  during: (yaml: string) => yaml.replace(`[${OLD}]`, `[${NEW}, ${OLD}]`),
  after: (yaml: string) => yaml.replace(`[${OLD}]`, `[${NEW}]\n  phoneKey: ${OLD}`),
};

let house: House;
let people: People;
let primary: Person;
let backup: Person;
const running = new Map<'worker' | 'gateway', () => Promise<void>>();

beforeAll(async () => {
  const { aliyun } = CREDENTIALS;
  const templates = { ...TEMPLATES.aliyun, SMS_REPLY: '${title}: answer 1 ${code}' };
  house = await openTestHouse({
    worker: false,
    gateway: false,
    sandbox: { limits: false, aliyun: { ...aliyun, templates } },
    channels: CHANNELS,
    // Of a call through Tencent nothing comes back but its number and the vendor's own id.
    edit: (yaml) =>
      yaml
        .replace('voice: [aliyun-voice, tencent-voice]', 'voice: [tencent-voice]')
        .replace('{ code: SMS_PAGE, params: [severity, title, number] }', '{ code: SMS_REPLY, params: [title, code] }'),
  });
  people = new People(house);
  ({ primary, backup } = people);
});
beforeEach(async () => {
  await restart('gateway', 'before');
  await restart('worker', 'before');
});
afterEach(() => people.closeAll());
afterAll(async () => {
  for (const stop of running.values()) await stop();
  await house.close();
});

/** One of the processes ends and begins again with the file as it is then; the other runs on. */
async function restart(what: 'worker' | 'gateway', file: keyof typeof FILES): Promise<void> {
  const configuration = parseConfiguration(FILES[file](house.yaml), { file: 'escalations.yaml', env: {} });
  const source = ConfigurationSource.fixed(configuration);
  await running.get(what)?.();
  if (what === 'worker') {
    const connection = { address: serverAddress() };
    const where = { connection, namespace: serverNamespace(), workflowBundle: await workflowBundle() };
    const worker = await startWorkers({ source, logger, ...where });
    running.set(what, () => worker.stop());
    return;
  }
  const { temporal: client } = house;
  const escalations = new EscalationClient({ client, taskQueue: configuration.prefix });
  const directory = yamlDirectory(source);
  const gateway = createGateway({ source, client, directory, logger, open: (one, how) => escalations.open(one, how) });
  await gateway.listen();
  running.set(what, () => gateway.close());
}

/** How many times each telephone's workflow was asked for a call. */
async function requests(): Promise<number[]> {
  const counts: number[] = [];
  const query = `WorkflowType = '${PHONE.type}' AND TaskQueue = '${house.configuration.prefix}'`;
  for await (const { workflowId, runId } of house.temporal.workflow.list({ query })) {
    const { events } = await house.temporal.workflow.getHandle(workflowId, runId).fetchHistory();
    const signals = (events ?? []).map((event) => event.workflowExecutionSignaledEventAttributes?.signalName);
    const count = signals.filter((name) => name === 'request').length;
    if (count > 0) counts.push(count);
  }
  return counts;
}

async function acknowledgedByPhone(incident: Incident): Promise<void> {
  await primary.presses('1');
  const { acknowledgedBy, timeline } = await incident.until('acknowledged');
  expect(acknowledgedBy).toEqual({ member: 'primary' });
  expect(timeline).toContainEqual(expect.objectContaining({ kind: 'acknowledged', via: 'voice' }));
  await primary.hangsUp();
}

describe.each([
  { first: 'gateway', second: 'worker' },
  { first: 'worker', second: 'gateway' },
] as const)('while secrets are rotated, $first first', ({ first, second }) => {
  it('a telephone that rings is answered, rings once at a time, and falls silent for what nobody needs any more', async () => {
    const [before = 0] = await requests();
    const ringing = await people.open('calls');
    await primary.hears(ringing);

    await restart(first, 'during');
    const closed = await people.open('calls');
    await expect.poll(requests, { timeout: 30_000 }).toEqual([before + 2]);
    await restart(second, 'during');
    const waiting = await people.open('calls');
    await expect.poll(requests, { timeout: 30_000 }).toEqual([before + 3]);
    expect(house.sandbox.world.calls.filter(({ state }) => state !== 'ended')).toHaveLength(1);

    await restart(first, 'after');
    await closed.closedBy('backup');
    await acknowledgedByPhone(ringing);
    await primary.hears(waiting);
    people.nobodyElseIsToldOf(closed);
    await restart(second, 'after');
    await acknowledgedByPhone(waiting);
    expect(await requests()).toHaveLength(1);
  });

  it('a text from before is answered with its code, also when another was sent since', async () => {
    const texted = async (): Promise<{ incident: Incident; answer: string }> => {
      const incident = await people.open('texts');
      const { text } = await backup.readsText(incident);
      return { incident, answer: /answer (1 \d{4})/.exec(text)?.[1] ?? 'no code' };
    };
    const early = await texted();
    await restart(first, 'during');
    await restart(second, 'during');
    const late = await texted();
    expect(late.answer).not.toBe(early.answer);
    await restart(first, 'after');
    await backup.replies(early.answer);
    await early.incident.until('acknowledged');
    await late.incident.isStill('triggered');
    await restart(second, 'after');
    await backup.replies(late.answer);
    await late.incident.until('acknowledged');
  });
});
