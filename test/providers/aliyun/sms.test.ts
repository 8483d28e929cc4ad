import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aliyunSmsAccount, aliyunSmsTraits } from '../../../providers/aliyun/account.ts';
import { aliyunSms } from '../../../providers/aliyun/sms.ts';
import type { Page } from '../../../providers/kit/message.ts';
import { createIo } from '../../../providers/kit/http.ts';
import { Sandbox } from '../../../sandbox/index.ts';
import { deliveryOf, face, supervisor } from '../delivery.ts';
import { failureOf } from '../failure.ts';
import { startReceiver } from '../receiver.ts';

const SECRET = 'an-access-key-secret';
const io = createIo({ timeoutMs: 5000 });

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await Sandbox.start({
    people: [],
    limits: false,
    aliyun: {
      accessKeySecret: SECRET,
      templates: {
        SMS_EN: '${severity} ${title} (${number}) ${channel} since ${time}',
        SMS_ZH: '${severity}告警：${title}',
        SMS_CODE: '${title}: reply 1 ${code}',
      },
    },
  });
});
afterAll(() => sandbox.close());
beforeEach(() => {
  sandbox.faults.clear();
});

function accountWith(settings: Record<string, unknown> = {}) {
  return aliyunSmsAccount.parse({
    accessKeyId: 'sandbox',
    accessKeySecret: SECRET,
    signName: 'OnCall',
    templates: {
      zh: { code: 'SMS_ZH', params: ['severity', 'title'] },
      en: { code: 'SMS_EN', params: ['severity', 'title', 'number', 'channel', 'time'] },
    },
    baseUrl: sandbox.endpoints.aliyun,
    ...settings,
  });
}

const started: Page['face'] = {
  ...face,
  incident: { ...face.incident, channel: 'db', startedAt: '2026-11-20T23:05:00+08:00' },
};
const send = (delivery: Page, settings?: Record<string, unknown>) =>
  aliyunSms.send(delivery, accountWith(settings), io);

describe('aliyun.sms', () => {
  it('puts the incident on the phone, with the time as the reader counts it', async () => {
    await expect(send(deliveryOf({ face: started }))).resolves.toEqual({ outcome: 'accepted' });
    expect(sandbox.world.texts.at(-1)).toMatchObject({
      to: supervisor.phone,
      text: '【OnCall】Critical db-7 is down (7QK2MD) db since 20/11, 23:05',
    });
    await send(deliveryOf({ face: started, timeZone: 'UTC' }));
    expect(sandbox.world.texts.at(-1)?.text).toContain('since 20/11, 15:05');
  });

  it('writes in the reader’s language, and in the other where there is no template', async () => {
    await send(deliveryOf({ locale: 'zh' }));
    expect(sandbox.world.texts.at(-1)?.text).toBe('【OnCall】Critical告警：db-7 is down');
    await send(deliveryOf(), { templates: { zh: { code: 'SMS_ZH', params: ['severity', 'title'] } } });
    expect(sandbox.world.texts.at(-1)?.text).toBe('【OnCall】Critical告警：db-7 is down');
  });

  it('gets through with whatever a title holds', async () => {
    const title = `【db-7】 see https://grafana.example.com/d/1 at db-7.example.com ${'x'.repeat(60)}`;
    await send(deliveryOf({ face: { ...face, incident: { ...face.incident, title } } }));
    expect(sandbox.world.texts.at(-1)?.text).toContain('db-7 see at db-7 example com xxxxx…');
  });

  it('hears that a message arrived', async () => {
    const account = accountWith({ callbackSecret: 'k7Jq-Wm2Xs9RtLd4Bz' });
    const receiver = await startReceiver(aliyunSms.callback, account);
    sandbox.setCallbacks({ aliyunSms: `${receiver.url}/callbacks/aliyun-sms/k7Jq-Wm2Xs9RtLd4Bz` });
    const delivery = deliveryOf();
    await aliyunSms.send(delivery, account, io);
    await expect
      .poll(() => receiver.happenings, { timeout: 5000 })
      .toContainEqual({
        kind: 'receipt',
        ref: delivery.receiptRef,
        receipt: { outcome: 'delivered', code: 'DELIVERED' },
      });
    await receiver.close();
  });

  it('shows the code to answer with where the template has a place for it', async () => {
    const params = ['severity', 'title', 'number', 'channel', 'code'];
    const templates = { zh: { code: 'SMS_EN', params: [...params, 'time'] } };
    const account = accountWith({ templates, callbackSecret: 'k7Jq-Wm2Xs9RtLd4Bz' });
    expect(aliyunSmsTraits(account).takesReplies).toBe(true);
    expect(aliyunSmsTraits(accountWith()).takesReplies).toBe(false);
    expect(() => accountWith({ templates })).toThrow('answers come to the callback address');
    const replying = accountWith({
      templates: { zh: { code: 'SMS_CODE', params: ['title', 'code'] } },
      callbackSecret: 'k7Jq-Wm2Xs9RtLd4Bz',
    });
    await aliyunSms.send(deliveryOf({ reply: { code: '4821', hint: '' } }), replying, io);
    expect(sandbox.world.texts.at(-1)?.text).toBe('【OnCall】db-7 is down: reply 1 4821');
  });

  it('hears what the receiver answered', async () => {
    const account = accountWith({ callbackSecret: 'k7Jq-Wm2Xs9RtLd4Bz' });
    const receiver = await startReceiver(aliyunSms.callback, account);
    await aliyunSms.send(deliveryOf(), account, io);
    sandbox.setCallbacks({ aliyunSms: `${receiver.url}/callbacks/aliyun-sms/k7Jq-Wm2Xs9RtLd4Bz` });
    await sandbox.replyTo(sandbox.world.texts.at(-1)?.id ?? '', '1 4821');
    expect(receiver.happenings).toContainEqual(
      expect.objectContaining({ kind: 'reply', from: supervisor.phone, text: '1 4821' }),
    );
    expect(sandbox.world.callbacks.find(({ what }) => what === 'SmsUp')?.answer).toBe('200');
    await receiver.close();
  });

  it('sends nothing to a landline, to a group, or to nobody', async () => {
    const before = sandbox.world.arrivals.length;
    const landline = deliveryOf({ to: { person: { ...supervisor, phone: '+861021364727' } } });
    expect((await failureOf(send(landline))).kind).toBe('rejected');
    expect((await failureOf(send(deliveryOf({ to: { chat: 'oc_1' } })))).kind).toBe('unreachable');
    expect(sandbox.world.arrivals).toHaveLength(before);
  });

  it.each([
    ['isv.BUSINESS_LIMIT_CONTROL', 200, 'rate-limited'],
    ['isv.BUSINESS_LIMIT_CONTROL', 400, 'rate-limited'],
    ['isv.DAY_LIMIT_CONTROL', 200, 'exhausted'],
    ['isv.MOBILE_NUMBER_ILLEGAL', 200, 'rejected'],
    ['isv.SMS_TEMPLATE_ILLEGAL', 400, 'refused'],
    ['isv.SMS_SIGNATURE_ILLEGAL', 200, 'refused'],
    ['isp.GATEWAY_ERROR', 200, 'unknown-outcome'],
    ['ServiceUnavailable', 503, 'unavailable'],
  ])('%s with HTTP %i is %s', async (refuse, status, kind) => {
    sandbox.faults.add({ vendor: 'aliyun', effect: { refuse, status } });
    expect(await failureOf(send(deliveryOf()))).toMatchObject({ kind, providerCode: refuse });
  });

  it('comes back when a throttled account may', async () => {
    sandbox.faults.add({ vendor: 'aliyun', effect: { rateLimitMs: 1500 } });
    expect(await failureOf(send(deliveryOf()))).toMatchObject({ kind: 'rate-limited', retryAfterMs: 1500 });
  });

  it('does not know what became of a message whose answer is late, broken or lost', async () => {
    const kinds: string[] = [];
    for (const effect of [{ delayMs: 600 }, { status: 500 }, { dropAnswer: true }] as const) {
      sandbox.faults.add({ vendor: 'aliyun', effect });
      const sending = aliyunSms.send(deliveryOf(), accountWith(), createIo({ timeoutMs: 300 }));
      kinds.push((await failureOf(sending)).kind);
    }
    expect(kinds).toEqual(['unknown-outcome', 'unknown-outcome', 'unknown-outcome']);
  });

  it('sent nothing when nobody listens', async () => {
    expect((await failureOf(send(deliveryOf(), { baseUrl: 'http://127.0.0.1:1' }))).kind).toBe('not-sent');
  });

  it('finds a message again whose answer was lost, and only that one', async () => {
    const lost = deliveryOf();
    const sentAt = Date.now();
    await send(deliveryOf());
    sandbox.faults.add({ vendor: 'aliyun', effect: { dropAnswer: true } });
    await failureOf(send(lost));
    await expect.poll(() => aliyunSms.reconcile?.(lost, sentAt, accountWith(), io)).toEqual({ outcome: 'delivered' });
    await expect(aliyunSms.reconcile?.(deliveryOf(), sentAt, accountWith(), io)).resolves.toBeUndefined();
  });

  it('finds it behind more messages than fit on one page of the vendor', async () => {
    const person = { ...supervisor, phone: '+8613900000077' };
    const wanted = deliveryOf({ to: { person } });
    for (let n = 0; n < 55; n += 1) await send(deliveryOf({ to: { person } }));
    await send(wanted);
    const found = await aliyunSms.reconcile?.(wanted, Date.now(), accountWith(), io);
    expect(found).toMatchObject({ outcome: expect.stringMatching(/accepted|delivered/) as string });
  });

  it('looks on both sides of midnight in China', async () => {
    const days = async (sentAt: string): Promise<number> => {
      const before = sandbox.world.arrivals.length;
      await aliyunSms.reconcile?.(deliveryOf(), Date.parse(sentAt), accountWith(), io);
      return sandbox.world.arrivals.length - before;
    };
    expect(await days('2026-11-20T12:00:00+08:00')).toBe(1);
    expect(await days('2026-11-20T00:02:00+08:00')).toBe(2);
    expect(await days('2026-11-20T23:58:00+08:00')).toBe(2);
  });

  it('checks credentials without anybody being told', async () => {
    const before = sandbox.world.texts.length;
    await expect(aliyunSms.check?.(accountWith(), io)).resolves.toBeUndefined();
    const wrong = aliyunSms.check?.(accountWith({ accessKeyId: 'nobody' }), io) ?? Promise.resolve();
    expect((await failureOf(wrong)).kind).toBe('unauthorized');
    expect(sandbox.world.texts).toHaveLength(before);
  });

  it('names neither number nor text nor secret, whatever goes wrong', async () => {
    const effects = [
      { refuse: 'isv.MOBILE_NUMBER_ILLEGAL', message: '13900000001' },
      { refuse: 'Teapot', message: `13900000001 ${SECRET}`, status: 400 },
      { status: 502 },
      { dropAnswer: true },
      { delayMs: 600 },
    ] as const;
    for (const effect of effects) {
      sandbox.faults.add({ vendor: 'aliyun', effect });
      const failure = await failureOf(aliyunSms.send(deliveryOf(), accountWith(), createIo({ timeoutMs: 300 })));
      const told = JSON.stringify([failure.message, failure.stack, failure]);
      for (const secret of ['13900000001', 'db-7', SECRET, 'incident-42']) expect(told).not.toContain(secret);
      expect(failure.cause).toBeUndefined();
    }
  });
});
