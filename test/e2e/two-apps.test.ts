import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../sandbox/demo/configuration.ts';
import type { House } from '../../sandbox/demo/house.ts';
import { openTestHouse, sandboxUrl } from './house.ts';
import { People, type Chat, type Incident } from './people.ts';

const [PRIMARY, , SUPERVISOR] = PEOPLE;
const TEAMS = { appId: 'a1b2c3d4-0000-4000-8000-000000000001', appPassword: 'pass', tenantId: 'tenant-1' };
const OPS = '19:ops@thread.tacv2';

const CHANNELS = `  apps:
    rules:
      - name: in two apps
        levels:
          - to: { members: [primary, supervisor] }
            by: preference
            groups: [{ account: slack-hq, chat: C0OPS, mention: true }]
            escalateAfter: 1h
          - { to: { members: [backup] }, by: { default: [email] } }
`;

function withApps(yaml: string): string {
  const base = sandboxUrl(yaml);
  return yaml
    .replace(
      '\nmedia:\n',
      `
  slack-hq: { adapter: slack.app, botToken: xoxb-sandbox, signingSecret: sandbox, teamId: T0SANDBOX, baseUrl: '${base}', perReceiver: [] }
  teams-hq: { adapter: teams.app, appId: ${TEAMS.appId}, appPassword: ${TEAMS.appPassword}, tenantId: ${TEAMS.tenantId}, baseUrl: '${base}' }
media:
`,
    )
    .replace(
      /(\n {2}primary: .*)identities: \{ [^}]*\} \}/,
      `$1identities: { slack: ${PRIMARY.ids.slack} }, prefers: { critical: [slack-hq] } }`,
    )
    .replace(
      /(\n {2}supervisor: .*)identities: \{ [^}]*\} \}/,
      `$1identities: { teams: ${SUPERVISOR.ids.teams} }, prefers: { critical: [teams-hq] } }`,
    );
}

describe('one incident in Slack and in Teams, on the real server', () => {
  let house: House;
  let people: People;
  let inSlack: Chat;
  let inTeams: Chat;
  let inChannel: Chat;

  beforeAll(async () => {
    house = await openTestHouse({
      sandbox: { limits: false, teams: { ...TEAMS, chats: [{ id: OPS, name: 'ops' }] } },
      channels: CHANNELS,
      edit: withApps,
    });
    house.sandbox.setCallbacks({
      slack: `${house.gatewayUrl}/callbacks/slack-hq`,
      teams: `${house.gatewayUrl}/callbacks/teams-hq`,
    });
    // With its first signature the imitation makes its key, which takes longer than there may be between two presses.
    house.sandbox.teams.bearer();
    people = new People(house);
    inSlack = people.primary.on('slack');
    inTeams = people.supervisor.on('teams');
    inChannel = people.chat('slack', 'C0OPS');
  });
  afterEach(() => people.closeAll());
  afterAll(() => house.close());

  /** The primary has it in Slack, the supervisor in Teams, and everybody in the channel. */
  const everybodySeesIt = async (): Promise<Incident> => {
    const incident = await people.open('apps');
    await Promise.all([inSlack.sees(incident), inTeams.sees(incident), inChannel.sees(incident)]);
    return incident;
  };

  it('is acknowledged by one of two who press at the same moment, and every card says by whom', async () => {
    const incident = await everybodySeesIt();
    expect(inChannel.card.face?.mentions).toContain(PRIMARY.ids.slack);
    const [acknowledge = ''] = inChannel.buttons;
    const { callbacks } = house.sandbox.world;
    const before = callbacks.length;
    const pressed = await Promise.all([
      inSlack.presses(inSlack.buttons[0] ?? ''),
      inTeams.presses(inTeams.buttons[0] ?? ''),
    ]);
    expect(pressed.map(({ error }) => error)).toEqual([undefined, undefined]);
    const presses = callbacks.slice(before);
    expect(presses.map(({ vendor, answer }) => `${vendor} ${answer}`).sort()).toEqual(['slack 200', 'teams 200']);
    const leftAt = presses.map(({ at }) => at);
    expect(Math.max(...leftAt) - Math.min(...leftAt)).toBeLessThan(1000);

    const { acknowledgedBy, progress, timeline } = await incident.view();
    expect(progress).toBe('Processing');
    const acknowledged = timeline.filter(({ kind }) => kind === 'acknowledged');
    expect(acknowledged.map(({ by }) => by?.member).sort()).toEqual(['primary', 'supervisor']);
    expect(acknowledgedBy).toEqual(acknowledged[0]?.by);
    const by = new RegExp(`(Acknowledged by|由) ?${acknowledgedBy?.member === 'primary' ? 'Primary' : 'Supervisor'}`);
    for (const chat of [inSlack, inTeams]) await chat.isShown(by);
    await inChannel.offersNoMore(acknowledge);
    expect(inChannel.card.redraws).toBeGreaterThan(0);
    people.nobodyElseIsToldOf(incident);
  });

  it('is closed in Teams, and no card offers anything any more', async () => {
    await everybodySeesIt();
    const offered = inSlack.buttons;
    const tapped = await inTeams.presses('Close');
    expect(tapped.error).toBeUndefined();
    for (const chat of [inSlack, inTeams]) {
      await chat.isShown('Closed by Supervisor');
      await chat.offersNoMore(...offered);
      expect(chat.buttons).toEqual([]);
    }
  });

  it('takes a comment from a window in Slack', async () => {
    const incident = await everybodySeesIt();
    await inSlack.presses('Comment');
    await inSlack.seesWindow();
    await inSlack.presses('submit', { text: 'Failing over' });
    await incident.until(({ timeline }) => JSON.stringify(timeline).includes('Failing over'));
  });

  it('answers what is written to the bot where it was written', async () => {
    const incident = await everybodySeesIt();
    const { number } = await incident.view();
    await house.sandbox.slack.say(inSlack.to, `status ${number}`);
    await house.sandbox.teams.say(inTeams.to, `ack ${number}`);
    await inSlack.sees(new RegExp(`${number}.*Not acknowledged`, 's'));
    await inTeams.sees(new RegExp(`Acknowledged.*${number}|${number}.*Acknowledged`, 's'));
    expect(await incident.view()).toMatchObject({ acknowledgedBy: { member: 'supervisor' } });
  });

  it('does nothing for a stranger in the channel, who is told why', async () => {
    const incident = await everybodySeesIt();
    await inChannel.presses(inChannel.buttons[0] ?? '', { as: 'U0STRANGER' });
    await people.chat('slack', 'U0STRANGER').sees(/./);
    await incident.isStill('triggered');
  });
});
