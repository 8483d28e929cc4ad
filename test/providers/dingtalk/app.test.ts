import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dingtalkAppAccount } from '../../../providers/dingtalk/account.ts';
import { dingtalkApp } from '../../../providers/dingtalk/app.ts';
import { dingtalkCallback } from '../../../providers/dingtalk/callback.ts';
import type { PressResult } from '../../../providers/kit/adapter.ts';
import type { Page, Person, Picture } from '../../../providers/kit/message.ts';
import { createIo } from '../../../providers/kit/http.ts';
import { Sandbox, type SandboxCard } from '../../../sandbox/index.ts';
import { deliveryOf, face, supervisor as someone, wording } from '../delivery.ts';
import { startReceiver, type Receiver } from '../receiver.ts';
import { failureOf } from '../failure.ts';

const io = createIo({ timeoutMs: 5000 });
const app = { corpId: 'dingcorp', clientId: 'dingapp', clientSecret: 'client-s3cret' };
const events = { token: 'event-t0ken', aesKey: '0123456789abcdefghijklmnopqrstuvwxyzABCDEFG' };
const supervisor: Person = { ...someone, identity: 'staff01' };
const { identity: _, ...unlinked } = supervisor;
const HOSTILE = '</at><at id=all>*x*{{7*7}}<script>[a](https://evil.example) ${title} @all';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.start({
    people: [
      { name: 'supervisor', phone: '+8613900000001', ids: { dingtalk: 'staff01' } },
      { name: 'backup', phone: '+8613900000002', ids: { dingtalk: 'staff02' } },
    ],
    dingtalk: { ...app, ...events },
  });
});
afterEach(() => sandbox.close());

const accountOf = (changes: object = {}) =>
  dingtalkAppAccount.parse({
    ...app,
    ...events,
    callbackSecret: 'callback-s3cret-w9Kx4ZqT',
    cardTemplateId: 'oncall.schema',
    baseUrl: sandbox.endpoints.dingtalk,
    ...changes,
  });
const pageOf = (changes: Partial<Page> = {}) =>
  deliveryOf({
    to: { person: supervisor },
    callbackUrl: 'https://oncall.example.com/callbacks/ding/callback-s3cret-w9Kx4ZqT',
    ...changes,
  });
const send = (delivery: Page, changes: object = {}) => dingtalkApp.send(delivery, accountOf(changes), io);
const arrivals = (action: string): string[] =>
  sandbox.world.arrivals.filter((arrival) => arrival.action === action).map(({ answer }) => answer);
const shown = (): SandboxCard => {
  const card = sandbox.world.cards.at(-1);
  if (!card) throw new Error('nothing was shown');
  return card;
};

describe('a page by DingTalk', () => {
  it('shows a card with the incident and its buttons, and draws it again when somebody has it', async () => {
    const delivery = pageOf();
    const sent = await send(delivery);
    const card = shown();
    expect(sent).toEqual({ outcome: 'accepted', handle: { outTrackId: card.id } });
    expect(card.to).toBe('staff01');
    expect(card.face).toMatchObject({ title: '[Critical] db-7 is down', color: 'red' });
    for (const line of ['Not acknowledged, level 1 of 2', 'Replication lag 900 s', 'service: db']) {
      expect(card.face?.lines).toContain(line);
    }
    expect(card.face?.controls.map(({ label }) => label)).toEqual(['Acknowledge', 'Snooze 2 h', 'Snooze 4 h', 'Close']);
    expect(card.face?.links).toEqual([{ label: 'Open incident', url: delivery.pageUrl }]);

    const acknowledged = {
      ...delivery,
      face: { ...face, progress: 'Processing' as const },
      wording: { ...wording, status: 'Acknowledged by Backup at 10:05' },
      buttons: delivery.buttons.slice(1),
    };
    await dingtalkApp.redraw?.(acknowledged, sent.handle ?? {}, accountOf(), io);
    expect(card).toMatchObject({ redraws: 1, face: { color: 'blue', title: '[Critical] db-7 is down' } });
    expect(card.face?.lines).toContain('Acknowledged by Backup at 10:05');
    expect(card.face?.controls.map(({ label }) => label)).toEqual(['Snooze 2 h', 'Snooze 4 h', 'Close']);
  });

  it('has no buttons once the incident is closed, but keeps its link', async () => {
    const delivery = pageOf();
    const { handle = {} } = await send(delivery);
    await dingtalkApp.redraw?.({ ...delivery, face: { ...face, progress: 'Closed' } }, handle, accountOf(), io);
    expect(shown().face).toMatchObject({ color: 'green', controls: [] });
    expect(shown().face?.links).toHaveLength(1);
  });

  it('is shown once however often it is sent', async () => {
    const delivery = pageOf();
    sandbox.faults.add({ vendor: 'dingtalk', action: 'card.create', effect: { dropAnswer: true } });
    expect((await failureOf(send(delivery))).kind).toBe('unknown-outcome');
    const again = await send(delivery);
    expect(sandbox.world.cards).toHaveLength(1);
    expect(again.handle).toEqual({ outTrackId: shown().id });
    sandbox.faults.add({ vendor: 'dingtalk', action: 'card.create', effect: { refuse: 'param.cardAlreadyExist' } });
    expect((await send(delivery)).handle).toEqual(again.handle);
  });

  it('has a name that nobody can guess', async () => {
    const delivery = pageOf();
    await send(delivery);
    await send(delivery, { callbackSecret: 'another-s3cret-w9Kx4ZqT' });
    expect(sandbox.world.cards).toHaveLength(1);
    expect(shown().id).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('tells DingTalk once where presses go, and draws no dead buttons where the app may not have one', async () => {
    await send(pageOf());
    await send(pageOf());
    expect(arrivals('card.register')).toEqual(['ok']);
    const { callbackUrl: _none, ...nowhere } = pageOf();
    await send(nowhere);
    expect(shown().face?.controls).toEqual([]);
    sandbox.faults.add({
      vendor: 'dingtalk',
      action: 'card.register',
      effect: { refuse: 'Forbidden.AccessDenied.AccessTokenPermissionDenied' },
    });
    await send(pageOf({ callbackUrl: 'https://oncall.example.com/callbacks/other/callback-s3cret-w9Kx4ZqT' }));
    expect(shown().face?.controls).toEqual([]);
    expect(shown().face?.links).toHaveLength(1);
  });

  it('carries a link where there is no card template', async () => {
    const sent = await send(pageOf(), { cardTemplateId: undefined });
    expect(sent).toEqual({ outcome: 'accepted' });
    expect(shown().face).toMatchObject({
      title: '[Critical] db-7 is down',
      controls: [],
      links: [{ label: 'Open incident', url: 'https://oncall.example.com/i/page-token' }],
    });
    expect(arrivals('card.register')).toEqual([]);
  });

  it('comes as plain text where the card was refused', async () => {
    const delivery = pageOf();
    sandbox.faults.add({ vendor: 'dingtalk', action: 'card.create', effect: { refuse: 'param.contentUnsafe' } });
    expect(await failureOf(send(delivery))).toMatchObject({ kind: 'refused', providerCode: 'param.contentUnsafe' });
    await send({ ...delivery, plain: true });
    expect(shown().text).toBe(
      '[Critical] db-7 is down\nNot acknowledged, level 1 of 2\nA new incident needs you.\nReplication lag 900 s\n' +
        'Open incident: https://oncall.example.com/i/page-token',
    );
  });

  it.each([
    ['a card', {}],
    ['a link', { cardTemplateId: undefined }],
  ])('shows a hostile title on %s as those characters and mentions nobody', async (_what, changes) => {
    const hostile = { ...wording, subject: HOSTILE, text: HOSTILE, status: HOSTILE, facts: [[HOSTILE, HOSTILE]] };
    await send(pageOf({ wording: hostile as typeof wording, to: { chat: 'cidOps==' } }), changes);
    const drawn = shown().face;
    expect(drawn?.title).toBe(HOSTILE);
    expect(drawn?.lines).toContain(HOSTILE);
    expect(drawn?.mentions).toEqual([]);
    expect(drawn?.links.map(({ url }) => url)).toEqual(['https://oncall.example.com/i/page-token']);
  });

  it('survives texts as long and as wide as they can be', async () => {
    const wide = '库\u0001😀'.repeat(2000);
    const facts = Array.from({ length: 60 }, (): [string, string] => [wide, wide]);
    const huge = { ...wording, subject: wide, text: wide, status: wide, facts };
    for (const changes of [{}, { cardTemplateId: undefined }]) {
      await send(pageOf({ wording: huge }), changes);
      await send(pageOf({ wording: huge, plain: true }), changes);
      await send(pageOf({ wording: huge, verbose: true, to: { chat: 'cidOps==' } }), changes);
    }
    expect(sandbox.world.cards).toHaveLength(6);
  });
});

describe('a page to a group', () => {
  const backup: Person = { ...supervisor, member: 'backup', name: 'Backup', identity: 'staff02' };

  it('shows the card there and mentions who is to act, found by phone where no id is known', async () => {
    await send(pageOf({ to: { chat: 'cidOps==' }, mentions: [unlinked, backup] }));
    expect(shown()).toMatchObject({ to: 'cidOps==', face: { mentions: ['staff01', 'staff02'] } });
  });

  it('mentions everybody', async () => {
    await send(pageOf({ to: { chat: 'cidOps==' }, mentions: 'all' }));
    expect(shown().face?.mentions).toEqual(['all']);
  });

  it('is not kept back by one who has left', async () => {
    await send(pageOf({ to: { chat: 'cidOps==' }, mentions: [{ ...backup, identity: 'gone' }] }));
    expect(shown().face?.mentions).toEqual([]);
    expect(arrivals('card.create')).toEqual(['param.userIdNotExist', 'ok']);
  });

  it('is the whole text where that is wanted', async () => {
    await send(pageOf({ to: { chat: 'cidOps==' }, verbose: true }));
    expect(shown().face?.controls).toEqual([]);
    expect(shown().face?.lines).toContain('Replication lag 900 s');
    expect(shown().face?.links).toHaveLength(1);
  });

  it('is rejected where the bot is in no such group', async () => {
    expect((await failureOf(send(pageOf({ to: { chat: 'cidGone==' } })))).kind).toBe('rejected');
  });
});

describe('who is meant', () => {
  it('is found by phone, and looked up once', async () => {
    await send(pageOf({ to: { person: unlinked } }));
    await send(pageOf({ to: { person: unlinked } }));
    expect(sandbox.world.cards.map(({ to }) => to)).toEqual(['staff01', 'staff01']);
    expect(arrivals('user.getbymobile')).toEqual(['ok']);
  });

  it('who is not of the organisation is told how to link, and not asked for again at once', async () => {
    const stranger: Person = { ...unlinked, phone: '+8613900000099' };
    for (const attempt of [1, 2]) {
      const error = await failureOf(send(pageOf({ to: { person: stranger } })));
      expect(error.kind, `attempt ${String(attempt)}`).toBe('unreachable');
      expect(error.message).toContain('app not linked');
      expect(error.message).not.toContain('1390000');
    }
    expect(arrivals('user.getbymobile')).toHaveLength(1);
    const { phone: _phone, ...byMail } = stranger;
    expect((await failureOf(send(pageOf({ to: { person: byMail } })))).kind).toBe('unreachable');
  });

  it('is looked up again once the id is no longer good', async () => {
    await send(pageOf({ to: { person: unlinked } }));
    sandbox.faults.add({ vendor: 'dingtalk', action: 'card.create', effect: { refuse: 'param.userIdNotExist' } });
    await failureOf(send(pageOf({ to: { person: unlinked } })));
    await send(pageOf({ to: { person: unlinked } }));
    expect(arrivals('user.getbymobile')).toHaveLength(2);
  });

  it('is rejected by the bot too when the organisation does not know them', async () => {
    const gone = { ...supervisor, identity: 'gone' };
    const error = await failureOf(send(pageOf({ to: { person: gone } }), { cardTemplateId: undefined }));
    expect(error).toMatchObject({ kind: 'rejected', providerCode: 'invalidStaffIdList' });
  });
});

describe('the token of the app', () => {
  it('is asked for once, however many pages leave at the same time', async () => {
    await Promise.all([1, 2, 3, 4].map(() => send(pageOf())));
    expect(arrivals('accessToken')).toEqual(['ok']);
    expect(sandbox.world.cards).toHaveLength(4);
  });

  it('is renewed when it is refused, on either host, and the page still leaves once', async () => {
    sandbox.faults.add({ vendor: 'dingtalk', action: 'user.getbymobile', effect: { refuse: '40014' } });
    sandbox.faults.add({ vendor: 'dingtalk', action: 'card.create', effect: { refuse: 'InvalidAuthentication' } });
    await send(pageOf({ to: { person: unlinked } }));
    expect(arrivals('accessToken')).toEqual(['ok', 'ok', 'ok']);
    expect(sandbox.world.cards).toHaveLength(1);
  });

  it('that never came means that no page left', async () => {
    sandbox.faults.add({ vendor: 'dingtalk', action: 'accessToken', effect: { dropAnswer: true } });
    expect((await failureOf(send(pageOf()))).kind).toBe('not-sent');
    await send(pageOf());
    expect(sandbox.world.cards).toHaveLength(1);
  });

  it('shows whether the credentials work, and a wrong secret is not repeated', async () => {
    await dingtalkApp.check?.(accountOf(), io);
    const error = await failureOf(Promise.resolve(dingtalkApp.check?.(accountOf({ clientSecret: 'wr0ng' }), io)));
    expect(error.kind).toBe('unauthorized');
    expect(error.message).not.toContain('wr0ng');
  });
});

describe('a press on a card', () => {
  const done: PressResult & { picture: Picture } = {
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
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver(dingtalkCallback, accountOf(), done);
    sandbox.setCallbacks({ dingtalk: `${receiver.url}/callbacks/ding/callback-s3cret-w9Kx4ZqT` });
  });
  afterEach(() => receiver.close());
  const here = () => `${receiver.url}/callbacks/ding/callback-s3cret-w9Kx4ZqT`;
  const press = (control: string, text?: string) =>
    sandbox.tap(shown().id, { identity: 'staff01', control, ...(text !== undefined && { text }) });

  it('arrives, and the presser alone reads what became of it', async () => {
    await send(pageOf({ callbackUrl: here() }));
    const tapped = await press('Acknowledge');
    expect(tapped).toMatchObject({ status: 200, toast: { content: 'Acknowledged. It is yours now.' } });
    expect(tapped.error).toBeUndefined();
    expect(receiver.happenings).toEqual([
      { kind: 'press', token: 'token-acknowledge', identity: 'staff01', eventId: '' },
    ]);
    expect(shown().face?.lines).toEqual(
      expect.arrayContaining(['Acknowledged by Supervisor', 'Acknowledged. It is yours now.']),
    );
    expect(shown().face?.links).toEqual([]);
  });

  it('is answered in words alone where there was no time to look', async () => {
    await send(pageOf({ callbackUrl: here() }));
    receiver.answerWith({ state: 'unknown-person', text: 'Not linked.' });
    await press('Acknowledge');
    expect(shown().face?.lines).toContain('Not linked.');
    expect(shown().face?.lines).toContain('Not acknowledged, level 1 of 2');
    expect(shown().face?.controls).toHaveLength(4);
  });

  it('has its answer taken away by the next redraw, which says it for all', async () => {
    const delivery = pageOf({ callbackUrl: here() });
    const { handle = {} } = await send(delivery);
    await press('Acknowledge');
    await dingtalkApp.redraw?.(delivery, handle, accountOf(), io);
    expect(shown().face?.lines).not.toContain('Acknowledged. It is yours now.');
  });

  it('brings the minutes of a snooze, the words of a comment, the members of a reassignment', async () => {
    const menu = [
      { action: 'comment', label: 'Comment', token: 'token-comment' },
      { action: 'reassign', label: 'Reassign', token: 'token-reassign' },
    ] as const;
    await send(pageOf({ callbackUrl: here(), menu: [...menu] }));
    const { buttons } = pageOf();
    receiver.answerWith({ ...done, picture: { ...done.picture, buttons, menu: [...menu] } });
    await press('Snooze 4 h');
    await press('Comment', 'Disk is full ');
    await press('Reassign', 'backup, primary');
    expect(receiver.happenings).toMatchObject([
      { token: 'token-snooze', minutes: 240 },
      { token: 'token-comment', text: 'Disk is full' },
      { token: 'token-reassign', members: ['backup', 'primary'] },
    ]);
    const ids = receiver.happenings.map((happening) => (happening.kind === 'press' ? happening.eventId : ''));
    expect(new Set(ids).size).toBe(3);
  });

  it('passes the check of the address, and tells which groups came, went and were renamed', async () => {
    expect(await sandbox.dingtalk.verifyUrl()).toBe(true);
    const chat = { openConversationId: 'cidNew==' };
    for (const EventType of ['im_cool_app_install', 'im_cool_app_uninstall', 'chat_update_title', 'user_add_org']) {
      expect(await sandbox.dingtalk.event({ EventType, ...chat, title: 'War room' })).toBe(true);
    }
    expect(receiver.happenings).toEqual([
      { kind: 'chat', chat: 'cidNew==', change: 'joined', name: 'War room' },
      { kind: 'chat', chat: 'cidNew==', change: 'left', name: 'War room' },
      { kind: 'chat', chat: 'cidNew==', change: 'renamed', name: 'War room' },
    ]);
  });

  it('is not the only way: somebody writes to the bot and is answered there', async () => {
    receiver.answerWith({ state: 'done', text: 'You have no open incident.' });
    await sandbox.dingtalk.write('staff01', 'ack 7QK2MD');
    await sandbox.dingtalk.write('staff02', 'status', 'cidOps==');
    await receiver.followed();
    expect(receiver.happenings).toMatchObject([
      { kind: 'message', identity: 'staff01', text: 'ack 7QK2MD' },
      { kind: 'message', identity: 'staff02', text: 'status', chat: 'cidOps==' },
    ]);
    expect(sandbox.world.cards.map(({ to, text }) => [to, text])).toEqual([
      ['staff01', 'You have no open incident.'],
      ['cidOps==', 'You have no open incident.'],
    ]);
  });
});

describe('setting it up', () => {
  it('lists the groups by name', async () => {
    expect(await dingtalkApp.chats?.(accountOf(), io)).toEqual([{ chat: 'cidOps==', name: 'Operations' }]);
  });

  it('tries what can be tried without telling anybody', async () => {
    const checks = await dingtalkApp.checks?.(accountOf(), io);
    expect(checks?.map(({ name, ok }) => [name.en, ok])).toEqual([
      ['Client ID and secret', true],
      ['Looking people up by phone', true],
      ['Interactive cards', true],
      ['Card template', true],
      ['Keys of the event subscription', true],
      ['Groups with the bot', true],
    ]);
    expect(sandbox.world.cards).toEqual([]);
    const lacking = await dingtalkApp.checks?.(accountOf({ cardTemplateId: undefined, clientSecret: 'wr0ng' }), io);
    expect(lacking?.map(({ ok }) => ok)).toEqual([false]);
    sandbox.faults.add({
      vendor: 'dingtalk',
      action: 'card.update',
      effect: { refuse: 'Forbidden.AccessDenied.AccessTokenPermissionDenied' },
    });
    const forbidden = await dingtalkApp.checks?.(accountOf(), io);
    expect(forbidden?.find(({ name }) => name.en === 'Interactive cards')?.detail).toContain('Card.Instance.Write');
  });

  it('prints every address to paste, in both languages', () => {
    const addresses = {
      callbackUrl: 'https://o.example.com/callbacks/ding/s',
      redirectUrl: 'https://o.example.com/link/ding/back',
      homeUrl: 'https://o.example.com/link/ding',
    };
    const { en = [], zh = [] } = dingtalkApp.setup?.(accountOf(), addresses) ?? {};
    expect(en).toHaveLength(zh.length);
    for (const steps of [en, zh]) {
      for (const address of Object.values(addresses)) expect(steps.join('\n')).toContain(address);
      for (const word of ['aes_key', 'im_cool_app_install', 'qyapi_robot_sendmsg', 'cardTemplateId']) {
        expect(steps.join('\n')).toContain(word);
      }
      expect(steps.join('\n')).not.toContain('s3cret');
    }
  });

  it('proves who somebody is by signing in', async () => {
    const url = new URL(
      dingtalkApp.signIn?.authorizeUrl(accountOf(), { redirectUri: 'https://o/back', state: 's' }) ?? '',
    );
    expect(url.pathname).toBe('/oauth2/auth');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      client_id: 'dingapp',
      redirect_uri: 'https://o/back',
      response_type: 'code',
      state: 's',
    });
    const code = sandbox.dingtalk.signIn('staff01');
    const signedIn = await dingtalkApp.signIn?.identify(code, accountOf(), io);
    expect(signedIn).toEqual({ identity: 'staff01', phone: '+8613900000001', name: 'supervisor' });
    await failureOf(Promise.resolve(dingtalkApp.signIn?.identify(code, accountOf(), io)));
  });
});
