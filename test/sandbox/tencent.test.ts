import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Sandbox } from '../../sandbox/index.ts';
import { startReceiver } from './receiver.ts';

const require = createRequire(import.meta.url);
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
