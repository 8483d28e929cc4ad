import { describe, expect, it } from 'vitest';
import type { ErrorKind } from '../../../domain/delivery.ts';
import { DeliveryError } from '../../../providers/kit/delivery-error.ts';
import type { HttpReply } from '../../../providers/kit/io.ts';
import { readLogin, readReply } from '../../../providers/teams/reply.ts';

const reply = (status: number, body?: unknown, headers: Record<string, string> = {}): HttpReply => ({
  status,
  headers: new Headers(headers),
  body,
  text: '',
});
function refusal(read: (given: HttpReply) => unknown, given: HttpReply): DeliveryError {
  try {
    read(given);
  } catch (error) {
    if (error instanceof DeliveryError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

const TABLE: [status: number, code: string, kind: ErrorKind, remedy: string][] = [
  [401, 'AuthorizationFailed', 'unauthorized', 'check appId'],
  [401, 'BotNotRegistered', 'unauthorized', 'Teams channel'],
  [403, 'ConversationBlockedByUser', 'rejected', 'blocked'],
  [403, 'BotNotInConversationRoster', 'rejected', 'install it'],
  [403, 'BotDisabledByAdmin', 'rejected', 'admin centre'],
  [403, 'MessageWritesBlocked', 'rejected', 'may not write'],
  [403, 'SomethingNew', 'rejected', 'install it'],
  [404, 'ConversationNotFound', 'rejected', 'gone'],
  [404, 'ActivityNotFoundInConversation', 'rejected', 'no longer be changed'],
  [404, '', 'rejected', 'gone'],
  [412, 'PreconditionFailed', 'unavailable', 'busy'],
  [413, 'MessageSizeTooBig', 'refused', 'too large'],
  [400, 'BadSyntax', 'refused', 'not known'],
  [429, 'Throttled', 'rate-limited', 'too many'],
  [500, 'ServiceError', 'unavailable', 'failed'],
  [502, '', 'unavailable', 'failed'],
  [503, '', 'unavailable', 'failed'],
  [504, 'GatewayTimeout', 'unavailable', 'failed'],
];

describe('a refusal by Teams', () => {
  it.each(TABLE)('%i %s is %s: %s', (status, code, kind, remedy) => {
    const error = refusal(readReply, reply(status, { error: { code, message: 'about 29:1secret' } }));
    expect(error.kind).toBe(kind);
    expect(error.message).toContain(remedy);
    expect(error.message).not.toContain('29:1secret');
    expect(error.providerCode).toBe(code === '' ? String(status) : `${String(status)}/${code}`);
  });

  it('says how long to wait, and two seconds where Teams does not', () => {
    expect(refusal(readReply, reply(429, undefined, { 'retry-after': '7' })).retryAfterMs).toBe(7000);
    expect(refusal(readReply, reply(429)).retryAfterMs).toBe(2000);
  });

  it('is none when it was taken, with a body or without', () => {
    expect(readReply(reply(201, { id: '1' }))).toEqual({ id: '1' });
    expect(readReply(reply(202))).toBeUndefined();
  });
});

describe('a refusal by the login', () => {
  it.each([
    [700016, 'tenantId'],
    [90002, 'no such tenant'],
    [7000215, 'not its id'],
    [7000222, 'expired'],
    [7000112, 'disabled'],
    [70011, 'check appId'],
  ])('AADSTS%i names the remedy', (code, remedy) => {
    const error = refusal(readLogin, reply(400, { error: 'unauthorized_client', error_codes: [code] }));
    expect(error).toMatchObject({ kind: 'unauthorized', providerCode: `AADSTS${String(code)}` });
    expect(error.message).toContain(remedy);
  });

  it('without a body goes by its status', () => {
    expect(refusal(readLogin, reply(503)).kind).toBe('unavailable');
    expect(refusal(readLogin, reply(429)).kind).toBe('rate-limited');
    expect(refusal(readLogin, reply(404))).toMatchObject({ kind: 'unauthorized', providerCode: '404' });
  });
});
