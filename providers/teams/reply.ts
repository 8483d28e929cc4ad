import { z } from 'zod';
import type { ErrorKind } from '../../domain/delivery.ts';
import type { DeliveryError } from '../kit/delivery-error.ts';
import type { HttpReply } from '../kit/io.ts';
import { NOT_KNOWN, refusal, retryAfter } from '../kit/refusal.ts';

const refused = z.object({ error: z.object({ code: z.string().default('') }) });
const loginRefusal = z.object({ error: z.string(), error_codes: z.array(z.number()).default([]) });

/** Where Microsoft does not say. */
const DEFAULT_RETRY_AFTER_MS = 2000;

type Meaning = [kind: ErrorKind, means: string];

const GONE: Meaning = [
  'rejected',
  'the app is not installed there; install it for the person, the team or the chat, or write to it once',
];
const BY_CODE: Record<string, Meaning> = {
  ConversationBlockedByUser: ['rejected', 'the person has blocked the app'],
  BotNotInConversationRoster: GONE,
  BotDisabledByAdmin: ['rejected', 'an administrator has disabled the app; allow it in the Teams admin centre'],
  MessageWritesBlocked: ['rejected', 'the app may not write there'],
  ConversationNotFound: ['rejected', 'the conversation is gone or the app is not in it'],
  ActivityNotFoundInConversation: ['rejected', 'the message can no longer be changed'],
  BotNotRegistered: ['unauthorized', 'the bot is not registered, or not with the Teams channel; check the Azure Bot'],
  MessageSizeTooBig: ['refused', 'content too large'],
  Throttled: ['rate-limited', 'too many requests'],
  PreconditionFailed: ['unavailable', 'Teams was busy with the same conversation'],
};
const BY_STATUS: Record<number, Meaning> = {
  401: ['unauthorized', 'the token of the bot was refused; check appId, appPassword and tenantId'],
  403: GONE,
  404: ['rejected', 'the conversation or message is gone'],
  408: ['unavailable', 'Teams took too long'],
  412: ['unavailable', 'Teams was busy with the same conversation'],
  413: ['refused', 'content too large'],
  429: ['rate-limited', 'too many requests'],
};

/**
 * The body of an answer of the Connector, once its status says that it was taken.
 *
 * Source https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability#status-codes-from-bot-conversational-apis
 * @throws DeliveryError in our words: Microsoft's own repeat ids.
 */
export function readReply(reply: HttpReply): unknown {
  if (reply.status < 300) return reply.body;
  const { data } = refused.safeParse(reply.body);
  const code = data?.error.code ?? '';
  const [kind, means] = BY_CODE[code] ?? BY_STATUS[reply.status] ?? unknownStatus(reply.status);
  throw failure(kind, means, /^\w{1,60}$/.test(code) ? `${String(reply.status)}/${code}` : String(reply.status), reply);
}

function unknownStatus(status: number): Meaning {
  if (status >= 500) return ['unavailable', 'Teams failed'];
  return [NOT_KNOWN.kind, NOT_KNOWN.means];
}

const LOGIN: Record<number, string> = {
  700016: 'the app is not in this tenant; check appId and tenantId (a single-tenant bot signs in to its own)',
  90002: 'there is no such tenant; check tenantId',
  7000215: 'the client secret is wrong; appPassword is its value, not its id',
  7000222: 'the client secret has expired; create another and set appPassword',
  7000112: 'the app registration is disabled',
};

/** The same for the token endpoint. https://learn.microsoft.com/entra/identity-platform/reference-error-codes @throws DeliveryError */
export function readLogin(reply: HttpReply): unknown {
  if (reply.status < 300) return reply.body;
  const providerCode = String(reply.status);
  if (reply.status === 429) throw failure('rate-limited', 'too many requests for tokens', providerCode, reply);
  if (reply.status >= 500) throw failure('unavailable', 'the login of Microsoft failed', providerCode, reply);
  const { data } = loginRefusal.safeParse(reply.body);
  const known = data?.error_codes.find((code) => LOGIN[code] !== undefined);
  const first = known ?? data?.error_codes[0];
  const means = LOGIN[known ?? 0] ?? 'no token was given; check appId, appPassword and tenantId';
  throw failure('unauthorized', means, first === undefined ? providerCode : `AADSTS${String(first)}`, reply);
}

function failure(kind: ErrorKind, means: string, code: string, { headers }: HttpReply): DeliveryError {
  const pauseMs = retryAfter(headers) ?? DEFAULT_RETRY_AFTER_MS;
  return refusal('teams.app', { kind, means }, { code, pauseMs });
}
