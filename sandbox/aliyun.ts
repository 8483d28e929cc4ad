import { randomUUID, timingSafeEqual } from 'node:crypto';
import { acs3Signature } from './aliyun-signature.ts';
import { AliyunSms } from './aliyun-sms.ts';
import { AliyunVoice } from './aliyun-voice.ts';
import { Refusal, type Manner } from './faults.ts';
import type { Incoming, Stage } from './stage.ts';

export interface AliyunOptions {
  /** Default `sandbox`. */
  accessKeyId?: string;
  /** Default `sandbox`. */
  accessKeySecret?: string;
  /** Approved templates by code (`SMS_…`, `TTS_…`): text with `${variables}`. Any other code is refused. */
  templates?: Record<string, string>;
  /** Where voice and SMS reports go until `setCallbacks` says otherwise. */
  callbackUrl?: string;
  /** Whether a text message is reported delivered 50 ms after it was taken. Default true. */
  smsReports?: boolean;
  /** Waits before a report that was not answered in time is pushed again. Default 1, 5 and 10 minutes. */
  repushScaleMs?: readonly number[];
}

export type AliyunSettings = Required<Omit<AliyunOptions, 'callbackUrl'>>;

/** Ours, not the vendor's: the last part of the address that an operator enters in the console. */
const CALLBACK_SECRET = 'sandbox-w3Kx9Zr7Qm2Vt4';
const TEXT = '${severity} ${title} ${number}';
const MAX_SKEW_MS = 15 * 60_000;
const NONCE_KEPT_MS = 31 * 60_000;
const VERSION = '2017-05-25';
const EMPTY = '';

export function mountAliyun(stage: Stage, options: AliyunOptions = {}): void {
  const { callbackUrl, ...given } = options;
  const settings: AliyunSettings = {
    accessKeyId: 'sandbox',
    accessKeySecret: 'sandbox',
    templates: { TTS_1: TEXT, TTS_2: 'Acknowledged.', SMS_1: TEXT },
    smsReports: true,
    repushScaleMs: [60_000, 300_000, 600_000],
    ...given,
  };
  const aliyun = new Aliyun(stage, settings);
  stage.app.post('/', (c) => aliyun.receive(c));
  if (callbackUrl !== undefined)
    Object.assign(stage.callbacks.urls, { aliyunVoice: callbackUrl, aliyunSms: callbackUrl });
  const { accessKeyId, accessKeySecret, templates } = settings;
  const codes = Object.keys(templates);
  const texts = codes.filter((code) => code.startsWith('TTS_'));
  const common = { accessKeyId, accessKeySecret, callbackSecret: CALLBACK_SECRET };
  stage.accounts.set('aliyun.voice', (baseUrl) => ({
    ...common,
    callerNumbers: ['02131234567'],
    templates: { zh: { start: texts[0], keys: { '1': texts.at(-1) } } },
    baseUrl,
  }));
  stage.accounts.set('aliyun.sms', (baseUrl) => ({
    ...common,
    signName: 'On call',
    templates: { zh: { code: codes.find((code) => code.startsWith('SMS_')) } },
    baseUrl,
  }));
}

/**
 * Alibaba Cloud, RPC style: `POST /?params`, signed ACS3-HMAC-SHA256. Dysmsapi and Dyvmsapi of 2017-05-25.
 * A business error (`isv.`, `isp.`) travels with HTTP 200, a gateway error with 4xx or 5xx.
 *
 * Source  https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature
 */
export class Aliyun {
  readonly #stage: Stage;
  readonly #settings: AliyunSettings;
  readonly #nonces = new Map<string, number>();
  readonly #actions: Record<string, (params: URLSearchParams) => Record<string, unknown>>;

  constructor(stage: Stage, settings: AliyunSettings) {
    this.#stage = stage;
    this.#settings = settings;
    const sms = new AliyunSms(stage, settings);
    const voice = new AliyunVoice(stage, settings);
    this.#actions = {
      SendSms: (params) => sms.send(params),
      QuerySendDetails: (params) => sms.query(params),
      IvrCall: (params) => voice.ivr(params),
      SingleCallByTts: (params) => voice.tts(params),
      QueryCallDetailByCallId: (params) => voice.query(params),
    };
  }

  async receive(c: Incoming): Promise<Response> {
    const body = await c.req.text();
    const query = new URL(c.req.url).searchParams;
    const params = new URLSearchParams([...query, ...new URLSearchParams(isForm(c) ? body : EMPTY)]);
    const action = c.req.header('x-acs-action') ?? EMPTY;
    const to = params.get('PhoneNumbers') ?? params.get('CalledNumber') ?? params.get('PhoneNumber') ?? undefined;
    return this.#stage.faults.receive(
      c,
      manner,
      { action, to },
      () => {
        this.#authenticate(c, query, body);
      },
      () => {
        const act = this.#actions[action];
        if (act === undefined) {
          throw new Refusal(
            'InvalidAction.NotFound',
            'Specified api is not found, please check your url and method.',
            404,
          );
        }
        if (c.req.header('x-acs-version') !== VERSION) {
          throw new Refusal('InvalidVersion', 'Specified parameter Version is not valid.');
        }
        return act(params);
      },
    );
  }

  #authenticate(c: Incoming, query: URLSearchParams, body: string): void {
    const signed = readAuthorization(c.req.header('authorization') ?? EMPTY);
    if (signed?.id !== this.#settings.accessKeyId) {
      if (signed === undefined) throw new Refusal('IncompleteSignature', 'The request signature is incomplete.');
      throw new Refusal('InvalidAccessKeyId.NotFound', 'Specified access key is not found.', 404);
    }
    const at = Date.parse(c.req.header('x-acs-date') ?? EMPTY);
    if (Number.isNaN(at)) throw new Refusal('InvalidTimeStamp.Format', 'Specified time stamp is not well formatted.');
    if (Math.abs(Date.now() - at) > MAX_SKEW_MS) {
      throw new Refusal('InvalidTimeStamp.Expired', 'Specified time stamp or date value is expired.');
    }
    const expected = acs3Signature(
      this.#settings.accessKeySecret,
      { sent: c.req.header(), query, body },
      signed.headers,
    );
    if (expected === undefined || !timingSafeEqual(expected, Buffer.from(signed.signature, 'hex'))) {
      throw new Refusal('SignatureDoesNotMatch', 'Specified signature is not matched with our calculation.');
    }
    this.#spend(c.req.header('x-acs-signature-nonce') ?? EMPTY);
  }

  #spend(nonce: string): void {
    const now = Date.now();
    for (const [old, at] of this.#nonces) {
      if (at > now - NONCE_KEPT_MS) break;
      this.#nonces.delete(old);
    }
    if (this.#nonces.has(nonce)) throw new Refusal('SignatureNonceUsed', 'Specified signature nonce was used already.');
    this.#nonces.set(nonce, now);
  }
}

function readAuthorization(header: string): { id: string; headers: string[]; signature: string } | undefined {
  const parts = /^ACS3-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(header);
  const [, id, headers, signature] = parts ?? [];
  if (id === undefined || headers === undefined || signature === undefined) return undefined;
  return { id, headers: headers.split(';'), signature };
}

function isForm(c: Incoming): boolean {
  return c.req.header('content-type')?.startsWith('application/x-www-form-urlencoded') === true;
}

const STATUS: Record<string, number> = { InternalError: 500, ServiceUnavailable: 503 };

const manner: Manner = {
  vendor: 'aliyun',
  accept: (body) => Response.json({ Code: 'OK', Message: 'OK', RequestId: requestId(), ...body }),
  refuse({ code, message, status }) {
    const answer = { Code: code, Message: message, RequestId: requestId() };
    if (/^is[vp]\./.test(code)) return Response.json(answer, { status: status ?? 200 });
    const gateway = {
      ...answer,
      HostId: 'sandbox.aliyuncs.com',
      Recommend: `https://api.aliyun.com/troubleshoot?q=${code}`,
    };
    return Response.json(gateway, { status: status ?? STATUS[code] ?? 400 });
  },
  throttle(ms) {
    const answer = manner.refuse(new Refusal('Throttling.User', 'Request was denied due to user flow control.'));
    answer.headers.set('x-acs-retry-after', String(ms));
    return answer;
  },
};

function requestId(): string {
  return randomUUID().toUpperCase();
}
