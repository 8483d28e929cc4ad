import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PressResult } from '../../../providers/kit/adapter.ts';
import type { Page, Person, Picture } from '../../../providers/kit/message.ts';
import { createIo } from '../../../providers/kit/http.ts';
import { wecomAppAccount } from '../../../providers/wecom/account.ts';
import { wecomApp } from '../../../providers/wecom/app.ts';
import { wecomCallback } from '../../../providers/wecom/callback.ts';
import { Sandbox, type SandboxCard } from '../../../sandbox/index.ts';
import { deliveryOf, face, supervisor as someone, wording } from '../delivery.ts';
import { startReceiver, type Receiver } from '../receiver.ts';
import { failureOf } from '../failure.ts';

const io = createIo({ timeoutMs: 5000 });
const app = { corpId: 'wwcorp', agentId: 1000002, secret: 'app-s3cret', token: 'callback-t0ken' };
const aesKey = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFG';
const supervisor: Person = { ...someone, identity: 'zhangsan' };
const { identity: _, ...unlinked } = supervisor;
const HOSTILE = '</at><at id=all>*x*{{7*7}}<script><a href="https://evil.example">x</a> @all';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.start({
    people: [
      { name: 'supervisor', phone: '+8613900000001', email: 'supervisor@example.com', ids: { wecom: 'zhangsan' } },
      { name: 'backup', phone: '+8613900000002', ids: { wecom: 'lisi' } },
    ],
    wecom: { ...app, aesKey },
  });
});
afterEach(() => sandbox.close());

const accountOf = (changes: object = {}) =>
  wecomAppAccount.parse({ ...app, encodingAesKey: aesKey, baseUrl: sandbox.endpoints.wecom, ...changes });
const pageOf = (changes: Partial<Page> = {}) => deliveryOf({ to: { person: supervisor }, ...changes });
const send = (delivery: Page, changes: object = {}) => wecomApp.send(delivery, accountOf(changes), io);
const redraw = (delivery: Page, handle: Record<string, string> | undefined, changes: Partial<typeof face>) =>
  wecomApp.redraw?.({ ...delivery, face: { ...face, ...changes } }, handle ?? {}, accountOf(), io);
const arrivals = (action: string): string[] =>
  sandbox.world.arrivals.filter((arrival) => arrival.action === action).map(({ answer }) => answer);
const shown = (): SandboxCard => {
  const card = sandbox.world.cards.at(-1);
  if (!card) throw new Error('nothing was shown');
  return card;
};
const labels = () => shown().face?.controls.map(({ label }) => label);
const tap = (control: string, option?: string) =>
  sandbox.tap(shown().id, { identity: 'zhangsan', control, ...(option !== undefined && { option }) });

describe('a page by WeCom', () => {
  it('shows a card with the incident, its buttons and a menu of snoozes', async () => {
    const delivery = pageOf();
    const sent = await send(delivery);
    expect(sent.handle).toEqual({ responseCode: expect.stringMatching(/./) as string });
    expect(shown()).toMatchObject({ to: 'zhangsan', face: { title: '[Critical] db-7 is down', color: 'red' } });
    for (const line of ['7QK2MD Critical', 'Not acknowledged, level 1 of 2', 'Replication lag 900 s', 'service: db']) {
      expect(shown().face?.lines).toContain(line);
    }
    expect(labels()).toEqual(['Ack', 'Snooze', 'Close']);
    const snooze = shown().face?.controls.find(({ label }) => label === 'Snooze');
    expect(snooze?.options).toEqual([
      { label: 'Snooze 2 h', value: '120' },
      { label: 'Snooze 4 h', value: '240' },
    ]);
    expect(shown().face?.links).toEqual([{ label: 'Details', url: delivery.pageUrl }]);
  });

  it('speaks Chinese to who reads Chinese', async () => {
    const buttons = pageOf().buttons.map((button) => ({
      ...button,
      label: button.action === 'acknowledge' ? '认领' : button.label,
    }));
    await send(pageOf({ locale: 'zh', buttons }));
    expect(labels()).toEqual(['认领', '暂缓', 'Close']);
  });

  it('told twice is shown twice, and the second is not taken for a duplicate', async () => {
    await send(pageOf());
    await send(pageOf());
    expect(sandbox.world.cards).toHaveLength(2);
  });

  it('comes as plain text where the card was refused, and where there is no page of ours', async () => {
    const delivery = pageOf();
    sandbox.faults.add({ vendor: 'wecom', action: 'message.send', effect: { refuse: '40058' } });
    expect((await failureOf(send(delivery))).kind).toBe('refused');
    expect(await send({ ...delivery, plain: true })).toEqual({ outcome: 'accepted' });
    expect(shown().text).toContain('https://oncall.example.com/i/page-token');
    const { pageUrl: _page, ...nowhere } = pageOf();
    expect(await send(nowhere)).toEqual({ outcome: 'accepted' });
    expect(shown().text).toContain('[Critical] db-7 is down');
  });

  it.each([
    ['a card', {}],
    ['plain text', { plain: true }],
    ['a link in a chat', { to: { chat: 'ops' } }],
    ['the whole text in a chat', { to: { chat: 'ops' }, verbose: true }],
  ])('shows a hostile title on %s as those characters, and no link of its own', async (_what, changes) => {
    await send(
      pageOf({ wording: { ...wording, subject: HOSTILE, text: HOSTILE, status: HOSTILE, facts: [] }, ...changes }),
    );
    const { text = '', face: drawn } = shown();
    const words = [text, drawn?.title ?? '', ...(drawn?.lines ?? [])].join('\n');
    // As far as there is room.
    expect(words).toContain(HOSTILE.slice(0, 30));
    expect(drawn?.mentions ?? []).toEqual([]);
    for (const { url } of drawn?.links ?? []) expect(url).toBe('https://oncall.example.com/i/page-token');
  });

  it('survives texts as long, as wide and as broken as they can be', async () => {
    const wide = '库\u0001\ud800😀'.repeat(2000);
    const facts = Array.from({ length: 60 }, (): [string, string] => [wide, wide]);
    const huge = { ...wording, subject: wide, text: wide, status: wide, facts };
    for (const to of [{ person: supervisor }, { chat: 'ops' }]) {
      for (const changes of [{}, { plain: true }, { verbose: true }])
        await send(pageOf({ wording: huge, to, ...changes }));
    }
    expect(sandbox.world.cards).toHaveLength(6);
    expect(arrivals('message.send')).not.toContain('40033');
  });

  it('to a chat of the app is a card with a link, for such chats take no other', async () => {
    const sent = await send(pageOf({ to: { chat: 'ops' } }));
    expect(sent).toEqual({ outcome: 'accepted' });
    expect(shown()).toMatchObject({ to: 'ops', face: { title: '[Critical] db-7 is down', controls: [] } });
    expect(shown().face?.links).toHaveLength(1);
    expect((await failureOf(send(pageOf({ to: { chat: 'gone' } })))).kind).toBe('rejected');
  });
});

describe('the one redraw there is', () => {
  it('is kept for the first of acknowledged and closed', async () => {
    const delivery = pageOf();
    const { handle } = await send(delivery);
    await redraw(delivery, handle, { level: 2 });
    await redraw(delivery, handle, { snoozedUntil: '2026-11-20T10:00:00Z' });
    expect(arrivals('message.update')).toEqual([]);
    await redraw(
      { ...delivery, buttons: delivery.buttons.slice(1), wording: { ...wording, status: 'Acknowledged by Backup' } },
      handle,
      { progress: 'Processing' },
    );
    expect(shown()).toMatchObject({ redraws: 1, face: { color: 'black' } });
    expect(shown().face?.lines).toContain('Acknowledged by Backup');
    expect(labels()).toEqual(['Snooze', 'Close', 'Refresh']);
  });

  it('once spent is not asked for again', async () => {
    const delivery = pageOf();
    const { handle } = await send(delivery);
    await redraw(delivery, handle, { progress: 'Processing' });
    await redraw(delivery, handle, { progress: 'Closed' });
    expect(arrivals('message.update')).toEqual(['ok']);
  });

  it('spent by another process is told as what it is', async () => {
    const delivery = pageOf();
    await send(delivery);
    const error = await failureOf(
      Promise.resolve(redraw(delivery, { responseCode: 'used elsewhere' }, { progress: 'Closed' })),
    );
    expect(error.kind).toBe('rejected');
    expect(error.message).toContain('one update');
    await redraw(delivery, { responseCode: 'used elsewhere' }, { progress: 'Closed' });
    expect(arrivals('message.update')).toHaveLength(1);
  });

  it('is not lost by an outage', async () => {
    const delivery = pageOf();
    const { handle } = await send(delivery);
    sandbox.faults.add({ vendor: 'wecom', action: 'message.update', effect: { status: 503 } });
    expect((await failureOf(Promise.resolve(redraw(delivery, handle, { progress: 'Processing' })))).kind).toBe(
      'unavailable',
    );
    await redraw(delivery, handle, { progress: 'Processing' });
    expect(shown().redraws).toBe(1);
  });

  it('of a closed incident leaves no button but the way to its page', async () => {
    const delivery = pageOf();
    const { handle } = await send(delivery);
    await redraw(delivery, handle, { progress: 'Closed' });
    expect(shown()).toMatchObject({ redraws: 1, face: { color: 'green', controls: [] } });
    expect(shown().face?.links.map(({ url }) => url)).toEqual([delivery.pageUrl]);
  });
});

describe('who is meant', () => {
  it('is found by phone, else by e-mail, and looked up once', async () => {
    const { email: _email, ...byPhone } = unlinked;
    const { phone: _phone, ...byMail } = unlinked;
    for (const person of [byPhone, byMail, byPhone, byMail]) await send(pageOf({ to: { person } }));
    expect(sandbox.world.cards.map(({ to }) => to)).toEqual(['zhangsan', 'zhangsan', 'zhangsan', 'zhangsan']);
    expect(arrivals('user.getuserid')).toEqual(['ok']);
    expect(arrivals('user.by_email')).toEqual(['ok']);
  });

  it('who is no member is told how to link, and not asked for again at once', async () => {
    const stranger: Person = { ...unlinked, phone: '+8613900000099', email: 'stranger@example.com' };
    for (const attempt of [1, 2]) {
      const error = await failureOf(send(pageOf({ to: { person: stranger } })));
      expect(error.kind, `attempt ${String(attempt)}`).toBe('unreachable');
      expect(error.message).toContain('app not linked');
      expect(error.message).not.toMatch(/1390000|stranger/);
    }
    expect(arrivals('user.getuserid')).toHaveLength(1);
    expect(arrivals('user.by_email')).toHaveLength(2);
  });

  it('may be refused inside a success', async () => {
    const gone = { ...supervisor, identity: 'gone' };
    expect((await failureOf(send(pageOf({ to: { person: gone } })))).kind).toBe('rejected');
    const both = { ...supervisor, identity: 'zhangsan|gone' };
    expect(await failureOf(send(pageOf({ to: { person: both } })))).toMatchObject({
      kind: 'rejected',
      providerCode: 'invaliduser',
    });
  });

  it('gets no more than the platform shows, and the answer says ok all the same', async () => {
    for (let sent = 0; sent < 32; sent += 1) await send(pageOf());
    // That is why our own limit is below it.
    expect(sandbox.world.cards).toHaveLength(30);
  });
});

describe('the token of the app', () => {
  it('is asked for once, however many pages leave at the same time', async () => {
    await Promise.all([1, 2, 3, 4].map(() => send(pageOf())));
    expect(arrivals('gettoken')).toEqual(['ok']);
  });

  it('is renewed when it is refused, and the page still leaves once', async () => {
    sandbox.faults.add({ vendor: 'wecom', action: 'message.send', effect: { refuse: '42001' } });
    await send(pageOf());
    expect(arrivals('gettoken')).toEqual(['ok', 'ok']);
    expect(sandbox.world.cards).toHaveLength(1);
  });

  it('that never came means that no page left', async () => {
    sandbox.faults.add({ vendor: 'wecom', action: 'gettoken', effect: { dropAnswer: true } });
    expect((await failureOf(send(pageOf()))).kind).toBe('not-sent');
  });

  it('shows whether the credentials work, and a wrong secret is not repeated', async () => {
    await wecomApp.check?.(accountOf(), io);
    const error = await failureOf(Promise.resolve(wecomApp.check?.(accountOf({ secret: 'wr0ng' }), io)));
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
      buttons: pageOf().buttons.slice(1),
      menu: [],
      pageUrl: 'https://oncall.example.com/i/page-token',
    },
  };
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver(wecomCallback, accountOf(), done);
    sandbox.setCallbacks({ wecom: `${receiver.url}/callbacks/wecom` });
  });
  afterEach(() => receiver.close());

  it('passes the check of the address', async () => {
    expect(await sandbox.wecom.verifyUrl()).toBe(true);
  });

  it('arrives, and draws the card of who pressed with the code it brought', async () => {
    await send(pageOf());
    expect(await tap('Ack')).toMatchObject({ status: 200, body: '' });
    await receiver.followed();
    expect(receiver.happenings).toMatchObject([{ kind: 'press', token: 'token-acknowledge', identity: 'zhangsan' }]);
    expect(shown()).toMatchObject({ redraws: 1, face: { color: 'black' } });
    expect(shown().face?.lines).toEqual(
      expect.arrayContaining(['Acknowledged by Supervisor', 'Acknowledged. It is yours now.']),
    );
    expect(labels()).toEqual(['Snooze', 'Close', 'Refresh']);
  });

  it('leaves the one redraw of the sent card for what comes later', async () => {
    const delivery = pageOf();
    const { handle } = await send(delivery);
    await tap('Ack');
    await receiver.followed();
    await redraw(delivery, handle, { progress: 'Closed' });
    expect(shown()).toMatchObject({ redraws: 2, face: { color: 'green', controls: [] } });
  });

  it('on Refresh does nothing but show how it stands, as often as one likes', async () => {
    await send(pageOf());
    await tap('Ack');
    await receiver.followed();
    const { picture } = done;
    const byBackup = { ...wording, status: 'Acknowledged by Backup' };
    receiver.answerWith({ ...done, text: '', picture: { ...picture, wording: byBackup } });
    await tap('Refresh');
    await receiver.followed();
    expect(receiver.happenings.at(-1)).toMatchObject({ kind: 'refresh', token: 'token-close', identity: 'zhangsan' });
    expect(shown().face?.lines).toContain('Acknowledged by Backup');
    const closed: Picture = { ...picture, face: { ...face, progress: 'Closed' }, buttons: [] };
    receiver.answerWith({ ...done, text: '', picture: closed });
    await tap('Refresh');
    await receiver.followed();
    expect(shown()).toMatchObject({ redraws: 3, face: { color: 'green', controls: [] } });
  });

  it('brings the minutes chosen from the menu, or those that stand there', async () => {
    await send(pageOf());
    await tap('Snooze', 'Snooze 4 h');
    await receiver.followed();
    await tap('Snooze');
    expect(receiver.happenings).toMatchObject([{ minutes: 240 }, { minutes: 120 }]);
  });

  it('of one who is not linked is answered by a message', async () => {
    await send(pageOf());
    receiver.answerWith({ state: 'unknown-person', text: 'Nothing was done: not linked.' });
    await tap('Ack');
    await receiver.followed();
    expect(sandbox.world.cards.map(({ text, redraws }) => [text, redraws])).toEqual([
      [undefined, 0],
      ['Nothing was done: not linked.', 0],
    ]);
  });

  it('is the same press when it is delivered twice, and another when pressed again', async () => {
    await send(pageOf());
    await tap('Close');
    await sandbox.redeliver();
    const ids = receiver.happenings.map((happening) => (happening.kind === 'press' ? happening.eventId : ''));
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).toMatch(/^[\w-]{43}$/);
  });

  it('is not the only way: somebody writes to the app and is answered by a message', async () => {
    receiver.answerWith({ state: 'done', text: 'You have no open incident.' });
    await sandbox.wecom.write('zhangsan', ' ack 7QK2MD');
    await receiver.followed();
    expect(receiver.happenings).toMatchObject([{ kind: 'message', identity: 'zhangsan', text: 'ack 7QK2MD' }]);
    expect(shown()).toMatchObject({ to: 'zhangsan', text: 'You have no open incident.' });
  });
});

describe('setting it up', () => {
  it('tries what can be tried without telling anybody', async () => {
    const checks = await wecomApp.checks?.(accountOf(), io);
    expect(checks?.map(({ name, ok }) => [name.en, ok])).toEqual([
      ['Corporation ID and secret', true],
      ['The app', true],
      ['App homepage', true],
      ['Trusted domain', true],
    ]);
    sandbox.faults.add({
      vendor: 'wecom',
      action: 'agent.get',
      effect: {
        refuse: '60020',
        message: 'not allow to access from your ip, hint: [1], from ip: 192.0.2.7, more info',
      },
    });
    const untrusted = await wecomApp.checks?.(accountOf(), io);
    expect(untrusted?.at(-1)).toMatchObject({ ok: false });
    expect(untrusted?.at(-1)?.detail).toContain('192.0.2.7');
    expect((await wecomApp.checks?.(accountOf({ secret: 'wr0ng' }), io))?.map(({ ok }) => ok)).toEqual([false]);
    expect(sandbox.world.cards).toEqual([]);
  });

  it('prints every address to paste, in both languages', () => {
    const addresses = {
      callbackUrl: 'https://o.example.com/callbacks/wecom',
      redirectUrl: 'https://o.example.com/link/wecom/back',
      homeUrl: 'https://o.example.com/link/wecom',
    };
    const { en = [], zh = [] } = wecomApp.setup?.(accountOf(), addresses) ?? {};
    expect(en).toHaveLength(zh.length);
    for (const steps of [en, zh]) {
      for (const address of Object.values(addresses)) expect(steps.join('\n')).toContain(address);
      for (const word of ['EncodingAESKey', '60020', 'appchat/create']) expect(steps.join('\n')).toContain(word);
      expect(steps.join('\n')).not.toMatch(/s3cret|t0ken/);
    }
  });

  it('proves who somebody is by signing in', async () => {
    const url = new URL(
      wecomApp.signIn?.authorizeUrl(accountOf(), { redirectUri: 'https://o/back', state: 's' }) ?? '',
    );
    expect(url.hash).toBe('#wechat_redirect');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      appid: 'wwcorp',
      redirect_uri: 'https://o/back',
      response_type: 'code',
      scope: 'snsapi_base',
      state: 's',
      agentid: '1000002',
    });
    const code = sandbox.wecom.signIn('zhangsan');
    expect(await wecomApp.signIn?.identify(code, accountOf(), io)).toEqual({ identity: 'zhangsan' });
    await failureOf(Promise.resolve(wecomApp.signIn?.identify(code, accountOf(), io)));
    const stranger = sandbox.wecom.signIn('stranger');
    expect((await failureOf(Promise.resolve(wecomApp.signIn?.identify(stranger, accountOf(), io)))).kind).toBe(
      'rejected',
    );
  });
});
