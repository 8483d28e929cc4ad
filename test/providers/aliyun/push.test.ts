import { describe, expect, it } from 'vitest';
import type { CallbackRead, HttpRequest } from '../../../providers/kit/adapter.ts';
import { CallbackError } from '../../../providers/kit/adapter.ts';
import { aliyunSmsAccount, aliyunVoiceAccount } from '../../../providers/aliyun/account.ts';
import { aliyunSms } from '../../../providers/aliyun/sms.ts';
import { aliyunVoice } from '../../../providers/aliyun/voice.ts';
import { createIo } from '../../../providers/kit/http.ts';

const io = createIo();

const SECRET = 'k7Jq-Wm2Xs9RtLd4Bz';
const voice = aliyunVoiceAccount.parse({
  accessKeyId: 'LTAI-test',
  accessKeySecret: 'shh',
  callerNumbers: ['02131234567'],
  templates: { zh: { start: 'TTS_1', keys: { 1: 'TTS_2' } } },
  callbackSecret: SECRET,
});
const sms = aliyunSmsAccount.parse({
  accessKeyId: 'LTAI-test',
  accessKeySecret: 'shh',
  signName: 'OnCall',
  templates: { zh: { code: 'SMS_1' } },
  callbackSecret: SECRET,
});

function push(body: unknown, secret = SECRET): HttpRequest {
  return {
    method: 'POST',
    body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
    headers: new Headers({ 'content-type': 'application/json' }),
    url: new URL(`https://oncall.example.com/callbacks/aliyun-voice/${secret}`),
    receivedAt: 0,
  };
}
const readVoice = (body: unknown) =>
  (aliyunVoice.callback?.read(push(body), voice, io) as CallbackRead | undefined)?.happenings;
const readSms = (body: unknown) =>
  (aliyunSms.callback?.read(push(body), sms, io) as CallbackRead | undefined)?.happenings;
const statusOf = (read: () => unknown): unknown => {
  try {
    read();
  } catch (error) {
    return error instanceof CallbackError ? error.status : error;
  }
  return 'read';
};

// Field names and shape as on https://help.aliyun.com/zh/vms/voicereport-6 and …/voicecallreport-4.
const pressed = {
  status_code: '300000',
  smart_status_code: 'ANSWERED',
  dtmf: '1',
  status_time: '2023-03-06 16:21:12',
  out_id: 'k3f9x2m1q8z7w6a',
  call_id: '1226^1094',
};
const over = {
  status_code: '200001',
  callee: '13900000000',
  caller: '02131234567',
  duration: '12',
  voice_type: 'voice',
  originate_time: '2021-04-28 10:02:34',
  end_time: '2021-04-28 10:03:40',
  call_id: '1226^1094',
  out_id: 'k3f9x2m1q8z7w6a',
  status_msg: '执行完成',
  dtmf: '1',
};

describe('a push about calls', () => {
  it('brings a key while the person still listens', () => {
    expect(readVoice([pressed])).toEqual([
      { kind: 'call', event: { token: 'k3f9x2m1q8z7w6a', callId: '1226^1094', keys: '1' } },
    ]);
  });

  it.each(['200000', '300000', '200102'])('brings a key whatever its code is (%s)', (status_code) => {
    expect(readVoice([{ ...pressed, status_code }])).toMatchObject([{ event: { keys: '1' } }]);
  });

  it('brings how the call ended, with all keys and the number', () => {
    expect(readVoice([over])).toEqual([
      {
        kind: 'call',
        callee: '+8613900000000',
        event: {
          token: 'k3f9x2m1q8z7w6a',
          callId: '1226^1094',
          keys: '1',
          ended: { outcome: 'answered', reason: 'hung up early', code: '200001' },
        },
      },
    ]);
  });

  it('brings a busy phone without keys', () => {
    const { dtmf: _, ...silent } = over;
    expect(readVoice([{ ...silent, status_code: '200002', duration: '0' }])).toMatchObject([
      { event: { ended: { outcome: 'unanswered', reason: 'busy', code: '200002' } } },
    ]);
    expect(readVoice([{ ...silent, dtmf: '', status_code: 200003 }])?.[0]).not.toHaveProperty('event.keys');
  });

  it.each(['200101', '200201', '200102', '200100'])('brings nothing for mere progress (%s)', (status_code) => {
    const { dtmf: _, ...progress } = pressed;
    expect(readVoice([{ ...progress, status_code }])).toEqual([]);
  });

  it('brings every call of one push, twice when told twice', () => {
    const other = { ...pressed, call_id: '1227^1095', out_id: 'aaaaaaaaaaaaaaa', dtmf: '12' };
    expect(
      readVoice([pressed, over, other, pressed])?.map((happening) =>
        'event' in happening ? happening.event.callId : '',
      ),
    ).toEqual(['1226^1094', '1226^1094', '1227^1095', '1226^1094']);
  });

  it('is read as one object too', () => {
    expect(readVoice(pressed)).toHaveLength(1);
  });

  it('keeps the items that can be read', () => {
    expect(readVoice([null, 7, {}, pressed, { call_id: '' }])).toHaveLength(1);
    expect(readVoice([{ ...over, callee: '139****0000' }])?.[0]).not.toHaveProperty('callee');
  });

  it('with nothing readable is answered 400, and an empty one is none', () => {
    expect(statusOf(() => readVoice('hello'))).toBe(400);
    expect(statusOf(() => readVoice([{ some: 'thing' }, 3]))).toBe(400);
    expect(statusOf(() => readVoice('null'))).toBe(400);
    expect(readVoice([])).toEqual([]);
  });

  it('at another address is forged', () => {
    const forged = push([pressed], 'k7Jq-0123456789abd');
    expect(statusOf(() => aliyunVoice.callback?.read(forged, voice, io))).toBe(401);
  });

  it('is answered with a numeric code, all the vendor looks for', () => {
    const answer = aliyunVoice.callback?.answer(push([pressed]), voice, []);
    expect(answer).toEqual({ status: 200, body: '{"code":0,"msg":"ok"}', contentType: 'application/json' });
  });
});

describe('a push about messages', () => {
  // https://help.aliyun.com/document_detail/101508.html
  const arrived = {
    phone_number: '13900000000',
    send_time: '2017-08-30 00:00:00',
    report_time: '2017-08-30 00:00:02',
    success: true,
    err_code: 'DELIVERED',
    err_msg: '用户接收成功',
    sms_size: '1',
    biz_id: '932702304080415357^0',
    out_id: 'incident.x/n1/0123456789abcdef',
  };

  it('says that one arrived and why another did not', () => {
    expect(readSms([arrived, { ...arrived, success: 'false', err_code: 'MOBILE_IN_BLACK', out_id: 'other' }])).toEqual([
      {
        kind: 'receipt',
        ref: 'incident.x/n1/0123456789abcdef',
        receipt: { outcome: 'delivered', code: 'DELIVERED' },
      },
      {
        kind: 'receipt',
        ref: 'other',
        receipt: {
          outcome: 'failed',
          code: 'MOBILE_IN_BLACK',
          reason: 'the carrier or the person blocked such messages',
        },
      },
    ]);
  });

  it('leaves out those that are not ours, and is refused when none is', () => {
    const { out_id: _, ...foreign } = arrived;
    expect(readSms([foreign, arrived])).toHaveLength(1);
    expect(statusOf(() => readSms([foreign]))).toBe(400);
  });

  it('is not taken at all by an account without a secret', () => {
    const { callbackSecret: _, ...open } = sms;
    expect(statusOf(() => aliyunSms.callback?.read(push([arrived]), open, io))).toBe(401);
  });

  it('brings what the receiver answered, the same event however often it is pushed', () => {
    // Fields as on https://help.aliyun.com/document_detail/101508.html
    const answered = {
      phone_number: '13900000001',
      send_time: '2026-11-20 10:00:00',
      content: '1 4821',
      sign_name: 'OnCall',
      dest_code: '1234',
      sequence_id: 1234567890,
    };
    const reply = { kind: 'reply', from: '+8613900000001', text: '1 4821', eventId: '1234567890' };
    expect(readSms([answered, arrived])).toMatchObject([reply, { kind: 'receipt' }]);
    const { sequence_id: _, ...bare } = answered;
    const [first] = readSms([bare]) ?? [];
    expect(readSms([bare])).toEqual([first]);
    expect(readSms([{ ...bare, content: '2 4821' }])).not.toEqual([first]);
    expect(readSms([{ ...answered, phone_number: 'nobody' }, answered])).toEqual([reply]);
  });
});
