import { setTimeout as sleep } from 'node:timers/promises';
import { createLocalJWKSet } from 'jose';
import { z } from 'zod';
import { CallbackError } from '../kit/adapter.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
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
/** For each of its two requests: a look serves all who come later, so that it may take longer than anybody waits for it. */
const LOOK_MS = 30_000;

/** By address, for the whole process: what is known is never forgotten, only replaced. */
const known = new Map<string, Known>();
const underWay = new Map<string, Promise<Known>>();
const notBefore = new Map<string, number>();

/**
 * The keys Microsoft signs with, by key id: kept for a day, looked up again for an id not among them, at most every five
 * minutes. A key that is known serves at once, also while newer ones are looked up or cannot be.
 *
 * Source https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 * @throws CallbackError 401 when there is no such key, 503 when nobody can say so now.
 */
export async function keyOf(kid: string, openIdUrl: string, io: Io): Promise<Known & { endorsements: string[] }> {
  const before = known.get(openIdUrl);
  const isMissing = !before?.keys.some((one) => one.kid === kid);
  const isStale = !before || io.now() - before.fetchedAt > FRESH_MS;
  const isAllowed = io.now() >= (notBefore.get(openIdUrl) ?? 0);
  if ((isMissing || isStale) && (isAllowed || underWay.has(openIdUrl))) {
    const looked = lookUp(openIdUrl, io).catch(() => undefined);
    if (isMissing) await looked;
  }
  const set = known.get(openIdUrl);
  const found = set?.keys.find((one) => one.kid === kid);
  if (set && found) return { ...set, endorsements: found.endorsements };
  if (!set || underWay.has(openIdUrl)) {
    throw new CallbackError(503, 'teams.app: the keys of Microsoft are being looked up; please try again');
  }
  throw new CallbackError(401, 'teams.app: signed with a key that Microsoft does not list');
}

/**
 * Looks now; who asks at the same time shares it. It goes on for whoever comes later when this caller has no more time.
 * @throws DeliveryError when the keys cannot be read, or not within the caller's time.
 */
export async function lookUp(openIdUrl: string, io: Io): Promise<Known> {
  const stop = new AbortController();
  const late = sleep(io.timeoutMs, undefined, { signal: stop.signal }).then(() => {
    throw new DeliveryError('unavailable', 'Microsoft has not listed its keys in time');
  });
  try {
    return await Promise.race([look(openIdUrl, io), late]);
  } finally {
    stop.abort();
    late.catch(() => undefined);
  }
}

function look(openIdUrl: string, io: Io): Promise<Known> {
  const pending =
    underWay.get(openIdUrl) ??
    request(openIdUrl, io.lasting(LOOK_MS))
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
