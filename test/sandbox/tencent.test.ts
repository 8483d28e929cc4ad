import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Sandbox } from '../../sandbox/index.ts';
import { startReceiver } from './receiver.ts';

const require = createRequire(import.meta.url);
const { sms } =
  require('tencentcloud-sdk-nodejs/tencentcloud/services/sms/index.js') as typeof import('tencentcloud-sdk-nodejs/tencentcloud/services/sms/index.js');
const { vms } =
  require('tencentcloud-sdk-nodejs/tencentcloud/services/vms/index.js') as typeof import('tencentcloud-sdk-nodejs/tencentcloud/services/vms/index.js');

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.start({
    people: [{ name: 'primary', phone: '+8613800000001' }],
    tencent: { secretId: 'id', secretKey: 'key', voiceSdkAppid: '14001', templates: { '77': '{1}: {2}. Press 1.' } },
  });
});
afterEach(() => sandbox.close());

function client(secretKey = 'key', secretId = 'id') {
  const endpoint = new URL(sandbox.endpoints.tencent).host;
  return new vms.v20200902.Client({
    credential: { secretId, secretKey },
    region: 'ap-guangzhou',
    profile: { httpProfile: { endpoint, protocol: 'http://', reqTimeout: 5 } },
  });
}

const CALL = {
  TemplateId: '77',
  CalledNumber: '+8613800000001',
  VoiceSdkAppid: '14001',
  TemplateParamSet: ['严重', 'db-7 is down'],
  SessionContext: 'n1',
};

it("places a call for the vendor's own client and tells each key and the result by callid", async () => {
  const receiver = await startReceiver(() => Response.json({ result: 0, errmsg: 'OK' }));
  sandbox.setCallbacks({ tencentVoice: receiver.url });
  const { SendStatus } = await client().SendTtsVoice(CALL);
  expect(SendStatus?.SessionContext).toBe('n1');
  const phone = await sandbox.responder('primary').expectCall('严重: db-7 is down');
  expect(phone.id).toBe(SendStatus?.CallId);
  await phone.press('1');
  await phone.hangUp();
  expect(receiver.received.map(({ json }) => json)).toMatchObject([
    { voicekey_callback: { callid: phone.id, keypress: '1', mobile: '13800000001', nationcode: '86' } },
    { voiceprompt_callback: { callid: phone.id, result: '0' } },
  ]);
  await sandbox.redeliver(phone.id);
  expect(receiver.received.at(2)?.body).toBe(receiver.received.at(1)?.body);
  receiver.close();
});

it('tells why a call was not answered', async () => {
  const receiver = await startReceiver(() => Response.json({ result: 0, errmsg: 'OK' }));
  sandbox.setCallbacks({ tencentVoice: receiver.url });
  await client().SendTtsVoice(CALL);
  await (await sandbox.responder('primary').expectCall()).decline();
  expect(receiver.received.map(({ json }) => json)).toMatchObject([
    { voice_failure_callback: { failure_code: 10 } },
    { voiceprompt_callback: { result: '1' } },
  ]);
  receiver.close();
});

it.each([
  [{ CalledNumber: '13800000001' }, 'InvalidParameterValue.CalledNumberVerifyFail'],
  [{ TemplateId: '78' }, 'FailedOperation.TemplateIncorrectOrUnapproved'],
  [{ TemplateParamSet: ['one'] }, 'FailedOperation.InvalidParameters'],
  [{ TemplateParamSet: ['x'.repeat(350), 'y'] }, 'InvalidParameterValue.ContentLengthLimit'],
  [{ VoiceSdkAppid: '14002' }, 'UnauthorizedOperation.VoiceSdkAppidVerifyFail'],
])('refuses a call for %j with %s', async (more, code) => {
  await expect(client().SendTtsVoice({ ...CALL, ...more })).rejects.toMatchObject({ code });
  expect(sandbox.world.calls).toEqual([]);
});

it('refuses the second call to a number within 30 seconds', async () => {
  await client().SendTtsVoice(CALL);
  await expect(client().SendTtsVoice(CALL)).rejects.toMatchObject({ code: 'LimitExceeded.DeliveryFrequencyLimit' });
});

it('believes only the right keys', async () => {
  await expect(client('wrong').SendTtsVoice(CALL)).rejects.toMatchObject({ code: 'AuthFailure.SignatureFailure' });
  await expect(client('key', 'other').SendTtsVoice(CALL)).rejects.toMatchObject({
    code: 'AuthFailure.SecretIdNotFound',
  });
});

it('does not believe an old clock', async () => {
  const response = await fetch(sandbox.endpoints.tencent, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-tc-action': 'SendTtsVoice',
      'x-tc-timestamp': String(Math.floor(Date.now() / 1000) - 301),
      authorization: `TC3-HMAC-SHA256 Credential=id/2026-01-01/vms/tc3_request, SignedHeaders=content-type;host, Signature=${'0'.repeat(64)}`,
    },
    body: '{}',
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ Response: { Error: { Code: 'AuthFailure.SignatureExpire' } } });
});

function texter(secretKey = 'key') {
  const endpoint = new URL(sandbox.endpoints.tencent).host;
  return new sms.v20210111.Client({
    credential: { secretId: 'id', secretKey },
    region: 'ap-guangzhou',
    profile: { httpProfile: { endpoint, protocol: 'http://', reqTimeout: 5 } },
  });
}
const TEXT = {
  PhoneNumberSet: ['+8613800000001'],
  SmsSdkAppId: '1400000001',
  TemplateId: '77',
  SignName: '值班',
  TemplateParamSet: ['严重', 'db-7'],
  SessionContext: 'n1',
};
const codesOf = async (more: object) =>
  (await texter().SendSms({ ...TEXT, ...more })).SendStatusSet?.map(({ Code }) => Code);

it('shows a text message with its signature, reports it, takes an answer, and finds it again', async () => {
  const receiver = await startReceiver(() => Response.json({ result: 0, errmsg: 'OK' }));
  sandbox.setCallbacks({ tencentSms: receiver.url });
  const { SendStatusSet } = await texter().SendSms(TEXT);
  expect(SendStatusSet).toMatchObject([{ Code: 'Ok', SessionContext: 'n1', PhoneNumber: '+8613800000001' }]);
  const text = await sandbox.responder('primary').expectText('【值班】严重: db-7. Press 1.');
  await receiver.until(1, ({ json }) => Array.isArray(json));
  await sandbox.replyTo(text.id, '1 4821');
  expect(receiver.received.map(({ json }) => json)).toMatchObject([
    [{ report_status: 'SUCCESS', sid: text.id, ext: 'n1', mobile: '13800000001', nationcode: '86' }],
    { text: '1 4821', mobile: '13800000001', nationcode: '86', sign: '值班' },
  ]);
  const { SendRecordSet } = await texter().DescribeSendRecordList({
    PhoneNumber: '+8613800000001',
    SmsSdkAppId: '1400000001',
    BeginTime: Math.floor(Date.now() / 1000) - 60,
    Limit: 10,
    Offset: 0,
  });
  expect(SendRecordSet).toMatchObject([{ SerialNo: text.id, SendStatus: 2 }]);
  receiver.close();
});

it('says for each number whether it took a text message', async () => {
  expect(await codesOf({ PhoneNumberSet: ['+8613800000001', '13800000002'] })).toEqual([
    'Ok',
    'InvalidParameterValue.IncorrectPhoneNumber',
  ]);
  expect(await codesOf({})).toEqual(['LimitExceeded.PhoneNumberThirtySecondLimit']);
  for (let n = 0; n < 9; n += 1) expect(await codesOf({ TemplateParamSet: ['严重', String(n)] })).toEqual(['Ok']);
  expect(await codesOf({ TemplateParamSet: ['严重', '9'] })).toEqual(['LimitExceeded.PhoneNumberDailyLimit']);
  const someoneElse = { PhoneNumberSet: ['+8613800000003'] };
  expect(await codesOf({ ...someoneElse, TemplateId: '78' })).toEqual([
    'FailedOperation.TemplateIncorrectOrUnapproved',
  ]);
  expect(await codesOf({ ...someoneElse, TemplateParamSet: ['x'] })).toEqual([
    'InvalidParameterValue.TemplateParameterFormatError',
  ]);
  expect(await codesOf({ ...someoneElse, TemplateParamSet: ['x', 'https://example.com'] })).toEqual([
    'InvalidParameterValue.ProhibitedUseUrlInTemplateParameter',
  ]);
  await expect(codesOf({ SmsSdkAppId: '1' })).rejects.toMatchObject({
    code: 'UnauthorizedOperation.SmsSdkAppIdVerifyFail',
  });
  await expect(texter('wrong').SendSms(TEXT)).rejects.toMatchObject({ code: 'AuthFailure.SignatureFailure' });
});
