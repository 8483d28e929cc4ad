import { describe, expect, it } from 'vitest';
import type { CallbackRead, HttpRequest } from '../../../providers/kit/adapter.ts';
import { CallbackError } from '../../../providers/kit/adapter.ts';
import { tencentVoiceAccount } from '../../../providers/tencent/account.ts';
import { failureOf, meaningOf } from '../../../providers/tencent/codes.ts';
import { createIo } from '../../../providers/kit/http.ts';
import { tencentVoice } from '../../../providers/tencent/voice.ts';

const io = createIo();

const SECRET = 'k7Jq-Wm2Xs9RtLd4Bz';
const account = tencentVoiceAccount.parse({
  secretId: 'AKID-test',
  secretKey: 'shh',
  voiceSdkAppid: '1400006666',
  templates: { zh: { id: '1000' } },
  callbackSecret: SECRET,
});

function push(body: unknown, secret = SECRET): HttpRequest {
  return {
    method: 'POST',
    body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
    headers: new Headers(),
    url: new URL(`https://oncall.example.com/callbacks/tencent-voice/${secret}`),
    receivedAt: 0,
  };
}
const read = (body: unknown) =>
  (tencentVoice.callback?.read(push(body), account, io) as CallbackRead | undefined)?.happenings;
const statusOf = (action: () => unknown): unknown => {
  try {
    action();
  } catch (error) {
    return error instanceof CallbackError ? error.status : error;
  }
  return 'read';
};

// Field names as on https://cloud.tencent.com/document/product/1128/51533 to 51536.
const who = { callid: 'abc-1', mobile: '13900000000', nationcode: '86', call_from: '02131234567' };
const key = { voicekey_callback: { ...who, keypress: '2' } };
const result = (code: string) => ({
  voiceprompt_callback: { ...who, result: code, accept_time: '1470197211', start_calltime: '1470197196', fee: '1' },
});

describe('a push of Tencent', () => {
  it('brings a key with the number and the call', () => {
    expect(read(key)).toEqual([{ kind: 'call', callee: '+8613900000000', event: { callId: 'abc-1', keys: '2' } }]);
  });

  it.each([
    ['0', 'answered'],
    ['1', 'unanswered'],
    ['2', 'failed'],
    ['9', 'failed'],
  ])('with result %s tells that the call was %s', (code, outcome) => {
    expect(read(result(code))).toMatchObject([{ event: { callId: 'abc-1', ended: { outcome, code } } }]);
  });

  it('tells why a call failed', () => {
    expect(read({ voice_failure_callback: { ...who, failure_code: 8, failure_reason: '空号' } })).toMatchObject([
      { event: { ended: { outcome: 'failed', reason: 'the number does not exist', code: '8' } } },
    ]);
  });

  it('may be a list, of which the readable ones count', () => {
    expect(read([key, { novelty: who }, null, result('0'), key])).toHaveLength(3);
  });

  it('with nothing readable is answered 400', () => {
    expect(statusOf(() => read('nonsense'))).toBe(400);
    expect(statusOf(() => read({ voicekey_callback: { keypress: '1' } }))).toBe(400);
    expect(statusOf(() => read([{}]))).toBe(400);
  });

  it('at another address is forged', () => {
    expect(statusOf(() => tencentVoice.callback?.read(push(key, 'x'.repeat(18)), account, io))).toBe(401);
  });

  it('is answered as the vendor wants it', () => {
    expect(tencentVoice.callback?.answer(push(key), account, []).body).toBe('{"result":0,"errmsg":"OK"}');
  });
});

describe('a code of Tencent Cloud', () => {
  it.each([
    ['LimitExceeded.DeliveryFrequencyLimit', 'rate-limited', 60_000],
    ['RequestLimitExceeded', 'rate-limited', 1000],
    ['InternalError', 'unavailable', undefined],
    ['InternalError.AccessUpstreamTimeout', 'unknown-outcome', undefined],
    ['FailedOperation.AccessUpstreamTimeout', 'unknown-outcome', undefined],
    ['InternalError.RequestTimeException', 'unauthorized', undefined],
    ['InvalidParameterValue.CalledNumberVerifyFail', 'rejected', undefined],
    ['FailedOperation.InsufficientBalanceInVoicePackage', 'exhausted', undefined],
    ['UnauthorizedOperation.ServiceSuspendDueToArrears', 'exhausted', undefined],
    ['UnauthorizedOperation.SerivceSuspendDueToArrears', 'exhausted', undefined],
    ['UnauthorizedOperation.VoiceSdkAppidVerifyFail', 'unauthorized', undefined],
    ['AuthFailure.SignatureFailure', 'unauthorized', undefined],
    ['FailedOperation.TemplateIncorrectOrUnapproved', 'refused', undefined],
    ['FailedOperation.SomethingNew', 'refused', undefined],
  ])('%s is %s', (code, kind, retryAfterMs) => {
    const meaning = meaningOf(code);
    expect(meaning.kind).toBe(kind);
    expect(meaning.retryAfterMs).toBe(retryAfterMs);
  });

  it('tells phones that cannot be reached from phones that were not picked up', () => {
    expect(failureOf('10')).toEqual(['unanswered', 'busy']);
    expect(failureOf('8')).toEqual(['failed', 'the number does not exist']);
    expect(failureOf('999')[0]).toBe('failed');
  });
});
