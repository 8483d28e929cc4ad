import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aliyunVoiceAccount, aliyunVoiceTraits } from '../../../providers/aliyun/account.ts';
import { aliyunVoice } from '../../../providers/aliyun/voice.ts';
import type { Call } from '../../../providers/kit/adapter.ts';
import { createIo } from '../../../providers/kit/http.ts';
import { Sandbox } from '../../../sandbox/index.ts';
import { supervisor } from '../delivery.ts';
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
        TTS_START: '${severity}: ${title}. Press 1 to acknowledge.',
        TTS_ZH: '${severity}告警：${title}，共${count}条',
        TTS_ACK: 'Acknowledged.',
        TTS_ESCALATED: 'Escalated.',
        TTS_BYE: 'Goodbye.',
        TTS_ALL: '${severity} ${title} ${number} ${count} ${channel}',
      },
    },
  });
});
afterAll(() => sandbox.close());
beforeEach(() => {
  sandbox.faults.clear();
});

function accountWith(settings: Record<string, unknown> = {}) {
  return aliyunVoiceAccount.parse({
    accessKeyId: 'sandbox',
    accessKeySecret: SECRET,
    callerNumbers: ['02131234567'],
    templates: { zh: { start: 'TTS_ZH' }, en: { start: 'TTS_START', keys: { 1: 'TTS_ACK' }, bye: 'TTS_BYE' } },
    params: ['severity', 'title', 'count'],
    callbackSecret: 'k7Jq-Wm2Xs9RtLd4Bz',
    baseUrl: sandbox.endpoints.aliyun,
    ...settings,
  });
}

function callOf(changes: Partial<Call> = {}): Call {
  return {
    token: 'k3f9x2m1q8z7w6a',
    person: supervisor,
    values: { severity: 'Critical', title: 'db-7 is down', number: '7QK2MD', count: '1', channel: 'db' },
    speech: { announcement: '', keys: '', goodbye: '' },
    ...changes,
  };
}

const lastCall = () => sandbox.world.calls.at(-1);

describe('aliyun.voice', () => {
  it('rings the phone and reads the incident out', async () => {
    const { callId } = await aliyunVoice.place(callOf(), accountWith(), io);
    expect(lastCall()).toMatchObject({
      id: callId,
      to: supervisor.phone,
      text: 'Critical: db-7 is down. Press 1 to acknowledge.',
      state: 'ringing',
    });
  });

  it('asks for keys only where the account names texts for them', async () => {
    await aliyunVoice.place(callOf(), accountWith(), io);
    expect(sandbox.world.arrivals.at(-1)?.action).toBe('IvrCall');
    await aliyunVoice.place(callOf({ person: { ...supervisor, locale: 'zh' } }), accountWith(), io);
    expect(sandbox.world.arrivals.at(-1)?.action).toBe('SingleCallByTts');
    expect(lastCall()?.text).toBe('Critical告警：db-7 is down，共1条');
  });

  it('is known to ask for a key only when it asks in every language', () => {
    const silent = { start: 'TTS_ZH' };
    const asking = { ...silent, keys: { 1: 'TTS_ACK' } };
    const asks = (templates: object): unknown => aliyunVoiceTraits(accountWith({ templates })).asksForKey;
    expect(asks({ zh: asking })).toBe(true);
    expect(asks({ zh: asking, en: silent })).toBe(false);
    expect(asks({ zh: silent, en: asking })).toBe(false);
  });

  it('takes 2 as well as 1, each with words of its own, where the account names them', async () => {
    const keys = { 1: 'TTS_ACK', 2: 'TTS_ESCALATED' };
    const account = accountWith({ templates: { zh: { start: 'TTS_ZH', keys, bye: 'TTS_BYE' } } });
    const receiver = await startReceiver(aliyunVoice.callback, account);
    sandbox.setCallbacks({ aliyunVoice: `${receiver.url}/callbacks/aliyun-voice/${account.callbackSecret}` });
    const { callId } = await aliyunVoice.place(callOf(), account, io);
    await sandbox.phones.press(callId, '2');
    expect(lastCall()?.reply).toBe('Escalated. Goodbye.');
    expect(receiver.happenings).toContainEqual(
      expect.objectContaining({ event: expect.objectContaining({ callId, keys: '2' }) as unknown }),
    );
    await sandbox.phones.hangUp(callId);
    await receiver.close();
  });

  it('reads the other language where there is no template in the reader’s', async () => {
    await aliyunVoice.place(callOf(), accountWith({ templates: { zh: { start: 'TTS_ZH' } } }), io);
    expect(lastCall()?.text).toBe('Critical告警：db-7 is down，共1条');
  });

  it('gets through with whatever a title holds', async () => {
    const values = {
      severity: 'Critical'.repeat(9),
      title: `【"db-7"】 \\ https://db.example.com/x ${'磁盘'.repeat(40)}`,
      number: '7'.repeat(90),
      count: '',
      channel: 'db.example.com\n'.repeat(9),
    };
    const account = accountWith({
      templates: { zh: { start: 'TTS_ALL', keys: { 1: 'TTS_ACK' } } },
      params: ['severity', 'title', 'number', 'count', 'channel'],
    });
    await aliyunVoice.place(callOf({ values }), account, io);
    expect(lastCall()?.text).toContain('db-7 磁盘');
  });

  it('dials landlines with their leading 0', async () => {
    await aliyunVoice.place(callOf({ person: { ...supervisor, phone: '+861021364727' } }), accountWith(), io);
    expect(sandbox.world.arrivals.at(-1)).toMatchObject({ to: '01021364727', answer: 'ok' });
    expect(lastCall()?.to).toBe('+861021364727');
  });

  it('hears of the key while the call goes on, and afterwards of how it ended', async () => {
    const account = accountWith();
    const receiver = await startReceiver(aliyunVoice.callback, account);
    sandbox.setCallbacks({ aliyunVoice: `${receiver.url}/callbacks/aliyun-voice/${account.callbackSecret}` });
    // Reports about calls of earlier tests may still be on their way to receivers that are gone.
    const earlier = sandbox.world.callbacks.length;
    const { callId } = await aliyunVoice.place(callOf(), account, io);
    const { token } = callOf();

    await sandbox.phones.press(callId, '1');
    expect(lastCall()?.reply).toBe('Acknowledged. Goodbye.');
    expect(receiver.happenings).toMatchObject([{ kind: 'call', event: { token, callId, keys: '1' } }]);
    expect(receiver.happenings[0]).not.toHaveProperty('event.ended');

    await sandbox.phones.hangUp(callId);
    const ended = { outcome: 'answered', reason: 'hung up early', code: '200001' };
    expect(receiver.happenings.slice(1)).toEqual([
      { kind: 'call', callee: supervisor.phone, event: { token, callId, keys: '1', ended } },
    ]);
    const answers = sandbox.world.callbacks.slice(earlier).map(({ answer }) => answer);
    expect(answers.every((answer) => answer === '200' || answer === 'pending')).toBe(true);
    await receiver.close();
  });

  it('hears that a call was declined', async () => {
    const account = accountWith();
    const receiver = await startReceiver(aliyunVoice.callback, account);
    sandbox.setCallbacks({ aliyunVoice: `${receiver.url}/callbacks/aliyun-voice/${account.callbackSecret}` });
    const { callId } = await aliyunVoice.place(callOf(), account, io);
    await sandbox.phones.decline(callId);
    expect(receiver.happenings).toMatchObject([
      { event: { callId, ended: { outcome: 'unanswered', reason: 'busy' } } },
    ]);
    await receiver.close();
  });

  it('calls nobody abroad with a menu, and nobody without a number', async () => {
    const before = sandbox.world.arrivals.length;
    const abroad = callOf({ person: { ...supervisor, phone: '+85251234567' } });
    expect((await failureOf(aliyunVoice.place(abroad, accountWith(), io))).kind).toBe('rejected');
    const { phone: _, ...unlisted } = supervisor;
    expect((await failureOf(aliyunVoice.place(callOf({ person: unlisted }), accountWith(), io))).kind).toBe(
      'unreachable',
    );
    expect(sandbox.world.arrivals).toHaveLength(before);
  });

  it.each([200, 400])('takes a full window for what it is, told with HTTP %i', async (status) => {
    sandbox.faults.add({
      vendor: 'aliyun',
      effect: { refuse: 'isv.BUSINESS_LIMIT_CONTROL', message: `触发小时级流控Permits:5 13900000001`, status },
    });
    const failure = await failureOf(aliyunVoice.place(callOf(), accountWith(), io));
    expect(failure).toMatchObject({
      kind: 'rate-limited',
      retryAfterMs: 3_600_000,
      providerCode: 'isv.BUSINESS_LIMIT_CONTROL',
      message:
        'aliyun.voice: the per-number limit of the vendor is reached (isv.BUSINESS_LIMIT_CONTROL); raise it in the console or add another account',
    });
  });

  it('comes back when a throttled account may', async () => {
    sandbox.faults.add({ vendor: 'aliyun', effect: { rateLimitMs: 2500 } });
    const failure = await failureOf(aliyunVoice.place(callOf(), accountWith(), io));
    expect(failure).toMatchObject({ kind: 'rate-limited', retryAfterMs: 2500, providerCode: 'Throttling.User' });
  });

  it.each([
    ['isv.AMOUNT_NOT_ENOUG', 400, 'exhausted'],
    ['isv.MOBILE_NUMBER_ILLEGAL', 400, 'rejected'],
    ['isv.TTS_TEMPLATE_ILLEGAL', 200, 'refused'],
    ['isp.RAM_PERMISSION_DENY', 200, 'unauthorized'],
    ['isp.SYSTEM_ERROR', 500, 'unknown-outcome'],
    ['InternalError', 500, 'unavailable'],
    ['Teapot', 500, 'unknown-outcome'],
  ])('%s with HTTP %i is %s', async (refuse, status, kind) => {
    sandbox.faults.add({ vendor: 'aliyun', effect: { refuse, status } });
    expect(await failureOf(aliyunVoice.place(callOf(), accountWith(), io))).toMatchObject({
      kind,
      providerCode: refuse,
    });
  });

  it.each([500, 502])('does not know what became of a call answered with a bare %i', async (status) => {
    sandbox.faults.add({ vendor: 'aliyun', effect: { status } });
    expect((await failureOf(aliyunVoice.place(callOf(), accountWith(), io))).kind).toBe('unknown-outcome');
  });

  it('does not know what became of a call whose answer is late or lost, though it rings', async () => {
    const before = sandbox.world.calls.length;
    sandbox.faults.add({ vendor: 'aliyun', effect: { delayMs: 600 } });
    const late = await failureOf(aliyunVoice.place(callOf(), accountWith(), createIo({ timeoutMs: 150 })));
    expect(late.kind).toBe('unknown-outcome');
    await expect.poll(() => sandbox.world.calls.length, { timeout: 5000 }).toBe(before + 1);
    sandbox.faults.add({ vendor: 'aliyun', effect: { dropAnswer: true } });
    expect((await failureOf(aliyunVoice.place(callOf(), accountWith(), io))).kind).toBe('unknown-outcome');
    expect(sandbox.world.calls).toHaveLength(before + 2);
  });

  it('sent nothing when nobody listens', async () => {
    const failure = await failureOf(aliyunVoice.place(callOf(), accountWith({ baseUrl: 'http://127.0.0.1:1' }), io));
    expect(failure).toMatchObject({ kind: 'not-sent', providerCode: 'ECONNREFUSED' });
  });

  it('checks credentials without a phone ringing', async () => {
    const before = sandbox.world.calls.length;
    await expect(aliyunVoice.check?.(accountWith(), io)).resolves.toBeUndefined();
    const wrong = aliyunVoice.check?.(accountWith({ accessKeySecret: 'wrong' }), io) ?? Promise.resolve();
    expect((await failureOf(wrong)).kind).toBe('unauthorized');
    expect(sandbox.world.calls).toHaveLength(before);
  });

  it('names neither number nor text nor secret, whatever goes wrong', async () => {
    const effects = [
      { refuse: 'isv.BUSINESS_LIMIT_CONTROL', message: '13900000001' },
      { refuse: 'Teapot', message: `13900000001 ${SECRET}`, status: 400 },
      { status: 500 },
      { dropAnswer: true },
      { delayMs: 600 },
    ] as const;
    for (const effect of effects) {
      sandbox.faults.add({ vendor: 'aliyun', effect });
      const failure = await failureOf(aliyunVoice.place(callOf(), accountWith(), createIo({ timeoutMs: 300 })));
      const told = JSON.stringify([failure.message, failure.stack, failure]);
      for (const secret of ['13900000001', 'db-7', SECRET, 'k3f9x2m1q8z7w6a']) expect(told).not.toContain(secret);
      expect(failure.cause).toBeUndefined();
    }
  });
});
