import { describe, expect, it } from 'vitest';
import { DeliveryError } from '../../../providers/kit/delivery-error.ts';
import { readReply } from '../../../providers/feishu/reply.ts';

function failure(status: number, body: unknown, headers: Record<string, string> = {}): DeliveryError {
  try {
    readReply({ status, body, text: JSON.stringify(body), headers: new Headers(headers) });
  } catch (error) {
    if (error instanceof DeliveryError) return error;
  }
  throw new Error('expected a DeliveryError');
}

describe('what Feishu answers', () => {
  it.each([
    [400, 230020, 'rate-limited'],
    [400, 99991400, 'rate-limited'],
    [400, 230049, 'unavailable'],
    [500, 2200, 'unavailable'],
    [429, 99991403, 'exhausted'],
    [400, 230013, 'rejected'],
    [400, 230034, 'rejected'],
    [400, 232009, 'rejected'],
    [400, 230002, 'rejected'],
    [400, 230031, 'rejected'],
    [400, 230028, 'refused'],
    [400, 230025, 'refused'],
    [200, 99991543, 'unauthorized'],
    [400, 99991672, 'unauthorized'],
    [400, 123456, 'refused'],
    [503, 123456, 'unavailable'],
    [429, 123456, 'rate-limited'],
  ])('%i with code %i is %s', (status, code, kind) => {
    expect(failure(status, { code, msg: 'x' })).toMatchObject({ kind, providerCode: String(code) });
  });

  it('says when to come back', () => {
    expect(failure(429, { code: 99991400, msg: '' }, { 'x-ogw-ratelimit-reset': '7' }).retryAfterMs).toBe(7000);
    expect(failure(429, undefined).retryAfterMs).toBe(1000);
  });

  it('names the part of a card that was refused', () => {
    const msg = 'Failed to create card content, ext=ErrCode: 11310; ErrMsg: element exceeds the limit ou_1;';
    const error = failure(400, { code: 230099, msg });
    expect(error).toMatchObject({ kind: 'refused', providerCode: '230099/11310' });
    expect(error.message).not.toContain('ou_1');
  });

  it('is understood by its status when it is not JSON', () => {
    expect(failure(502, undefined).kind).toBe('unavailable');
    expect(failure(404, undefined).kind).toBe('refused');
    expect(failure(200, undefined).kind).toBe('unknown-outcome');
  });
});
