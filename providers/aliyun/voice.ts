import { $OpenApiUtil, OpenApiUtil } from '@alicloud/openapi-core';
import { z } from 'zod';
import type { Call, CallAdapter } from '../kit/adapter.ts';
import type { Io } from '../kit/io.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import { templateValue } from '../kit/template-value.ts';
import type { AliyunVoiceAccount } from './account.ts';
import { isMainland, toVendorNumber } from './numbers.ts';
import { PUSH_ANSWER, PUSH_DEADLINE_MS, readCallItem, readPush } from './push.ts';
import { askInVain, AliyunClient, ask, demandOk, runtimeOptions, unreadable } from './transport.ts';

const ID = 'aliyun.voice';
/** `ProdId` of IVR calls. https://help.aliyun.com/document_detail/393521.html */
const IVR_PRODUCT = 11000000300005;

const reply = z.object({ Code: z.string().optional(), Message: z.string().optional(), CallId: z.string().optional() });

/**
 * aliyun.voice: one call that reads an approved text out and, where the account names texts for keys, waits for a key.
 *
 * Request   Dyvmsapi 2017-05-25 `IvrCall` (keys, mainland only) or `SingleCallByTts`; everything in the query, ACS3.
 * Limits    per called number 1 a minute, 5 an hour, 20 a day, failed ones included; `OutId` 15 bytes; two requests
 *           from one number to another within a second block each other.
 * Reply     `{ Code, Message, CallId }`; only `OK` is success.
 * Keys      pushed as `VoiceCallReport` during the call (without the callee) and `VoiceReport` after it.
 * Source    https://help.aliyun.com/document_detail/393521.html
 */
export const aliyunVoice: CallAdapter<AliyunVoiceAccount> = {
  id: ID,
  form: 'call',
  async place(call, account, io) {
    const template = account.templates[call.person.locale] ?? account.templates.zh;
    const { phone } = call.person;
    if (phone === undefined) throw new DeliveryError('unreachable', `${ID}: the member has no phone number`);
    if (template.keys && !isMainland(phone)) {
      throw new DeliveryError('rejected', `${ID}: calls with keys reach mainland China only; add another account`);
    }
    const common = {
      CalledNumber: toVendorNumber(phone),
      CalledShowNumber: callerFor(phone, account.callerNumbers),
      PlayTimes: account.playTimes,
      OutId: call.token,
    };
    const { CallId } = template.keys
      ? await request('IvrCall', account, io, {
          ...common,
          StartCode: template.start,
          StartTtsParams: variables(call, account),
          MenuKeyMap: Object.entries(template.keys).map(([Key, Code]) => ({ Key, Code })),
          Timeout: account.keyTimeoutMs,
          ...(template.bye !== undefined && { ByeCode: template.bye }),
        })
      : await request('SingleCallByTts', account, io, {
          ...common,
          TtsCode: template.start,
          TtsParam: variables(call, account),
        });
    if (!CallId) throw unreadable(ID);
    return { callId: CallId };
  },

  /** Asks about a call that never was: no phone rings, and only refused credentials are a fault. */
  async check(account, io) {
    const question = { CallId: '1^1', ProdId: IVR_PRODUCT, QueryDate: io.now() };
    await askInVain(request('QueryCallDetailByCallId', account, io, question));
  },

  callback: {
    deadlineMs: PUSH_DEADLINE_MS,
    needsSecretPath: true,
    redelivers: true,
    read: (pushed, account) => readPush(pushed, account.callbackSecret, readCallItem),
    answer: () => PUSH_ANSWER,
  },
};

const clients = new WeakMap<AliyunVoiceAccount, AliyunClient>();

function clientFor(account: AliyunVoiceAccount): AliyunClient {
  const known = clients.get(account) ?? new AliyunClient(account);
  clients.set(account, known);
  return known;
}

/** Voice has no SDK of its own on the registry: the generic call of its base. @throws DeliveryError */
async function request(action: string, account: AliyunVoiceAccount, io: Io, params: Record<string, unknown>) {
  const spec = new $OpenApiUtil.Params({
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
  const { body } = await ask(ID, io, () =>
    clientFor(account).callApi(
      spec,
      new $OpenApiUtil.OpenApiRequest({ query: OpenApiUtil.query(params) }),
      runtimeOptions(io),
    ),
  );
  const answer = reply.safeParse(body);
  if (!answer.success) throw unreadable(ID);
  demandOk(ID, answer.data.Code, answer.data.Message);
  return answer.data;
}

/**
 * The caller number for a phone. It is always the same one, because people let it through do-not-disturb; different
 * people get different ones, which spreads the load.
 */
function callerFor(phone: string, callers: readonly string[]): string {
  return callers[Number(phone.slice(-4)) % callers.length] ?? '';
}

/** Fewer than 250 characters of JSON, the vendor's limit, because nothing in the five values needs escaping. */
function variables(call: Call, account: AliyunVoiceAccount): string {
  const value = (text: string): string => templateValue(text.replace(/["\\]/g, ' '));
  return JSON.stringify(Object.fromEntries(account.params.map((name) => [name, value(call.values[name])])));
}
