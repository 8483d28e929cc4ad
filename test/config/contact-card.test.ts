import { describe, expect, it } from 'vitest';
import { callerNumbers, contactCard } from '../../config/contact-card.ts';
import { parse, sample } from './sample.ts';

const SID = `AC${'0'.repeat(32)}`;
const configuration = parse(
  sample({
    5: `  aliyun-voice: { adapter: aliyun.voice, accessKeyId: k, accessKeySecret: s, callerNumbers: ["02131234567", "057123675454"], templates: { zh: { start: TTS_1 } }, callbackSecret: p8Vd-q4Xt-m2Zr-w7K }
  tencent-voice: { adapter: tencent.voice, secretId: i, secretKey: k, voiceSdkAppid: "1", templates: { zh: { id: "1" } }, callbackSecret: p8Vd-q4Xt-m2Zr-w7K }
  twilio-voice: { adapter: twilio.voice, accountSid: ${SID}, authToken: t, from: "+14155550100" }
  twilio-sms: { adapter: twilio.sms, accountSid: ${SID}, authToken: t, from: "+14155550101" }
  named-sms: { adapter: twilio.sms, accountSid: ${SID}, authToken: t, from: "ONCALL" }
  unused: { adapter: twilio.voice, accountSid: ${SID}, authToken: t, from: "+14155550199" }
media: { email: [mail], voice: [aliyun-voice, twilio-voice, tencent-voice], sms: [twilio-sms, named-sms] }`,
  }),
);

describe('the contact card', () => {
  it('holds every number that calls or writes, with its country, and no sender that is none', () => {
    expect(callerNumbers(configuration)).toEqual(['+862131234567', '+8657123675454', '+14155550100', '+14155550101']);
  });

  it('is one contact that phones can read', () => {
    expect(contactCard(configuration, 'Ops, on call')?.split('\r\n')).toEqual([
      'BEGIN:VCARD',
      'VERSION:3.0',
      'FN:Ops\\, on call',
      'N:Ops\\, on call;;;;',
      'TEL;TYPE=WORK,VOICE:+862131234567',
      'TEL;TYPE=WORK,VOICE:+8657123675454',
      'TEL;TYPE=WORK,VOICE:+14155550100',
      'TEL;TYPE=WORK,VOICE:+14155550101',
      'END:VCARD',
      '',
    ]);
  });

  it('does not exist where no number is known', () => {
    expect(contactCard(parse(sample()))).toBeUndefined();
  });

  it('cannot be broken by its name', () => {
    expect(contactCard(configuration, 'x\r\nTEL:+1')).toContain('FN:x TEL:+1\r\n');
  });
});
