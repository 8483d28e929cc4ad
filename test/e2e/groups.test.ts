import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ConfigurationSource } from '../../config/watch.ts';
import type { IncidentView } from '../../domain/incident/view.ts';
import type { House } from '../../sandbox/demo/house.ts';
import { startWorkers } from '../../worker/service.ts';
import { freshPrefix, serverAddress, serverNamespace, workflowBundle } from '../server.ts';
import { openTestHouse } from './house.ts';
import { People, type Incident } from './people.ts';

const CHANNELS = `  threads:
    rules:
      - name: threads
        levels:
          - to: { members: [primary] }
            by: { default: [email] }
            groups: [{ account: feishu-cn, chat: oc_ops, mention: true, threads: true }]
            escalateAfter: 1h
  words:
    rules:
      - name: words
        levels:
          - to: { members: [primary] }
            by: { default: [email] }
            groups: [{ account: feishu-cn, chat: oc_ops, mention: all, verbose: true }]
            escalateAfter: 1h
  gone:
    rules:
      - name: gone
        levels:
          - to: { members: [primary] }
            by: { default: [email] }
            groups: [{ account: feishu-cn, chat: oc_gone, alias: Old room }]
            escalateAfter: 1h
  direct:
    rules:
      - name: direct
        levels: [{ to: { members: [primary] }, by: { default: [feishu-cn] }, escalateAfter: 1h }]
`;
const prefix = freshPrefix();
let house: House;
let people: People;

beforeAll(async () => {
  house = await openTestHouse({
    prefix,
    sandbox: { limits: false },
    channels: CHANNELS,
    edit: (yaml) => yaml.replace('    adapter: feishu.app\n', '    adapter: feishu.app\n    monthlyQuota: 20\n'),
  });
  people = new People(house);
});
afterAll(async () => {
  // No worker is left that could close them.
  for (const id of [...people.incidents.map((one) => `incident-${one.id}`), `${prefix}.account-feishu-cn`]) {
    await house.temporal.workflow
      .getHandle(id)
      .terminate()
      .catch(() => undefined);
  }
  await house.close();
});

/** What the timeline says about it, once it does. */
async function saidOf(incident: Incident, pattern: RegExp): Promise<string> {
  const found = ({ timeline }: IncidentView): string | undefined =>
    timeline.find(({ text }) => pattern.test(text))?.text;
  return found(await incident.until((view) => found(view) !== undefined)) ?? '';
}
const acknowledge = ({ id }: Incident) => house.client.acknowledge(id, { by: { member: 'primary' } });

it('mentions the responders in the page, and posts what follows below it, while the card is drawn again', async () => {
  const incident = await people.open('threads');
  const [room, thread] = [people.chat('feishu', 'oc_ops'), people.chat('feishu', 'oc_ops')];
  const first = await room.sees(incident);
  expect(JSON.stringify(first.card)).toContain('<at id=ou_primary></at>');
  await saidOf(incident, /oc_ops: accepted/);
  await acknowledge(incident);
  const second = await thread.sees(incident);
  expect(second.thread).toBe(first.id);
  expect(JSON.stringify(second.card)).not.toContain('<at');
  await room.isShown('Primary 已');
  expect(first.redraws).toBeGreaterThan(0);
});

it('posts the whole text where that is wanted, and then what follows', async () => {
  const incident = await people.open('words');
  const room = people.chat('feishu', 'oc_ops');
  const first = await room.sees(incident);
  expect(first.text).toContain('<at user_id="all"></at>');
  await acknowledge(incident);
  expect((await room.sees(incident)).text).toContain('已');
  expect(first.redraws).toBe(0);
});

it('says in the timeline that a group is gone, and what to look at', async () => {
  const incident = await people.open('gone');
  expect(await saidOf(incident, /Old room: rejected/)).toMatch(/may not write to this chat; check that it exists/);
});

it('names in the timeline what stood in for a message that could not be delivered, once', async () => {
  house.sandbox.faults.add({ vendor: 'feishu', action: 'messages.create', effect: { refuse: '230013' } });
  const incident = await people.open('direct');
  await people.primary.readsText(incident);
  await saidOf(incident, /feishu-cn → primary: rejected.*may not write to this person/);
  await saidOf(incident, /sms → primary: accepted/);
  const { notifications } = await incident.view();
  expect(notifications.map(({ medium }) => medium)).toEqual(['feishu-cn', 'sms']);
  people.nobodyElseIsToldOf(incident);
});

it('keeps the last tenth of a monthly quota for Critical', async () => {
  // The count lives in Temporal: as if another process had sent all but the last of them.
  const month = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 7);
  await house.temporal.workflow.signalWithStart('account', {
    workflowId: `${prefix}.account-feishu-cn`,
    taskQueue: prefix,
    args: [],
    signal: 'sent',
    signalArgs: [{ month, count: 18 }],
  });
  await house.worker?.stop();
  const worker = await startWorkers({
    source: ConfigurationSource.fixed(house.configuration),
    logger: pino({ level: 'silent' }),
    connection: { address: serverAddress() },
    namespace: serverNamespace(),
    workflowBundle: await workflowBundle(),
  });
  try {
    // The first question after a restart finds no worker within 300 ms; then the count is not known.
    await house.temporal.workflow.getHandle(`${prefix}.account-feishu-cn`).query('sends');
    const warning = await people.open('direct', 'Warning');
    expect(await saidOf(warning, /feishu-cn → primary/)).toContain('the last tenth of the monthly quota is kept');
    await saidOf(warning, /sms → primary: accepted/);
    const critical = await people.open('direct');
    await saidOf(critical, /feishu-cn → primary: accepted/);
  } finally {
    await worker.stop();
  }
});
