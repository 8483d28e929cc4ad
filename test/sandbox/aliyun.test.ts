import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Sandbox } from '../../sandbox/index.ts';
import { startReceiver } from './receiver.ts';

// The vendor's own clients are CommonJS.
const require = createRequire(import.meta.url);
const {
  default: Client,
  $OpenApiUtil,
  OpenApiUtil,
} = require('@alicloud/openapi-core') as typeof import('@alicloud/openapi-core');
const sms = require('@alicloud/dysmsapi20170525') as typeof import('@alicloud/dysmsapi20170525');
const { RuntimeOptions, ExtendsParameters } =
  require('@darabonba/typescript') as typeof import('@darabonba/typescript');

const templates = {
  SMS_1: '${severity}: ${title}',
  TTS_START: '${title}. Press 1 to acknowledge.',
  TTS_ACK: 'Thank you.',
  TTS_BYE: 'Goodbye.',
};
const people = [{ name: 'primary', phone: '+8613800000001' }];

let sandbox: Sandbox;
const start = async (more: { limits?: boolean; repushScaleMs?: number[]; ringMs?: number } = {}) => {
  const { repushScaleMs = [50, 100, 200], ...rest } = more;
  const aliyun = { accessKeyId: 'ak', accessKeySecret: 'as', templates, repushScaleMs };
  sandbox = await Sandbox.start({ people, aliyun, ...rest });
};
beforeEach(() => start());
afterEach(() => sandbox.close());

function config(keys: { accessKeyId?: string; accessKeySecret?: string } = {}) {
  return new $OpenApiUtil.Config({
    accessKeyId: 'ak',
    accessKeySecret: 'as',
    endpoint: new URL(sandbox.endpoints.aliyun).host,
    protocol: 'HTTP',
    ...keys,
  });
}

interface Answer {
  statusCode: number;
  body: { Code: string; CallId: string; Data: string };
}

async function request(
  action: string,
  query: Record<string, unknown>,
  { headers = {}, ...keys }: { headers?: Record<string, string>; accessKeyId?: string; accessKeySecret?: string } = {},
): Promise<Answer['body']> {
  const params = new $OpenApiUtil.Params({
    action,
    version: '2017-05-25',
    protocol: 'HTTPS',
    pathname: '/',
    method: 'POST',
    authType: 'AK',
    style: 'RPC',
    reqBodyType: 'formData',
    bodyType: 'json',
  });
  const runtime = new RuntimeOptions({ extendsParameters: new ExtendsParameters({ headers }) });
  const flat = new $OpenApiUtil.OpenApiRequest({ query: OpenApiUtil.query(query) });
  return ((await new Client(config(keys)).callApi(params, flat, runtime)) as unknown as Answer).body;
}

const CALL = {
  CalledShowNumber: '02131234567',
  CalledNumber: '13800000001',
  StartCode: 'TTS_START',
  StartTtsParams: JSON.stringify({ title: 'db-7 已宕机 *~!' }),
  MenuKeyMap: [{ Key: '1', Code: 'TTS_ACK' }],
  ByeCode: 'TTS_BYE',
  OutId: 'k3f9x2m1q8z7w6a',
};
const call = (more: Record<string, unknown> = {}) => request('IvrCall', { ...CALL, ...more });

const expectCall = () => sandbox.responder('primary').expectCall();
const isResult = ({ json }: { json: unknown }) => 'end_time' in (items(json)[0] ?? {});
const items = (json: unknown) => json as Record<string, string>[];

describe('a call through Alibaba', () => {
  it("is placed by the vendor's own client, key menu, Chinese and all", async () => {
    const { Code, CallId } = await call();
    expect(Code).toBe('OK');
    expect(sandbox.world.calls).toMatchObject([
      { id: CallId, to: '+8613800000001', text: 'db-7 已宕机 *~!. Press 1 to acknowledge.', state: 'ringing' },
    ]);
    expect(sandbox.world.arrivals).toMatchObject([{ action: 'IvrCall', to: '13800000001', answer: 'ok' }]);
  });

  it('tells a pressed key during the call and the result after it', async () => {
    const receiver = await startReceiver(() => Response.json({ code: 0, msg: 'ok' }));
    sandbox.setCallbacks({ aliyunVoice: receiver.url });
    await call();
    const phone = await sandbox.responder('primary').expectCall('db-7');
    await phone.press('1');
    expect(phone.reply).toBe('Thank you. Goodbye.');
    const [key] = await receiver.until(1, ({ json }) => items(json)[0]?.['status_code'] === '300000');
    expect(items(key?.json)).toMatchObject([{ call_id: phone.id, out_id: CALL.OutId, dtmf: '1' }]);
    await phone.over();
    const [end] = await receiver.until(1, isResult);
    const result = { call_id: phone.id, out_id: CALL.OutId, callee: '13800000001', status_code: '200000', dtmf: '1' };
    expect(items(end?.json)).toMatchObject([result]);
    const query = { CallId: phone.id, ProdId: 11000000300005, QueryDate: Date.now() };
    const { Data } = await request('QueryCallDetailByCallId', query);
    expect(JSON.parse(Data)).toMatchObject({ callee: '13800000001', state: '200000' });
    receiver.close();
  });

  it('is reported unanswered, declined or hung up', async () => {
    await sandbox.close();
    await start({ ringMs: 2000, limits: false });
    const receiver = await startReceiver(() => Response.json({ code: 0 }));
    sandbox.setCallbacks({ aliyunVoice: receiver.url });
    for (let n = 0; n < 3; n += 1) await call();
    const [unanswered, declined, picked] = [await expectCall(), await expectCall(), await expectCall()];
    await declined.decline();
    await picked.answer();
    await picked.hangUp();
    await unanswered.over();
    const results = (await receiver.until(3, isResult)).map(({ json }) => items(json)[0]);
    const codeOf = ({ id }: { id: string }) => results.find((one) => one?.['call_id'] === id)?.['status_code'];
    expect([unanswered, declined, picked].map(codeOf)).toEqual(['200003', '200002', '200001']);
    receiver.close();
  });

  it('pushes a report again until it is answered as it must be', async () => {
    const seen = new Set<string>();
    const receiver = await startReceiver(({ body }) => {
      if (seen.has(body)) return Response.json({ code: 0 });
      seen.add(body);
      return Response.json({ msg: 'no code' });
    });
    sandbox.setCallbacks({ aliyunVoice: receiver.url });
    await call();
    const phone = await expectCall();
    await phone.press('2');
    const [first, again] = await receiver.until(2, ({ json }) => items(json)[0]?.['dtmf'] === '2');
    expect(again?.body).toBe(first?.body);
    receiver.close();
  });

  it.each([
    [{ CalledNumber: '+8613800000001' }, 'isv.MOBILE_NUMBER_ILLEGAL'],
    [{ CalledNumber: '85291234567' }, 'isv.MOBILE_NUMBER_ILLEGAL'],
    [{ OutId: 'k3f9x2m1q8z7w6ab' }, 'isv.PARAM_LENGTH_LIMIT'],
    [{ StartCode: 'TTS_OTHER' }, 'isv.TTS_TEMPLATE_ILLEGAL'],
    [{ StartTtsParams: '{}' }, 'isv.TEMPLATE_MISSING_PARAMETERS'],
    [{ StartTtsParams: '{' }, 'isv.INVALID_JSON_PARAM'],
    [{ StartTtsParams: JSON.stringify({ title: '宕'.repeat(36) }) }, 'isv.PARAM_LENGTH_LIMIT'],
    [{ StartTtsParams: JSON.stringify({ title: 'see http://x' }) }, 'isv.PARAM_NOT_SUPPORT_URL'],
    [{ PlayTimes: 4 }, 'isv.INVALID_PARAMETERS'],
  ])('is refused for %j with %s in an answer of HTTP 200', async (more, code) => {
    expect(await call(more)).toMatchObject({ Code: code });
    expect(sandbox.world.calls).toEqual([]);
  });

  it('needs a purchased number and a key menu', async () => {
    const { CalledShowNumber: _, ...anonymous } = CALL;
    await expect(request('IvrCall', anonymous)).rejects.toMatchObject({ code: 'MissingCalledShowNumber' });
    await expect(call({ MenuKeyMap: [] })).rejects.toMatchObject({ code: 'MissingMenuKeyMap' });
  });

  it('is refused the second time within a minute, and within a second kills the first too', async () => {
    await call();
    expect(await call()).toMatchObject({ Code: 'isv.BUSINESS_LIMIT_CONTROL', Message: '触发分钟级流控Permits:1' });
    expect(sandbox.world.calls).toMatchObject([{ end: 'blocked' }]);
  });
});

describe('an Alibaba request', () => {
  it('needs the right keys', async () => {
    await expect(request('IvrCall', CALL, { accessKeySecret: 'wrong' })).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
      statusCode: 400,
    });
    await expect(request('IvrCall', CALL, { accessKeyId: 'other' })).rejects.toMatchObject({
      code: 'InvalidAccessKeyId.NotFound',
      statusCode: 404,
    });
  });

  it('counts once per nonce, and only while it is fresh', async () => {
    const headers = { 'x-acs-signature-nonce': 'once' };
    await request('IvrCall', CALL, { headers });
    await expect(request('IvrCall', CALL, { headers })).rejects.toMatchObject({ code: 'SignatureNonceUsed' });
    const old = { 'x-acs-date': new Date(Date.now() - 16 * 60_000).toISOString().replace(/\.\d+/, '') };
    await expect(request('IvrCall', CALL, { headers: old })).rejects.toMatchObject({
      code: 'InvalidTimeStamp.Expired',
    });
  });

  it('is refused, throttled or left without an answer when a fault says so', async () => {
    sandbox.faults.add({ vendor: 'aliyun', action: 'IvrCall', effect: { refuse: 'isv.BUSINESS_LIMIT_CONTROL' } });
    expect(await call()).toMatchObject({ Code: 'isv.BUSINESS_LIMIT_CONTROL' });
    sandbox.faults.add({ vendor: 'aliyun', effect: { rateLimitMs: 1500 } });
    await expect(call()).rejects.toMatchObject({ code: 'Throttling.User', retryAfter: 1500 });
    sandbox.faults.add({ vendor: 'aliyun', effect: { dropAnswer: true } });
    await expect(call()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(sandbox.world.calls).toMatchObject([{ state: 'ringing' }]);
    expect(sandbox.world.arrivals.map(({ answer }) => answer)).toEqual([
      'isv.BUSINESS_LIMIT_CONTROL',
      'throttled',
      'dropped',
    ]);
  });
});

describe('a text message through Alibaba', () => {
  const text = {
    phoneNumbers: '+8613800000001',
    signName: '值班',
    templateCode: 'SMS_1',
    templateParam: JSON.stringify({ severity: 'Critical', title: 'db-7 is down' }),
    outId: 'token-1',
  };

  it('is shown with its signature, reported delivered, and found again by day', async () => {
    const receiver = await startReceiver(() => Response.json({ code: 0 }));
    sandbox.setCallbacks({ aliyunSms: receiver.url });
    const client = new sms.default(config());
    const { body } = await client.sendSms(new sms.SendSmsRequest(text));
    expect(body?.code).toBe('OK');
    const shown = await sandbox.responder('primary').expectText('db-7 is down');
    expect(shown.text).toBe('【值班】Critical: db-7 is down');
    const [report] = await receiver.until(1);
    expect(report?.json).toMatchObject([
      { phone_number: '13800000001', success: true, err_code: 'DELIVERED', biz_id: body?.bizId, out_id: 'token-1' },
    ]);
    const sendDate = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '');
    const query = new sms.QuerySendDetailsRequest({
      phoneNumber: '13800000001',
      sendDate,
      pageSize: 10,
      currentPage: 1,
    });
    const found = await client.querySendDetails(query);
    expect(found.body?.smsSendDetailDTOs?.smsSendDetailDTO).toMatchObject([{ outId: 'token-1', sendStatus: 3 }]);
    receiver.close();
  });

  it('is refused abroad and without an approved template', async () => {
    const client = new sms.default(config());
    const abroad = await client.sendSms(new sms.SendSmsRequest({ ...text, phoneNumbers: '85291234567' }));
    expect(abroad.body?.code).toBe('isv.MOBILE_NUMBER_ILLEGAL');
    const other = await client.sendSms(new sms.SendSmsRequest({ ...text, templateCode: 'TTS_START' }));
    expect(other.body?.code).toBe('isv.SMS_TEMPLATE_ILLEGAL');
  });
});
