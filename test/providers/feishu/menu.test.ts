import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { feishuAppAccount } from '../../../providers/feishu/account.ts';
import { feishuApp } from '../../../providers/feishu/app.ts';
import { drawCard, plainMessage, readPress } from '../../../providers/feishu/card.ts';
import type { Button, Page, Person } from '../../../providers/kit/message.ts';
import { createIo } from '../../../providers/kit/http.ts';
import { Sandbox } from '../../../sandbox/index.ts';
import { deliveryOf, supervisor, wording } from '../delivery.ts';

const io = createIo({ timeoutMs: 5000 });
const app = { appId: 'cli_oncall', appSecret: 'app-s3cret', verificationToken: 'v-tok' };
const menu: Button[] = [
  { action: 'comment', label: 'Comment', token: 'token-comment' },
  {
    action: 'reassign',
    label: 'Reassign',
    token: 'token-reassign',
    choices: [
      { member: 'primary', name: 'Primary' },
      { member: 'backup', name: '小王' },
    ],
  },
];
const { identity: _, ...nameOnly } = supervisor;

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.start({
    people: [{ name: 'supervisor', phone: '+8613900000001', email: 'supervisor@example.com', openId: 'ou_supervisor' }],
    feishu: app,
  });
});
afterEach(() => sandbox.close());

const send = (delivery: Page) =>
  feishuApp.send(delivery, feishuAppAccount.parse({ ...app, baseUrl: sandbox.endpoints.feishu }), io);
const inGroup = (changes: Partial<Page>): Page => deliveryOf({ to: { chat: 'oc_ops' }, ...changes });

describe('the menu of a card', () => {
  it('is taken by the platform, and brings back what was written or chosen', async () => {
    await send(deliveryOf({ menu }));
    expect(sandbox.world.cards).toHaveLength(1);
    const value = (token: string) => ({ v: 1, t: token });
    expect(readPress({ value: value('token-comment'), form_value: { text: 'hello' } })).toEqual({
      token: 'token-comment',
      text: 'hello',
    });
    expect(readPress({ value: value('token-reassign'), option: 'backup' })).toEqual({
      token: 'token-reassign',
      members: ['backup'],
    });
    expect(readPress({ form_value: { text: 'of somebody else' } })).toBeUndefined();
  });

  it('gives way before the card becomes too large, and never a button', () => {
    const choices = Array.from({ length: 50 }, (_, index) => ({ member: `m${String(index)}`, name: '好'.repeat(60) }));
    const long = { ...wording, subject: '好'.repeat(600), text: '好'.repeat(3000) };
    const tokens = 'x'.repeat(700);
    const buttons = deliveryOf().buttons.map((button) => ({ ...button, token: tokens }));
    const wide = menu.map((button) => ({ ...button, token: tokens, choices }));
    const card = JSON.stringify(drawCard(deliveryOf({ wording: long, buttons, menu: wide })));
    expect(Buffer.byteLength(card)).toBeLessThanOrEqual(30 * 1024);
    for (const { label } of buttons) expect(card).toContain(label);
  });
});

describe('a message to a group', () => {
  it('mentions the responders whose id is known or found, and names the others', async () => {
    const stranger: Person = { ...nameOnly, member: 'x', name: 'Stranger', phone: '+8613700000000', email: 'x@y.z' };
    await send(inGroup({ mentions: [nameOnly, stranger] }));
    const card = JSON.stringify(sandbox.world.cards[0]?.card);
    expect(card).toContain('<at id=ou_supervisor></at>');
    expect(card).toContain('"content":"Stranger"');
  });

  it('mentions nobody through an id that is none', async () => {
    const hostile = { ...supervisor, identity: 'ou_1></at><at id=all' };
    const card = JSON.stringify(drawCard(inGroup({ mentions: [hostile] })));
    expect(card).not.toContain('<at');
    expect(plainMessage(inGroup({ mentions: [hostile] })).text).not.toContain('<at');
  });

  it('is the whole text where that is wanted, with everybody mentioned, and stays as it was written', async () => {
    const delivery = inGroup({ verbose: true, mentions: 'all' });
    const { handle } = await send(delivery);
    const [message] = sandbox.world.cards;
    expect(message?.text).toMatch(/^<at user_id="all"><\/at>\n\[Critical\] db-7 is down[^]*service: db/);
    const account = feishuAppAccount.parse({ ...app, baseUrl: sandbox.endpoints.feishu });
    await feishuApp.redraw?.(delivery, handle ?? {}, account, io);
    expect(message?.redraws).toBe(0);
  });

  it('stands below the first one in its thread', async () => {
    const { handle } = await send(inGroup({}));
    await send(inGroup({ event: 'acknowledged', ...(handle && { thread: handle }) }));
    const [first, second] = sandbox.world.cards;
    expect(second).toMatchObject({ to: 'oc_ops', thread: first?.id });
  });
});
