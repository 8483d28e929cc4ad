import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.ts';
import { PEOPLE } from '../../sandbox/demo/configuration.ts';
import type { House } from '../../sandbox/demo/house.ts';
import type { SandboxCard } from '../../sandbox/index.ts';
import { openTestHouse, sandboxUrl } from './house.ts';

const [primary, , supervisor] = PEOPLE;
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
      `$1identities: { slack: ${primary.ids.slack} }, prefers: { critical: [slack-hq] } }`,
    )
    .replace(
      /(\n {2}supervisor: .*)identities: \{ [^}]*\} \}/,
      `$1identities: { teams: ${supervisor.ids.teams} }, prefers: { critical: [teams-hq] } }`,
    );
}

describe('one incident in Slack and in Teams, on the real server', () => {
  let house: House;
  let serial = 0;
  const opened: string[] = [];

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
  });
  afterEach(async () => {
    for (const id of opened.splice(0)) await house.client.close(id, { by: { name: 'test' } }).catch(() => undefined);
  });
  afterAll(() => house.close());

  const open = async (): Promise<string> => {
    serial += 1;
    const id = `${house.configuration.prefix}-${String(serial)}`;
    opened.push(id);
    await house.client.open({ id, title: `db-${String(serial)} is down`, severity: 'Critical', channel: 'apps' });
    return id;
  };
  const cardOf = (to: string): Promise<SandboxCard> =>
    vi.waitFor(
      () => {
        const title = `db-${String(serial)} is down`;
        const card = house.sandbox.world.cards.findLast((one) => one.to === to && one.face?.title.endsWith(title));
        if (!card) throw new Error(`${to} has no card yet`);
        return card;
      },
      { timeout: 20_000 },
    );
  const shows = (card: SandboxCard, words: string | RegExp): Promise<void> =>
    vi.waitFor(
      () => {
        expect(card.face?.lines.join('\n')).toMatch(words);
      },
      { timeout: 20_000 },
    );
  const view = (id: string): Promise<IncidentView> => house.client.describe(id);
  const labels = (card: SandboxCard): string[] => (card.face?.controls ?? []).map(({ label }) => label);

  it('is acknowledged by one of two who press within 50 ms, and every card says by whom', async () => {
    const id = await open();
    const [inSlack, inTeams, inChannel] = await Promise.all([
      cardOf(primary.ids.slack),
      cardOf(supervisor.ids.teams),
      cardOf('C0OPS'),
    ]);
    expect(inChannel.face?.mentions).toContain(primary.ids.slack);
    const [acknowledge] = labels(inChannel);
    const { sandbox } = house;
    const before = sandbox.world.callbacks.length;
    const pressed = await Promise.all([
      sandbox.tap(inSlack.id, { identity: primary.ids.slack, control: labels(inSlack)[0] ?? '' }),
      sandbox.tap(inTeams.id, { identity: supervisor.ids.teams, control: labels(inTeams)[0] ?? '' }),
    ]);
    expect(pressed.map(({ error }) => error)).toEqual([undefined, undefined]);
    const presses = sandbox.world.callbacks.slice(before);
    expect(presses.map(({ vendor, answer }) => `${vendor} ${answer}`).sort()).toEqual(['slack 200', 'teams 200']);
    const leftAt = presses.map(({ at }) => at);
    expect(Math.max(...leftAt) - Math.min(...leftAt)).toBeLessThan(50);

    const { acknowledgedBy, progress, timeline } = await view(id);
    expect(progress).toBe('Processing');
    const acknowledged = timeline.filter(({ kind }) => kind === 'acknowledged');
    expect(acknowledged.map(({ by }) => by?.member).sort()).toEqual(['primary', 'supervisor']);
    expect(acknowledgedBy).toEqual(acknowledged[0]?.by);
    const by = new RegExp(`(Acknowledged by|由) ?${acknowledgedBy?.member === 'primary' ? 'Primary' : 'Supervisor'}`);
    for (const card of [inSlack, inTeams]) await shows(card, by);
    await vi.waitFor(() => {
      expect(inChannel.redraws).toBeGreaterThan(0);
      expect(labels(inChannel)).not.toContain(acknowledge);
    }, 20_000);
  });

  it('is closed in Teams, and no card offers anything any more', async () => {
    await open();
    const [inSlack, inTeams] = await Promise.all([cardOf(primary.ids.slack), cardOf(supervisor.ids.teams)]);
    const tapped = await house.sandbox.tap(inTeams.id, { identity: supervisor.ids.teams, control: 'Close' });
    expect(tapped.error).toBeUndefined();
    for (const card of [inSlack, inTeams]) {
      await shows(card, 'Closed by Supervisor');
      await vi.waitFor(() => {
        expect(labels(card)).toEqual([]);
      }, 20_000);
    }
  });

  it('takes a comment from a window in Slack', async () => {
    const id = await open();
    const card = await cardOf(primary.ids.slack);
    await house.sandbox.tap(card.id, { identity: primary.ids.slack, control: 'Comment' });
    const window = await vi.waitFor(() => {
      const found = house.sandbox.world.cards.findLast((one) => one.id.startsWith('V'));
      if (!found) throw new Error('no window yet');
      return found;
    });
    await house.sandbox.tap(window.id, { identity: primary.ids.slack, control: 'submit', text: 'Failing over' });
    await vi.waitFor(async () => {
      expect(JSON.stringify((await view(id)).timeline)).toContain('Failing over');
    });
  });

  it('answers what is written to the bot where it was written', async () => {
    const id = await open();
    const { number } = await view(id);
    await Promise.all([cardOf(primary.ids.slack), cardOf(supervisor.ids.teams)]);
    await house.sandbox.slack.say(primary.ids.slack, `status ${number}`);
    await house.sandbox.teams.say(supervisor.ids.teams, `ack ${number}`);
    const said = (to: string, words: string): Promise<void> =>
      vi.waitFor(
        () => {
          const texts = house.sandbox.world.cards.filter((card) => card.to === to).map(({ text }) => text ?? '');
          expect(texts.some((text) => text.includes(number) && text.includes(words))).toBe(true);
        },
        { timeout: 10_000 },
      );
    await said(primary.ids.slack, 'Not acknowledged');
    await said(supervisor.ids.teams, 'Acknowledged');
    expect((await view(id)).acknowledgedBy).toEqual({ member: 'supervisor' });
  });

  it('does nothing for a stranger in the channel, who is told why', async () => {
    const id = await open();
    const card = await cardOf('C0OPS');
    await house.sandbox.tap(card.id, { identity: 'U0STRANGER', control: labels(card)[0] ?? '' });
    await vi.waitFor(() => {
      const said = house.sandbox.world.cards.findLast(({ to }) => to === 'U0STRANGER');
      expect(said?.text).toBeTruthy();
    });
    expect((await view(id)).progress).toBe('Triggered');
  });
});
