import { z } from 'zod';
import type { DeliveryError } from '../kit/delivery-error.ts';
import type { HttpReply } from '../kit/io.ts';
import { byCode, NOT_KNOWN, refusal, unreadable } from '../kit/refusal.ts';

const envelope = z.object({ errcode: z.int(), errmsg: z.string().optional() });

const STRANGE = { kind: 'refused', means: 'not the answer of WeCom', remedy: 'check baseUrl' } as const;

/** The token was not accepted: get another one, then the same request again. */
const TOKEN_REFUSED = [40014, 42001, 41001];

export function isTokenRefused(error: DeliveryError): boolean {
  return TOKEN_REFUSED.includes(Number(error.providerCode));
}

/** The frequency limit lifts after about a minute. */
const FREQUENCY_MS = 60_000;
const PAUSE_MS = 1000;

const MEANINGS = byCode([
  { kind: 'unavailable', means: 'the platform is busy', codes: [-1] },
  { kind: 'rate-limited', means: 'too many requests', codes: [45009, 45033] },
  { kind: 'unauthorized', means: 'the token of the app was refused', codes: TOKEN_REFUSED },
  { kind: 'unauthorized', means: 'secret is wrong', codes: [40001, 40091] },
  { kind: 'unauthorized', means: 'corpId is wrong', codes: [40013] },
  { kind: 'unauthorized', means: 'agentId is wrong', codes: [40056, 301002] },
  { kind: 'unauthorized', means: 'the app may not use this API', codes: [48002] },
  { kind: 'unauthorized', means: 'the app is disabled', codes: [50003] },
  {
    kind: 'unauthorized',
    means: 'the address of this machine is not a trusted IP of the app; add it in the console',
    codes: [60020],
  },
  {
    kind: 'rejected',
    means: 'no such member, or outside the visible range of the app',
    codes: [60111, 81013, 50002, 60011, 82001, 46004],
  },
  {
    kind: 'rejected',
    means: 'not a chat that this app created, or its members may not be written to',
    codes: [86001, 86003, 86004, 86006, 86007, 86216, 86008, 86217],
  },
  { kind: 'refused', means: 'content refused', codes: [40058, 45002, 44004, 40033] },
]);

/**
 * The whole answer once its `errcode` is 0; HTTP says nothing.
 *
 * Source https://developer.work.weixin.qq.com/document/path/90313
 * @throws DeliveryError in our words: the platform's own repeat ids.
 */
export function readReply(reply: HttpReply): unknown {
  const { success, data } = envelope.safeParse(reply.body);
  if (!success) throw unreadable('wecom.app', reply, STRANGE, FREQUENCY_MS);
  const { errcode, errmsg = '' } = data;
  if (errcode === 0) return reply.body;
  const meaning = MEANINGS.get(String(errcode)) ?? NOT_KNOWN;
  const from = errcode === 60020 ? /from ip:\s*([\d.:a-f]+)/i.exec(errmsg)?.[1] : undefined;
  const providerCode = String(errcode);
  const code = from === undefined ? providerCode : `${providerCode}, from ${from}`;
  throw refusal('wecom.app', meaning, { code, providerCode, pauseMs: errcode === 45009 ? FREQUENCY_MS : PAUSE_MS });
}
