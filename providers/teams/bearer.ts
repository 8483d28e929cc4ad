import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { CallbackError, type HttpRequest } from '../kit/adapter.ts';
import type { Io } from '../kit/io.ts';
import { isServiceUrl, placesOf, type TeamsAppAccount } from './account.ts';
import { keyOf } from './keys.ts';

/** A bot may be on other channels too, which prove other things about who presses. */
const CHANNEL = 'msteams';
/** Clocks may differ by so much. */
const SKEW_SECONDS = 300;

/** What the bearer token has to agree with in the body it comes with. */
export interface Claimed {
  channelId: string;
  serviceUrl: string;
  tenantId: string | undefined;
}

/**
 * The bearer token of a push: RS256 by a key of Microsoft endorsed for the channel, for our app, for this service
 * address, and fresh; and the tenant is ours.
 *
 * Source https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 * @throws CallbackError 401, or 503 while the keys cannot be had.
 */
export async function verifyBearer(
  { headers, receivedAt }: Pick<HttpRequest, 'headers' | 'receivedAt'>,
  { channelId, serviceUrl, tenantId }: Claimed,
  account: TeamsAppAccount,
  io: Io,
): Promise<void> {
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(headers.get('authorization') ?? '')?.[1];
  if (token === undefined) throw new CallbackError(401, 'teams.app: there is no bearer token');
  const { openId, api } = placesOf(account);
  const { find, endorsements } = await keyOf(kidOf(token), openId, io);
  if (channelId !== CHANNEL || !endorsements.includes(CHANNEL))
    throw new CallbackError(401, 'teams.app: the key is not for this channel');
  const claimed = await claimOf(token, find, {
    issuer: api,
    audience: [account.appId, `api://${account.appId}`, `api://botid-${account.appId}`],
    algorithms: ['RS256'],
    clockTolerance: SKEW_SECONDS,
    currentDate: new Date(receivedAt),
    requiredClaims: ['exp'],
  });
  // Otherwise a good token for another conversation could send our own token to its owner's address.
  if (typeof claimed !== 'string' || normal(claimed) !== normal(serviceUrl) || !isServiceUrl(serviceUrl, account)) {
    throw new CallbackError(401, 'teams.app: the token is for another service address');
  }
  if (tenantId !== account.tenantId) throw new CallbackError(401, 'teams.app: from another tenant; check tenantId');
}

function kidOf(token: string): string {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    if (alg === 'RS256' && typeof kid === 'string') return kid;
  } catch {
    // Told below.
  }
  throw new CallbackError(401, 'teams.app: the bearer token is not signed as Microsoft signs');
}

async function claimOf(token: string, ...[find, rules]: [Parameters<typeof jwtVerify>[1], object]): Promise<unknown> {
  try {
    const { payload } = await jwtVerify(token, find, rules);
    return payload['serviceurl'];
  } catch (error) {
    const why = error instanceof errors.JOSEError ? error.code : 'unreadable';
    throw new CallbackError(401, `teams.app: the bearer token is not good (${why}); check appId and the clock`);
  }
}

function normal(address: string): string {
  return address.toLowerCase().replace(/\/+$/, '');
}
