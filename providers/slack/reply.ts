import { z } from 'zod';
import type { ErrorKind } from '../../domain/delivery.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { HttpReply } from '../kit/io.ts';

const envelope = z.object({ ok: z.boolean(), error: z.string().optional(), needed: z.string().optional() });

const DEFAULT_RETRY_AFTER_MS = 1000;

const MEANINGS: { kind: ErrorKind; means: string; codes: string[] }[] = [
  {
    kind: 'rate-limited',
    means: 'too many requests',
    codes: ['ratelimited', 'rate_limited', 'message_limit_exceeded'],
  },
  {
    kind: 'unavailable',
    means: 'Slack cannot now',
    codes: [
      'service_unavailable',
      'internal_error',
      'request_timeout',
      'update_failed',
      'team_added_to_org',
      'external_channel_migrating',
    ],
  },
  { kind: 'unknown-outcome', means: 'Slack failed half way; it may have been shown', codes: ['fatal_error'] },
  {
    kind: 'unauthorized',
    means: 'the bot token is wrong or was withdrawn; install the app again and set botToken',
    codes: ['invalid_auth', 'not_authed', 'account_inactive', 'token_revoked', 'not_allowed_token_type'],
  },
  {
    kind: 'unauthorized',
    means: 'the bot token has expired; switch token rotation off in the app and install it again',
    codes: ['token_expired'],
  },
  {
    kind: 'unauthorized',
    means: 'the app lacks a scope; add it under "OAuth & Permissions" and install the app again',
    codes: ['missing_scope', 'no_permission'],
  },
  {
    kind: 'unauthorized',
    means: 'the workspace does not let this app in; ask an owner to approve it',
    codes: ['ekm_access_denied', 'app_access_restricted', 'org_login_required'],
  },
  {
    kind: 'unauthorized',
    means: 'clientId, clientSecret or the redirect URL is not the one of the app',
    codes: ['invalid_client_id', 'bad_client_secret', 'bad_redirect_uri', 'invalid_client', 'invalid_grant'],
  },
  { kind: 'rejected', means: 'the sign-in has expired; begin again', codes: ['invalid_code', 'code_already_used'] },
  {
    kind: 'rejected',
    means: 'the channel does not exist or is private and the app is not in it; add the app under Integrations',
    codes: ['channel_not_found', 'not_in_channel'],
  },
  { kind: 'rejected', means: 'the channel is archived', codes: ['is_archived', 'is_inactive'] },
  {
    kind: 'rejected',
    means: 'this person cannot be written to; check whether they left',
    codes: ['user_disabled', 'users_not_found', 'user_not_found', 'users_not_visible'],
  },
  {
    kind: 'rejected',
    means: 'the app may not write to people; allow the Messages Tab under "App Home"',
    codes: ['messages_tab_disabled'],
  },
  { kind: 'rejected', means: 'the form was asked for too late', codes: ['expired_trigger_id', 'invalid_trigger_id'] },
  {
    kind: 'rejected',
    means: 'the message can no longer be changed',
    codes: ['message_not_found', 'cant_update_message', 'edit_window_closed'],
  },
  {
    kind: 'refused',
    means: 'content refused',
    codes: [
      'invalid_blocks',
      'invalid_blocks_format',
      'invalid_attachments',
      'msg_blocks_too_long',
      'msg_too_long',
      'too_many_attachments',
      'no_text',
      'metadata_too_large',
      'block_mismatch',
    ],
  },
];
const BY_CODE = new Map(MEANINGS.flatMap(({ codes, ...meaning }) => codes.map((code) => [code, meaning] as const)));

/**
 * The reply, once its body says `ok`: Slack answers failures with HTTP 200.
 *
 * Source https://docs.slack.dev/reference/methods/chat.postMessage (errors),
 *        https://docs.slack.dev/apis/web-api/rate-limits
 * @throws DeliveryError
 */
export function readReply(reply: HttpReply): HttpReply {
  const { success, data } = envelope.safeParse(reply.body);
  if (reply.status === 429) throw failure('ratelimited', reply);
  if (success && data.ok) return reply;
  if (success && data.error !== undefined) throw failure(data.error, reply, data.needed);
  const providerCode = String(reply.status);
  if (reply.status >= 500) {
    throw new DeliveryError('unavailable', `slack.app: Slack failed (${providerCode})`, { providerCode });
  }
  if (reply.status >= 400) {
    throw new DeliveryError('refused', `slack.app: not the answer of Slack (${providerCode}); check baseUrl`, {
      providerCode,
    });
  }
  throw new DeliveryError('unknown-outcome', 'slack.app: the answer cannot be read');
}

function failure(code: string, reply: HttpReply, needed?: string): DeliveryError {
  const { kind, means } = BY_CODE.get(code) ?? unknownCode(code, reply.status);
  // Only words of Slack's own lists are repeated; anything else might be a piece of the message.
  const providerCode = /^[a-z0-9_:.]{1,60}$/.test(code) ? code : 'unreadable';
  const scope = needed !== undefined && /^[a-z:.,]{1,100}$/.test(needed) ? `, needed: ${needed}` : '';
  return new DeliveryError(kind, `slack.app: ${means} (${providerCode}${scope})`, {
    providerCode,
    ...(kind === 'rate-limited' && { retryAfterMs: retryAfterMs(reply) }),
  });
}

function unknownCode(code: string, status: number): { kind: ErrorKind; means: string } {
  if (code.startsWith('restricted_action')) {
    return { kind: 'rejected', means: 'the workspace does not let the app write here; ask an owner' };
  }
  if (status >= 500) return { kind: 'unavailable', means: 'Slack failed' };
  // The plain text or the next account may still pass.
  return { kind: 'refused', means: 'refused for a reason not known here' };
}

/** `Retry-After`, in seconds. */
function retryAfterMs({ headers }: HttpReply): number {
  const seconds = Number(headers.get('retry-after'));
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : DEFAULT_RETRY_AFTER_MS;
}
