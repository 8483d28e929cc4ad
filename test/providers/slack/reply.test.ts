import { describe, expect, it } from 'vitest';
import type { ErrorKind } from '../../../domain/delivery.ts';
import { DeliveryError } from '../../../providers/kit/delivery-error.ts';
import type { HttpReply } from '../../../providers/kit/io.ts';
import { readReply } from '../../../providers/slack/reply.ts';

const reply = (status: number, body: unknown, headers: Record<string, string> = {}): HttpReply => ({
  status,
  headers: new Headers(headers),
  body,
  text: '',
});
function refusal(given: HttpReply): DeliveryError {
  try {
    readReply(given);
  } catch (error) {
    if (error instanceof DeliveryError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

/** What each word of Slack means for the page, and what to do about it. */
const TABLE: [ErrorKind, string, string[]][] = [
  ['rate-limited', 'too many', ['ratelimited', 'rate_limited', 'message_limit_exceeded']],
  [
    'unavailable',
    'cannot now',
    [
      'service_unavailable',
      'internal_error',
      'request_timeout',
      'update_failed',
      'team_added_to_org',
      'external_channel_migrating',
    ],
  ],
  ['unknown-outcome', 'may have been shown', ['fatal_error']],
  [
    'unauthorized',
    'set botToken',
    ['invalid_auth', 'not_authed', 'account_inactive', 'token_revoked', 'not_allowed_token_type'],
  ],
  ['unauthorized', 'rotation off', ['token_expired']],
  ['unauthorized', 'scope', ['missing_scope', 'no_permission']],
  ['unauthorized', 'approve', ['ekm_access_denied', 'app_access_restricted', 'org_login_required']],
  ['rejected', 'Integrations', ['channel_not_found', 'not_in_channel']],
  ['rejected', 'archived', ['is_archived', 'is_inactive']],
  ['rejected', 'left', ['user_disabled', 'users_not_found']],
  ['rejected', 'Messages Tab', ['messages_tab_disabled']],
  ['rejected', 'ask an owner', ['restricted_action', 'restricted_action_read_only_channel']],
  ['rejected', 'no longer be changed', ['message_not_found', 'cant_update_message', 'edit_window_closed']],
  [
    'refused',
    'content refused',
    [
      'invalid_blocks',
      'invalid_blocks_format',
      'msg_blocks_too_long',
      'msg_too_long',
      'no_text',
      'metadata_too_large',
      'block_mismatch',
    ],
  ],
  ['refused', 'not known', ['something_new']],
];

describe('a refusal by Slack', () => {
  it.each(TABLE.flatMap(([kind, remedy, codes]) => codes.map((code) => [code, kind, remedy] as const)))(
    '%s is %s: %s',
    (code, kind, remedy) => {
      const error = refusal(reply(200, { ok: false, error: code }));
      expect(error).toMatchObject({ kind, providerCode: code });
      expect(error.message).toContain(remedy);
    },
  );

  it('names the missing scope', () => {
    const error = refusal(reply(200, { ok: false, error: 'missing_scope', needed: 'im:write', provided: 'x' }));
    expect(error.message).toContain('im:write');
  });

  it('says how long to wait, and a second where Slack does not', () => {
    const slow = refusal(reply(429, { ok: false, error: 'ratelimited' }, { 'retry-after': '30' }));
    expect(slow).toMatchObject({ kind: 'rate-limited', retryAfterMs: 30_000 });
    expect(refusal(reply(429, undefined))).toMatchObject({ kind: 'rate-limited', retryAfterMs: 1000 });
    expect(refusal(reply(200, { ok: false, error: 'ratelimited' }, { 'retry-after': '-5' })).retryAfterMs).toBe(1000);
  });

  it('without a body that can be read goes by its status', () => {
    expect(refusal(reply(503, undefined)).kind).toBe('unavailable');
    expect(refusal(reply(404, undefined)).message).toContain('baseUrl');
    expect(refusal(reply(200, undefined)).kind).toBe('unknown-outcome');
    expect(refusal(reply(200, { ok: false })).kind).toBe('unknown-outcome');
  });

  it('repeats nothing but words of Slack', () => {
    const error = refusal(reply(200, { ok: false, error: 'db-7 <is> down at +13900000001' }));
    expect(error.message).not.toContain('1390');
    expect(error.providerCode).toBe('unreadable');
  });
});
