import { describe, expect, it } from 'vitest';
import { createPlanning } from '../../activities/plan.ts';
import { yamlDirectory } from '../../config/duty/directory.ts';
import { parse, sample } from '../config/sample.ts';
import { english } from '../domain/english.ts';

const SID = `AC${'0'.repeat(32)}`;
const current = parse(
  sample({
    5: `  aliyun-voice: { adapter: aliyun.voice, accessKeyId: k, accessKeySecret: s, callerNumbers: ["02131234567"], templates: { zh: { start: TTS_1 } }, callbackSecret: p8Vd-q4Xt-m2Zr-w7K }
  tencent-voice: { adapter: tencent.voice, secretId: i, secretKey: k, voiceSdkAppid: "1", templates: { zh: { id: "1" } }, callbackSecret: p8Vd-q4Xt-m2Zr-w7K }
  twilio-voice: { adapter: twilio.voice, accountSid: ${SID}, authToken: t, from: "+14155550100" }
  aliyun-sms: { adapter: aliyun.sms, accessKeyId: k, accessKeySecret: s, signName: S, templates: { zh: { code: SMS_1 } } }
  tencent-sms: { adapter: tencent.sms, secretId: i, secretKey: k, smsSdkAppId: "1", signName: S, templates: { zh: { id: "1" } } }
  twilio-sms: { adapter: twilio.sms, accountSid: ${SID}, authToken: t, from: "+14155550100" }
  twilio-china: { adapter: twilio.sms, accountSid: ${SID}, authToken: t, from: "+14155550100", countries: [CN, HK] }
media: { email: [mail], voice: [twilio-voice, tencent-voice, aliyun-voice], sms: [aliyun-sms, twilio-sms, tencent-sms, twilio-china] }`,
    7: `  mobile: { name: Mobile, phone: "+8613800000001" }
  landline: { name: Landline, phone: "+862131234567" }
  american: { name: American, phone: "+14155550123" }
  hongkong: { name: Hong Kong, phone: "+85251234567" }
  islander: { name: Islander, phone: "+447781123456" }
  primary: { name: Primary, email: primary@example.com }`,
  }),
);
const { resolveRound } = createPlanning({
  source: { current },
  directory: yamlDirectory({ current }),
  attributes: () => [],
});

async function routesTo(member: string): Promise<Record<string, string[]>> {
  const { people } = await resolveRound({
    severity: 'Critical',
    to: { members: [member], teams: [], schedules: [] },
    by: { default: ['voice', 'sms'] },
    groups: [],
  });
  return Object.fromEntries(
    (people[0]?.media ?? []).map(({ medium, routes, reason }) => [
      medium,
      reason === undefined ? routes.map(({ account }) => account) : [english(reason) ?? ''],
    ]),
  );
}

describe('the accounts for a phone are tried in the order of the list', () => {
  it('in mainland China those with approved templates', async () => {
    expect(await routesTo('mobile')).toEqual({
      voice: ['tencent-voice', 'aliyun-voice'],
      sms: ['aliyun-sms', 'tencent-sms', 'twilio-china'],
    });
  });

  it('a landline there is called by whoever calls landlines, and takes no texts', async () => {
    expect(await routesTo('landline')).toEqual({
      voice: ['aliyun-voice'],
      sms: ['the phone is a landline and takes no SMS'],
    });
  });

  it('elsewhere those that speak freely, and those that were told to', async () => {
    expect(await routesTo('american')).toEqual({ voice: ['twilio-voice'], sms: ['twilio-sms'] });
    expect(await routesTo('hongkong')).toEqual({ voice: ['twilio-voice'], sms: ['twilio-sms', 'twilio-china'] });
    expect(await routesTo('islander')).toEqual({ voice: ['twilio-voice'], sms: ['twilio-sms'] });
  });

  it('nobody is offered who has no phone', async () => {
    expect((await routesTo('primary'))['voice']).toEqual(['no phone: set members.primary.phone']);
  });
});
