import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { readObject } from './callbacks.ts';
import { Refusal, type Manner } from './faults.ts';
import { Frequency } from './frequency.ts';
import type { Line } from './phones.ts';
import type { Incoming, Stage } from './stage.ts';
import type { SandboxCall } from './world.ts';

export interface TencentOptions {
  /** Default `sandbox`. */
  secretId?: string;
  /** Default `sandbox`. */
  secretKey?: string;
  /** Default `1400000000`. */
  voiceSdkAppid?: string;
  /** Approved templates by id: text with `{1}`, `{2}` … Any other id is refused. */
  templates?: Record<string, string>;
  /** Where voice callbacks go until `setCallbacks` says otherwise. */
  callbackUrl?: string;
}

export type TencentSettings = Required<Omit<TencentOptions, 'callbackUrl'>>;

const MAX_SKEW_S = 5 * 60;
const MINUTE_MS = 60_000;
/** UNCONFIRMED: the vendor names no deadline. */
const ANSWER_DEADLINE_MS = 5000;
const SPOKEN_MAX = 350;

/**
 * Tencent Cloud VMS 2020-09-02: `POST /` JSON, TC3-HMAC-SHA256, SendTtsVoice and its callbacks. Errors are HTTP 200 with
 * `Response.Error`. Callbacks are objects with exactly one key, unsigned, and know a call only by `callid`.
 *
 * Limits  per callee 1 in 30 s, 2 in 10 minutes, 3 a day. The night limit (1 from 22:00 to 08:00) is not imitated.
 * Source  https://cloud.tencent.com/document/api/1128/51558, https://cloud.tencent.com/document/product/1128/51533,
 *         https://cloud.tencent.com/document/product/1128/38004
 */
export class Tencent {
  readonly #stage: Stage;
  readonly #settings: TencentSettings;
  readonly #perCallee = new Frequency([
    { sends: 1, perMs: 30_000 },
    { sends: 2, perMs: 10 * MINUTE_MS },
    { sends: 3, perMs: 24 * 60 * MINUTE_MS },
  ]);

  constructor(stage: Stage, settings: TencentSettings) {
    this.#stage = stage;
    this.#settings = settings;
  }

  async receive(c: Incoming): Promise<Response> {
    const body = await c.req.text();
    const params = readObject(body);
    const action = c.req.header('x-tc-action') ?? '';
    const to = typeof params?.['CalledNumber'] === 'string' ? params['CalledNumber'] : undefined;
    return this.#stage.faults.receive(
      c,
      manner,
      { action, to },
      () => {
        this.#authenticate(c, body);
      },
      () => {
        if (action !== 'SendTtsVoice') throw new Refusal('InvalidAction', 'The requested API does not exist.');
        if (c.req.header('x-tc-version') !== '2020-09-02') throw new Refusal('NoSuchVersion');
        if (c.req.header('x-tc-region') === undefined) throw new Refusal('MissingParameter', 'X-TC-Region is missing.');
        if (params === undefined) throw new Refusal('InvalidParameter', 'The request body is not a JSON object.');
        return this.#call(params);
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
    const expected = signatureOf(this.#settings.secretKey, c, body, timestamp, signed);
    if (date !== signed.date || !timingSafeEqual(expected, Buffer.from(signed.signature, 'hex'))) {
      throw new Refusal('AuthFailure.SignatureFailure', 'The provided credentials could not be validated.');
    }
  }

  #call(params: Record<string, unknown>): Record<string, unknown> {
    const text = this.#speak(params);
    const to = needed(params, 'CalledNumber');
    if (!/^\+[1-9]\d{7,14}$/.test(to)) {
      throw new Refusal('InvalidParameterValue.CalledNumberVerifyFail', 'The called number must be E.164.');
    }
    if (needed(params, 'VoiceSdkAppid') !== this.#settings.voiceSdkAppid) {
      throw new Refusal('UnauthorizedOperation.VoiceSdkAppidVerifyFail', 'The VoiceSdkAppid is not yours.');
    }
    const times = params['PlayTimes'] ?? 2;
    if (typeof times !== 'number' || times < 1 || times > 3)
      throw new Refusal('InvalidParameter', 'PlayTimes is 1 to 3.');
    if (this.#stage.limits && this.#perCallee.exceeds(to) !== undefined) {
      throw new Refusal('LimitExceeded.DeliveryFrequencyLimit', 'The frequency limit of this number was hit.');
    }
    const id = randomUUID();
    this.#stage.phones.ring({ id, vendor: 'tencent', to, text }, this.#line());
    const context = params['SessionContext'];
    return { SendStatus: { CallId: id, SessionContext: typeof context === 'string' ? context : '' } };
  }

  #speak(params: Record<string, unknown>): string {
    const template = this.#settings.templates[needed(params, 'TemplateId')];
    if (template === undefined) {
      throw new Refusal('FailedOperation.TemplateIncorrectOrUnapproved', 'The template is unknown or not approved.');
    }
    const given = params['TemplateParamSet'] ?? [];
    const wanted = new Set(template.match(/\{\d+\}/g)).size;
    if (!Array.isArray(given) || given.length !== wanted || !given.every((value) => typeof value === 'string')) {
      throw new Refusal('FailedOperation.InvalidParameters', 'TemplateParamSet does not fit the template.');
    }
    const text = template.replace(/\{(\d+)\}/g, (_, n: string) => String(given[Number(n) - 1]));
    if (text.length > SPOKEN_MAX) {
      throw new Refusal('InvalidParameterValue.ContentLengthLimit', 'The spoken text is over 350 characters.');
    }
    return text;
  }

  #line(): Line {
    return {
      answered: async () => undefined, // the vendor tells nothing until a key or the end
      pressed: (call, key) => this.#post('voicekey_callback', call, { keypress: key }),
      replyTo: () => undefined,
      // UNCONFIRMED: which of the two comes first, and whether a failure is always followed by a result.
      ended: async (call) => {
        const failure = FAILURES[call.end ?? 'no answer'];
        if (failure !== undefined) await this.#post('voice_failure_callback', call, failure);
        await this.#post('voiceprompt_callback', call, {
          result: call.answeredAt === undefined ? '1' : '0',
          accept_time: unix(call.answeredAt),
          start_calltime: unix(call.startedAt),
          end_calltime: unix(call.endedAt),
          fee: call.answeredAt === undefined ? '0' : '1',
        });
      },
    };
  }

  async #post(what: string, call: SandboxCall, fields: Record<string, unknown>): Promise<void> {
    const { callbacks } = this.#stage;
    const url = callbacks.urls.tencentVoice;
    if (url === undefined) return;
    const { nationcode = '', mobile = '' } =
      /^\+(?<nationcode>86|\d{1,3}?)(?<mobile>\d{7,})$/.exec(call.to)?.groups ?? {};
    const body = JSON.stringify({
      [what]: { callid: call.id, ...fields, mobile, nationcode, call_from: '075512345678' },
    });
    await callbacks.post({
      vendor: 'tencent',
      what,
      about: call.id,
      url,
      headers: {},
      body,
      deadlineMs: ANSWER_DEADLINE_MS,
    });
  }
}

/** https://cloud.tencent.com/document/api/1128/37531 */
const FAILURES: Partial<Record<NonNullable<SandboxCall['end']>, { failure_code: number; failure_reason: string }>> = {
  'no answer': { failure_code: 5, failure_reason: '无人接听' },
  busy: { failure_code: 10, failure_reason: '用户忙' },
};

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

function signatureOf(secret: string, c: Incoming, body: string, timestamp: string, signed: Signed): Buffer {
  // The vendor's own host has no port, and its SDK signs none.
  const value = (name: string): string =>
    name === 'host'
      ? (c.req.header('host') ?? '').replace(/:\d+$/, '')
      : (c.req.header(name) ?? '').trim().toLowerCase();
  const headers = signed.headers.map((name) => `${name}:${value(name)}\n`).join('');
  const canonical = ['POST', '/', '', headers, signed.headers.join(';'), sha256(body)].join('\n');
  const scope = `${signed.date}/${signed.service}/tc3_request`;
  const key = [signed.date, signed.service, 'tc3_request'].reduce<Buffer | string>(
    (previous, part) => hmac(previous, part),
    `TC3${secret}`,
  );
  return hmac(key, ['TC3-HMAC-SHA256', timestamp, scope, sha256(canonical)].join('\n'));
}

function hmac(key: Buffer | string, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function needed(params: Record<string, unknown>, name: string): string {
  const value = params[name];
  if (typeof value !== 'string' || value === '')
    throw new Refusal('MissingParameter', `The parameter ${name} is missing.`);
  return value;
}

function unix(at: number | undefined): string {
  return at === undefined ? '' : String(Math.floor(at / 1000));
}
