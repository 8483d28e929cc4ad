import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { z } from 'zod';
import type { CallAdapter, Happening, HttpRequest } from '../kit/adapter.ts';
import type { CallEvent } from '../../domain/call.ts';
import { CallbackError } from '../kit/adapter.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import { hasSecretPath } from '../kit/secret-path.ts';
import { templateValue } from '../kit/template-value.ts';
import type { TencentVoiceAccount } from './account.ts';
import { failureOf, RESULTS } from './codes.ts';
import { request } from './transport.ts';

const ID = 'tencent.voice';

const reply = z.object({ SendStatus: z.object({ CallId: z.string().min(1) }) });

const text = z.union([z.string(), z.number()]).transform(String);
const call = { callid: text, mobile: text, nationcode: text.default('86') };
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
    const answer = reply.safeParse(await request(ID, 'SendTtsVoice', params, account, io));
    if (!answer.success)
      throw new DeliveryError('unknown-outcome', `${ID}: no readable answer; the call may have gone out`);
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
    try {
      await request(ID, 'SendTtsVoice', params, account, io);
    } catch (error) {
      if (!(error instanceof DeliveryError && (error.kind === 'refused' || error.kind === 'rejected'))) throw error;
    }
  },

  callback: {
    // UNCONFIRMED: neither the deadline nor whether it is pushed again is written down; its SMS pushes come three times.
    deadlineMs: 3000,
    needsSecretPath: true,
    redelivers: true,
    read(push, account) {
      // The push is not signed: the address is all that tells it from a forgery.
      if (!hasSecretPath(push.url, account.callbackSecret)) throw new CallbackError(401, 'the secret path is wrong');
      const body = parseJson(push);
      const items: unknown[] = Array.isArray(body) ? body : [body];
      const happenings = items.flatMap((item) => pushed.safeParse(item).data ?? []);
      if (items.length > 0 && happenings.length === 0) throw new CallbackError(400, 'no item of the push can be read');
      return { happenings };
    },
    answer: () => ({ status: 200, body: '{"result":0,"errmsg":"OK"}', contentType: 'application/json' }),
  },
};

function toHappening(
  { callid, mobile, nationcode }: { callid: string; mobile: string; nationcode: string },
  event: Pick<CallEvent, 'keys' | 'ended'>,
): Happening {
  const number = parsePhoneNumberFromString(`+${nationcode}${mobile}`, { extract: false });
  return { kind: 'call', ...(number?.isValid() && { callee: number.number }), event: { callId: callid, ...event } };
}

function ending(code: string): Pick<CallEvent, 'ended'> {
  const [outcome, reason] = RESULTS[code] ?? ['failed' as const, 'the call did not come about'];
  return { ended: { outcome, reason, code } };
}

function parseJson({ body }: HttpRequest): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw new CallbackError(400, 'the push is not JSON');
  }
}
