import { describe, expect, it } from 'vitest';
import { isTokenRefused, readLegacyReply, readReply } from '../../../providers/dingtalk/reply.ts';
import { DeliveryError } from '../../../providers/kit/delivery-error.ts';
import type { HttpReply } from '../../../providers/kit/io.ts';

const replyOf = (status: number, body: unknown, text = JSON.stringify(body) as string | undefined): HttpReply => ({
  status,
  body,
  text: text ?? '',
  headers: new Headers(),
});

function failure(read: (reply: HttpReply) => unknown, reply: HttpReply): DeliveryError {
  try {
    read(reply);
  } catch (error) {
    if (error instanceof DeliveryError) return error;
  }
  throw new Error('expected a DeliveryError');
}

describe('what DingTalk answers', () => {
  it.each([
    [400, 'InvalidAuthentication', 'unauthorized', 'token'],
    [403, 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', 'rate-limited', 'too many'],
    [403, 'Forbidden.AccessDenied.QpsLimitForApi', 'rate-limited', 'too many'],
    [403, 'Forbidden.AccessDenied.QpmLimitForAppkeyAndApi', 'rate-limited', 'too many'],
    [400, 'send.too.fast', 'rate-limited', 'too many'],
    [400, 'send.byToken.tooFast', 'rate-limited', 'too many'],
    [400, 'too.many.group', 'rate-limited', 'too many'],
    [400, 'too.many.people', 'rate-limited', 'too many'],
    [403, 'Forbidden.AccessDenied.ApiCountLimitForOrg', 'exhausted', 'on the 1st'],
    [400, 'invalidClientIdOrSecret', 'unauthorized', 'clientSecret'],
    [400, 'AuthenticationFailed.MissingParameter', 'unauthorized', 'clientSecret'],
    [403, 'Forbidden.AccessDenied.AccessTokenPermissionDenied', 'unauthorized', 'Card.Instance.Write'],
    [403, 'Forbidden.AccessDenied.IpNotInWhiteList', 'unauthorized', 'console'],
    [400, 'invalidParameter.robotCode.notFound', 'rejected', 'robotCode'],
    [400, 'invalid.openConversationId', 'rejected', 'cool app'],
    [400, 'bot.stopped', 'rejected', 'cool app'],
    [400, 'resource.not.found', 'rejected', 'cool app'],
    [400, 'param.openSpaceIdInvalid', 'rejected', 'cool app'],
    [400, 'param.userIdNotExist', 'rejected', 'visible range'],
    [400, 'param.cardNotExist', 'rejected', 'no longer'],
    [400, 'template.stopped', 'refused', 'cardTemplateId'],
    [400, 'param.templateNotExist', 'refused', 'cardTemplateId'],
    [400, 'param.templateUnpublished', 'refused', 'cardTemplateId'],
    [400, 'param.contentUnsafe', 'refused', 'content'],
    [500, 'system.busy', 'unavailable', 'busy'],
    [400, 'something.new', 'refused', 'not known here'],
    [403, 'something.new', 'unauthorized', 'permissions'],
    [504, 'something.new', 'unavailable', 'failed'],
    [429, 'something.new', 'rate-limited', 'too many'],
  ])('%i with %s is %s', (status, code, kind, remedy) => {
    const error = failure(readReply, replyOf(status, { code, message: 'about staff01', requestid: 'r' }));
    expect(error).toMatchObject({ kind, providerCode: code });
    expect(error.message).toContain(remedy);
    expect(error.message).not.toContain('staff01');
  });

  it.each([
    [40014, undefined, 'unauthorized'],
    [42001, undefined, 'unauthorized'],
    [88, '40014', 'unauthorized'],
    [88, '90018', 'rate-limited'],
    [88, '12345', 'unauthorized'],
    [90002, undefined, 'rate-limited'],
    [90006, undefined, 'rate-limited'],
    [90020, undefined, 'exhausted'],
    [-1, undefined, 'unavailable'],
    [15, undefined, 'unavailable'],
    [40096, undefined, 'unauthorized'],
    [60011, undefined, 'unauthorized'],
    [60020, undefined, 'unauthorized'],
    [50002, undefined, 'rejected'],
    [60121, undefined, 'rejected'],
    [33012, undefined, 'rejected'],
    [400102, undefined, 'rejected'],
    [999999, undefined, 'refused'],
  ])('of the older host, errcode %i with %s inside is %s', (errcode, sub, kind) => {
    const plain = replyOf(200, { errcode, errmsg: 'x', ...(sub !== undefined && { sub_code: sub }) });
    expect(failure(readLegacyReply, plain).kind).toBe(kind);
    const inText = replyOf(200, { errcode, errmsg: `ding talk error[subcode=${sub ?? ''},submsg=x]` });
    expect(failure(readLegacyReply, inText).kind).toBe(kind);
  });

  it('says which refusals a new token may cure', () => {
    expect(isTokenRefused(failure(readReply, replyOf(400, { code: 'InvalidAuthentication' })))).toBe(true);
    expect(isTokenRefused(failure(readLegacyReply, replyOf(200, { errcode: 88, sub_code: '40014' })))).toBe(true);
    expect(isTokenRefused(failure(readLegacyReply, replyOf(200, { errcode: 60011 })))).toBe(false);
  });

  it('with a punishment means to stay away for minutes', () => {
    for (const reply of [
      replyOf(200, { status: 1111, wait: 5, punish: 'deny' }),
      replyOf(403, undefined, '<html><script>_____tmd_____</script></html>'),
    ]) {
      expect(failure(readReply, reply)).toMatchObject({ kind: 'rate-limited', retryAfterMs: 300_000 });
      expect(failure(readLegacyReply, reply)).toMatchObject({ kind: 'rate-limited', retryAfterMs: 300_000 });
    }
  });

  it('is understood by its status when it is not JSON', () => {
    for (const read of [readReply, readLegacyReply]) {
      expect(failure(read, replyOf(502, undefined, '')).kind).toBe('unavailable');
      expect(failure(read, replyOf(404, undefined, '')).kind).toBe('refused');
      expect(failure(read, replyOf(429, undefined, '')).kind).toBe('rate-limited');
      expect(failure(read, replyOf(200, undefined, '')).kind).toBe('unknown-outcome');
    }
  });
});
