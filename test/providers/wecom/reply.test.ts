import { describe, expect, it } from 'vitest';
import { DeliveryError } from '../../../providers/kit/delivery-error.ts';
import { isTokenRefused, readReply } from '../../../providers/wecom/reply.ts';

function failure(status: number, body: unknown): DeliveryError {
  try {
    readReply({ status, body, text: '', headers: new Headers() });
  } catch (error) {
    if (error instanceof DeliveryError) return error;
  }
  throw new Error('expected a DeliveryError');
}

describe('what WeCom answers', () => {
  it.each([
    [-1, 'unavailable', 'busy'],
    [45009, 'rate-limited', 'too many'],
    [45033, 'rate-limited', 'too many'],
    [40014, 'unauthorized', 'token'],
    [42001, 'unauthorized', 'token'],
    [41001, 'unauthorized', 'token'],
    [40001, 'unauthorized', 'secret'],
    [40091, 'unauthorized', 'secret'],
    [40013, 'unauthorized', 'corpId'],
    [40056, 'unauthorized', 'agentId'],
    [301002, 'unauthorized', 'agentId'],
    [48002, 'unauthorized', 'API'],
    [50003, 'unauthorized', 'disabled'],
    [60020, 'unauthorized', 'trusted IP'],
    [60111, 'rejected', 'visible range'],
    [81013, 'rejected', 'visible range'],
    [50002, 'rejected', 'visible range'],
    [60011, 'rejected', 'visible range'],
    [82001, 'rejected', 'visible range'],
    [86001, 'rejected', 'chat'],
    [86003, 'rejected', 'chat'],
    [86004, 'rejected', 'chat'],
    [86006, 'rejected', 'chat'],
    [86007, 'rejected', 'chat'],
    [86216, 'rejected', 'chat'],
    [86008, 'rejected', 'chat'],
    [86217, 'rejected', 'chat'],
    [40058, 'refused', 'content'],
    [45002, 'refused', 'content'],
    [44004, 'refused', 'content'],
    [40033, 'refused', 'content'],
    [99999, 'refused', 'not known here'],
  ])('errcode %i is %s', (errcode, kind, remedy) => {
    const error = failure(200, { errcode, errmsg: 'about zhangsan' });
    expect(error).toMatchObject({ kind, providerCode: String(errcode) });
    expect(error.message).toContain(remedy);
    expect(error.message).not.toContain('zhangsan');
  });

  it('says that a minute must pass once too much was sent', () => {
    expect(failure(200, { errcode: 45009 }).retryAfterMs).toBe(60_000);
    expect(failure(200, { errcode: 45033 }).retryAfterMs).toBe(1000);
  });

  it('names the address that is not trusted', () => {
    const errmsg = 'not allow to access from your ip, hint: [1], from ip: 192.0.2.7, more info at https://x';
    expect(failure(200, { errcode: 60020, errmsg }).message).toContain('from 192.0.2.7');
  });

  it('says which refusals a new token may cure', () => {
    expect(isTokenRefused(failure(200, { errcode: 42001 }))).toBe(true);
    expect(isTokenRefused(failure(200, { errcode: 40001 }))).toBe(false);
  });

  it('is understood by its status when it is not JSON', () => {
    expect(failure(502, undefined).kind).toBe('unavailable');
    expect(failure(404, undefined).kind).toBe('refused');
    expect(failure(429, undefined).kind).toBe('rate-limited');
    expect(failure(200, undefined).kind).toBe('unknown-outcome');
  });
});
