import { expect, it } from 'vitest';
import { fromVendorNumber, isMainlandMobile, toVendorNumber } from '../../../providers/aliyun/numbers.ts';

it.each([
  ['a mainland mobile', '+8613900000000', '13900000000'],
  ['a landline in Hangzhou', '+8657123675454', '057123675454'],
  ['a landline in Beijing', '+861021364727', '01021364727'],
  ['a mobile in Hong Kong', '+85251234567', '85251234567'],
])('dials %s as Alibaba wants it, and reads it back', (_, e164, vendor) => {
  expect(toVendorNumber(e164)).toBe(vendor);
  expect(fromVendorNumber(vendor)).toBe(e164);
});

it('reads numbers with their calling code, and no other text', () => {
  expect(fromVendorNumber('8613900000000')).toBe('+8613900000000');
  expect(fromVendorNumber('139****0000')).toBeUndefined();
  expect(fromVendorNumber('')).toBeUndefined();
});

it('tells mobiles from landlines, which take no messages', () => {
  expect(isMainlandMobile('+8613900000000')).toBe(true);
  expect(isMainlandMobile('+861021364727')).toBe(false);
  expect(isMainlandMobile('+85251234567')).toBe(false);
});
