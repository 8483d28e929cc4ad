import { z } from 'zod';
import type { ErrorKind } from '../../domain/delivery.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { HttpReply } from '../kit/io.ts';

const envelope = z.object({ code: z.int(), msg: z.string().optional(), data: z.unknown().optional() });

/** The token was not accepted: get another one, then the same request again. */
const TOKEN_REFUSED = [99991661, 99991663, 99991664, 99991671];

export function isTokenRefused(error: DeliveryError): boolean {
  return TOKEN_REFUSED.includes(Number(error.providerCode));
}

const MEANINGS: { kind: ErrorKind; means: string; codes: number[] }[] = [
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
];
const BY_CODE = new Map(MEANINGS.flatMap(({ codes, ...meaning }) => codes.map((code) => [code, meaning] as const)));

/**
 * The whole answer once its `code` is 0. HTTP status says little: a rate limit may be 400, the monthly quota is 429.
 *
 * Source https://open.feishu.cn/document/server-docs/im-v1/message/create (codes),
 *        https://open.feishu.cn/document/server-docs/api-call-guide/generic-error-code
 * @throws DeliveryError in our words: the platform's own repeat ids and pieces of the message.
 */
export function readReply(reply: HttpReply): unknown {
  const { success, data } = envelope.safeParse(reply.body);
  if (!success) throw unreadable(reply);
  if (data.code === 0) return reply.body;
  // A card refused for one of its parts says which: `… ext=ErrCode: 11310; …`.
  const part = /ErrCode:\s*(\d+)/.exec(data.msg ?? '')?.[1];
  const providerCode = part === undefined ? String(data.code) : `${String(data.code)}/${part}`;
  const { kind, means } = BY_CODE.get(data.code) ?? unknownCode(reply.status);
  throw new DeliveryError(kind, `feishu.app: ${means} (${providerCode})`, {
    providerCode,
    ...(kind === 'rate-limited' && { retryAfterMs: resetAfterMs(reply) }),
  });
}

function unknownCode(status: number): { kind: ErrorKind; means: string } {
  if (status === 429) return { kind: 'rate-limited', means: 'too many requests' };
  if (status >= 500) return { kind: 'unavailable', means: 'the platform failed' };
  // The other text or the next account may still pass.
  return { kind: 'refused', means: 'refused for a reason not known here' };
}

function unreadable(reply: HttpReply): DeliveryError {
  const providerCode = String(reply.status);
  if (reply.status === 429) {
    const retryAfterMs = resetAfterMs(reply);
    return new DeliveryError('rate-limited', 'feishu.app: too many requests (429)', { providerCode, retryAfterMs });
  }
  if (reply.status >= 500) {
    return new DeliveryError('unavailable', `feishu.app: the platform failed (${providerCode})`, { providerCode });
  }
  if (reply.status >= 400) {
    return new DeliveryError(
      'refused',
      `feishu.app: not the answer of Feishu or Lark (${providerCode}); check baseUrl`,
      {
        providerCode,
      },
    );
  }
  return new DeliveryError('unknown-outcome', 'feishu.app: the answer cannot be read');
}

/** `x-ogw-ratelimit-reset`, in seconds. */
function resetAfterMs(reply: HttpReply): number {
  const seconds = Number(reply.headers.get('x-ogw-ratelimit-reset') ?? reply.headers.get('retry-after'));
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 1000;
}
