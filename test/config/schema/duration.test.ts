import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../../config/schema/duration.ts';

describe('a duration', () => {
  it.each([
    ['0s', 0],
    ['30s', 30_000],
    ['0.5m', 30_000],
    ['1.5m', 90_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['24h', 86_400_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    '',
    '5',
    '5x',
    '5M',
    '10 secconds',
    '5 m',
    '-5m',
    '+5m',
    '1h30m',
    'NaN',
    '1e3s',
    'Infinityh',
    '.5m',
    '٥m',
    '5m\n',
  ])('is not guessed from %j', (text) => {
    expect(() => parseDuration(text)).toThrow('write it like 0s, 30s, 5m, 1.5m, 1h or 12h');
  });
});
