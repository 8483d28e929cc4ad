import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { IncidentInput } from '../domain/incident/incident.ts';
import type { IncidentView } from '../domain/incident/view.ts';
import { accountWorkflowId, memberWorkflowId } from '../domain/workflow-ids.ts';
import { phoneWorkflowId } from '../links/phone-id.ts';
import { askMember } from '../client/long-lived.ts';
import { triedCode } from '../links/digest.ts';

import { PEOPLE } from '../sandbox/demo/configuration.ts';
import { openHouse, type House } from '../sandbox/demo/house.ts';
import { startServer } from '../sandbox/engine/start-server.ts';

/**
 * `npx tsx tools/record-histories.ts`: plays a few stories on a real server and keeps their histories in
 * `test/workflows/histories/<version of package.json>/`, where today's workflows and all later ones must replay them.
 * Run it once for each release; what was recorded for an earlier release is never recorded again.
 */
const CHANNELS = `
  mail:
    rules:
      - name: by mail
        levels:
          - { to: { members: [primary] }, by: { default: [email] }, escalateAfter: 1h }
          - { to: { members: [supervisor] }, by: { default: [email] } }
  text:
    rules:
      - { name: by text, levels: [{ to: { members: [primary] }, by: { default: [sms] } }] }
  phone:
    rules:
      - { name: by phone, levels: [{ to: { members: [backup] }, by: { default: [voice] } }] }
  flapping:
    rules:
      - { name: grace, delay: 10m, levels: [{ to: { members: [primary] }, by: { default: [email] } }] }
`;

const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
const folder = join(root, 'test', 'workflows', 'histories', version);

Runtime.install({ logger: new DefaultLogger('WARN') });
const engine = await startServer();
const house = await openHouse({
  address: engine.address,
  escalateAfter: '1s',
  channels: CHANNELS,
  sandbox: { limits: false },
});
try {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [name, play] of Object.entries(stories(house))) {
    await play();
    await keep(name, `incident-${name}`);
  }
  await keep('story.phone', phoneOf('supervisor'));
  await keep('joined.phone', phoneOf('backup'));
  await prove();
  await keep('proved.member', memberWorkflowId(house.configuration.prefix, 'backup'));
  await keep('proved.account', accountWorkflowId(house.configuration.prefix, 'feishu-cn'));
} finally {
  await house.close();
  await engine.stop();
}

function stories({ sandbox, client, temporal }: House): Record<string, () => Promise<unknown>> {
  const by = { by: { member: 'primary' } };
  const [primary, backup, supervisor] = PEOPLE.map(({ name }) => sandbox.responder(name));
  if (!primary || !backup || !supervisor) throw new Error('somebody of the story is missing');

  const open = async (id: string, more: Partial<IncidentInput>, shows: (view: IncidentView) => boolean = isTold) => {
    await client.open({ id, title: `${id} is down`, severity: 'Critical', channel: 'payments', ...more });
    await until(id, shows);
  };
  const until = async (id: string, shows: (view: IncidentView) => boolean) => {
    const giveUpAt = Date.now() + 15_000;
    for (;;) {
      const view = await client.describe(id);
      if (shows(view)) return;
      if (Date.now() > giveUpAt)
        throw new Error(`${id}: waited in vain for ${shows.toString()}, next ${JSON.stringify(view.next)}`);
      await sleep(50);
    }
  };
  const close = async (id: string) => {
    await client.close(id, by);
    await client.result(id);
  };

  return {
    async story() {
      sandbox.faults.add({ vendor: 'aliyun', action: 'IvrCall', effect: { refuse: 'isv.BUSINESS_LIMIT_CONTROL' } });
      await open('story', {});
      const card = await primary.expectCard('story');
      const call = await supervisor.expectCall('story');
      await call.press('1');
      await card.until(/cknowledged/);
      await call.hangUp();
      await card.click('Close');
      await client.result('story');
    },
    async acknowledged() {
      await open('acknowledged', { channel: 'mail' });
      await client.acknowledge('acknowledged', by);
      await close('acknowledged');
    },
    async snoozed() {
      await open('snoozed', { channel: 'mail' });
      await client.snooze('snoozed', { ...by, minutes: 60 });
      await client.wake('snoozed', by);
      await until('snoozed', (view) => view.notifications.length === 2 && isTold(view));
      await close('snoozed');
    },
    async delayed() {
      await open('delayed', { channel: 'flapping' }, ({ next }) => next !== undefined);
      await close('delayed');
    },
    async unreachable() {
      sandbox.faults.add({ vendor: 'smtp', action: 'RCPT', effect: { status: 550 } });
      await open('unreachable', { channel: 'mail' }, (view) => view.level === 2 && isTold(view));
      await close('unreachable');
    },
    async fallback() {
      sandbox.faults.add({ vendor: 'aliyun', action: 'SendSms', effect: { refuse: 'isv.BUSINESS_LIMIT_CONTROL' } });
      await open(
        'fallback',
        { channel: 'text', severity: 'Warning' },
        (view) => view.notifications.length === 2 && isTold(view),
      );
      await close('fallback');
    },
    async cancelled() {
      await open('cancelled', { channel: 'mail' });
      await temporal.workflow.getHandle('incident-cancelled').cancel();
      await client.result('cancelled');
    },
    /** Two incidents wait for the line of a third, and share the next call. */
    async joined() {
      const isWaiting = ({ next }: IncidentView) => next?.what.endsWith('waiting for the line') ?? false;
      await open('first', { channel: 'phone', severity: 'Warning' });
      const first = await backup.expectCall('first');
      await open('second', { channel: 'phone', severity: 'Warning' }, isWaiting);
      await open('joined', { channel: 'phone', severity: 'Warning' }, isWaiting);
      await first.decline();
      const call = await backup.expectCall();
      await call.press('1');
      await call.hangUp();
      for (const id of ['first', 'second', 'joined']) await close(id);
    },
  };
}

/** Somebody verifies their mail and links an account, which another has afterwards. */
async function prove(): Promise<void> {
  const { temporal: client, configuration, sandbox } = house;
  const { prefix, gateway } = configuration;
  const account = 'feishu-cn';
  const ask = (member: string) => ({ client, prefix, member });
  await askMember(ask('backup'), 'requestCode', { purpose: 'verify', medium: 'email' }, 10_000);
  const { text } = await sandbox.responder('backup').expectMail('Your code');
  const code = /\b\d{6}\b/.exec(text)?.[0] ?? '';
  await askMember(ask('backup'), 'tryCode', triedCode('backup', code, gateway.secrets, { purpose: 'verify' }), 10_000);
  await askMember(ask('backup'), 'link', { account, identity: 'ou_other' }, 10_000);
  await askMember(ask('primary'), 'link', { account, identity: 'ou_other' }, 10_000);
  // The word that the id is another's may still be on its way, and a link is replaced by a code only.
  await askMember(ask('backup'), 'unlink', { account }, 10_000);
  await askMember(ask('backup'), 'link', { account, identity: 'ou_backup' }, 10_000);
  await askMember(ask('backup'), 'unlink', { account }, 10_000);
}

function isTold({ notifications }: IncidentView): boolean {
  return notifications.length > 0 && notifications.every(({ outcome }) => outcome !== 'pending');
}

function phoneOf(name: (typeof PEOPLE)[number]['name']): string {
  const phone = PEOPLE.find((person) => person.name === name)?.phone ?? '';
  return phoneWorkflowId(house.configuration.prefix, house.configuration.gateway, phone);
}

async function keep(name: string, workflowId: string): Promise<void> {
  const history = await house.temporal.workflow.getHandle(workflowId).fetchHistory();
  const file = join(folder, `${name}.json`);
  await writeFile(file, `${historyToJSON(history)}\n`);
  console.log(`${String(history.events?.length ?? 0).padStart(4)} events  ${file}`);
}
