import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openHouse, type House } from '../../sandbox/demo/house.ts';
import { escalations, run, type Ended } from '../child.ts';
import { freshPrefix, serverAddress, serverNamespace } from '../server.ts';

const prefix = freshPrefix();
let house: House;
let folder: string;
let config: string;

beforeAll(async () => {
  house = await openHouse({
    address: serverAddress(),
    namespace: serverNamespace(),
    prefix,
    sandbox: { limits: false },
    channels: `  rooms:
    rules:
      - name: rooms
        levels:
          - groups: [{ account: feishu-cn, chat: oc_ops }, { account: feishu-cn, chat: oc_gone }]
`,
  });
  folder = await mkdtemp(join(tmpdir(), 'proofs-'));
  config = join(folder, 'escalations.yaml');
  await writeFile(config, house.yaml);
});
afterAll(async () => {
  for (const id of ['member-backup', 'account-feishu-cn']) {
    await house.temporal.workflow
      .getHandle(`${prefix}.${id}`)
      .terminate()
      .catch(() => undefined);
  }
  await house.close();
  await rm(folder, { recursive: true });
});

const cli = (...args: string[]): Promise<Ended> => run(escalations([...args, '--config', config]));
const online = (...args: string[]): Promise<Ended> =>
  cli(...args, '--address', serverAddress(), '--namespace', serverNamespace());

it('says what to enter in the console of the platform, in both languages, and what is wrong with it', async () => {
  const { code, stdout } = await cli('setup', 'feishu-cn');
  expect(code).toBe(0);
  for (const text of [
    `重定向 URL ${house.gatewayUrl}/oauth/feishu-cn`,
    `desktop and mobile homepage ${house.gatewayUrl}/app/feishu-cn`,
    `request URL ${house.gatewayUrl}/callbacks/feishu-cn`,
    `✓ the gateway answers at ${house.gatewayUrl}`,
    '✓ App ID and App Secret are accepted',
    '✓ groups are visible: 1',
  ]) {
    expect(stdout).toContain(text);
  }
  house.sandbox.faults.add({ vendor: 'feishu', action: 'chats.list', effect: { refuse: '99991672' } });
  const refused = await cli('setup', 'feishu-cn', '--lang', 'en');
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain('✗ groups are visible: feishu.app: a scope is missing');
  expect(refused.stdout).not.toContain('重定向');
});

it('names the callback address of a provider that has no steps, with its secret path', async () => {
  const { stdout } = await cli('setup', 'aliyun-sms', '--no-checks', '--lang', 'en');
  expect(stdout).toContain(`${house.gatewayUrl}/callbacks/aliyun-sms/as-w3Kx9Zr7Qm2Vt4`);
});

it('lists the groups, and those of rules that are not there', async () => {
  const { code, stdout } = await online('groups', 'feishu-cn');
  expect(code).toBe(0);
  expect(stdout).toMatch(/✓ {2}oc_ops +Operations +rooms\/rooms/);
  expect(stdout).toMatch(/✗ {2}oc_gone .*rooms\/rooms +not there/);
});

it('sends a code, takes it back, and says until then that the member is not verified', async () => {
  const before = await online('validate', '--online');
  expect(before.stdout).toContain('backup: phone and email not verified');
  const sent = await online('verify', 'backup', '--by', 'email');
  expect(sent).toMatchObject({ code: 0, stderr: '' });
  expect(sent.stdout).toContain('a code is on its way to backup by email');
  const mail = await house.sandbox.responder('backup').expectMail('Your code');
  const code = /\b\d{6}\b/.exec(mail.text)?.[0] ?? '';
  expect((await online('verify', 'backup', '--code', code === '111111' ? '222222' : '111111')).stderr).toBe(
    'that is not the code\n',
  );
  expect((await online('verify', 'backup', '--code', code)).stdout).toBe('backup: verified\n');
  expect((await online('validate', '--online')).stdout).toContain('backup: phone not verified');
});

it('sends a code by text message and by telephone', async () => {
  await online('verify', 'backup', '--by', 'sms');
  const text = await house.sandbox.responder('backup').expectText(/\d{6}/);
  const code = /code is (\d{6})/.exec(text.text)?.[1] ?? '';
  expect((await online('verify', 'backup', '--code', code)).stdout).toBe('backup: verified\n');
  await online('verify', 'backup', '--by', 'voice');
  const call = await house.sandbox.responder('backup').expectCall(/Your code is (\d ){5}\d/);
  await call.hangUp();
});

it('links, shows and unlinks an account for a member', async () => {
  expect((await online('link', 'backup', 'feishu-cn', '--identity', 'ou_backup')).code).toBe(0);
  expect((await online('link', 'backup')).stdout).toBe('feishu-cn: ou_backup\nverified\n');
  expect((await online('unlink', 'backup', 'feishu-cn')).code).toBe(0);
  expect((await online('link', 'backup')).stdout).toBe('verified\n');
  expect(await online('link', 'nobody')).toMatchObject({ code: 1, stderr: 'no member is called nobody\n' });
});
