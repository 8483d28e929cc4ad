import { z } from 'zod';
import type { DeliveryError } from '../kit/delivery-error.ts';
import type { HttpReply } from '../kit/io.ts';
import { byCode, NOT_KNOWN, refusal, retryAfter, unreadable, type Meaning } from '../kit/refusal.ts';

const envelope = z.object({ ok: z.boolean(), error: z.string().optional(), needed: z.string().optional() });

const DEFAULT_RETRY_AFTER_MS = 1000;

const STRANGE = { kind: 'refused', means: 'not the answer of Slack', remedy: 'check baseUrl' } as const;

const MEANINGS = byCode([
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
]);

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
  throw unreadable('slack.app', reply, STRANGE, DEFAULT_RETRY_AFTER_MS);
}

function failure(code: string, reply: HttpReply, needed?: string): DeliveryError {
  // Only words of Slack's own lists are repeated; anything else might be a piece of the message.
  const providerCode = /^[a-z0-9_:.]{1,60}$/.test(code) ? code : 'unreadable';
  const scope = needed !== undefined && /^[a-z:.,]{1,100}$/.test(needed) ? `, needed: ${needed}` : '';
  return refusal('slack.app', MEANINGS.get(code) ?? unknownCode(code, reply.status), {
    ...{ code: `${providerCode}${scope}`, providerCode },
    pauseMs: retryAfter(reply.headers) ?? DEFAULT_RETRY_AFTER_MS,
  });
}

function unknownCode(code: string, status: number): Meaning {
  if (code.startsWith('restricted_action')) {
    return { kind: 'rejected', means: 'the workspace does not let the app write here; ask an owner' };
  }
  return status >= 500 ? { kind: 'unavailable', means: 'Slack failed' } : NOT_KNOWN;
}
