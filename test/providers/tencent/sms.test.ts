import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CallbackError, type HttpRequest } from '../../../providers/kit/adapter.ts';
import { createIo } from '../../../providers/kit/http.ts';
import { tencentSmsAccount, tencentSmsTraits } from '../../../providers/tencent/account.ts';
import { meaningOf } from '../../../providers/tencent/codes.ts';
import { tencentSms } from '../../../providers/tencent/sms.ts';
import { Sandbox } from '../../../sandbox/index.ts';
import { deliveryOf, face, supervisor } from '../delivery.ts';
import { failureOf } from '../failure.ts';
import { startReceiver } from '../receiver.ts';

const SECRET = 'a-secret-key';
const CALLBACK_SECRET = 'k7Jq-Wm2Xs9RtLd4Bz';
const io = createIo({ timeoutMs: 5000 });

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await Sandbox.start({
    people: [],
    limits: false,
    tencent: {
      secretKey: SECRET,
      templates: { '100': '{1}告警：{2}（{3}）', '200': '{1}: {2} since {3}', '300': '{1}：回复1 {2}确认' },
    },
  });
});
afterAll(() => sandbox.close());
beforeEach(() => {
  sandbox.faults.clear();
});

function accountWith(settings: Record<string, unknown> = {}) {
  return tencentSmsAccount.parse({
    secretId: 'sandbox',
    secretKey: SECRET,
    smsSdkAppId: '1400000001',
    signName: '值班',
    templates: { zh: { id: '100' }, en: { id: '200', params: ['severity', 'title', 'time'] } },
    callbackSecret: CALLBACK_SECRET,
    baseUrl: sandbox.endpoints.tencent,
    ...settings,
  });
}
const send = (settings: Record<string, unknown> = {}, changes: Parameters<typeof deliveryOf>[0] = {}) =>
  tencentSms.send(deliveryOf(changes), accountWith(settings), io);

describe('a text message through Tencent Cloud', () => {
  it('arrives from the approved template, in the reader’s language', async () => {
    expect(await send({}, { locale: 'zh' })).toEqual({ outcome: 'accepted' });
    expect(sandbox.world.texts.at(-1)).toMatchObject({
      vendor: 'tencent',
      to: supervisor.phone,
      text: '【值班】Critical告警：db-7 is down（7QK2MD）',
    });
    const startedAt = '2026-03-01T02:03:00Z';
    await send({}, { face: { ...face, incident: { ...face.incident, startedAt } } });
    expect(sandbox.world.texts.at(-1)?.text).toBe('【值班】Critical: db-7 is down since 01/03, 10:03');
  });

  it('carries no link, whatever the title says, and no value longer than the account may send', async () => {
    const title = 'see https://db-7.example.com/now for the replication lag of everything';
    await send({ valueLength: 12 }, { locale: 'zh', face: { ...face, incident: { ...face.incident, title } } });
    const [, value = ''] = /告警：(.*)（/.exec(sandbox.world.texts.at(-1)?.text ?? '') ?? [];
    expect(Array.from(value).length).toBe(12);
    expect(value).not.toContain('example');
  });

  it('shows the code to answer with where the template has a place for it', async () => {
    const account = accountWith({ templates: { zh: { id: '300', params: ['title', 'code'] } } });
    expect(tencentSmsTraits(account).takesReplies).toBe(true);
    expect(tencentSmsTraits(accountWith()).takesReplies).toBe(false);
    await tencentSms.send(deliveryOf({ reply: { code: '4821', hint: '' } }), account, io);
    expect(sandbox.world.texts.at(-1)?.text).toBe('【值班】db-7 is down：回复1 4821确认');
  });

  it('goes nowhere without a number', async () => {
    const { phone: _, ...unlisted } = supervisor;
    expect((await failureOf(send({}, { to: { person: unlisted } }))).kind).toBe('unreachable');
  });

  it('is refused for one number although the request was taken', async () => {
    const before = sandbox.world.texts.length;
    const landline = { ...supervisor, phone: '+861062345678' };
    expect(await failureOf(send({}, { to: { person: landline } }))).toMatchObject({
      kind: 'rejected',
      providerCode: 'InvalidParameterValue.IncorrectPhoneNumber',
    });
    expect((await failureOf(send({ templates: { zh: { id: '9' } } }))).kind).toBe('refused');
    expect(sandbox.world.texts).toHaveLength(before);
  });

  it('checks credentials without anybody being told', async () => {
    const before = sandbox.world.texts.length;
    await expect(tencentSms.check?.(accountWith(), io)).resolves.toBeUndefined();
    const wrong = tencentSms.check?.(accountWith({ secretKey: 'wrong' }), io) ?? Promise.resolve();
    expect((await failureOf(wrong)).kind).toBe('unauthorized');
    expect(sandbox.world.texts).toHaveLength(before);
  });
});

describe('a text message whose answer was lost', () => {
  const lost = async () => {
    const settings = accountWith();
    sandbox.faults.add({ vendor: 'tencent', action: 'SendSms', effect: { dropAnswer: true } });
    const delivery = deliveryOf();
    const sentAt = Date.now();
    expect((await failureOf(tencentSms.send(delivery, settings, io))).kind).toBe('unknown-outcome');
    return { find: () => tencentSms.reconcile?.(delivery, sentAt, settings, io) };
  };

  it('is found among what the vendor sent in these seconds', async () => {
    expect(await (await lost()).find()).toHaveProperty('outcome');
    expect(await (await lost()).find()).toHaveProperty('outcome');
  });

  it('is not mistaken for one whose answer came, nor found for two', async () => {
    const settings = accountWith({ signName: '另一个' });
    const person = { ...supervisor, phone: '+8613900000077' };
    const sentAt = Date.now();
    await tencentSms.send(deliveryOf({ to: { person } }), settings, io);
    const never = deliveryOf({ to: { person } });
    expect(await tencentSms.reconcile?.(never, sentAt, settings, io)).toBeUndefined();
    sandbox.faults.add({ vendor: 'tencent', action: 'SendSms', effect: { dropAnswer: true } });
    await failureOf(tencentSms.send(never, settings, io));
    expect(await tencentSms.reconcile?.(never, sentAt, settings, io)).toHaveProperty('outcome');
    const another = deliveryOf({ to: { person } });
    expect(await tencentSms.reconcile?.(another, sentAt, settings, io)).toBeUndefined();
    expect(await tencentSms.reconcile?.(never, sentAt, settings, io)).toHaveProperty('outcome');
  });
});

describe('what Tencent pushes about text messages', () => {
  const push = (body: unknown, secret = CALLBACK_SECRET): HttpRequest => ({
    method: 'POST',
    body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
    headers: new Headers(),
    url: new URL(`https://oncall.example.com/callbacks/tencent-sms/${secret}`),
    receivedAt: 0,
  });
  const read = async (body: unknown, secret?: string) =>
    (await tencentSms.callback?.read(push(body, secret), accountWith(), io))?.happenings;

  // Fields as on https://cloud.tencent.com/document/api/382/59178 and 59179.
  const receipt = {
    user_receive_time: '2026-11-20 10:00:00',
    nationcode: '86',
    mobile: '13900000001',
    report_status: 'FAIL',
    errmsg: 'UNDELIV',
    description: '',
    sid: '2019:1',
    ext: 'incident-42/n1/0123456789abcdef',
  };
  const reply = { extend: '', mobile: '13900000001', nationcode: '86', sign: '值班', text: '1 4821', time: 1763600000 };

  it('tells of receipts, several at once, by the reference that was sent', async () => {
    expect(await read([receipt, { ...receipt, report_status: 'SUCCESS', errmsg: 'DELIVRD' }])).toEqual([
      {
        kind: 'receipt',
        ref: receipt.ext,
        receipt: { outcome: 'failed', reason: 'the phone could not be reached', code: 'UNDELIV' },
      },
      { kind: 'receipt', ref: receipt.ext, receipt: { outcome: 'delivered', code: 'DELIVRD' } },
    ]);
  });

  it('says nothing in a receipt without a reference, and is taken all the same', async () => {
    const { ext: _, ...bare } = receipt;
    expect(await read([bare])).toEqual([]);
  });

  it('brings what the receiver answered, the same event however often it is pushed', async () => {
    const [first] = (await read(reply)) ?? [];
    expect(first).toMatchObject({ kind: 'reply', from: '+8613900000001', text: '1 4821' });
    expect((await read(reply))?.[0]).toEqual(first);
    expect((await read({ ...reply, time: 1763600001 }))?.[0]).not.toEqual(first);
    expect(JSON.stringify((first as { eventId: string }).eventId)).not.toContain('13900000001');
  });

  it('is forged at another address, and unreadable when mutilated', async () => {
    await expect(read(reply, 'x'.repeat(18))).rejects.toMatchObject({ status: 401 });
    for (const body of ['nonsense', '{}', [null], { mobile: 1 }, JSON.stringify(reply).slice(0, -9)]) {
      await expect(read(body)).rejects.toMatchObject({ status: 400 });
    }
  });

  it('never breaks the reader, cut anywhere or with any character changed', async () => {
    for (const whole of [JSON.stringify([receipt]), JSON.stringify(reply)]) {
      for (let at = 0; at < whole.length; at += 1) {
        for (const damaged of [whole.slice(0, at), `${whole.slice(0, at)}\u0000${whole.slice(at + 1)}`]) {
          const said = await read(damaged).catch((error: unknown) => error);
          expect(said).toSatisfy((result) => Array.isArray(result) || result instanceof CallbackError);
        }
      }
    }
  });

  it('comes over the wire and is answered so that it is not repeated', async () => {
    const own = await Sandbox.start({ people: [], tencent: { secretKey: SECRET, templates: { '200': '{1}{2}{3}' } } });
    const account = accountWith({ baseUrl: own.endpoints.tencent });
    const receiver = await startReceiver(tencentSms.callback, account);
    own.setCallbacks({ tencentSms: `${receiver.url}/callbacks/tencent-sms/${CALLBACK_SECRET}` });
    const delivery = deliveryOf();
    await tencentSms.send(delivery, account, io);
    await expect.poll(() => receiver.happenings.length).toBe(1);
    await own.replyTo(own.world.texts.at(-1)?.id ?? '', '1 4821');
    expect(receiver.happenings).toMatchObject([
      { kind: 'receipt', ref: delivery.receiptRef, receipt: { outcome: 'delivered' } },
      { kind: 'reply', from: supervisor.phone, text: '1 4821' },
    ]);
    expect(own.world.callbacks.map(({ answer }) => answer)).toEqual(['200', '200']);
    await own.close();
    await receiver.close();
  });
});

// https://cloud.tencent.com/document/api/382/59177
describe('a code of Tencent SMS', () => {
  it.each([
    ['InternalError.Timeout', 'unknown-outcome', undefined],
    ['InternalError.SendAndRecvFail', 'unknown-outcome', undefined],
    ['InternalError.OtherError', 'unknown-outcome', undefined],
    ['InternalError.UnknownError', 'unknown-outcome', undefined],
    ['InternalError.RequestTimeException', 'unauthorized', undefined],
    ['LimitExceeded.PhoneNumberThirtySecondLimit', 'rate-limited', 30_000],
    ['LimitExceeded.PhoneNumberOneHourLimit', 'rate-limited', 3_600_000],
    ['LimitExceeded.PhoneNumberDailyLimit', 'rate-limited', 86_400_000],
    ['LimitExceeded.PhoneNumberSameContentDailyLimit', 'rate-limited', 86_400_000],
    ['LimitExceeded.DeliveryFrequencyLimit', 'rate-limited', 60_000],
    ['LimitExceeded.AppDailyLimit', 'exhausted', undefined],
    ['LimitExceeded.DailyLimit', 'exhausted', undefined],
    ['InvalidParameterValue.IncorrectPhoneNumber', 'rejected', undefined],
    ['FailedOperation.PhoneNumberInBlacklist', 'rejected', undefined],
    ['UnsupportedOperation.UnsuportedRegion', 'rejected', undefined],
    ['FailedOperation.TemplateIncorrectOrUnapproved', 'refused', undefined],
    ['FailedOperation.SignatureIncorrectOrUnapproved', 'refused', undefined],
    ['FailedOperation.ContainSensitiveWord', 'refused', undefined],
    ['InvalidParameterValue.ProhibitedUseUrlInTemplateParameter', 'refused', undefined],
    ['InvalidParameterValue.TemplateParameterLengthLimit', 'refused', undefined],
    ['InvalidParameterValue.TemplateParameterFormatError', 'refused', undefined],
    ['InvalidParameterValue.ContentLengthLimit', 'refused', undefined],
    ['FailedOperation.InsufficientBalanceInSmsPackage', 'exhausted', undefined],
    ['UnauthorizedOperation.SerivceSuspendDueToArrears', 'exhausted', undefined],
    ['UnauthorizedOperation.SdkAppIdIsDisabled', 'exhausted', undefined],
    ['UnauthorizedOperation.SmsSdkAppIdVerifyFail', 'unauthorized', undefined],
    ['UnauthorizedOperation.RequestIpNotInWhitelist', 'unauthorized', undefined],
    ['InvalidParameterValue.SdkAppIdNotExist', 'unauthorized', undefined],
  ])('%s is %s', (code, kind, retryAfterMs) => {
    const meaning = meaningOf(code);
    expect(meaning.kind).toBe(kind);
    expect(meaning.retryAfterMs).toBe(retryAfterMs);
    expect(meaning.says).not.toMatch(/look the code up/);
  });
});
