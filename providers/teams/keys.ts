import { createLocalJWKSet } from 'jose';
import { z } from 'zod';
import { CallbackError } from '../kit/adapter.ts';
import type { Io } from '../kit/io.ts';

const metadata = z.object({ jwks_uri: z.url({ protocol: /^https?$/ }) });
const key = z.looseObject({
  kty: z.string(),
  kid: z.string(),
  endorsements: z.array(z.string()).default([]),
});
const keySet = z.object({ keys: z.array(key) });

interface Known {
  keys: z.output<typeof key>[];
  find: ReturnType<typeof createLocalJWKSet>;
  fetchedAt: number;
}

const FRESH_MS = 24 * 60 * 60_000;
/** A forged key id costs at most one look in this time. */
const COOLDOWN_MS = 5 * 60_000;
const AFTER_FAILURE_MS = 5000;

/** By address, for the whole process. */
const known = new Map<string, Known>();
const underWay = new Map<string, Promise<Known>>();
const notBefore = new Map<string, number>();

/**
 * The keys Microsoft signs with, by key id: kept for a day, looked up again for an id not among them, at most every five
 * minutes. What is kept serves on when they cannot be looked up.
 *
 * Source https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 * @throws CallbackError 401 when there is no such key.
 */
export async function keyOf(kid: string, openIdUrl: string, io: Io): Promise<Known & { endorsements: string[] }> {
  let set = known.get(openIdUrl);
  const isStale = !set || io.now() - set.fetchedAt > FRESH_MS;
  const isMissing = !set?.keys.some((one) => one.kid === kid);
  const isAllowed = io.now() >= (notBefore.get(openIdUrl) ?? 0);
  if ((isStale || isMissing) && (isAllowed || underWay.has(openIdUrl))) {
    set = await lookUp(openIdUrl, io).catch(() => known.get(openIdUrl));
  }
  const found = set?.keys.find((one) => one.kid === kid);
  if (!set || !found) throw new CallbackError(401, 'teams.app: signed with a key that Microsoft does not list');
  return { ...set, endorsements: found.endorsements };
}

/** Looks now; who asks at the same time shares it. */
export function lookUp(openIdUrl: string, io: Io): Promise<Known> {
  const pending =
    underWay.get(openIdUrl) ??
    request(openIdUrl, io)
      .then((set) => {
        known.set(openIdUrl, set);
        notBefore.set(openIdUrl, io.now() + COOLDOWN_MS);
        return set;
      })
      .catch((error: unknown) => {
        notBefore.set(openIdUrl, io.now() + AFTER_FAILURE_MS);
        throw error;
      })
      .finally(() => underWay.delete(openIdUrl));
  underWay.set(openIdUrl, pending);
  return pending;
}

async function request(openIdUrl: string, io: Io): Promise<Known> {
  const { jwks_uri } = metadata.parse((await io.http({ method: 'GET', url: openIdUrl })).body);
  const { keys } = keySet.parse((await io.http({ method: 'GET', url: jwks_uri })).body);
  return { keys, find: createLocalJWKSet({ keys }), fetchedAt: io.now() };
}

/** For an account that is given back. */
export function forgetKeys(openIdUrl: string): void {
  known.delete(openIdUrl);
  notBefore.delete(openIdUrl);
}
