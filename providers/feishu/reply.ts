import { z } from 'zod';
import type { DeliveryError } from '../kit/delivery-error.ts';
import type { HttpReply } from '../kit/io.ts';
import { byCode, NOT_KNOWN, refusal, retryAfter, unreadable, type Meaning } from '../kit/refusal.ts';

const envelope = z.object({ code: z.int(), msg: z.string().optional(), data: z.unknown().optional() });

const STRANGE = { kind: 'refused', means: 'not the answer of Feishu or Lark', remedy: 'check baseUrl' } as const;

/** The token was not accepted: get another one, then the same request again. */
const TOKEN_REFUSED = [99991661, 99991663, 99991664, 99991671];

export function isTokenRefused(error: DeliveryError): boolean {
  return TOKEN_REFUSED.includes(Number(error.providerCode));
}

const MEANINGS = byCode([
  { kind: 'rate-limited', means: 'too many requests', codes: [230020, 11232, 11233, 11247, 99991400] },
  { kind: 'unavailable', means: 'the same message is still being sent', codes: [230049] },
  { kind: 'unavailable', means: 'internal error of the platform', codes: [2200] },
  {
    kind: 'exhausted',
    means: 'monthly quota of API calls used up; it returns on the 1st, or upgrade the tenant',
    codes: [99991403],
  },
  {
    kind: 'rejected',
    means: 'the app may not write to this person; check the app availability and whether the person left',
    codes: [230013, 230029, 230034, 230038, 230053, 230036],
  },
  {
    kind: 'rejected',
    means: 'the app may not write to this chat; check that it exists and that the bot is in it',
    codes: [230002, 232009, 230018, 230035, 230027, 230019, 230054, 230075],
  },
  { kind: 'rejected', means: 'the message can no longer be changed', codes: [230011, 230031, 230110] },
  { kind: 'refused', means: 'content refused', codes: [230001, 230022, 230025, 230028, 230099] },
  { kind: 'unauthorized', means: 'app_id or app_secret is wrong', codes: [99991543, 10003, 10012, 10013, 10014] },
  { kind: 'unauthorized', means: 'the token of the app was refused', codes: TOKEN_REFUSED },
  { kind: 'unauthorized', means: 'the app has no bot; enable the bot and publish a version', codes: [230006] },
  {
    kind: 'unauthorized',
    means: 'a scope is missing (im:message, contact:user.id:readonly); add it and publish a version',
    codes: [99991672, 99991676, 99991679],
  },
  { kind: 'unauthorized', means: 'the app is disabled in this tenant', codes: [99991662, 99991673] },
]);

/**
 * The whole answer once its `code` is 0. HTTP status says little: a rate limit may be 400, the monthly quota is 429.
 *
 * Source https://open.feishu.cn/document/server-docs/im-v1/message/create (codes),
 *        https://open.feishu.cn/document/server-docs/api-call-guide/generic-error-code
 * @throws DeliveryError in our words: the platform's own repeat ids and pieces of the message.
 */
export function readReply(reply: HttpReply): unknown {
  const { success, data } = envelope.safeParse(reply.body);
  if (!success) throw unreadable('feishu.app', reply, STRANGE, resetAfterMs(reply));
  if (data.code === 0) return reply.body;
  // A card refused for one of its parts says which: `… ext=ErrCode: 11310; …`.
  const part = /ErrCode:\s*(\d+)/.exec(data.msg ?? '')?.[1];
  const providerCode = part === undefined ? String(data.code) : `${String(data.code)}/${part}`;
  throw refusal('feishu.app', MEANINGS.get(String(data.code)) ?? unknownCode(reply.status), {
    code: providerCode,
    pauseMs: resetAfterMs(reply),
  });
}

function unknownCode(status: number): Meaning {
  if (status === 429) return { kind: 'rate-limited', means: 'too many requests' };
  return status >= 500 ? { kind: 'unavailable', means: 'the platform failed' } : NOT_KNOWN;
}

function resetAfterMs({ headers }: HttpReply): number {
  return retryAfter(headers, 'x-ogw-ratelimit-reset') ?? retryAfter(headers) ?? 1000;
}
