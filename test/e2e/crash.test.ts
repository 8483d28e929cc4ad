import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../domain/incident/attributes.ts';
import { openHouse, type House } from '../../sandbox/demo/house.ts';
import { startServer, type Engine } from '../../sandbox/engine/start-server.ts';
import { People, textOn, type Incident, type Person } from './people.ts';
import { Service } from './processes.ts';

const LEVEL_MS = 6000;

describe('when something is killed in the middle of a level', () => {
  let folder: string;
  let engine: Engine;
  let house: House;
  let people: People;
  let primary: Person;
  let supervisor: Person;
  const running: Service[] = [];

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
  cards:
    rules:
      - name: straight to the card
        levels: [{ to: { members: [primary] }, by: { default: [feishu-cn] } }]
`,
    });
    people = new People(house);
    ({ primary, supervisor } = people);
    await writeFile(join(folder, 'escalations.yaml'), house.yaml);
  });

  afterEach(async () => {
    await people.closeAll();
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
  /** The first level has been told by card and mail. */
  const toldToThePrimary = async (): Promise<Incident> => {
    const incident = await people.open('payments');
    await primary.on('feishu').sees(incident);
    await primary.readsMail(incident);
    await incident.until('told');
    return incident;
  };
  /** How much later than the level said the phone rang. */
  const lateness = async (incident: Incident, call: { startedAt: number }): Promise<number> => {
    const { timeline } = await incident.view();
    const assignedAt = Date.parse(timeline.find(({ kind }) => kind === 'assigned')?.at ?? '');
    return call.startedAt - assignedAt - LEVEL_MS;
  };
  const report = (what: string, ms: number): void => {
    console.log(`${what}: the due call came ${ms.toFixed(0)} ms late`);
  };

  it('the worker: the level is told on time by another one', async () => {
    const [victim] = [await start('worker'), await start('worker')];
    await start('gateway');
    const incident = await toldToThePrimary();
    await victim.kill();

    const late = await lateness(incident, await supervisor.hears(incident));
    report('worker killed, another up', late);
    // Ten seconds is how long the server holds a task for a worker that is gone, unless it is told otherwise.
    expect(late).toBeLessThan(9000);
    await supervisor.presses('1');
    await incident.until('acknowledged');
    people.nobodyElseIsToldOf(incident);
  });

  it('the only worker: the escalation goes on when it is back', async () => {
    const victim = await start('worker');
    await start('gateway');
    const incident = await toldToThePrimary();
    await victim.kill();
    await start('worker');

    report('only worker killed and started again', await lateness(incident, await supervisor.hears(incident)));
    await supervisor.presses('1');
    await incident.until('acknowledged');
    people.nobodyElseIsToldOf(incident);
  });

  it('the worker, while the provider takes a text: the provider is asked, and the text is sent once', async () => {
    const victim = await start('worker');
    house.sandbox.faults.add({ vendor: 'aliyun', action: 'SendSms', effect: { delayMs: 1500 } });
    const asked = house.sandbox.world.arrivals.length;
    const requests = (): string[] =>
      house.sandbox.world.arrivals.slice(asked).flatMap(({ vendor, action }) => (vendor === 'aliyun' ? [action] : []));
    const incident = await people.open('texts');
    await people.untilSeen('the provider being asked to send', () => requests().includes('SendSms') || undefined);
    await victim.kill();
    await start('worker');

    const view = await incident.until(({ notifications }) =>
      /accepted|delivered/.test(notifications[0]?.outcome ?? ''),
    );
    expect(view.notifications[0]?.attempts[0]).toMatchObject({ account: 'aliyun-sms' });
    expect(requests()).toEqual(['SendSms', 'QuerySendDetails']);
    await people.backup.readsText(incident);
    people.nobodyElseIsToldOf(incident);
  });

  it('the worker, while the provider takes a card: the server sends it again, and the view says so', async () => {
    const victim = await start('worker');
    house.sandbox.faults.add({ vendor: 'feishu', action: 'messages.create', effect: { delayMs: 1500 } });
    const asked = house.sandbox.world.arrivals.length;
    const requests = (): string[] => house.sandbox.world.arrivals.slice(asked).map(({ action }) => action);
    const incident = await people.open('cards');
    await people.untilSeen('the provider being asked', () => requests().includes('messages.create') || undefined);
    await victim.kill();
    await start('worker');

    const view = await incident.until(({ notifications }) => notifications[0]?.outcome === 'accepted');
    expect(view.notifications[0]?.attempts).toMatchObject([
      { account: 'feishu-cn', outcome: 'unknown', reason: 'the worker was lost while sending' },
      { account: 'feishu-cn', outcome: 'accepted' },
    ]);
    await incident.closedBy('primary');
  });

  it('the gateway: a key pressed once it is back acknowledges', async () => {
    await start('worker');
    const victim = await start('gateway');
    const incident = await toldToThePrimary();
    const call = await supervisor.hears(incident);
    await victim.kill();
    await supervisor.presses('1'); // the vendor finds nobody, and sends it again a minute later or when asked to
    await incident.isStill('triggered');
    await start('gateway');
    await house.sandbox.redeliver(call.id);

    await incident.until('acknowledged');
    people.nobodyElseIsToldOf(incident);
  });

  it('the server: the level is told once it is back, and nobody twice', async () => {
    await start('worker');
    await start('gateway');
    const incident = await toldToThePrimary();
    engine.kill();
    await new Promise((resolve) => setTimeout(resolve, LEVEL_MS)); // the level ends while the server is away
    await engine.restart();
    const backAt = Date.now();

    const call = await supervisor.hears(incident);
    console.log(`server killed: the due call came ${(call.startedAt - backAt).toFixed(0)} ms after it was back`);
    await supervisor.presses('1');
    await incident.until('acknowledged');
    people.nobodyElseIsToldOf(incident);
  });

  it('the server, while somebody presses: told that it is not confirmed, and acknowledged once it is back', async () => {
    await start('worker');
    await start('gateway');
    const incident = await toldToThePrimary();
    const chat = primary.on('feishu');
    engine.kill();
    const { status, toast } = await chat.presses('Acknowledge');
    expect(status).toBe(200);
    expect(toast?.content).toMatch(/not confirmed/i);
    expect(textOn(chat.card)).not.toContain('Acknowledged by');
    await engine.restart();

    const view = await incident.until('acknowledged');
    expect(view.acknowledgedBy).toEqual({ member: 'primary' });
    await chat.isShown('Acknowledged by Primary');
  });
});
