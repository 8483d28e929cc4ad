import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.ts';
import type { House } from '../../sandbox/demo/house.ts';
import type { SandboxCard } from '../../sandbox/index.ts';
import { openTestHouse, sandboxUrl } from './house.ts';

const AES_KEY = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFG';
const CALLBACK_SECRET = 'ding-callback-secret-1';

describe('an incident in DingTalk and WeCom at once', () => {
  let house: House;
  let serial = 0;

  beforeAll(async () => {
    house = await openTestHouse({
      sandbox: { dingtalk: { token: 't', aesKey: AES_KEY }, wecom: { aesKey: AES_KEY } },
      edit: (yaml) => {
        const base = sandboxUrl(yaml);
        return yaml.replace('feishu: ou_supervisor', 'feishu: ou_supervisor, dingtalk: dt-super').replace(
          '\nmedia:',
          `
  ding:
    adapter: dingtalk.app
    corpId: dingsandboxcorp
    clientId: dingsandbox
    clientSecret: sandbox
    token: t
    aesKey: ${AES_KEY}
    callbackSecret: ${CALLBACK_SECRET}
    cardTemplateId: oncall.schema
    baseUrl: ${base}
  wecom:
    adapter: wecom.app
    corpId: wwsandbox
    agentId: 1000002
    secret: sandbox
    token: sandbox
    encodingAesKey: ${AES_KEY}
    baseUrl: ${base}
media:`,
        );
      },
      channels: `  apps:
    rules:
      - name: by app
        levels: [{ to: { members: [primary, supervisor] }, by: { default: [ding, wecom] } }]
  groups:
    rules:
      - name: to groups
        levels:
          - to: { members: [primary] }
            by: { default: [email] }
            groups: [{ account: ding, chat: cidOps==, mention: true }, { account: wecom, chat: ops, events: [opened, acknowledged] }]
`,
    });
    house.sandbox.setCallbacks({
      wecom: `${house.gatewayUrl}/callbacks/wecom`,
      dingtalk: `${house.gatewayUrl}/callbacks/ding/${CALLBACK_SECRET}`,
    });
  });
  afterAll(() => house.close());

  const idOf = (vendor: 'dingtalk' | 'wecom', name: string): string =>
    house.sandbox.world.people.find((person) => person.name === name)?.ids?.[vendor] ?? '';
  const cardOf = (vendor: 'dingtalk' | 'wecom', name: string, title: string): SandboxCard => {
    const found = house.sandbox.world.cards.find(
      (card) => card.vendor === vendor && card.to === idOf(vendor, name) && card.face?.title.includes(title),
    );
    if (!found) throw new Error(`${name} has no card in ${vendor}`);
    return found;
  };
  const tap = (vendor: 'dingtalk' | 'wecom', name: string, title: string, control: string) =>
    house.sandbox.tap(cardOf(vendor, name, title).id, { identity: idOf(vendor, name), control });
  const open = async (): Promise<{ id: string; title: string }> => {
    serial += 1;
    const id = `${house.configuration.prefix}-${String(serial)}`;
    const title = `db-${String(serial)} down`;
    await house.client.open({ id, title, severity: 'Critical', channel: 'apps' });
    await expect
      .poll(() => house.sandbox.world.cards.filter(({ face }) => face?.title.includes(title)).length, {
        timeout: 15_000,
      })
      .toBe(4);
    // The handles are known once the sends are reported.
    await expect
      .poll(
        async () =>
          (await house.client.describe(id)).notifications.filter(({ outcome }) => outcome === 'accepted').length,
        { timeout: 15_000 },
      )
      .toBe(4);
    return { id, title };
  };
  const reaches = (id: string, progress: IncidentView['progress']) =>
    expect.poll(async () => (await house.client.describe(id)).progress, { timeout: 15_000 }).toBe(progress);
  const shows = (card: SandboxCard, color: string) =>
    expect.poll(() => card.face?.color, { timeout: 15_000 }).toBe(color);

  it('is acknowledged in one, seen in both, and closed from the other', async () => {
    const { id, title } = await open();
    const tapped = await tap('dingtalk', 'primary', title, 'Acknowledge');
    expect(tapped).toMatchObject({ status: 200 });
    expect(tapped.toast?.content).toContain('Acknowledged');
    await reaches(id, 'Processing');
    for (const name of ['primary', 'supervisor']) {
      await shows(cardOf('dingtalk', name, title), 'blue');
      await shows(cardOf('wecom', name, title), 'black');
    }
    await tap('wecom', 'supervisor', title, 'Close');
    await reaches(id, 'Closed');
    for (const name of ['primary', 'supervisor']) await shows(cardOf('dingtalk', name, title), 'green');
    await shows(cardOf('wecom', 'supervisor', title), 'green');
    // The one redraw of this copy went to the acknowledgment; it is told on asking, and changes nothing.
    const stale = cardOf('wecom', 'primary', title);
    expect(stale.face?.color).toBe('black');
    await tap('wecom', 'primary', title, 'Refresh');
    await shows(stale, 'green');
    expect(stale.face?.controls).toEqual([]);
  });

  it('acknowledged by two people in two apps at once has one acknowledger, and all cards tell the same', async () => {
    const { id, title } = await open();
    await Promise.all([tap('dingtalk', 'primary', title, 'Acknowledge'), tap('wecom', 'supervisor', title, 'Ack')]);
    await reaches(id, 'Processing');
    const { acknowledgedBy } = await house.client.describe(id);
    const name = acknowledgedBy?.member === 'primary' ? 'Primary' : 'Supervisor';
    for (const vendor of ['dingtalk', 'wecom'] as const) {
      for (const person of ['primary', 'supervisor']) {
        await expect
          .poll(() => cardOf(vendor, person, title).face?.lines.join('\n'), { timeout: 15_000 })
          .toContain(`Acknowledged by ${name}`);
      }
    }
  });

  it('in groups is redrawn where it is a card, and told again where it could only be a link', async () => {
    serial += 1;
    const id = `${house.configuration.prefix}-${String(serial)}`;
    const title = `db-${String(serial)} down`;
    await house.client.open({ id, title, severity: 'Critical', channel: 'groups' });
    const inChat = (chat: string) =>
      house.sandbox.world.cards.filter(({ to, face }) => to === chat && face?.title.includes(title));
    await expect.poll(() => [inChat('cidOps==').length, inChat('ops').length], { timeout: 15_000 }).toEqual([1, 1]);
    const [card] = inChat('cidOps==');
    if (!card) throw new Error('no card in the group');
    expect(card.face?.mentions).toEqual([idOf('dingtalk', 'primary')]);
    await expect
      .poll(async () => (await house.client.describe(id)).notifications.map(({ outcome }) => outcome), {
        timeout: 15_000,
      })
      .not.toContain('pending');
    // Anybody of ours in the group may act, also one who was not told.
    await house.sandbox.tap(card.id, { identity: idOf('dingtalk', 'supervisor'), control: '认领' });
    await reaches(id, 'Processing');
    await shows(card, 'blue');
    await expect.poll(() => inChat('ops').length, { timeout: 15_000 }).toBe(2);
    expect(inChat('ops').at(-1)?.face?.lines.join('\n')).toContain('Supervisor');
    expect(inChat('cidOps==')).toHaveLength(1);
  });

  it('tells one who is not linked so, and does nothing', async () => {
    const { id, title } = await open();
    const card = cardOf('dingtalk', 'primary', title);
    const tapped = await house.sandbox.tap(card.id, { identity: 'stranger', control: 'Acknowledge' });
    expect(tapped.toast?.content).toMatch(/not linked/i);
    expect((await house.client.describe(id)).progress).toBe('Triggered');
  });
});
