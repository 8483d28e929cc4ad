import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { House } from '../../sandbox/demo/house.ts';
import type { SandboxCard, Vendor } from '../../sandbox/index.ts';
import { openTestHouse, sandboxUrl, until } from './house.ts';

const HOOKS: Vendor[] = ['feishu', 'dingtalk', 'wecom', 'slack', 'zoom'];
const ACCOUNTS = [...HOOKS, 'telegram'].map((vendor) => `${vendor}-ops`);

const accountsAt = (base: string): string => `accounts:
  feishu-ops: { adapter: feishu.bot, webhook: sandbox, keyword: '#', baseUrl: ${base} }
  dingtalk-ops: { adapter: dingtalk.bot, webhook: sandbox, keyword: '#', baseUrl: ${base} }
  wecom-ops: { adapter: wecom.bot, webhook: sandbox, baseUrl: ${base} }
  slack-ops: { adapter: slack.bot, webhook: T0/B0/sandbox, baseUrl: ${base} }
  zoom-ops: { adapter: zoom.bot, webhook: sandbox, verifyToken: sandbox, baseUrl: ${base} }
  telegram-ops: { adapter: telegram.bot, token: '1:sandbox', secretToken: sandbox, baseUrl: ${base} }
`;
const CHANNELS = `  bots:
    rules:
      - name: everywhere
        levels:
          - to: { members: [primary] }
            by: { default: [telegram-ops] }
            groups: [${ACCOUNTS.map((account) => `{ account: ${account}, mention: true${account === 'telegram-ops' ? ", chat: '-1001'" : ''} }`).join(', ')}]
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
  });
  afterAll(async () => {
    await house.close();
  });

  const open = async (channel: string, title: string): Promise<string> => {
    const id = `${house.configuration.prefix}-${channel}`;
    await house.client.open({ id, title, severity: 'Critical', channel });
    return id;
  };
  const cards = (vendor: string, title: string): SandboxCard[] =>
    house.sandbox.world.cards.filter(
      ({ vendor: of, face }) => of === vendor && [face?.title, ...(face?.lines ?? [])].join('\n').includes(title),
    );

  it('all six post a page, a member presses a button in their own chat, and every group hears of it', async () => {
    const id = await open('bots', 'db-7 is down');
    await expect.poll(() => cards('telegram', 'db-7'), { timeout: 10_000 }).toHaveLength(2);
    for (const vendor of HOOKS) await expect.poll(() => cards(vendor, 'db-7'), { timeout: 10_000 }).toHaveLength(1);

    const own = cards('telegram', 'db-7').find(({ to }) => to === '5001');
    const [acknowledge] = own?.face?.controls ?? [];
    const tapped = await house.sandbox.tap(own?.id ?? '', { identity: '5001', control: acknowledge?.id ?? '' });
    expect(tapped).toMatchObject({ status: 200, toast: { type: 'note', content: 'Acknowledged. It is yours now.' } });
    const view = await until(house, id, ({ progress }) => progress === 'Processing');
    expect(view.acknowledgedBy).toMatchObject({ member: 'primary' });

    // The webhooks cannot be drawn again: they post once more. Both messages of Telegram change in place.
    for (const vendor of HOOKS) await expect.poll(() => cards(vendor, 'db-7'), { timeout: 10_000 }).toHaveLength(2);
    await expect
      .poll(() => cards('telegram', 'db-7').map(({ redraws }) => redraws), { timeout: 10_000 })
      .toEqual([1, 1]);
    expect(cards('telegram', 'db-7').every(({ face }) => face?.lines.join().includes('Primary'))).toBe(true);
    await house.client.close(id, { by: { name: 'test' } });
    // The last posts leave before it ends.
    await house.client.result(id);
  });

  it('a bot that is blocked is left alone, and the timeline says so', async () => {
    house.sandbox.faults.add({ vendor: 'dingtalk', action: 'robot.send', effect: { refuse: '130101' } });
    const id = await open('blocked', 'db-8 is down');
    const view = await until(house, id, ({ notifications }) =>
      notifications.some(({ medium, outcome }) => medium === 'dingtalk-ops' && outcome !== 'pending'),
    );
    const group = view.notifications.find(({ medium }) => medium === 'dingtalk-ops');
    expect(group).toMatchObject({ outcome: 'rejected' });
    expect(JSON.stringify(group)).toContain('blocked for ten minutes');
    const sends = house.sandbox.world.arrivals.filter(
      ({ action, answer }) => action === 'robot.send' && answer === '130101',
    );
    expect(sends).toHaveLength(1);
    await house.client.close(id, { by: { name: 'test' } });
  });
});
