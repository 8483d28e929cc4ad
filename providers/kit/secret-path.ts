import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether the last segment of the callback's address is the account's secret. An account without a secret takes no
 * push.
 */
export function hasSecretPath(url: URL, secret: string | undefined): boolean {
  const given = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
  return secret !== undefined && secret !== '' && timingSafeEqual(digest(given), digest(secret));
}

// Equal lengths are what timingSafeEqual demands, and hashing tells nothing about the secret's.
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
