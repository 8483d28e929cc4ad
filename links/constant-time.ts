import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether two texts are the same, character by character, in a time that tells a forger nothing. A signature is compared
 * as it is spelled and not by its bytes, because base64 has several spellings of the same bytes and each would count as
 * another.
 */
export function isSame(given: string, expected: string): boolean {
  // Equal lengths are what timingSafeEqual demands, and hashing tells nothing about the secret's.
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
