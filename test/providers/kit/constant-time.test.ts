import { expect, it } from 'vitest';
import { isSame } from '../../../links/constant-time.ts';

it('compares texts of any length, character by character', () => {
  expect(isSame('a', 'a')).toBe(true);
  for (const [one, other] of [
    ['a', 'b'],
    ['', 'a'],
    ['aa', 'a'],
    ['A', 'a'],
    // The same byte in base64.
    ['QQ', 'QR'],
  ] as const) {
    expect(isSame(one, other), `${one} and ${other}`).toBe(false);
  }
});
