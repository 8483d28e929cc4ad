import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { feishuAppAccount } from '../../../providers/feishu/account.ts';
import { feishuApp } from '../../../providers/feishu/app.ts';
import { feishuCallback } from '../../../providers/feishu/callback.ts';
import type { PressResult } from '../../../providers/kit/adapter.ts';
import type { Page, Person, Picture } from '../../../providers/kit/message.ts';
import { createIo } from '../../../providers/kit/http.ts';
import { Sandbox, type Responder } from '../../../sandbox/index.ts';
import { deliveryOf, face, supervisor, wording } from '../delivery.ts';
import { failureOf } from '../failure.ts';
import { startReceiver, type Receiver } from '../receiver.ts';

const io = createIo({ timeoutMs: 5000 });
const app = { appId: 'cli_oncall', appSecret: 'app-s3cret', verificationToken: 'v-tok', encryptKey: 'encrypt-s3cret' };
const { identity: _, ...unlinked } = supervisor;

let sandbox: Sandbox;
let person: Responder;
beforeEach(async () => {
  sandbox = await Sandbox.start({
    people: [{ name: 'supervisor', phone: '+8613900000001', email: 'supervisor@example.com', openId: 'ou_supervisor' }],
    feishu: app,
  });
  person = sandbox.responder('supervisor');
});
afterEach(() => sandbox.close());

const accountOf = (changes: object = {}) =>
  feishuAppAccount.parse({ ...app, baseUrl: sandbox.endpoints.feishu, ...changes });
const send = (delivery: Page, changes: object = {}) => feishuApp.send(delivery, accountOf(changes), io);
const arrivals = (action: string): string[] =>
  sandbox.world.arrivals.filter((arrival) => arrival.action === action).map(({ answer }) => answer);

describe('a page by Feishu', () => {
  it('shows a card with the incident and its buttons, and draws it again when somebody has it', async () => {
    const delivery = deliveryOf();
    const sent = await send(delivery);
    const card = await person.expectCard('db-7 is down');
    expect(sent).toEqual({ outcome: 'accepted', handle: { messageId: card.id } });
    for (const text of ['Not acknowledged, level 1 of 2', 'Replication lag 900 s', 'service: db', 'Acknowledge']) {
      expect(card.text).toContain(text);
    }

    const acknowledged = {
      ...delivery,
      face: { ...face, progress: 'Processing' as const },
      wording: { ...wording, status: 'Acknowledged by Backup at 10:05' },
      buttons: delivery.buttons.slice(1),
    };
    await feishuApp.redraw?.(acknowledged, sent.handle ?? {}, accountOf(), io);
    expect(card.redraws).toBe(1);
    expect(card.text).toContain('Acknowledged by Backup at 10:05');
    expect(card.text).not.toContain('Acknowledge\n');
  });

  it('goes to a group', async () => {
    await send(deliveryOf({ to: { chat: 'oc_ops' } }));
    expect(sandbox.world.cards.map(({ to }) => to)).toEqual(['oc_ops']);
  });

  it('reaches a person known only by phone, or only by e-mail, and looks each up once', async () => {
    const { email: _email, ...byPhone } = unlinked;
    const { phone: _phone, ...byMail } = unlinked;
    for (const someone of [byPhone, byMail, byPhone, byMail]) {
      await send(deliveryOf({ to: { person: someone } }));
      await person.expectCard('db-7');
    }
    expect(arrivals('users.batch_get_id')).toEqual(['ok', 'ok']);
  });

  it('says how to link a person whom the tenant does not know, and does not ask again at once', async () => {
    const stranger: Person = { ...unlinked, phone: '+8613900000099', email: 'stranger@example.com' };
    for (const attempt of [1, 2]) {
      const error = await failureOf(send(deliveryOf({ to: { person: stranger } })));
      expect(error.kind, `attempt ${attempt}`).toBe('unreachable');
      expect(error.message).toContain('app not linked');
      expect(error.message).not.toMatch(/1390000|stranger/);
    }
    expect(arrivals('users.batch_get_id')).toHaveLength(1);
    expect(arrivals('messages.create')).toEqual([]);
  });

  it('comes as plain text where the card was refused', async () => {
    sandbox.faults.add({
      vendor: 'feishu',
      action: 'messages.create',
      effect: { refuse: '230099', message: 'Failed to create card content, ext=ErrCode: 200621; ErrMsg: json;' },
    });
    const delivery = deliveryOf();
    const error = await failureOf(send(delivery));
    expect(error).toMatchObject({ kind: 'refused', providerCode: '230099/200621' });

    const sent = await send({ ...delivery, plain: true });
    expect(sent).toEqual({ outcome: 'accepted' });
    const message = await person.expectCard('[Critical] db-7 is down');
    expect(message.text).toContain('https://oncall.example.com/i/page-token');
  });

  it('is shown once however often it is sent', async () => {
    const delivery = deliveryOf();
    sandbox.faults.add({ vendor: 'feishu', action: 'messages.create', effect: { dropAnswer: true } });
    expect((await failureOf(send(delivery))).kind).toBe('unknown-outcome');
    const again = await send(delivery);
    expect(person.cards).toHaveLength(1);
    expect(again.handle).toEqual({ messageId: person.cards[0]?.id });
  });
});

describe('the token of the app', () => {
  it('is asked for once, however many pages leave at the same time', async () => {
    await Promise.all([1, 2, 3, 4].map(() => send(deliveryOf())));
    expect(arrivals('tenant_access_token')).toEqual(['ok']);
    expect(person.cards).toHaveLength(4);
  });

  it('is renewed when it is refused, and the page still leaves once', async () => {
    sandbox.faults.add({ vendor: 'feishu', action: 'messages.create', effect: { refuse: '99991663' } });
    await send(deliveryOf());
    expect(arrivals('tenant_access_token')).toEqual(['ok', 'ok']);
    expect(arrivals('messages.create')).toEqual(['99991663', 'ok']);
    expect(person.cards).toHaveLength(1);
  });

  it('is not fought over when the next one is refused too', async () => {
    sandbox.faults.add({ vendor: 'feishu', action: 'messages.create', times: 5, effect: { refuse: '99991671' } });
    expect((await failureOf(send(deliveryOf()))).kind).toBe('unauthorized');
    expect(arrivals('messages.create')).toHaveLength(2);
  });

  it('is renewed before it ends, by what is left of it when it was given', async () => {
    let now = 0;
    const clocked = { ...io, now: () => now };
    const account = accountOf();
    const at = async (minutes: number) => {
      now = minutes * 60_000;
      await feishuApp.send(deliveryOf(), account, clocked);
      return arrivals('tenant_access_token').length;
    };
    expect([await at(0), await at(114), await at(116)]).toEqual([1, 1, 2]);
  });

  it('that never came means that no page left', async () => {
    sandbox.faults.add({ vendor: 'feishu', action: 'tenant_access_token', effect: { dropAnswer: true } });
    expect((await failureOf(send(deliveryOf()))).kind).toBe('not-sent');
    await send(deliveryOf());
    expect(person.cards).toHaveLength(1);
  });

  it('does not fail for all when the page that asked for it is cancelled', async () => {
    const cancel = new AbortController();
    const first = failureOf(feishuApp.send(deliveryOf(), accountOf(), createIo({ signal: cancel.signal })));
    const second = send(deliveryOf());
    cancel.abort();
    expect((await first).kind).toBe('not-sent');
    expect((await second).outcome).toBe('accepted');
    expect(person.cards).toHaveLength(1);
  });

  it('shows whether the credentials work, and a wrong secret is not repeated', async () => {
    await feishuApp.check?.(accountOf(), io);
    const error = await failureOf(Promise.resolve(feishuApp.check?.(accountOf({ appSecret: 'wr0ng' }), io)));
    expect(error.kind).toBe('unauthorized');
    expect(error.message).not.toContain('wr0ng');
    expect(sandbox.world.cards).toEqual([]);
  });
});

describe('what goes wrong at Feishu', () => {
  it.each([
    ['too many requests', { rateLimitMs: 3000 }, { kind: 'rate-limited', retryAfterMs: 3000 }],
    ['the monthly quota', { refuse: '99991403' }, { kind: 'exhausted' }],
    ['a person outside the app', { refuse: '230013' }, { kind: 'rejected' }],
    ['a group that is gone', { refuse: '232009' }, { kind: 'rejected' }],
    ['a text that the company forbids', { refuse: '230028' }, { kind: 'refused' }],
    ['a missing scope', { refuse: '99991672' }, { kind: 'unauthorized' }],
    ['an outage', { status: 503 }, { kind: 'unavailable' }],
  ])('%s is told as what it is', async (_what, effect, expected) => {
    sandbox.faults.add({ vendor: 'feishu', action: 'messages.create', effect });
    expect(await failureOf(send(deliveryOf()))).toMatchObject(expected);
    expect(arrivals('messages.create')).toHaveLength(1);
  });

  it('a failed look-up is not a failed text', async () => {
    sandbox.faults.add({ vendor: 'feishu', action: 'users.batch_get_id', effect: { refuse: '40001' } });
    expect((await failureOf(send(deliveryOf({ to: { person: unlinked } })))).kind).toBe('unauthorized');
    sandbox.faults.add({ vendor: 'feishu', action: 'users.batch_get_id', effect: { dropAnswer: true } });
    expect((await failureOf(send(deliveryOf({ to: { person: unlinked } })))).kind).toBe('not-sent');
  });

  it('a person who can no longer be reached is looked up again', async () => {
    await send(deliveryOf({ to: { person: unlinked } }));
    sandbox.faults.add({ vendor: 'feishu', action: 'messages.create', effect: { refuse: '230013' } });
    await failureOf(send(deliveryOf({ to: { person: unlinked } })));
    await send(deliveryOf({ to: { person: unlinked } }));
    expect(arrivals('users.batch_get_id')).toHaveLength(2);
  });
});

describe.each([
  ['with an Encrypt Key', app.encryptKey],
  ['without an Encrypt Key', ''],
])('a press on the card, %s', (_which, encryptKey) => {
  let receiver: Receiver;
  const result: PressResult & { picture: Picture } = {
    state: 'done',
    action: 'acknowledge',
    text: 'Acknowledged. It is yours now.',
    picture: {
      face: { ...face, progress: 'Processing' },
      wording: { ...wording, status: 'Acknowledged by Supervisor' },
      buttons: [],
      menu: [],
    },
  };

  beforeEach(async () => {
    await sandbox.close();
    sandbox = await Sandbox.start({
      people: [{ name: 'supervisor', openId: 'ou_supervisor' }],
      feishu: { ...app, encryptKey },
    });
    person = sandbox.responder('supervisor');
    const account = accountOf({ encryptKey: encryptKey || undefined });
    receiver = await startReceiver(feishuCallback, account, result);
    sandbox.setCallbacks({ feishu: `${receiver.url}/callbacks/feishu-cn` });
  });
  afterEach(() => receiver.close());

  it('passes the check of the callback address', async () => {
    expect(await sandbox.feishu.verifyUrl()).toBe(true);
  });

  it.each(['card.action.trigger', 'card.action.trigger_v1'] as const)(
    'arrives as %s and is answered',
    async (version) => {
      await send(deliveryOf());
      const card = await person.expectCard('db-7 is down');
      const clicked = await card.click('Acknowledge', { version });
      expect(clicked).toMatchObject({ status: 200 });
      expect(clicked.error).toBeUndefined();
      expect(clicked.toast?.content).toBe(version === 'card.action.trigger' ? result.text : undefined);
      expect(card.text).toContain('Acknowledged by Supervisor');
      expect(receiver.happenings).toMatchObject([
        { kind: 'press', token: 'token-acknowledge', identity: 'ou_supervisor' },
      ]);
    },
  );

  it('brings the minutes of a snooze', async () => {
    await send(deliveryOf());
    const card = await person.expectCard('db-7 is down');
    await card.click('Snooze 4 h');
    expect(receiver.happenings).toMatchObject([{ token: 'token-snooze', minutes: 240 }]);
  });

  it('is the same press when it is delivered twice, and another when pressed again', async () => {
    await send(deliveryOf());
    const card = await person.expectCard('db-7 is down');
    for (const version of ['card.action.trigger', 'card.action.trigger_v1'] as const) {
      receiver.happenings.length = 0;
      await feishuApp.redraw?.(deliveryOf(), { messageId: card.id }, accountOf(), io);
      await card.click('Acknowledge', { version });
      await sandbox.redeliver();
      await feishuApp.redraw?.(deliveryOf(), { messageId: card.id }, accountOf(), io);
      await card.click('Acknowledge', { version });
      const keys = receiver.happenings.map((happening) => (happening.kind === 'press' ? happening.eventId : ''));
      expect(keys[0]).toBe(keys[1]);
      expect(new Set(keys).size).toBe(2);
    }
  });
});
