// Who posts: the tokens of `gateway.tokens`, shown as bearers or signed with.

import { createHash, createHmac } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { ServiceToken } from '../../config/configuration.ts';
import { isSame } from '../../links/constant-time.ts';

/** Freshness of a signed request, both directions. */
export const MAX_SKEW_MS = 5 * 60_000;

/** A megabyte takes 2 ms for each token, and whoever sends it has proved nothing: others have their turn in between. */
const LONG_BODY_BYTES = 64 * 1024;

/** What https://www.standardwebhooks.com puts into headers; only the body can prove it. */
export interface Signature {
  id: string;
  timestamp: string;
  given: string[];
}

/** What a signature covers. */
export interface Signed {
  method: string;
  /** From `/incidents` on, without a query. */
  path: string;
  body: Uint8Array;
}

/** Those that have not expired. */
export function inForce(tokens: readonly ServiceToken[], now: number): ServiceToken[] {
  return tokens.filter(({ expiresAt = Infinity }) => expiresAt > now);
}

/** The token that a request shows; undefined when it shows none, or none of these. */
export function bearerOf(headers: Headers, tokens: readonly ServiceToken[]): ServiceToken | undefined {
  const shown = shownIn(headers);
  if (shown === undefined) return undefined;
  const digest = createHash('sha256').update(shown).digest('hex');
  return tokens.find(({ sha256 }) => isSame(digest, sha256));
}

/** Undefined when there is none, it is not fresh, or a token is shown, which alone counts then. */
export function signatureOf(headers: Headers, now: number): Signature | undefined {
  if (shownIn(headers) !== undefined) return undefined;
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) => headers.get(`webhook-${name}`));
  if (!id || !timestamp || !signatures) return undefined;
  if (!(Math.abs(Number(timestamp) * 1000 - now) <= MAX_SKEW_MS)) return undefined;
  return {
    id,
    timestamp,
    given: signatures.split(' ').flatMap((one) => (one.startsWith('v1,') ? [one.slice(3)] : [])),
  };
}

/**
 * Whose signature it is. `isBound`: it covers method and path, `<id>.<timestamp>.<METHOD> <path>.<body>`, so that it is
 * good for nothing else. As the standard has it (`<id>.<timestamp>.<body>`) it proves a body that could be sent anywhere;
 * the one cannot be read as the other, because no JSON begins with a method.
 */
export async function signerOf(
  { id, timestamp, given }: Signature,
  { method, path, body }: Signed,
  tokens: readonly ServiceToken[],
): Promise<{ token: ServiceToken; isBound: boolean } | undefined> {
  for (const token of tokens) {
    const { secret } = token;
    if (secret === undefined) continue;
    if (body.length > LONG_BODY_BYTES) await setImmediate();
    const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : secret;
    const isSigned = (prefix: string): boolean => {
      const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${prefix}`).update(body).digest('base64');
      return given.some((one) => isSame(one, expected));
    };
    if (isSigned(`${method} ${path}.`)) return { token, isBound: true };
    if (isSigned('')) return { token, isBound: false };
  }
  return undefined;
}

function shownIn(headers: Headers): string | undefined {
  return /^Bearer\s+(.+)$/i.exec(headers.get('authorization') ?? '')?.[1];
}
