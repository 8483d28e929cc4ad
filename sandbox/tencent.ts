import { randomUUID, timingSafeEqual } from 'node:crypto';
import { readObject } from './callbacks.ts';
import { Refusal, type Manner } from './faults.ts';
import type { Incoming, Stage } from './stage.ts';
import { tc3Signature } from './tencent-signature.ts';
import { TencentSms } from './tencent-sms.ts';
import { CALLBACK_SECRET, type TencentOptions, type TencentSettings } from './tencent-template.ts';
import { TencentVoice } from './tencent-voice.ts';

const MAX_SKEW_S = 5 * 60;
/** Version and handler by action. */
type Actions = Record<string, [version: string, act: (params: Record<string, unknown>) => Record<string, unknown>]>;

export function mountTencent(stage: Stage, options: TencentOptions = {}): void {
  const { callbackUrl, ...given } = options;
  const settings: TencentSettings = {
    secretId: 'sandbox',
    secretKey: 'sandbox',
    voiceSdkAppid: '1400000000',
    smsSdkAppId: '1400000001',
    templates: { '100': '{1} {2} {3}' },
    echoesContext: true,
    repushScaleMs: [60_000, 300_000],
    ...given,
  };
  const tencent = new Tencent(stage, settings);
  stage.app.post('/', (c, next) => (c.req.header('x-tc-action') === undefined ? next() : tencent.receive(c)));
  if (callbackUrl !== undefined) stage.callbacks.urls.tencentVoice = callbackUrl;
  const { secretId, secretKey, voiceSdkAppid, smsSdkAppId, templates } = settings;
  const approved = { zh: { id: Object.keys(templates)[0] } };
  const common = { secretId, secretKey, templates: approved, callbackSecret: CALLBACK_SECRET };
  stage.accounts.set('tencent.voice', (baseUrl) => ({ ...common, voiceSdkAppid, baseUrl }));
  stage.accounts.set('tencent.sms', (baseUrl) => ({ ...common, smsSdkAppId, signName: 'On call', baseUrl }));
}

/**
 * Tencent Cloud: `POST /` JSON, signed TC3-HMAC-SHA256; VMS and SMS. Errors are HTTP 200 with `Response.Error`.
 *
 * Source  https://cloud.tencent.com/document/api/1128/51563
 */
export class Tencent {
  readonly #stage: Stage;
  readonly #settings: TencentSettings;
  readonly #actions: Actions;

  constructor(stage: Stage, settings: TencentSettings) {
    this.#stage = stage;
    this.#settings = settings;
    const voice = new TencentVoice(stage, settings);
    const sms = new TencentSms(stage, settings);
    this.#actions = {
      SendTtsVoice: ['2020-09-02', (params) => voice.call(params)],
      SendSms: ['2021-01-11', (params) => sms.send(params)],
      DescribeSendRecordList: ['2021-01-11', (params) => sms.query(params)],
    };
  }

  async receive(c: Incoming): Promise<Response> {
    const body = await c.req.text();
    const params = readObject(body);
    const action = c.req.header('x-tc-action') ?? '';
    const { CalledNumber: called, PhoneNumber: asked, PhoneNumberSet: several } = params ?? {};
    const numbers = [called, asked, several].flat().filter((number) => typeof number === 'string');
    const to = numbers.length === 0 ? undefined : numbers.join(', ');
    return this.#stage.faults.receive(
      c,
      manner,
      { action, to },
      () => {
        this.#authenticate(c, body);
      },
      () => {
        const [version, act] = this.#actions[action] ?? [];
        if (act === undefined) throw new Refusal('InvalidAction', 'The requested API does not exist.');
        if (c.req.header('x-tc-version') !== version) throw new Refusal('NoSuchVersion');
        if (c.req.header('x-tc-region') === undefined) throw new Refusal('MissingParameter', 'X-TC-Region is missing.');
        if (params === undefined) throw new Refusal('InvalidParameter', 'The request body is not a JSON object.');
        return act(params);
      },
    );
  }

  #authenticate(c: Incoming, body: string): void {
    const signed = readAuthorization(c.req.header('authorization') ?? '');
    if (signed === undefined)
      throw new Refusal('AuthFailure.SignatureFailure', 'The signature is missing or malformed.');
    if (signed.id !== this.#settings.secretId) {
      throw new Refusal('AuthFailure.SecretIdNotFound', 'The SecretId is not found.');
    }
    const timestamp = c.req.header('x-tc-timestamp') ?? '';
    const date = /^\d+$/.test(timestamp) ? new Date(Number(timestamp) * 1000).toISOString().slice(0, 10) : '';
    if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= MAX_SKEW_S)) {
      throw new Refusal('AuthFailure.SignatureExpire', 'The signature has expired. Please check your local time.');
    }
    const expected = tc3Signature(this.#settings.secretKey, { sent: c.req.header(), body, timestamp }, signed);
    if (date !== signed.date || !timingSafeEqual(expected, Buffer.from(signed.signature, 'hex'))) {
      throw new Refusal('AuthFailure.SignatureFailure', 'The provided credentials could not be validated.');
    }
  }
}

const manner: Manner = {
  vendor: 'tencent',
  accept: (body) => Response.json({ Response: { ...body, RequestId: randomUUID() } }),
  refuse: ({ code, message, status }) =>
    Response.json(
      { Response: { Error: { Code: code, Message: message }, RequestId: randomUUID() } },
      { status: status ?? 200 },
    ),
  // The vendor names no delay.
  throttle: () => manner.refuse(new Refusal('RequestLimitExceeded', 'The request frequency limit was exceeded.')),
};

interface Signed {
  id: string;
  date: string;
  service: string;
  headers: string[];
  signature: string;
}

function readAuthorization(header: string): Signed | undefined {
  const parts =
    /^TC3-HMAC-SHA256 Credential=([^/]+)\/([\d-]+)\/([^/]+)\/tc3_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      header,
    );
  const [, id = '', date = '', service = '', headers = '', signature = ''] = parts ?? [];
  if (!headers.split(';').includes('host') || !headers.split(';').includes('content-type')) return undefined;
  return { id, date, service, headers: headers.split(';'), signature };
}
