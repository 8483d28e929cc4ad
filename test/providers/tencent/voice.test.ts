import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Call } from '../../../providers/kit/adapter.ts';
import { createIo } from '../../../providers/kit/http.ts';
import { tencentVoiceAccount } from '../../../providers/tencent/account.ts';
import { tencentVoice } from '../../../providers/tencent/voice.ts';
import { Sandbox } from '../../../sandbox/index.ts';
import { supervisor } from '../delivery.ts';
import { failureOf } from '../failure.ts';
import { startReceiver } from '../receiver.ts';

const SECRET = 'a-secret-key';
const io = createIo({ timeoutMs: 5000 });

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await Sandbox.start({
    people: [],
    limits: false,
    tencent: {
      secretKey: SECRET,
      templates: { '1000': '{1}告警：{2}', '2000': '{2} is {1}, {3} of them. Press 1 to acknowledge.' },
    },
  });
});
afterAll(() => sandbox.close());
beforeEach(() => {
  sandbox.faults.clear();
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function accountWith(settings: Record<string, unknown> = {}) {
  return tencentVoiceAccount.parse({
    secretId: 'sandbox',
    secretKey: SECRET,
    voiceSdkAppid: '1400000000',
    templates: {
      zh: { id: '1000', params: ['severity', 'title'] },
      en: { id: '2000', params: ['severity', 'title', 'count'] },
    },
    callbackSecret: 'k7Jq-Wm2Xs9RtLd4Bz',
    baseUrl: sandbox.endpoints.tencent,
    ...settings,
  });
}

function callOf(changes: Partial<Call> = {}): Call {
  return {
    token: 'k3f9x2m1q8z7w6a',
    person: supervisor,
    values: { severity: 'Critical', title: 'db-7', number: '7QK2MD', count: '3', channel: 'db' },
    speech: { announcement: '', keys: '', goodbye: '' },
    ...changes,
  };
}

describe('tencent.voice', () => {
  it('rings the phone and reads the incident out in the reader’s language', async () => {
    const { callId } = await tencentVoice.place(callOf(), accountWith(), io);
    expect(sandbox.world.calls.at(-1)).toMatchObject({
      id: callId,
      to: supervisor.phone,
      text: 'db-7 is Critical, 3 of them. Press 1 to acknowledge.',
      state: 'ringing',
    });
    await tencentVoice.place(callOf({ person: { ...supervisor, locale: 'zh' } }), accountWith(), io);
    expect(sandbox.world.calls.at(-1)?.text).toBe('Critical告警：db-7');
  });

  it('rings although the machine has a proxy that must not see it', async () => {
    vi.stubEnv('http_proxy', 'http://127.0.0.1:1');
    await expect(tencentVoice.place(callOf(), accountWith(), io)).resolves.toHaveProperty('callId');
  });

  it('hears of the key and of the end, with the number and the call', async () => {
    const account = accountWith();
    const receiver = await startReceiver(tencentVoice.callback, account);
    sandbox.setCallbacks({ tencentVoice: `${receiver.url}/callbacks/tencent-voice/${account.callbackSecret}` });
    const { callId } = await tencentVoice.place(callOf(), account, io);
    await sandbox.phones.press(callId, '1');
    await sandbox.phones.hangUp(callId);
    expect(receiver.happenings).toEqual([
      { kind: 'call', callee: supervisor.phone, event: { callId, keys: '1' } },
      {
        kind: 'call',
        callee: supervisor.phone,
        event: { callId, ended: { outcome: 'answered', reason: 'the call ended', code: '0' } },
      },
    ]);

    receiver.happenings.length = 0;
    const declined = await tencentVoice.place(callOf(), account, io);
    await sandbox.phones.decline(declined.callId);
    expect(receiver.happenings[0]).toMatchObject({ event: { ended: { outcome: 'unanswered', reason: 'busy' } } });
    await receiver.close();
  });

  it('calls nobody without a number', async () => {
    const { phone: _, ...unlisted } = supervisor;
    expect((await failureOf(tencentVoice.place(callOf({ person: unlisted }), accountWith(), io))).kind).toBe(
      'unreachable',
    );
  });

  it.each([
    ['LimitExceeded.DeliveryFrequencyLimit', 'rate-limited'],
    ['InvalidParameterValue.CalledNumberVerifyFail', 'rejected'],
    ['FailedOperation.TemplateIncorrectOrUnapproved', 'refused'],
    ['FailedOperation.InsufficientBalanceInVoicePackage', 'exhausted'],
    ['AuthFailure.SecretIdNotFound', 'unauthorized'],
    ['InternalError', 'unavailable'],
    ['InternalError.AccessUpstreamTimeout', 'unknown-outcome'],
  ])('%s is %s', async (refuse, kind) => {
    sandbox.faults.add({ vendor: 'tencent', effect: { refuse } });
    expect(await failureOf(tencentVoice.place(callOf(), accountWith(), io))).toMatchObject({
      kind,
      providerCode: refuse,
    });
  });

  it('says what to do about a full window, and when to come back', async () => {
    sandbox.faults.add({ vendor: 'tencent', effect: { refuse: 'LimitExceeded.DeliveryFrequencyLimit' } });
    expect(await failureOf(tencentVoice.place(callOf(), accountWith(), io))).toMatchObject({
      retryAfterMs: 60_000,
      message:
        'tencent.voice: the per-number limit of the vendor is reached (LimitExceeded.DeliveryFrequencyLimit); raise it in the console or add another account',
    });
  });

  it.each([
    [{ rateLimitMs: 1000 }, 'rate-limited'],
    [{ status: 429 }, 'rate-limited'],
    [{ status: 400 }, 'refused'],
    [{ status: 500 }, 'unknown-outcome'],
    [{ status: 502 }, 'unknown-outcome'],
  ] as const)('an answer of %o is %s', async (effect, kind) => {
    sandbox.faults.add({ vendor: 'tencent', effect });
    expect((await failureOf(tencentVoice.place(callOf(), accountWith(), io))).kind).toBe(kind);
  });

  it('does not know what became of a call whose answer is late or lost, though it rings', async () => {
    const before = sandbox.world.calls.length;
    sandbox.faults.add({ vendor: 'tencent', effect: { delayMs: 600 } });
    const late = await failureOf(tencentVoice.place(callOf(), accountWith(), createIo({ timeoutMs: 150 })));
    expect(late.kind).toBe('unknown-outcome');
    await expect.poll(() => sandbox.world.calls.length, { timeout: 5000 }).toBe(before + 1);
    sandbox.faults.add({ vendor: 'tencent', effect: { dropAnswer: true } });
    expect((await failureOf(tencentVoice.place(callOf(), accountWith(), io))).kind).toBe('unknown-outcome');
    expect(sandbox.world.calls).toHaveLength(before + 2);
  });

  it.each(['http://127.0.0.1:1', 'http://localhost:1'])('sent nothing when nobody listens at %s', async (baseUrl) => {
    expect((await failureOf(tencentVoice.place(callOf(), accountWith({ baseUrl }), io))).kind).toBe('not-sent');
  });

  it('checks credentials without a phone ringing', async () => {
    const before = sandbox.world.calls.length;
    await expect(tencentVoice.check?.(accountWith(), io)).resolves.toBeUndefined();
    const wrong = tencentVoice.check?.(accountWith({ secretKey: 'wrong' }), io) ?? Promise.resolve();
    expect((await failureOf(wrong)).kind).toBe('unauthorized');
    expect(sandbox.world.calls).toHaveLength(before);
  });

  it('names neither number nor text nor secret, whatever goes wrong', async () => {
    const effects = [
      { refuse: 'FailedOperation.Teapot', message: `13900000001 ${SECRET}` },
      { status: 500 },
      { dropAnswer: true },
      { delayMs: 600 },
    ] as const;
    for (const effect of effects) {
      sandbox.faults.add({ vendor: 'tencent', effect });
      const failure = await failureOf(tencentVoice.place(callOf(), accountWith(), createIo({ timeoutMs: 300 })));
      const told = JSON.stringify([failure.message, failure.stack, failure]);
      for (const secret of ['13900000001', 'db-7', SECRET, 'k3f9x2m1q8z7w6a']) expect(told).not.toContain(secret);
      expect(failure.cause).toBeUndefined();
    }
  });
});
