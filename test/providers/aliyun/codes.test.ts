import { describe, expect, it } from 'vitest';
import { endingOf, meaningOf, receiptReason, windowMs } from '../../../providers/aliyun/codes.ts';

describe('a code of Alibaba Cloud', () => {
  it.each([
    ['isv.BUSINESS_LIMIT_CONTROL', 'rate-limited'],
    ['Throttling.User', 'rate-limited'],
    ['ServiceUnavailable', 'unavailable'],
    ['InternalError', 'unavailable'],
    ['isp.SYSTEM_ERROR', 'unknown-outcome'],
    ['isp.GATEWAY_ERROR', 'unknown-outcome'],
    ['isp.SOMETHING_NEW', 'unknown-outcome'],
    ['SignatureNonceUsed', 'unknown-outcome'],
    ['isv.MOBILE_NUMBER_ILLEGAL', 'rejected'],
    ['ComplaintReject', 'rejected'],
    ['isv.AMOUNT_NOT_ENOUG', 'exhausted'],
    ['isv.AMOUNT_NOT_ENOUGH', 'exhausted'],
    ['isv.PRODUCT_UN_SUBSCRIPT', 'exhausted'],
    ['isv.ACCOUNT_ABNORMAL', 'exhausted'],
    ['isv.DAY_LIMIT_CONTROL', 'exhausted'],
    ['isp.RAM_PERMISSION_DENY', 'unauthorized'],
    ['InvalidAccessKeyId.NotFound', 'unauthorized'],
    ['SignatureDoesNotMatch', 'unauthorized'],
    ['InvalidTimeStamp.Expired', 'unauthorized'],
    ['isv.TTS_TEMPLATE_ILLEGAL', 'refused'],
    ['isv.TEMPLATE_MISSING_PARAMETERS', 'refused'],
    ['isv.SMS_SIGNATURE_ILLEGAL', 'refused'],
    ['isv.PARAM_NOT_SUPPORT_URL', 'refused'],
    ['isv.SOMETHING_NEW', 'refused'],
    ['InvalidParameters', 'refused'],
  ])('%s is %s', (code, kind) => {
    expect(meaningOf(code)?.kind).toBe(kind);
  });

  it('is not guessed at when nothing about it is known', () => {
    expect(meaningOf('Teapot')).toBeUndefined();
  });

  it('waits as long as the window that is full', () => {
    expect(windowMs('触发分钟级流控Permits:1')).toBe(60_000);
    expect(windowMs('触发小时级流控Permits:5')).toBe(3_600_000);
    expect(windowMs('触发天级流控Permits:10')).toBe(86_400_000);
    expect(windowMs('something new')).toBe(60_000);
  });
});

describe('the end of a call', () => {
  it.each([
    ['200000', 'answered', 'listened to the end'],
    ['200001', 'answered', 'hung up early'],
    ['200008', 'answered', 'pressed no key in time'],
    ['200002', 'unanswered', 'busy'],
    ['200003', 'unanswered', 'no answer'],
    ['200010', 'unanswered', 'powered off'],
    ['200004', 'failed', 'the number does not exist'],
    ['999999', 'failed', 'the vendor had a fault'],
  ] as const)('%s reads: %s, %s', (code, outcome, reason) => {
    expect(endingOf(code, 0)).toEqual([outcome, reason]);
  });

  it('with a new code was answered if anybody talked', () => {
    expect(endingOf('200999', 7)[0]).toBe('answered');
    expect(endingOf('200999', 0)[0]).toBe('failed');
  });
});

it('says why a message did not arrive, also for carriers with codes of their own', () => {
  expect(receiptReason('MOBILE_NOT_ON_SERVICE')).toBe('the number is switched off or out of service');
  expect(receiptReason('XA:0042')).toBe('the carrier did not deliver it');
});
