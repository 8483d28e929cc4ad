import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bitsOf, isGuessable } from '../../links/guess.ts';

describe('a secret that a stranger would find', () => {
  it.each([
    'aaaaaaaaaaaaaaaa',
    'abababababababab',
    'aabbaabbabababbaabbababa',
    '0123456789abcdef',
    'fedcba9876543210',
    '1234567890123456',
    '3141592653589793',
    'qwertyuiopasdfghjkl',
    'passwordpassword',
    'Password1234567890',
    'p4ssw0rdp4ssw0rd',
    'changemechangeme',
    'please-change-me',
    'secretsecretsecretsecretsecret',
    'my-secret-password',
    'gateway-secret-1',
    'av-callback-secret-1',
    'your-secret-token-here',
    'aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb',
    '',
  ])('is refused: %s', (secret) => {
    expect(isGuessable(secret)).toBe(true);
  });
});

/** Bytes like those of chance, the same in every run. */
const bytes = (seed: number, count: number) => createHash('sha256').update(String(seed)).digest().subarray(0, count);

describe('a secret that was made by chance', () => {
  const makers = {
    '10 bytes as hex': (seed: number) => bytes(seed, 10).toString('hex'),
    '32 bytes as hex': (seed: number) => bytes(seed, 32).toString('hex'),
    '12 bytes as base64': (seed: number) => bytes(seed, 12).toString('base64'),
    '24 bytes as base64url': (seed: number) => bytes(seed, 24).toString('base64url'),
    '24 digits': (seed: number) => [...bytes(seed, 24)].map((byte) => byte % 10).join(''),
    '16 lower-case letters': (seed: number) =>
      [...bytes(seed, 16)].map((byte) => String.fromCharCode(97 + (byte % 26))).join(''),
  };
  it.each(Object.entries(makers))('is taken, from %s on', (_what, make) => {
    for (let n = 0; n < 1000; n += 1) {
      const secret = make(n);
      expect({ secret, isGuessable: isGuessable(secret) }).toEqual({ secret, isGuessable: false });
    }
  });

  it('is taken too when it is a sentence of unusual words', () => {
    expect(isGuessable('correct-horse-battery-staple')).toBe(false);
  });
});

it('takes no time, however long it is', () => {
  const startedAt = performance.now();
  bitsOf('ab'.repeat(1_000_000));
  expect(performance.now() - startedAt).toBeLessThan(1000);
});
