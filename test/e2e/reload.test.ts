import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CREDENTIALS } from '../../sandbox/demo/configuration.ts';
import type { House } from '../../sandbox/demo/house.ts';
import type { Responder } from '../../sandbox/index.ts';
import { Child, escalations, run } from '../child.ts';
import { serverAddress, serverNamespace } from '../server.ts';
import { openTestHouse, until } from './house.ts';

describe('a configuration that is changed while worker and gateway run', () => {
  let folder: string;
  let house: House;
  let service: Child;
  let backup: Responder;
  let serial = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'escalations-reload-'));
    house = await openTestHouse({
      worker: false,
      gateway: false,
      channels: `  texts:
    rules:
      - name: straight to the text
        levels: [{ to: { members: [backup] }, by: { default: [sms] } }]
`,
    });
    backup = house.sandbox.responder('backup');
    await writeFile(path(), house.yaml.replace('adapter: aliyun.sms', 'adapter: aliyun.sms\n    perSecond: 0.1'));
    service = escalations(['worker', '--with-gateway', '--config', path(), ...where()]);
    await service.until(/"msg":"working"/);
  });
  afterAll(async () => {
    await service.stop();
    await house.close();
    await rm(folder, { recursive: true, force: true });
  });

  const path = (): string => join(folder, 'escalations.yaml');
  const where = (): string[] => ['--address', serverAddress(), '--namespace', serverNamespace()];
  /** Whole at once, as editors do; resolves when the service has said what it makes of it. */
  const save = async (yaml: string, said: RegExp): Promise<void> => {
    const before = service.stdout.length;
    await writeFile(`${path()}~`, yaml);
    await rename(`${path()}~`, path());
    await service.until(new RegExp(`^[^]{${String(before)}}[^]*${said.source}`));
  };
  const open = async (): Promise<{ id: string; title: string }> => {
    serial += 1;
    const id = `${house.configuration.prefix}-reload-${String(serial)}`;
    const title = `db-${String(serial)} is down`;
    await house.client.open({ id, title, severity: 'Critical', channel: 'texts' });
    return { id, title };
  };
  const readiness = async (): Promise<{ status: number; text: string }> => {
    const answer = await fetch(`${house.operationsUrl}/readyz`);
    return { status: answer.status, text: await answer.text() };
  };
  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(`${house.operationsUrl}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  };

  it('sends as fast as the file says now', async () => {
    await backup.expectText((await open()).title);
    await save(house.yaml, /"account":"aliyun-sms","msg":"the account is served/);
    const changedAt = Date.now();

    for (const { title } of [await open(), await open(), await open()]) await backup.expectText(title);

    // At one in ten seconds the third would come after half a minute.
    expect(Date.now() - changedAt).toBeLessThan(20_000);
  });

  it('pages through the new provider when an account is given to another one', async () => {
    const first = await open();
    expect(await backup.expectText(first.title)).toMatchObject({ vendor: 'aliyun' });

    await save(givenToTencent(house.yaml), /"account":"aliyun-sms","msg":"the account is served/);
    const second = await open();

    expect(await backup.expectText(second.title)).toMatchObject({ vendor: 'tencent' });
    const { notifications } = await until(house, second.id, (view) => view.notifications[0]?.outcome === 'accepted');
    expect(notifications[0]?.attempts).toMatchObject([{ account: 'aliyun-sms', outcome: 'accepted' }]);
    const doctor = await run(escalations(['doctor', '--config', path(), ...where()]));
    expect(doctor.stdout).toContain('✓ workers poll all 6 queues');
    await save(house.yaml, /"account":"aliyun-sms","msg":"the account is served/);
  });

  it('goes on with the one before when a new one is refused, and says so wherever somebody looks', async () => {
    expect(await readiness()).toEqual({ status: 200, text: 'ready' });
    expect(await metric('escalations_gateway_configuration_refused_seconds')).toBe(0);

    await save(house.yaml.replace('media:', 'medium:'), /cannot be used; the one before stays in force/);

    const { status, text } = await readiness();
    expect(status).toBe(200);
    expect(text).toMatch(/^ready\ndegraded: the configuration file has been refused since \d{4}-\S+Z; /);
    expect(await metric('escalations_gateway_configuration_refused_seconds')).toBeGreaterThan(0);
    const doctor = await run(escalations(['doctor', '--config', path(), ...where()]));
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(/✗ \S+ cannot be used\n[^]*→ until then workers and gateways that run keep/);
    const { id, title } = await open();
    await backup.expectText(title);
    const shown = await run(escalations(['status', id, ...where()]));
    expect(shown.stdout).toMatch(/the configuration file has been refused since \S+: planned by the one before it/);

    await save(house.yaml.replace('name: Backup', 'name: Back-up'), /"msg":"the changed configuration is in force"/);
    expect(await readiness()).toEqual({ status: 200, text: 'ready' });
    expect(await metric('escalations_gateway_configuration_refused_seconds')).toBe(0);
  });

  it('keeps its prefix and its address until the next start, and says that they wait for it', async () => {
    const moved = house.yaml
      .replace(`prefix: ${house.configuration.prefix}`, 'prefix: elsewhere')
      .replace('name: Backup', 'name: Renamed');
    await save(moved, /"msg":"a part of the configuration waits for the next start"/);

    const { title } = await open();
    await backup.expectText(title);

    expect(await readiness()).toEqual({
      status: 200,
      text: `ready\ndegraded: prefix: the file says elsewhere, ${house.configuration.prefix} is in force until the next start`,
    });
    expect(await metric('escalations_gateway_configuration_held_back')).toBe(1);
    const doctor = await run(escalations(['doctor', '--config', path(), ...where()]));
    expect(doctor.stdout).toContain(
      `! the gateway at ${house.operationsUrl}/readyz is degraded: prefix: the file says elsewhere`,
    );
    await save(house.yaml, /"msg":"the changed configuration is in force"/);
    expect(await metric('escalations_gateway_configuration_held_back')).toBe(0);
  });

  it('is found by the doctor when a worker serves an account by another adapter than the file says', async () => {
    const other = join(folder, 'other.yaml');
    await writeFile(other, givenToTencent(house.yaml));
    const doctor = await run(escalations(['doctor', '--config', other, ...where()]));
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(/✗ \S+\.aliyun-sms is served as aliyun\.sms, not tencent\.sms\n {2}→ /);
  });
});

/** The account keeps its name and gets another adapter. */
function givenToTencent(yaml: string): string {
  const before = /^ {2}aliyun-sms:\n(?: {4}.*\n)+/m.exec(yaml)?.[0] ?? '';
  const baseUrl = /baseUrl: (http:\S+)/.exec(/^ {2}tencent-voice:\n(?: {4}.*\n)+/m.exec(yaml)?.[0] ?? '')?.[1] ?? '';
  const { secretId, secretKey } = CREDENTIALS.tencent;
  return yaml.replace(
    before,
    `  aliyun-sms:
    adapter: tencent.sms
    secretId: ${secretId}
    secretKey: ${secretKey}
    smsSdkAppId: '1400000001'
    signName: On call
    templates: { zh: { id: '1000001', params: [severity, title, number] } }
    callbackSecret: ts-w3Kx9Zr7Qm2Vt4
    baseUrl: ${baseUrl}
`,
  );
}
