import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PressResult } from '../../../providers/kit/adapter.ts';
import { createIo } from '../../../providers/kit/http.ts';
import { twilioSmsAccount, twilioSmsTraits } from '../../../providers/twilio/account.ts';
import { twilioSms } from '../../../providers/twilio/sms.ts';
import { Sandbox } from '../../../sandbox/index.ts';
import { deliveryOf, face, supervisor, wording } from '../delivery.ts';
import { failureOf } from '../failure.ts';
import { startTwilioReceiver } from './receiver.ts';

const AUTH_TOKEN = 'an-auth-token';
const SERVICE = `MG${'2'.repeat(32)}`;
const io = createIo({ timeoutMs: 5000 });
const abroad = { ...supervisor, phone: '+4915112345678' };
const reply = { code: '4821', hint: 'Reply 1 4821 to acknowledge, 2 4821 to escalate.' };

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await Sandbox.start({
    people: [],
    twilio: { authToken: AUTH_TOKEN, senders: ['+14155550100', 'On Call', SERVICE] },
  });
});
afterAll(() => sandbox.close());
beforeEach(() => {
  sandbox.faults.clear();
});

function accountWith(settings: Record<string, unknown> = {}) {
  return twilioSmsAccount.parse({
    accountSid: `AC${'0'.repeat(32)}`,
    authToken: AUTH_TOKEN,
    from: '+14155550100',
    baseUrl: sandbox.endpoints.twilio,
    ...settings,
  });
}
const last = () => sandbox.world.texts.at(-1);

describe('twilio.sms', () => {
  it('says what happened, how to answer, and where to look', async () => {
    await twilioSms.send(deliveryOf({ to: { person: abroad }, reply }), accountWith(), io);
    expect(last()).toMatchObject({
      vendor: 'twilio',
      to: abroad.phone,
      text: [
        '[Critical] db-7 is down (7QK2MD)',
        wording.text,
        reply.hint,
        'https://oncall.example.com/i/page-token',
      ].join('\n'),
    });
  });

  it('carries neither link nor code into mainland China, where carriers drop the one and nobody can answer', async () => {
    await twilioSms.send(deliveryOf({ reply }), accountWith(), io);
    expect(last()?.text).toBe(`[Critical] db-7 is down (7QK2MD)\n${wording.text}`);
  });

  it('stays within one text of moderate length, however long the incident is', async () => {
    const long = { ...wording, subject: 's'.repeat(600), text: 't'.repeat(3000) };
    await twilioSms.send(deliveryOf({ to: { person: abroad }, wording: long, reply }), accountWith(), io);
    expect(last()?.text.length).toBeLessThan(900);
    expect(last()?.text).toContain(reply.hint);
  });

  it('is sent by a service or under a name, which cannot be answered', async () => {
    const service = accountWith({ from: undefined, messagingServiceSid: SERVICE });
    const named = accountWith({ from: 'On Call' });
    await twilioSms.send(deliveryOf(), service, io);
    await twilioSms.send(deliveryOf(), named, io);
    expect([accountWith(), service, named].map((account) => twilioSmsTraits(account).takesReplies)).toEqual([
      true,
      true,
      false,
    ]);
    expect(twilioSmsAccount.safeParse({ ...accountWith(), messagingServiceSid: SERVICE }).success).toBe(false);
    expect(twilioSmsAccount.safeParse({ ...accountWith(), from: undefined }).success).toBe(false);
  });

  it('hears that it arrived, and of which notification that is', async () => {
    const account = accountWith();
    const receiver = await startTwilioReceiver(twilioSms.callback, account, () => undefined);
    const delivery = deliveryOf({ callbackUrl: `${receiver.url}/callbacks/twilio-sms` });
    await twilioSms.send(delivery, account, io);
    await expect
      .poll(() => receiver.happenings)
      .toEqual([{ kind: 'receipt', ref: delivery.receiptRef, receipt: { outcome: 'delivered' } }]);
    expect(receiver.refused).toEqual([]);
    await receiver.close();
  });

  it('hears what people answer, and answers them', async () => {
    const account = accountWith();
    const result: PressResult = { state: 'done', action: 'acknowledge', text: 'Acknowledged <&> it is yours now.' };
    const receiver = await startTwilioReceiver(twilioSms.callback, account, () => result);
    sandbox.setCallbacks({ twilioSms: `${receiver.url}/callbacks/twilio-sms` });
    await twilioSms.send(deliveryOf({ to: { person: abroad }, reply }), account, io);
    await sandbox.replyTo(last()?.id ?? '', '1 4821');
    expect(receiver.happenings).toMatchObject([{ kind: 'reply', from: abroad.phone, text: '1 4821' }]);
    expect(last()).toMatchObject({ to: abroad.phone, text: result.text });
    await receiver.close();
  });

  it('finds a text whose answer was lost, and not one that never left or an older one of the same words', async () => {
    const account = accountWith();
    const person = { ...supervisor, phone: '+4915112345699' };
    const delivery = deliveryOf({ to: { person } });
    const sentAt = Date.now();
    expect(await twilioSms.reconcile?.(delivery, sentAt, account, io)).toBeUndefined();
    sandbox.faults.add({ vendor: 'twilio', effect: { dropAnswer: true } });
    expect((await failureOf(twilioSms.send(delivery, account, io))).kind).toBe('unknown-outcome');
    const again = { ...delivery, pageUrl: 'https://oncall.example.com/i/another-token' };
    await expect.poll(() => twilioSms.reconcile?.(again, sentAt, account, io)).toEqual({ outcome: 'delivered' });
    expect(await twilioSms.reconcile?.(delivery, sentAt + 60_000, account, io)).toBeUndefined();
    const other = deliveryOf({ to: { person }, face: { ...face, number: 'AAAAAA' } });
    expect(await twilioSms.reconcile?.(other, sentAt, account, io)).toBeUndefined();
  });

  it('writes to nobody without a number', async () => {
    const { phone: _, ...unlisted } = supervisor;
    expect((await failureOf(twilioSms.send(deliveryOf({ to: { person: unlisted } }), accountWith(), io))).kind).toBe(
      'unreachable',
    );
  });

  // Every code of https://www.twilio.com/docs/api/errors that these two resources answer with.
  it.each([
    ['20429', 429, 'rate-limited', 'ask Twilio for more'],
    ['10004', 429, 'rate-limited', 'ask Twilio for more'],
    ['20500', 500, 'unavailable', 'try again'],
    ['22005', 400, 'unavailable', 'another account'],
    ['30001', 400, 'unavailable', 'another account'],
    ['20003', 401, 'unauthorized', 'check accountSid'],
    ['30002', 400, 'unauthorized', 'console'],
    ['21212', 400, 'unauthorized', 'check from'],
    ['21606', 400, 'unauthorized', 'check from'],
    ['21608', 400, 'unauthorized', 'upgrade'],
    ['21408', 400, 'rejected', 'geo permissions'],
    ['21215', 400, 'rejected', 'geo permissions'],
    ['13227', 400, 'rejected', 'geo permissions'],
    ['32224', 400, 'rejected', 'geo permissions'],
    ['21216', 400, 'rejected', 'another account'],
    ['30004', 400, 'rejected', 'another account'],
    ['21211', 400, 'rejected', 'correct it'],
    ['21214', 400, 'rejected', 'correct it'],
    ['21217', 400, 'rejected', 'correct it'],
    ['21401', 400, 'rejected', 'correct it'],
    ['13224', 400, 'rejected', 'correct it'],
    ['21610', 400, 'rejected', 'START'],
    ['21612', 400, 'rejected', 'sender of that country'],
    ['21614', 400, 'rejected', 'mobile number'],
    ['21635', 400, 'rejected', 'mobile number'],
    ['30006', 400, 'rejected', 'mobile number'],
    ['21602', 400, 'refused', 'shorten'],
    ['21617', 400, 'refused', 'shorten'],
    ['98765', 400, 'refused', 'look the code up'],
  ])('%s (HTTP %i) is %s', async (refuse, status, kind, remedy) => {
    sandbox.faults.add({ vendor: 'twilio', effect: { refuse, status } });
    const failure = await failureOf(twilioSms.send(deliveryOf(), accountWith(), io));
    expect(failure).toMatchObject({ kind, providerCode: refuse });
    expect(failure.message).toContain(`(${refuse})`);
    expect(failure.message).toContain(remedy);
  });

  it.each([
    [{ rateLimitMs: 1000 }, 'rate-limited'],
    [{ status: 429 }, 'rate-limited'],
    [{ status: 401 }, 'unauthorized'],
    [{ status: 400 }, 'refused'],
    [{ status: 500 }, 'unknown-outcome'],
    [{ status: 502 }, 'unknown-outcome'],
    [{ status: 302 }, 'unavailable'],
    [{ dropAnswer: true }, 'unknown-outcome'],
  ] as const)('an answer of %o is %s', async (effect, kind) => {
    sandbox.faults.add({ vendor: 'twilio', effect });
    expect((await failureOf(twilioSms.send(deliveryOf(), accountWith(), io))).kind).toBe(kind);
  });
});
