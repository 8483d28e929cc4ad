import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { House } from '../../sandbox/demo/house.ts';
import { openTestHouse, sandboxUrl } from './house.ts';
import { People, type Incident, type Person } from './people.ts';

const AES_KEY = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFG';
const CALLBACK_SECRET = 'ding-w3Kx9Zr7Qm2Vt4';

describe('an incident in DingTalk and WeCom at once', () => {
  let house: House;
  let people: People;
  let primary: Person;
  let supervisor: Person;

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
    people = new People(house);
    ({ primary, supervisor } = people);
  });
  afterEach(() => people.closeAll());
  afterAll(() => house.close());

  /** Both have it before them in both apps. */
  const bothSeeIt = async (): Promise<Incident> => {
    const incident = await people.open('apps');
    for (const person of [primary, supervisor]) {
      await person.on('dingtalk').sees(incident);
      await person.on('wecom').sees(incident);
    }
    // A card can be drawn again once its send was reported.
    await incident.until('told');
    return incident;
  };

  it('is acknowledged in one, seen in both, and closed from the other', async () => {
    const incident = await bothSeeIt();
    const tapped = await primary.on('dingtalk').presses('Acknowledge');
    expect(tapped).toMatchObject({ status: 200 });
    expect(tapped.toast?.content).toContain('Acknowledged');
    await incident.until('acknowledged');
    for (const person of [primary, supervisor]) {
      await person.on('dingtalk').turns('blue');
      await person.on('wecom').turns('black');
    }

    await supervisor.on('wecom').presses('Close');
    await incident.until('closed');
    for (const person of [primary, supervisor]) await person.on('dingtalk').turns('green');
    await supervisor.on('wecom').turns('green');
    // The one redraw of this copy went to the acknowledgment; it is told on asking, and changes nothing.
    await primary.on('wecom').turns('black');
    await primary.on('wecom').presses('Refresh');
    await primary.on('wecom').turns('green');
    expect(primary.on('wecom').buttons).toEqual([]);
    people.nobodyElseIsToldOf(incident);
  });

  it('acknowledged by two people in two apps at once has one acknowledger, and all cards tell the same', async () => {
    const incident = await bothSeeIt();
    await Promise.all([primary.on('dingtalk').presses('Acknowledge'), supervisor.on('wecom').presses('Ack')]);
    const { acknowledgedBy } = await incident.until('acknowledged');
    const name = acknowledgedBy?.member === 'primary' ? 'Primary' : 'Supervisor';
    for (const person of [primary, supervisor]) {
      await person.on('dingtalk').isShown(`Acknowledged by ${name}`);
      await person.on('wecom').isShown(`Acknowledged by ${name}`);
    }
  });

  it('in groups is redrawn where it is a card, and told again where it could only be a link', async () => {
    const incident = await people.open('groups');
    const [dingtalk, wecom] = [people.chat('dingtalk', 'cidOps=='), people.chat('wecom', 'ops')];
    await wecom.sees(incident);
    const { face } = await dingtalk.sees(incident);
    expect(face?.mentions).toEqual([primary.on('dingtalk').to]);
    await primary.readsMail(incident);
    await incident.until('told');

    // Anybody of ours in the group may act, also one who was not told.
    await dingtalk.presses('认领', { as: supervisor.on('dingtalk').to });
    await incident.until('acknowledged');
    await dingtalk.turns('blue');
    await wecom.sees('Supervisor');
    people.nobodyElseIsToldOf(incident);
  });

  it('tells one who is not linked so, and does nothing', async () => {
    const incident = await bothSeeIt();
    const tapped = await primary.on('dingtalk').presses('Acknowledge', { as: 'stranger' });
    expect(tapped.toast?.content).toMatch(/not linked/i);
    await incident.isStill('triggered');
  });
});
