import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { House } from '../../sandbox/demo/house.ts';
import type { SandboxCard, Vendor } from '../../sandbox/index.ts';
import { openTestHouse, sandboxUrl } from './house.ts';
import { People, textOn, type Incident } from './people.ts';

const HOOKS: Vendor[] = ['feishu', 'dingtalk', 'wecom', 'slack', 'zoom'];
const ACCOUNTS = [...HOOKS, 'telegram'].map((vendor) => `${vendor}-ops`);

const accountsAt = (base: string): string => `accounts:
  feishu-ops: { adapter: feishu.bot, webhook: sandbox, keyword: '#', baseUrl: ${base} }
  dingtalk-ops: { adapter: dingtalk.bot, webhook: sandbox, keyword: '#', baseUrl: ${base} }
  wecom-ops: { adapter: wecom.bot, webhook: sandbox, baseUrl: ${base} }
  slack-ops: { adapter: slack.bot, webhook: T0/B0/sandbox, baseUrl: ${base} }
  zoom-ops: { adapter: zoom.bot, webhook: sandbox, verifyToken: sandbox, baseUrl: ${base} }
  telegram-ops: { adapter: telegram.bot, token: '1:sandbox', secretToken: sandbox-w3Kx9Zr7Qm2Vt4, baseUrl: ${base} }
`;
const CHANNELS = `  bots:
    rules:
      - name: everywhere
        levels:
          - to: { members: [primary] }
            by: { default: [telegram-ops] }
            groups: [${ACCOUNTS.map((account) => `{ account: ${account}, mention: true, events: [opened, acknowledged, closed]${account === 'telegram-ops' ? ", chat: '-1001'" : ''} }`).join(', ')}]
            escalateAfter: 1h
  blocked:
    rules:
      - name: one group
        levels:
          - to: { members: [primary] }
            by: { default: [telegram-ops] }
            groups: [{ account: dingtalk-ops }]
            escalateAfter: 1h
`;

describe('bots, on the real server', () => {
  let house: House;
  let people: People;
  beforeAll(async () => {
    house = await openTestHouse({
      channels: CHANNELS,
      sandbox: { limits: false },
      edit: (yaml) =>
        yaml
          .replace('accounts:\n', accountsAt(sandboxUrl(yaml)))
          .replace('identities: { feishu: ou_primary }', "identities: { feishu: ou_primary, telegram: '5001' }"),
    });
    house.sandbox.setCallbacks({ telegram: `${house.gatewayUrl}/callbacks/telegram-ops` });
    people = new People(house);
  });
  afterEach(() => people.closeAll());
  afterAll(() => house.close());

  /** How many messages about the incident stand in the chats of a platform. */
  const posted = (vendor: Vendor, count: number, { title }: Incident): Promise<SandboxCard[]> =>
    people.untilSeen(`${String(count)} messages on ${vendor}`, () => {
      const cards = house.sandbox.world.cards.filter((card) => card.vendor === vendor && textOn(card).includes(title));
      return cards.length === count ? cards : undefined;
    });

  it('all six post a page, a member presses a button in their own chat, and every group hears of it', async () => {
    const incident = await people.open('bots');
    const own = people.primary.on('telegram');
    const group = people.chat('telegram', '-1001');
    await own.sees(incident);
    await group.sees(incident);
    for (const vendor of HOOKS) await posted(vendor, 1, incident);

    const tapped = await own.presses(own.buttons[0] ?? '');
    expect(tapped).toMatchObject({ status: 200, toast: { type: 'note', content: 'Acknowledged. It is yours now.' } });
    const view = await incident.until('acknowledged');
    expect(view.acknowledgedBy).toMatchObject({ member: 'primary' });

    // The webhooks cannot be drawn again: they post once more. Both messages of Telegram change in place.
    for (const vendor of HOOKS) await posted(vendor, 2, incident);
    for (const chat of [own, group]) {
      await chat.isShown('Primary');
      expect(chat.card.redraws).toBeGreaterThan(0);
    }
    await posted('telegram', 2, incident);
    // The last posts leave before it ends.
    await incident.closedBy('primary');
  });

  it('a bot that is blocked is left alone, and the timeline says so', async () => {
    house.sandbox.faults.add({ vendor: 'dingtalk', action: 'robot.send', effect: { refuse: '130101' } });
    const incident = await people.open('blocked');
    const view = await incident.until(({ notifications }) =>
      notifications.some(({ medium, outcome }) => medium === 'dingtalk-ops' && outcome !== 'pending'),
    );
    const group = view.notifications.find(({ medium }) => medium === 'dingtalk-ops');
    expect(group).toMatchObject({ outcome: 'rejected' });
    expect(JSON.stringify(group)).toContain('blocked for ten minutes');
    const sends = house.sandbox.world.arrivals.filter(
      ({ action, answer }) => action === 'robot.send' && answer === '130101',
    );
    expect(sends).toHaveLength(1);
  });
});
