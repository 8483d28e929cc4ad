import { afterAll, beforeAll, expect, it } from 'vitest';
import type { House } from '../../sandbox/demo/house.ts';
import type { SandboxCard } from '../../sandbox/index.ts';
import { freshPrefix, serverAddress, serverNamespace, workflowBundle } from '../server.ts';
import { openTestHouse } from './house.ts';

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
let serial = 0;
const opened: string[] = [];

beforeAll(async () => {
  house = await openTestHouse({
    prefix,
    sandbox: { limits: false },
    channels: CHANNELS,
    edit: (yaml) => yaml.replace('    adapter: feishu.app\n', '    adapter: feishu.app\n    monthlyQuota: 20\n'),
  });
});
afterAll(async () => {
  // No worker is left that could close them.
  for (const id of [...opened.map((one) => `incident-${one}`), `${prefix}.account-feishu-cn`]) {
    await house.temporal.workflow
      .getHandle(id)
      .terminate()
      .catch(() => undefined);
  }
  await house.close();
});

async function open(channel: string, severity = 'Critical'): Promise<{ id: string; title: string }> {
  serial += 1;
  const id = `${prefix}-${String(serial)}`;
  opened.push(id);
  const title = `db-${String(serial)} is down`;
  await house.client.open({ id, title, severity, channel });
  return { id, title };
}

async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const giveUpAt = Date.now() + 10_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > giveUpAt) throw new Error(`waited in vain for ${look.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const shown = (title: string): SandboxCard[] =>
  house.sandbox.world.cards.filter((card) => JSON.stringify([card.card, card.text]).includes(title));
const told = (id: string, pattern: RegExp): Promise<string> =>
  until(async () => (await house.client.describe(id)).timeline.find(({ text }) => pattern.test(text))?.text);

it('mentions the responders in the page, and posts what follows below it, while the card is drawn again', async () => {
  const { id, title } = await open('threads');
  const first = await until(() => shown(title)[0]);
  expect(JSON.stringify(first.card)).toContain('<at id=ou_primary></at>');
  await told(id, /oc_ops: accepted/);
  await house.client.acknowledge(id, { by: { member: 'primary' } });
  const second = await until(() => shown(title)[1]);
  expect(second).toMatchObject({ to: 'oc_ops', thread: first.id });
  expect(JSON.stringify(second.card)).not.toContain('<at');
  await until(() => (first.redraws > 0 ? true : undefined));
  expect(JSON.stringify(first.card)).toContain('Primary 已');
});

it('posts the whole text where that is wanted, and then what follows', async () => {
  const { id, title } = await open('words');
  const first = await until(() => shown(title)[0]);
  expect(first.text).toContain('<at user_id="all"></at>');
  await house.client.acknowledge(id, { by: { member: 'primary' } });
  expect((await until(() => shown(title)[1])).text).toContain('已');
  expect(first.redraws).toBe(0);
});

it('says in the timeline that a group is gone, and what to look at', async () => {
  const { id } = await open('gone');
  expect(await told(id, /Old room: rejected/)).toMatch(/may not write to this chat; check that it exists/);
});

it('names in the timeline what stood in for a message that could not be delivered, once', async () => {
  house.sandbox.faults.add({ vendor: 'feishu', action: 'messages.create', effect: { refuse: '230013' } });
  const { id, title } = await open('direct');
  await house.sandbox.responder('primary').expectText(title);
  await told(id, /feishu-cn → primary: rejected.*may not write to this person/);
  await told(id, /sms → primary: accepted/);
  const { notifications } = await house.client.describe(id);
  expect(notifications.map(({ medium }) => medium)).toEqual(['feishu-cn', 'sms']);
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
  const { startWorkers } = await import('../../worker/service.ts');
  const { ConfigurationSource } = await import('../../config/watch.ts');
  const { pino } = await import('pino');
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
    const warning = await open('direct', 'Warning');
    expect(await told(warning.id, /feishu-cn → primary/)).toContain('the last tenth of the monthly quota is kept');
    await told(warning.id, /sms → primary: accepted/);
    const critical = await open('direct');
    await told(critical.id, /feishu-cn → primary: accepted/);
  } finally {
    await worker.stop();
  }
});
