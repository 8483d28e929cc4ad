// What providers refuse, in our words: tables of their codes, and answers that are not theirs.
import type { z } from 'zod';
import type { ErrorKind, Handle } from '../../domain/delivery.ts';
import { DeliveryError } from './delivery-error.ts';
import type { HttpReply } from './io.ts';

/** What a code means. */
export interface Meaning {
  kind: ErrorKind;
  /** What happened; after a semicolon what to do about it. */
  means: string;
}

/** For a code that nobody has seen: another text, or the next account, may still pass. */
export const NOT_KNOWN: Meaning = { kind: 'refused', means: 'refused for a reason not known here' };

/** A table of the codes of one provider, one row a meaning. */
export function byCode(
  rows: readonly (Meaning & { codes: readonly (string | number)[] })[],
): ReadonlyMap<string, Meaning> {
  return new Map(
    rows.flatMap(({ codes, kind, means }) => codes.map((code) => [String(code), { kind, means }] as const)),
  );
}

/**
 * @param code as people read it; the provider's own unless `providerCode` is given.
 * @param pauseMs how long to wait where it means that there was too much.
 */
export function refusal(
  adapter: string,
  { kind, means }: Meaning,
  { code, providerCode = code, pauseMs }: { code: string; providerCode?: string; pauseMs: number },
): DeliveryError {
  return new DeliveryError(kind, `${adapter}: ${means} (${code})`, {
    providerCode,
    ...(kind === 'rate-limited' && { retryAfterMs: pauseMs }),
  });
}

/**
 * An answer that says nothing of the provider's own: the HTTP status decides. Something in front of it answered, or
 * something else stands at the address.
 * `kind` and `means` are those of a 4xx; `remedy` is also that of a success that cannot be read.
 * @param pauseMs for a 429 that does not say when to come back.
 */
export function unreadable(
  adapter: string,
  { status, headers }: HttpReply,
  { remedy, kind, means }: Meaning & { remedy: string },
  pauseMs = 1000,
): DeliveryError {
  const code = String(status);
  const asked = retryAfter(headers);
  if (status === 429) {
    const pause = { code, pauseMs: asked ?? pauseMs };
    return refusal(adapter, { kind: 'rate-limited', means: 'too many requests' }, pause);
  }
  if (status >= 500) {
    const details = { providerCode: code, ...(asked !== undefined && { retryAfterMs: asked }) };
    return new DeliveryError('unavailable', `${adapter}: the platform failed (${code})`, details);
  }
  if (status >= 400)
    return new DeliveryError(kind, `${adapter}: ${means} (${code}); ${remedy}`, { providerCode: code });
  return new DeliveryError('unknown-outcome', `${adapter}: the answer cannot be read; ${remedy}`);
}

/** A header of seconds, as milliseconds. */
export function retryAfter(headers: Headers, name = 'retry-after'): number | undefined {
  const seconds = Number(headers.get(name) ?? NaN);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}

/** Where a message stands that is to be redrawn. @throws DeliveryError for a handle that does not tell: of another release, or none. */
export function readHandle<Schema extends z.ZodType>(
  adapter: string,
  schema: Schema,
  handle: Handle,
): z.output<Schema> {
  const { success, data } = schema.safeParse(handle);
  if (success) return data;
  throw new DeliveryError('rejected', `${adapter}: the id of the message is missing; it cannot be redrawn`);
}
