import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../domain/incident/attributes.ts';
import type { IncidentView } from '../../domain/incident/view.ts';
import { openHouse, type House } from '../../sandbox/demo/house.ts';
import { startServer, type Engine } from '../../sandbox/engine/start-server.ts';
import { Service } from './processes.ts';

const LEVEL_MS = 6000;

describe('when something is killed in the middle of a level', () => {
  let folder: string;
  let engine: Engine;
  let house: House;
  const running: Service[] = [];
  let serial = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'escalations-crash-'));
    engine = await startServer({ dbFilename: join(folder, 'temporal.db'), searchAttributes: SEARCH_ATTRIBUTES });
    house = await openHouse({
      address: engine.address,
      escalateAfter: `${String(LEVEL_MS / 1000)}s`,
      sandbox: { limits: false },
      worker: false,
      gateway: false,
      channels: `  texts:
    rules:
      - name: straight to the text
        levels: [{ to: { members: [backup] }, by: { default: [sms] } }]
`,
    });
    await writeFile(join(folder, 'escalations.yaml'), house.yaml);
  });

  afterEach(async () => {
    for (const service of running.splice(0)) await service.stop();
  });

  afterAll(async () => {
    await house.close();
    await engine.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (what: 'worker' | 'gateway'): Promise<Service> => {
    const config = join(folder, 'escalations.yaml');
    const args = [what, '--config', config, '--address', engine.address];
    const service = await Service.start(args, what === 'worker' ? 'working' : 'listening');
    running.push(service);
    return service;
  };
  const open = async (channel = 'payments'): Promise<string> => {
    serial += 1;
    const id = `crash-${serial}`;
    await house.client.open({ id, title: `db-7 is down ${serial}`, severity: 'Critical', channel });
    return id;
  };
  const until = async (id: string, isReached: (view: IncidentView) => boolean): Promise<IncidentView> => {
    const endsAt = Date.now() + 30_000;
    for (;;) {
      const view = await house.client.describe(id).catch(() => undefined);
      if (view && isReached(view)) return view;
      if (Date.now() > endsAt) throw new Error(`never reached: ${JSON.stringify(view?.timeline.slice(-5))}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const toldOnce = (): void => {
    const [primary, supervisor] = [house.sandbox.responder('primary'), house.sandbox.responder('supervisor')];
    const mine = ({ text = '', subject = '' }: { text?: string; subject?: string }): boolean =>
      `${subject} ${text}`.includes(`db-7 is down ${serial}`);
    expect(primary.mails.filter(mine)).toHaveLength(1);
    expect(primary.cards.filter((card) => JSON.stringify(card.card).includes(`db-7 is down ${serial}`))).toHaveLength(
      1,
    );
    expect(supervisor.calls.filter(mine)).toHaveLength(1);
  };
  /** How much later than the level said the phone rang. */
  const lateness = async (id: string, call: { startedAt: number }): Promise<number> => {
    const { timeline } = await house.client.describe(id);
    const assignedAt = Date.parse(timeline.find(({ kind }) => kind === 'assigned')?.at ?? '');
    return call.startedAt - assignedAt - LEVEL_MS;
  };
  const report = (what: string, ms: number): void => {
    console.log(`${what}: the due call came ${ms.toFixed(0)} ms late`);
  };

  it('the worker: the level is told on time by another one', async () => {
    const [victim] = [await start('worker'), await start('worker')];
    await start('gateway');
    const id = await open();
    await house.sandbox.responder('primary').expectCard(`db-7 is down ${serial}`);
    await house.sandbox.responder('primary').expectMail(`db-7 is down ${serial}`);
    await victim.kill();
    const call = await house.sandbox
      .responder('supervisor')
      .expectCall(`db-7 is down ${serial}`, { timeoutMs: 20_000 });
    const late = await lateness(id, call);
    report('worker killed, another up', late);
    expect(late).toBeLessThan(3000);
    await call.press('1');
    await call.hangUp();
    await until(id, ({ progress }) => progress === 'Processing');
    toldOnce();
    await house.client.close(id, { by: { name: 'test' } });
  });

  it('the only worker: the escalation goes on when it is back', async () => {
    const victim = await start('worker');
    await start('gateway');
    const id = await open();
    await house.sandbox.responder('primary').expectCard(`db-7 is down ${serial}`);
    await house.sandbox.responder('primary').expectMail(`db-7 is down ${serial}`);
    await victim.kill();
    await start('worker');
    const call = await house.sandbox
      .responder('supervisor')
      .expectCall(`db-7 is down ${serial}`, { timeoutMs: 20_000 });
    report('only worker killed and started again', await lateness(id, call));
    await call.press('1');
    await call.hangUp();
    await until(id, ({ progress }) => progress === 'Processing');
    toldOnce();
    await house.client.close(id, { by: { name: 'test' } });
  });

  it('the worker, while the provider takes a text: the provider is asked, and the text is sent once', async () => {
    const victim = await start('worker');
    house.sandbox.faults.add({ vendor: 'aliyun', action: 'SendSms', effect: { delayMs: 1500 } });
    const asked = house.sandbox.world.arrivals.length;
    const requests = (): string[] => house.sandbox.world.arrivals.slice(asked).map(({ action }) => action);
    const id = await open('texts');
    while (!requests().includes('SendSms')) await new Promise((resolve) => house.sandbox.world.once('change', resolve));
    await victim.kill();
    await start('worker');
    const view = await until(id, ({ notifications }) => /accepted|delivered/.test(notifications[0]?.outcome ?? ''));
    expect(view.notifications[0]?.attempts[0]).toMatchObject({ account: 'aliyun-sms' });
    expect(requests()).toEqual(['SendSms', 'QuerySendDetails']);
    expect(house.sandbox.responder('backup').texts).toHaveLength(1);
    await house.client.close(id, { by: { name: 'test' } });
  });

  it('the gateway: a key pressed once it is back acknowledges', async () => {
    await start('worker');
    const victim = await start('gateway');
    const id = await open();
    const call = await house.sandbox
      .responder('supervisor')
      .expectCall(`db-7 is down ${serial}`, { timeoutMs: 20_000 });
    await victim.kill();
    await call.press('1'); // the vendor finds nobody, and sends it again a minute later or when asked to
    expect((await house.client.describe(id)).progress).toBe('Triggered');
    await start('gateway');
    await house.sandbox.redeliver(call.id);
    await until(id, ({ progress }) => progress === 'Processing');
    await call.hangUp();
    toldOnce();
    await house.client.close(id, { by: { name: 'test' } });
  });

  it('the server: the level is told once it is back, and nobody twice', async () => {
    await start('worker');
    await start('gateway');
    const id = await open();
    await house.sandbox.responder('primary').expectCard(`db-7 is down ${serial}`);
    await house.sandbox.responder('primary').expectMail(`db-7 is down ${serial}`);
    await until(id, ({ notifications }) => notifications.every(({ outcome }) => outcome === 'accepted'));
    engine.kill();
    await new Promise((resolve) => setTimeout(resolve, LEVEL_MS)); // the level ends while the server is away
    await engine.restart();
    const backAt = Date.now();
    const call = await house.sandbox
      .responder('supervisor')
      .expectCall(`db-7 is down ${serial}`, { timeoutMs: 30_000 });
    console.log(`server killed: the due call came ${(call.startedAt - backAt).toFixed(0)} ms after it was back`);
    await call.press('1');
    await call.hangUp();
    await until(id, ({ progress }) => progress === 'Processing');
    toldOnce();
    await house.client.close(id, { by: { name: 'test' } });
  });

  it('the server, while somebody presses: told that it is not confirmed, and acknowledged once it is back', async () => {
    await start('worker');
    await start('gateway');
    const id = await open();
    const card = await house.sandbox.responder('primary').expectCard(`db-7 is down ${serial}`);
    await until(id, ({ notifications }) => notifications.every(({ outcome }) => outcome === 'accepted'));
    engine.kill();
    const { status, toast } = await card.click('Acknowledge');
    expect(status).toBe(200);
    expect(toast?.content).toMatch(/not confirmed/i);
    expect(card.shows('Acknowledged by')).toBe(false);
    await engine.restart();
    const view = await until(id, ({ progress }) => progress === 'Processing');
    expect(view.acknowledgedBy).toEqual({ member: 'primary' });
    await card.until('Acknowledged by Primary', { timeoutMs: 20_000 });
    await house.client.close(id, { by: { name: 'test' } });
  });
});
