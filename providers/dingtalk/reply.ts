import { z } from 'zod';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { HttpReply } from '../kit/io.ts';
import { byCode, NOT_KNOWN, refusal, unreadable, type Meaning } from '../kit/refusal.ts';

const STRANGE = { kind: 'refused', means: 'not the answer of DingTalk', remedy: 'check baseUrl' } as const;

/** The token was not accepted: get another one, then the same request again. */
const TOKEN_REFUSED = ['InvalidAuthentication', '40014', '42001'];

export function isTokenRefused(error: DeliveryError): boolean {
  return TOKEN_REFUSED.includes(error.providerCode ?? '');
}

const TOO_MANY = 'too many requests';
const QUOTA = 'monthly quota of API calls used up; it returns on the 1st, or upgrade the organisation';
const NO_PERSON = 'no such person, or outside the visible range of the app; publish it to all employees';
const NO_CHAT = 'the bot may not write to this group; install the cool app in it and check robotCode';
const NO_TEMPLATE = 'the card template is missing or not published; check cardTemplateId';

/** By `code` of the new host and `errcode` (or `sub_code`) of the older one. */
const MEANINGS = byCode([
  { kind: 'unauthorized', means: 'the token of the app was refused', codes: TOKEN_REFUSED },
  {
    kind: 'rate-limited',
    means: TOO_MANY,
    codes: [
      'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi',
      'Forbidden.AccessDenied.QpsLimitForApi',
      'Forbidden.AccessDenied.QpmLimitForAppkeyAndApi',
      'send.too.fast',
      'send.byToken.tooFast',
      'too.many.group',
      'too.many.people',
      90018,
      90002,
    ],
  },
  { kind: 'unavailable', means: 'the platform is busy', codes: ['system.busy', -1, 15] },
  { kind: 'exhausted', means: QUOTA, codes: ['Forbidden.AccessDenied.ApiCountLimitForOrg', 90020] },
  {
    kind: 'unauthorized',
    means: 'clientId or clientSecret is wrong',
    codes: ['invalidClientIdOrSecret', 'AuthenticationFailed.MissingParameter', 40096],
  },
  {
    kind: 'unauthorized',
    means: 'a permission is missing (Card.Instance.Write, qyapi_robot_sendmsg, qyapi_get_member_by_mobile); add it',
    codes: ['Forbidden.AccessDenied.AccessTokenPermissionDenied', 60011, 88],
  },
  {
    kind: 'unauthorized',
    means: 'the address of this machine is not on the list of the app; add it in the console',
    codes: ['Forbidden.AccessDenied.IpNotInWhiteList', 60020],
  },
  { kind: 'rejected', means: NO_PERSON, codes: ['param.userIdNotExist', 50002, 60121, 33012] },
  {
    kind: 'rejected',
    means: NO_CHAT,
    codes: [
      'invalid.openConversationId',
      'param.openSpaceIdInvalid',
      'param.openDeliverModelEmpty',
      'param.openDeliverModelError',
      'bot.stopped',
      'resource.not.found',
      400013,
      400102,
      400106,
    ],
  },
  { kind: 'rejected', means: 'the card can no longer be changed', codes: ['param.cardNotExist'] },
  {
    kind: 'refused',
    means: NO_TEMPLATE,
    codes: ['param.cardTemplateIdEmpty', 'param.templateNotExist', 'param.templateUnpublished', 'template.stopped'],
  },
  {
    kind: 'refused',
    means: 'content refused',
    codes: ['param.contentUnsafe', 'param.cardPublicDataEmpty'],
  },
]);

/** Asked to come back without being told when. */
const PAUSE_MS = 1000;
/** More than 10,000 requests within 20 s: the address of this machine is shut out. */
const PUNISHED_MS = 5 * 60_000;

const failed = z.object({ code: z.string().min(1) });
const punished = z.object({ status: z.literal(1111) });

/**
 * The whole answer of `api.dingtalk.com` unless it is an error. `code` decides: a 403 may be a rate limit.
 *
 * Source https://open.dingtalk.com/document/development/how-to-process-api-throttling-on-the-dingtalk-server
 * @throws DeliveryError in our words
 */
export function readReply(reply: HttpReply): unknown {
  const { status, body } = reply;
  if (isPunished(reply)) throw shutOut();
  const error = failed.safeParse(body);
  if (status < 400 && typeof body === 'object' && body !== null && !error.success) return body;
  if (error.success) throw failure(error.data.code, status);
  throw unreadable('dingtalk.app', reply, STRANGE, PAUSE_MS);
}

const legacy = z.object({
  errcode: z.int(),
  errmsg: z.string().optional(),
  sub_code: z.union([z.string(), z.int()]).optional(),
});

/**
 * The whole answer of `oapi.dingtalk.com`: HTTP 200 and `errcode`; what the door refused comes as 88 with the code in
 * `sub_code`, or only in the text.
 * @throws DeliveryError
 */
export function readLegacyReply(reply: HttpReply): unknown {
  if (isPunished(reply)) throw shutOut();
  const { success, data } = legacy.safeParse(reply.body);
  if (!success) throw unreadable('dingtalk.app', reply, STRANGE, PAUSE_MS);
  if (data.errcode === 0) return reply.body;
  const inside = data.sub_code ?? /sub_?code\s*[=:]\s*"?(\d+)/.exec(data.errmsg ?? '')?.[1];
  const wrapped = data.errcode === 88 && inside !== undefined ? String(inside) : undefined;
  throw failure(
    wrapped !== undefined && MEANINGS.has(wrapped) ? wrapped : String(data.errcode),
    reply.status,
    data.errcode,
  );
}

function failure(code: string, status: number, errcode?: number): DeliveryError {
  const meaning = MEANINGS.get(code) ?? byFamily(code) ?? unknownCode(status, errcode);
  return refusal('dingtalk.app', meaning, { code, pauseMs: PAUSE_MS });
}

function byFamily(code: string): Meaning | undefined {
  if (code.startsWith('invalidParameter.robotCode')) return { kind: 'rejected', means: NO_CHAT };
  if (/^900(0[1-9]|1[0-4])$/.test(code)) return { kind: 'rate-limited', means: TOO_MANY };
  return undefined;
}

function unknownCode(status: number, errcode?: number): Meaning {
  if (status === 429) return { kind: 'rate-limited', means: TOO_MANY };
  if (status >= 500) return { kind: 'unavailable', means: 'the platform failed' };
  if (status === 401 || (status === 403 && errcode === undefined)) {
    return { kind: 'unauthorized', means: 'the app may not do this; check its permissions' };
  }
  return NOT_KNOWN;
}

function isPunished({ body, status, text }: HttpReply): boolean {
  return punished.safeParse(body).success || (status >= 400 && /"punish"|_____tmd_____/.test(text));
}

function shutOut(): DeliveryError {
  return new DeliveryError('rate-limited', 'dingtalk.app: this machine is shut out for some minutes (1111)', {
    providerCode: '1111',
    retryAfterMs: PUNISHED_MS,
  });
}
