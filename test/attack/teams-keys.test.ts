import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { yamlDirectory } from '../../config/duty/directory.ts';
import { ConfigurationSource } from '../../config/watch.ts';
import { createGateway, type Gateway } from '../../gateway/index.ts';
import { PEOPLE } from '../../sandbox/demo/configuration.ts';
import type { House } from '../../sandbox/demo/house.ts';
import type { Tapped } from '../../sandbox/index.ts';
import { openTestHouse, sandboxUrl } from '../e2e/house.ts';
import { People, type Chat } from '../e2e/people.ts';

const TEAMS = { appId: 'a1b2c3d4-0000-4000-8000-000000000001', appPassword: 'pass', tenantId: 'tenant-1' };
const [, , SUPERVISOR] = PEOPLE;
/** Longer than the gateway may take for an answer. */
const SLOW_MS = 2500;

let house: House;
let people: People;
let chat: Chat;
let gateway: Gateway;

beforeEach(async () => {
  house = await openTestHouse({
    gateway: false,
    sandbox: { limits: false, teams: TEAMS },
    channels: `  apps:
    rules: [{ name: by app, levels: [{ to: { members: [supervisor] }, by: { default: [teams-hq] } }] }]
`,
    edit: (yaml) =>
      yaml
        .replace(
          '\nmedia:\n',
          `
  teams-hq: { adapter: teams.app, appId: ${TEAMS.appId}, appPassword: ${TEAMS.appPassword}, tenantId: ${TEAMS.tenantId}, baseUrl: '${sandboxUrl(yaml)}' }
media:
`,
        )
        .replace('feishu: ou_supervisor', `teams: ${SUPERVISOR.ids.teams}`),
  });
  house.sandbox.setCallbacks({ teams: `${house.gatewayUrl}/callbacks/teams-hq` });
  // With its first signature the imitation makes its key, which takes a while.
  house.sandbox.teams.bearer();
  people = new People(house);
  chat = people.supervisor.on('teams');
  const source = ConfigurationSource.fixed(house.configuration);
  const logger = pino({ level: 'silent' });
  gateway = createGateway({ source, client: house.temporal, directory: yamlDirectory(source), logger });
});
afterEach(async () => {
  await people.closeAll();
  await gateway.close();
  await house.close();
});

const acknowledges = (): Promise<Tapped> => chat.presses('Acknowledge');
const lookUps = (): string[] =>
  house.sandbox.world.arrivals.filter(({ action }) => action === 'openidconfiguration').map(({ answer }) => answer);

it('a press in Teams counts although the keys of Microsoft are slow whenever they are asked for', async () => {
  const incident = await people.open('apps');
  await chat.sees(incident);
  await incident.until('told');
  house.sandbox.faults.add({
    vendor: 'teams',
    action: 'openidconfiguration',
    times: 1000,
    effect: { delayMs: SLOW_MS },
  });
  await gateway.listen();

  // Whoever presses before the keys are there is no forger.
  expect((await acknowledges()).status).toBe(503);
  await expect.poll(lookUps, { timeout: 30_000 }).toEqual(['ok']);
  await expect.poll(async () => (await acknowledges()).status, { timeout: 30_000 }).toBe(200);
  await incident.until('acknowledged');
  expect(lookUps()).toEqual(['ok']);
});

it('the keys of Microsoft are fetched at the start, and again until they are there, before anybody presses', async () => {
  house.sandbox.faults.add({ vendor: 'teams', action: 'openidconfiguration', effect: { status: 503 } });
  await gateway.listen();
  await expect.poll(lookUps, { timeout: 30_000 }).toEqual(['status 503', 'ok']);

  house.sandbox.faults.add({ vendor: 'teams', action: 'openidconfiguration', times: 1000, effect: { status: 503 } });
  const incident = await people.open('apps');
  await chat.sees(incident);
  await incident.until('told');
  expect(await acknowledges()).toMatchObject({ status: 200 });
  await incident.until('acknowledged');
});
