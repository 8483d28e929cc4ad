import { randomUUID } from 'node:crypto';
import { Refusal } from './faults.ts';
import { Frequency } from './frequency.ts';
import type { Line } from './phones.ts';
import type { Stage } from './stage.ts';
import { ANSWER_DEADLINE_MS, fill, nationOf, needed, type TencentSettings } from './tencent-template.ts';
import type { SandboxCall } from './world.ts';

const MINUTE_MS = 60_000;
const SPOKEN_MAX = 350;

/**
 * VMS 2020-09-02: SendTtsVoice and its callbacks, objects with exactly one key, which know a call only by `callid`.
 *
 * Limits  per callee 1 in 30 s, 2 in 10 minutes, 3 a day. The night limit (1 from 22:00 to 08:00) is not imitated.
 * Source  https://cloud.tencent.com/document/api/1128/51558, https://cloud.tencent.com/document/product/1128/51533,
 *         https://cloud.tencent.com/document/product/1128/38004
 */
export class TencentVoice {
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

  call(params: Record<string, unknown>): Record<string, unknown> {
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
    const text = fill(template, params['TemplateParamSet'] ?? []);
    if (text === undefined) {
      throw new Refusal('FailedOperation.InvalidParameters', 'TemplateParamSet does not fit the template.');
    }
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
    const body = JSON.stringify({
      [what]: { callid: call.id, ...fields, ...nationOf(call.to), call_from: '075512345678' },
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

function unix(at: number | undefined): string {
  return at === undefined ? '' : String(Math.floor(at / 1000));
}
