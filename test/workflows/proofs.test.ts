import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Proofs } from '../../client/proofs.ts';
import { askMember } from '../../client/long-lived.ts';
import { triedCode } from '../../links/digest.ts';
import { openHouse, type House } from '../../sandbox/demo/house.ts';
import { freshPrefix, serverAddress, serverNamespace, workflowBundle } from '../server.ts';

const prefix = freshPrefix();
let house: House;
let client: Client;

beforeAll(async () => {
  house = await openHouse({
    address: serverAddress(),
    namespace: serverNamespace(),
    prefix,
    workflowBundle: await workflowBundle(),
    gateway: false,
  });
  client = new Client({
    connection: await Connection.connect({ address: serverAddress() }),
    namespace: serverNamespace(),
  });
});
afterAll(async () => {
  for (const id of ['member-primary', 'member-backup', 'account-feishu-cn']) {
    await client.workflow
      .getHandle(`${prefix}.${id}`)
      .terminate()
      .catch(() => undefined);
  }
  await client.connection.close();
  await house.close();
});

const ask = (member: string) => ({ client, prefix, member });
const proofs = new Proofs({ current: { prefix } });
async function until(look: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 10_000;
  while (!(await look())) {
    if (Date.now() > giveUpAt) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

it('loses no link when a run continues as a new one, also while links are being made', async () => {
  const runs = new Set<string>();
  for (let round = 0; round < 45; round += 1) {
    const identities = Array.from({ length: 5 }, (_, index) => `ou_${String(round)}_${String(index)}`);
    const linked = await Promise.all(
      identities.map((identity) => askMember(ask('primary'), 'link', { account: `a-${identity}`, identity }, 10_000)),
    );
    for (const [index, { identities: known }] of linked.entries()) {
      expect(Object.values(known)).toContain(identities[index]);
    }
    runs.add((await client.workflow.getHandle(`${prefix}.member-primary`).describe()).runId);
  }
  expect(runs.size).toBeGreaterThan(1);
  // The newest fifty are kept.
  const { identities } = await proofs.of(client, 'primary');
  expect(Object.keys(identities)).toHaveLength(50);
  expect(identities['a-ou_44_4']).toBe('ou_44_4');
});

it('takes an id away from whoever had it before', async () => {
  await askMember(ask('primary'), 'link', { account: 'feishu-cn', identity: 'ou_shared' }, 10_000);
  await askMember(ask('backup'), 'link', { account: 'feishu-cn', identity: 'ou_shared' }, 10_000);
  await until(async () => (await proofs.whoIs(client, 'feishu-cn', 'ou_shared')) === 'backup');
  await until(async () => (await proofs.of(client, 'primary')).identities['feishu-cn'] === undefined);
  expect((await proofs.of(client, 'backup')).identities).toEqual({ 'feishu-cn': 'ou_shared' });
});

it('lets an account that was replaced act for nobody', async () => {
  await askMember(ask('backup'), 'unlink', { account: 'feishu-cn' }, 10_000);
  await askMember(ask('backup'), 'link', { account: 'feishu-cn', identity: 'ou_stolen' }, 10_000);
  await until(async () => (await proofs.whoIs(client, 'feishu-cn', 'ou_stolen')) === 'backup');
  const matter = { purpose: 'link', account: 'feishu-cn', identity: 'ou_shared' } as const;
  await askMember(ask('backup'), 'requestCode', matter, 10_000);
  const mail = await house.sandbox.responder('backup').expectMail('Your code');
  const code = /\b\d{6}\b/.exec(mail.text)?.[0] ?? '';
  const tried = triedCode('backup', code, house.configuration.gateway.secrets, matter);
  expect(await askMember(ask('backup'), 'tryCode', tried, 10_000)).toBe('good');
  await until(async () => (await proofs.whoIs(client, 'feishu-cn', 'ou_shared')) === 'backup');
  expect(await proofs.whoIs(client, 'feishu-cn', 'ou_stolen')).toBeUndefined();
});

it('refuses what cannot be read, and answers the next question', async () => {
  const handle = client.workflow.getHandle(`${prefix}.member-backup`);
  for (const nonsense of [undefined, null, 5, { account: 7 }]) {
    await handle.signal('disown', nonsense);
    for (const update of ['link', 'unlink', 'requestCode', 'tryCode', 'signIn']) {
      await expect(handle.executeUpdate(update, { args: [nonsense] })).rejects.toThrow('Update failed');
    }
  }
  expect((await proofs.of(client, 'backup')).identities).toEqual({ 'feishu-cn': 'ou_shared' });
});

it('tells within 300 ms what was known last, while no worker answers', async () => {
  const remembering = new Proofs({ current: { prefix } });
  await remembering.of(client, 'backup');
  await house.worker?.stop();
  const startedAt = performance.now();
  expect((await remembering.of(client, 'backup')).identities).toEqual({ 'feishu-cn': 'ou_shared' });
  expect(await remembering.whoIs(client, 'feishu-cn', 'never asked before')).toBeUndefined();
  // Two questions, and a busy machine.
  expect(performance.now() - startedAt).toBeLessThan(5000);
});
