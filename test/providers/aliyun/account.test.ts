import { describe, expect, it } from 'vitest';
import { aliyunSmsAccount, aliyunVoiceAccount } from '../../../providers/aliyun/account.ts';

const voice = {
  accessKeyId: 'k',
  accessKeySecret: 's',
  callerNumbers: ['02131234567'],
  templates: { zh: { start: 'TTS_1', keys: { '1': 'TTS_2' } } },
  callbackSecret: 'k7Jq-Wm2Xs9RtLd4Bz',
};
const refuses = (changes: object): string[] =>
  aliyunVoiceAccount.safeParse({ ...voice, ...changes }).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('an account of aliyun.voice', () => {
  it('needs little, and fills in the rest', () => {
    expect(aliyunVoiceAccount.parse(voice)).toMatchObject({
      params: ['severity', 'title', 'number'],
      playTimes: 2,
      keyTimeoutMs: 5000,
      baseUrl: 'https://dyvmsapi.aliyuncs.com',
    });
  });

  it('is refused where it could not work', () => {
    expect(refuses({ callbackSecret: 'short' })).toEqual(['callbackSecret']);
    expect(refuses({ callbackSecret: 'with/slash/in/the/secret' })).toEqual(['callbackSecret']);
    expect(refuses({ callerNumbers: [] })).toEqual(['callerNumbers']);
    expect(refuses({ playTimes: 4 })).toEqual(['playTimes']);
    expect(refuses({ params: ['url'] })).toEqual(['params.0']);
    expect(refuses({ templates: { zh: { start: 'TTS_1', keys: {} } } })).toEqual(['templates.zh.keys']);
    expect(refuses({ templates: { zh: { start: 'TTS_1', keys: { '12': 'TTS_2' } } } })[0]).toMatch(
      /^templates.zh.keys/,
    );
    expect(refuses({ templates: { en: voice.templates.zh } })).toEqual(['templates.zh']);
    expect(refuses({ baseUrl: 'http://127.0.0.1:1/path' })).toEqual(['baseUrl']);
    expect(refuses({ baseUrl: 'ftp://example.com' })[0]).toBe('baseUrl');
  });
});

it('an account of aliyun.sms may do without receipts', () => {
  const { callbackSecret } = aliyunSmsAccount.parse({
    accessKeyId: 'k',
    accessKeySecret: 's',
    signName: 'OnCall',
    templates: { zh: { code: 'SMS_1' } },
  });
  expect(callbackSecret).toBeUndefined();
});
