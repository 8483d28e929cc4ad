import { randomInt } from 'node:crypto';
import type { AliyunSettings } from './aliyun.ts';
import { takenByReceiver } from './aliyun-sms.ts';
import { chinaTime, need, render, whole } from './aliyun-template.ts';
import { Refusal } from './faults.ts';
import { Frequency } from './frequency.ts';
import type { Line } from './phones.ts';
import type { Stage } from './stage.ts';
import type { SandboxCall } from './world.ts';

const MINUTE_MS = 60_000;
/** Between taking a call and telling that it rings. */
const RINGS_AFTER_MS = 20;
const ANSWER_DEADLINE_MS = 700;
const TTS_PARAMS_MAX = 250;

const LIMITS = [
  { sends: 1, perMs: MINUTE_MS, name: '触发分钟级流控Permits:1' },
  { sends: 5, perMs: 60 * MINUTE_MS, name: '触发小时级流控Permits:5' },
  { sends: 20, perMs: 24 * 60 * MINUTE_MS, name: '触发天级流控Permits:20' },
];

const ENDS = {
  'played to the end': ['200000', '用户接听'],
  'hung up': ['200001', '用户提前挂断'],
  busy: ['200002', '用户占线'],
  'no answer': ['200003', '用户无应答'],
  'no key': ['200008', '等待按键超时'],
  blocked: ['200119', '频次超限'],
} as const;

interface Placed {
  call: SandboxCall;
  caller: string;
  callee: string;
  outId: string;
  /** The spoken answer by key; nothing for a call without a menu. */
  menu: Map<string, string> | undefined;
}

/**
 * Dyvmsapi 2017-05-25: IvrCall, SingleCallByTts, QueryCallDetailByCallId, and the pushes VoiceCallReport (progress and
 * keys, during the call) and VoiceReport (result, after it).
 *
 * Limits  per callee 1 a minute, 5 an hour, 20 a day; two requests of one caller to one callee within a second kill both.
 * Source  https://help.aliyun.com/document_detail/393521.html, https://help.aliyun.com/zh/vms/voicereport-6,
 *         https://help.aliyun.com/zh/vms/voicecallreport-6,
 *         https://help.aliyun.com/en/vms/support/voice-notification-or-voice-verification-code-faq
 */
export class AliyunVoice {
  readonly #stage: Stage;
  readonly #settings: AliyunSettings;
  readonly #perCallee = new Frequency(LIMITS);
  readonly #placed = new Map<string, Placed>();
  readonly #latest = new Map<string, SandboxCall>();

  constructor(stage: Stage, settings: AliyunSettings) {
    this.#stage = stage;
    this.#settings = settings;
  }

  ivr(params: URLSearchParams): Record<string, unknown> {
    const caller = need(params, 'CalledShowNumber');
    const callee = nationalNumber(need(params, 'CalledNumber'));
    const text = this.#speak(need(params, 'StartCode'), params.get('StartTtsParams'));
    const bye = params.has('ByeCode') ? this.#speak(need(params, 'ByeCode'), params.get('ByeTtsParams')) : '';
    const menu = new Map<string, string>();
    for (let n = 1; params.has(`MenuKeyMap.${String(n)}.Key`); n += 1) {
      const at = `MenuKeyMap.${String(n)}`;
      const key = need(params, `${at}.Key`);
      if (!/^[0-9*#]$/.test(key)) throw new Refusal('isv.INVALID_PARAMETERS', `${at}.Key不合法`);
      const reply = this.#speak(need(params, `${at}.Code`), params.get(`${at}.TtsParams`));
      menu.set(key, [reply, bye].filter(Boolean).join(' '));
    }
    if (menu.size === 0) need(params, 'MenuKeyMap');
    whole(params, 'Timeout', 0, 60_000);
    return this.#place(params, { caller, callee, menu }, text);
  }

  tts(params: URLSearchParams): Record<string, unknown> {
    const callee = nationalNumber(need(params, 'CalledNumber'));
    const text = this.#speak(need(params, 'TtsCode'), params.get('TtsParam'));
    return this.#place(params, { caller: params.get('CalledShowNumber') ?? '', callee, menu: undefined }, text);
  }

  query(params: URLSearchParams): Record<string, unknown> {
    const placed = this.#placed.get(need(params, 'CallId'));
    need(params, 'ProdId');
    need(params, 'QueryDate');
    if (placed === undefined) throw new Refusal('isv.INVALID_PARAMETERS', 'CallId不存在');
    const { call, caller, callee } = placed;
    const [state, stateDesc] = call.state === 'ended' ? resultOf(placed) : ['', ''];
    const times = {
      gmtCreate: chinaTime(call.startedAt),
      startDate: time(call.answeredAt),
      endDate: time(call.endedAt),
    };
    return { Data: JSON.stringify({ caller, callee, state, stateDesc, duration: seconds(call), ...times }) };
  }

  #speak(code: string, json: string | null): string {
    const template = code.startsWith('TTS_') ? this.#settings.templates[code] : undefined;
    if (template === undefined) throw new Refusal('isv.TTS_TEMPLATE_ILLEGAL', '文本转语音模板不合法');
    if ((json ?? '').length >= TTS_PARAMS_MAX) throw new Refusal('isv.PARAM_LENGTH_LIMIT', '模板变量总长度超过限制');
    return render(template, json);
  }

  #place(params: URLSearchParams, line: Omit<Placed, 'call' | 'outId'>, text: string): Record<string, unknown> {
    const outId = params.get('OutId') ?? '';
    if (Buffer.byteLength(outId) > 15) throw new Refusal('isv.PARAM_LENGTH_LIMIT', 'OutId长度为1~15个字节');
    whole(params, 'PlayTimes', 1, 3);
    if (this.#stage.limits) this.#admit(line.caller, line.callee);
    const id = `${String(randomInt(1e11, 2e11))}^${String(randomInt(1e11, 2e11))}`;
    const call = this.#stage.phones.ring({ id, vendor: 'aliyun', to: e164(line.callee), text }, this.#line(id));
    const placed: Placed = { ...line, call, outId };
    this.#placed.set(id, placed);
    this.#latest.set(`${line.caller}>${line.callee}`, call);
    this.#stage.callbacks.after(RINGS_AFTER_MS, () =>
      this.#push('VoiceCallReport', placed, [progress(placed, '200101'), progress(placed, '200201')]),
    );
    return { CallId: id };
  }

  #admit(caller: string, callee: string): void {
    const before = this.#latest.get(`${caller}>${callee}`);
    if (before?.state === 'ringing' && Date.now() - before.startedAt < 1000) void this.#stage.phones.block(before.id);
    const full = this.#perCallee.exceeds(callee);
    if (full === undefined) return;
    const name = LIMITS.find((limit) => limit.perMs === full.perMs)?.name;
    throw new Refusal('isv.BUSINESS_LIMIT_CONTROL', name);
  }

  #line(id: string): Line {
    const report = async (what: 'VoiceCallReport' | 'VoiceReport', item: (placed: Placed) => object): Promise<void> => {
      const placed = this.#placed.get(id);
      if (placed !== undefined) await this.#push(what, placed, [item(placed)]);
    };
    return {
      answered: () => report('VoiceCallReport', (placed) => progress(placed, '200102')),
      pressed: (_call, key) => report('VoiceCallReport', (placed) => ({ ...progress(placed, '300000'), dtmf: key })),
      replyTo: (key) => this.#placed.get(id)?.menu?.get(key),
      ended: async () => {
        await Promise.all([
          report('VoiceCallReport', (placed) => progress(placed, '200100')),
          report('VoiceReport', result),
        ]);
      },
    };
  }

  async #push(what: string, { call }: Placed, items: object[]): Promise<void> {
    const { callbacks } = this.#stage;
    const url = callbacks.urls.aliyunVoice;
    if (url === undefined) return;
    const body = JSON.stringify(items);
    await callbacks.push(
      { vendor: 'aliyun', what, about: call.id, url, headers: {}, body, deadlineMs: ANSWER_DEADLINE_MS },
      takenByReceiver,
      this.#settings.repushScaleMs,
    );
  }
}

function progress({ call, outId }: Placed, code: string): Record<string, string> {
  return { call_id: call.id, out_id: outId, status_code: code, status_time: chinaTime(Date.now()) };
}

/** Every value a string, absent rather than null. */
function result(placed: Placed): Record<string, string> {
  const { call, caller, callee, outId } = placed;
  const [status_code, status_msg] = resultOf(placed);
  return {
    call_id: call.id,
    out_id: outId,
    caller,
    callee,
    originate_time: chinaTime(call.startedAt),
    ring_time: chinaTime(call.startedAt),
    ...(call.answeredAt !== undefined && { start_time: chinaTime(call.answeredAt) }),
    end_time: time(call.endedAt),
    duration: String(seconds(call)),
    status_code,
    status_msg,
    ...(call.keys !== '' && { dtmf: call.keys }),
    voice_type: 'voice',
  };
}

function resultOf({ call, menu }: Placed): readonly [code: string, message: string] {
  if (call.end === 'played to the end' && menu !== undefined && call.keys === '') return ENDS['no key'];
  return ENDS[call.end ?? 'no answer'];
}

function seconds(call: SandboxCall): number {
  return call.answeredAt === undefined ? 0 : Math.ceil(((call.endedAt ?? Date.now()) - call.answeredAt) / 1000);
}

function time(at: number | undefined): string {
  return at === undefined ? '' : chinaTime(at);
}

/** Mainland only: 11 digits, or a landline with its leading 0; no `+86` here. */
function nationalNumber(given: string): string {
  if (!/^(?:1[3-9]\d{9}|0\d{9,11})$/.test(given)) throw new Refusal('isv.MOBILE_NUMBER_ILLEGAL', '号码格式错误');
  return given;
}

function e164(national: string): string {
  return `+86${national.replace(/^0/, '')}`;
}
