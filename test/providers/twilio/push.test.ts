import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallbackError, type CallbackRead, type HttpRequest } from '../../../providers/kit/adapter.ts';
import { createIo } from '../../../providers/kit/http.ts';
import { twilioSmsAccount, twilioVoiceAccount } from '../../../providers/twilio/account.ts';
import { readForm } from '../../../providers/twilio/push.ts';
import { twilioSms } from '../../../providers/twilio/sms.ts';
import { twilioVoice } from '../../../providers/twilio/voice.ts';
import { sign } from '../../../sandbox/twilio.ts';

const AUTH_TOKEN = 'an-auth-token';
const SID = `AC${'0'.repeat(32)}`;
const io = createIo();
const credentials = { accountSid: SID, authToken: AUTH_TOKEN };
const voice = twilioVoiceAccount.parse({ ...credentials, from: '+14155550100' });
const sms = twilioSmsAccount.parse({ ...credentials, from: '+14155550100' });
const TOKEN = 'k3f9x2m1q8z7w6a';

interface Pushed {
  url: string;
  fields: Record<string, string>;
  token?: string;
  signature?: string;
  method?: string;
}

function push({ url, fields, token = AUTH_TOKEN, signature, method = 'POST' }: Pushed): HttpRequest {
  const form = new URLSearchParams({ AccountSid: SID, ...fields });
  return {
    method,
    body: new TextEncoder().encode(form.toString()),
    headers: new Headers({ 'x-twilio-signature': signature ?? sign(token, url, form) }),
    url: new URL(url),
    receivedAt: 0,
  };
}
const statusOf = (read: () => unknown): unknown => {
  try {
    read();
  } catch (error) {
    return error instanceof CallbackError ? error.status : error;
  }
  return 'read';
};
const readCall = (pushed: Pushed) =>
  (twilioVoice.callback?.read(push(pushed), voice, io) as CallbackRead | undefined)?.happenings;
const readText = (pushed: Pushed) =>
  (twilioSms.callback?.read(push(pushed), sms, io) as CallbackRead | undefined)?.happenings;

const at = (topic: string) => `https://oncall.example.com/callbacks/tw?on=${topic}&call=${TOKEN}&in=en`;
const CALL = { CallSid: 'CA1', To: '+4915112345678' };

describe('the signature', () => {
  // https://www.twilio.com/docs/usage/security#explore-the-algorithm-yourself
  it('is that of the vendor’s example', () => {
    const url = 'https://mycompany.com/myapp.php?foo=1&bar=2';
    const fields = {
      CallSid: 'CA1234567890ABCDE',
      Caller: '+14158675309',
      Digits: '1234',
      From: '+14158675309',
      To: '+18005551212',
    };
    expect(sign('12345', url, new URLSearchParams(fields))).toBe('RSOYDt4T1cUTdK1PDd93/VVr8B8=');
    const read = () => {
      readForm(
        {
          method: 'POST',
          body: new TextEncoder().encode(new URLSearchParams(fields).toString()),
          headers: new Headers({ 'x-twilio-signature': 'RSOYDt4T1cUTdK1PDd93/VVr8B8=' }),
          url: new URL(url),
          receivedAt: 0,
        },
        { accountSid: '', authToken: '12345' },
      );
    };
    // Only the account, which the example does not name, is missing.
    expect(read).toThrow('another account');
  });

  it.each<[string, Pushed]>([
    ['another token', { url: at('keys'), fields: { ...CALL, Digits: '1' }, token: 'other' }],
    ['no signature', { url: at('keys'), fields: { ...CALL, Digits: '1' }, signature: '' }],
    ['another account', { url: at('keys'), fields: { ...CALL, Digits: '1', AccountSid: `AC${'1'.repeat(32)}` } }],
  ])('with %s tells nothing', (_, pushed) => {
    expect(statusOf(() => readCall(pushed))).toBe(401);
    expect(statusOf(() => readText(pushed))).toBe(401);
  });

  it('covers the address and its query, and a GET is no push', () => {
    const fields = { ...CALL, Digits: '1' };
    const good = push({ url: at('keys'), fields });
    const read = (changes: Partial<HttpRequest>) => () =>
      twilioVoice.callback?.read({ ...good, ...changes }, voice, io);
    expect(statusOf(read({}))).toBe('read');
    for (const url of [at('keys').replace(TOKEN, 'a'.repeat(15)), at('keys').replace('https', 'http'), at('status')]) {
      expect(statusOf(read({ url: new URL(url) }))).toBe(401);
    }
    expect(statusOf(read({ method: 'GET' }))).toBe(400);
  });

  it('fails with any byte changed, and nothing crashes', () => {
    const original = push({ url: at('keys'), fields: { ...CALL, Digits: '1', From: '+14155550100' } });
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), (where, by, isCut) => {
        const body = Uint8Array.from(original.body);
        const index = where % body.length;
        const before = new URLSearchParams(new TextDecoder().decode(body)).toString();
        body[index] = ((body[index] ?? 0) + by) % 256;
        const mutated = isCut ? body.slice(0, index) : body;
        // Another spelling of the same form is the same form.
        if (new URLSearchParams(new TextDecoder().decode(mutated)).toString() === before) return;
        expect(statusOf(() => twilioVoice.callback?.read({ ...original, body: mutated }, voice, io))).toBe(401);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what a call tells', () => {
  it.each([
    ['initiated', {}],
    ['queued', {}],
    ['ringing', {}],
    ['in-progress', {}],
    ['completed', { ended: { outcome: 'answered', reason: 'the call ended', code: 'completed' } }],
    ['busy', { ended: { outcome: 'unanswered', reason: 'busy', code: 'busy' } }],
    ['no-answer', { ended: { outcome: 'unanswered', reason: 'no answer', code: 'no-answer' } }],
    ['canceled', { ended: { outcome: 'unanswered', reason: 'ended before it was answered', code: 'canceled' } }],
    ['failed', { ended: { outcome: 'failed', reason: 'the call did not come about', code: '404' } }],
  ])('%s', (CallStatus, event) => {
    expect(readCall({ url: at('status'), fields: { ...CALL, CallStatus, SipResponseCode: '404' } })).toEqual([
      { kind: 'call', callee: CALL.To, event: { token: TOKEN, callId: 'CA1', ...event } },
    ]);
  });

  it.each(['machine_start', 'machine_end_beep', 'machine_end_silence', 'machine_end_other', 'fax'])(
    'that %s is nobody: it ends as voicemail, and its keys count for nothing',
    (AnsweredBy) => {
      const ended = { outcome: 'answered', reason: 'voicemail answered, which is nobody' };
      for (const [topic, code] of [
        ['machine', AnsweredBy],
        ['status', 'completed'],
      ] as const) {
        const read = readCall({ url: at(topic), fields: { ...CALL, AnsweredBy, CallStatus: 'completed' } });
        expect(read).toMatchObject([{ event: { ended: { ...ended, code } } }]);
      }
      expect(readCall({ url: at('keys'), fields: { ...CALL, AnsweredBy, Digits: '1' } })).toEqual([]);
    },
  );

  it.each(['human', 'unknown'])('nothing more when %s took it', (AnsweredBy) => {
    expect(readCall({ url: at('machine'), fields: { ...CALL, AnsweredBy } })).toEqual([]);
    expect(readCall({ url: at('keys'), fields: { ...CALL, AnsweredBy, Digits: '1' } })).toHaveLength(1);
  });

  it('only what our own addresses ask about', () => {
    const url = 'https://oncall.example.com/callbacks/tw';
    for (const address of [url, `${url}?on=keys`, `${url}?on=other&call=${TOKEN}`]) {
      expect(readCall({ url: address, fields: { ...CALL, Digits: '1', CallStatus: 'completed' } })).toEqual([]);
    }
  });
});

describe('what a text tells', () => {
  const url = 'https://oncall.example.com/callbacks/tw?ref=incident-42%2Fn1%2F0123456789abcdef';
  it.each([
    ['delivered', '', { outcome: 'delivered' }],
    ['read', '', { outcome: 'delivered' }],
    ['undelivered', '30005', { outcome: 'failed', reason: 'the number does not exist; correct it', code: '30005' }],
    ['failed', '30007', { outcome: 'failed', code: '30007' }],
    ['undelivered', '', { outcome: 'failed' }],
  ])('%s %s', (MessageStatus, ErrorCode, receipt) => {
    const fields = { MessageSid: 'SM1', MessageStatus, ...(ErrorCode && { ErrorCode }) };
    expect(readText({ url, fields })).toMatchObject([
      { kind: 'receipt', ref: 'incident-42/n1/0123456789abcdef', receipt },
    ]);
  });

  it.each(['accepted', 'queued', 'sending', 'sent'])('nothing while it is %s', (MessageStatus) => {
    expect(readText({ url, fields: { MessageSid: 'SM1', MessageStatus } })).toEqual([]);
  });

  it('what somebody answers, unless it is STOP, which Twilio sees to', () => {
    const fields = { MessageSid: 'SM2', From: '+4915112345678', To: '+14155550100', Body: '1 4821' };
    const [address] = url.split('?');
    expect(readText({ url: address ?? '', fields })).toEqual([
      { kind: 'reply', from: '+4915112345678', text: '1 4821', eventId: 'SM2' },
    ]);
    expect(readText({ url: address ?? '', fields: { ...fields, Body: 'STOP', OptOutType: 'STOP' } })).toEqual([]);
  });
});
