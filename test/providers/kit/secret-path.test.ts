import { expect, it } from 'vitest';
import { hasSecretPath } from '../../../providers/kit/secret-path.ts';

const at = (path: string): URL => new URL(path, 'https://oncall.example.com');

it('lets a push in at the secret address and at no other', () => {
  const secret = 'k7Jq-Wm2Xs9RtLd4Bz';
  expect(hasSecretPath(at(`/callbacks/voice/${secret}`), secret)).toBe(true);
  expect(hasSecretPath(at(`/callbacks/voice/${secret}x`), secret)).toBe(false);
  expect(hasSecretPath(at(`/callbacks/voice/${secret.slice(1)}`), secret)).toBe(false);
  expect(hasSecretPath(at(`/callbacks/voice/${secret}/`), secret)).toBe(false);
  expect(hasSecretPath(at(`/callbacks/voice?${secret}`), secret)).toBe(false);
});

it('lets nobody in where no secret is set', () => {
  expect(hasSecretPath(at('/callbacks/sms/'), undefined)).toBe(false);
  expect(hasSecretPath(at('/callbacks/sms/'), '')).toBe(false);
});
