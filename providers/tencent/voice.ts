import { vms } from 'tencentcloud-sdk-nodejs/tencentcloud/services/vms/index.js';
import { z } from 'zod';
import type { CallAdapter, Happening } from '../kit/adapter.ts';
import type { CallEvent } from '../../domain/phone/call.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import { templateValue } from '../kit/template-value.ts';
import type { TencentVoiceAccount } from './account.ts';
import { failureOf, RESULTS } from './codes.ts';
import { numberOf, phone, pushContract, text } from './push.ts';
import { askInVain, request, sdkConfig, unreadable } from './transport.ts';

const ID = 'tencent.voice';

const reply = z.object({ SendStatus: z.object({ CallId: z.string().min(1) }) });

const call = { callid: text, ...phone };
const result = z.object({ ...call, result: text });

/** A push is one object with one key that tells what the rest is. https://cloud.tencent.com/document/product/1128/51533 */
const pushed = z.union([
  z
    .object({ voicekey_callback: z.object({ ...call, keypress: text }) })
    .transform(({ voicekey_callback: push }) => toHappening(push, { keys: push.keypress })),
  z
    .object({ voiceprompt_callback: result })
    .transform(({ voiceprompt_callback: push }) => toHappening(push, ending(push.result))),
  z
    .object({ voicecode_callback: result })
    .transform(({ voicecode_callback: push }) => toHappening(push, ending(push.result))),
  z
    .object({ voice_failure_callback: z.object({ ...call, failure_code: text }) })
    .transform(({ voice_failure_callback: push }) => {
      const [outcome, reason] = failureOf(push.failure_code);
      return toHappening(push, { ended: { outcome, reason, code: push.failure_code } });
    }),
]);

/**
 * tencent.voice: one call that reads an approved text out, which asks for a key.
 *
 * Request   vms 2020-09-02 `SendTtsVoice`, JSON, TC3; variables by position.
 * Limits    per called number 1 in 30 s, 2 in 10 minutes, 3 a day, 1 between 22:00 and 08:00; text 350 characters.
 * Reply     `{ SendStatus: { CallId } }`; errors come with HTTP 200.
 * Keys      pushed as `voicekey_callback` with the call's id and number; `SessionContext` never comes back.
 * Source    https://cloud.tencent.com/document/api/1128/51558
 */
export const tencentVoice: CallAdapter<TencentVoiceAccount> = {
  id: ID,
  form: 'call',
  async place({ person, token, values }, account, io) {
    const template = account.templates[person.locale] ?? account.templates.zh;
    if (person.phone === undefined) throw new DeliveryError('unreachable', `${ID}: the member has no phone number`);
    const params = {
      TemplateId: template.id,
      CalledNumber: person.phone,
      VoiceSdkAppid: account.voiceSdkAppid,
      TemplateParamSet: template.params.map((name) => templateValue(values[name])),
      PlayTimes: account.playTimes,
      SessionContext: token,
    };
    const answer = reply.safeParse(await request(ID, clientFor(account), 'SendTtsVoice', params, io));
    if (!answer.success) throw unreadable(ID);
    return { callId: answer.data.SendStatus.CallId };
  },

  /** Asks for a call to what is no number: no phone rings, and only refused credentials are a fault. */
  async check(account, io) {
    const params = {
      TemplateId: account.templates.zh.id,
      CalledNumber: '+0',
      VoiceSdkAppid: account.voiceSdkAppid,
      TemplateParamSet: [],
    };
    await askInVain(request(ID, clientFor(account), 'SendTtsVoice', params, io));
  },

  callback: pushContract(pushed),
};

type Client = InstanceType<typeof vms.v20200902.Client>;
const clients = new WeakMap<TencentVoiceAccount, Client>();

function clientFor(account: TencentVoiceAccount): Client {
  const known = clients.get(account) ?? new vms.v20200902.Client(sdkConfig(account));
  clients.set(account, known);
  return known;
}

function toHappening(
  push: { callid: string; mobile: string; nationcode: string },
  event: Pick<CallEvent, 'keys' | 'ended'>,
): Happening[] {
  const callee = numberOf(push);
  return [{ kind: 'call', ...(callee !== undefined && { callee }), event: { callId: push.callid, ...event } }];
}

function ending(code: string): Pick<CallEvent, 'ended'> {
  const [outcome, reason] = RESULTS[code] ?? ['failed' as const, 'the call did not come about'];
  return { ended: { outcome, reason, code } };
}
