import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { z } from 'zod';
import type { Io } from '../kit/io.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import { meaningOf } from './codes.ts';

/** The part of an account the wire needs. */
export interface Endpoint {
  secretId: string;
  secretKey: string;
  region: string;
  baseUrl: string;
}

/** Any product's client of the SDK. */
export interface Client {
  request(action: string, params: unknown, options: { signal: AbortSignal }): Promise<unknown>;
}

/** What the SDK throws: `code` for an answer of the API, `httpCode` for another status, else only a message. */
const thrown = z.object({
  code: z.string().optional().catch(undefined),
  httpCode: z.int().optional().catch(undefined),
  message: z.string(),
});

export function sdkConfig({ secretId, secretKey, region, baseUrl }: Endpoint) {
  const { protocol, host } = new URL(baseUrl);
  return {
    credential: { secretId, secretKey },
    region,
    profile: {
      httpProfile: {
        protocol: `${protocol}//`,
        endpoint: host,
        // An agent keeps the SDK from sending everything, loopback included, through the proxy in `http_proxy`. It keeps
        // no connection: one that the vendor just closed looks like a lost answer, and a lost answer costs a minute.
        agent: protocol === 'http:' ? new HttpAgent({ keepAlive: false }) : new HttpsAgent({ keepAlive: false }),
      },
    },
  };
}

/** One request, not repeated: the SDK does no retries and Temporal does. @throws DeliveryError */
export async function request(
  adapter: string,
  client: Client,
  action: string,
  params: Record<string, unknown>,
  io: Io,
): Promise<unknown> {
  if (io.signal?.aborted) throw new DeliveryError('not-sent', `${adapter}: the worker is shutting down`);
  // The SDK's own `reqTimeout` (in seconds, 60 by default) belongs to the client, ours to the request.
  const timeout = AbortSignal.timeout(io.timeoutMs);
  const signal = io.signal ? AbortSignal.any([timeout, io.signal]) : timeout;
  try {
    return await client.request(action, params, { signal });
  } catch (error) {
    throw toDeliveryError(adapter, error);
  }
}

/** A question that cannot be answered, asked for the sake of the credentials: only refused credentials are a fault. */
export async function askInVain(question: Promise<unknown>): Promise<void> {
  try {
    await question;
  } catch (error) {
    if (!(error instanceof DeliveryError && (error.kind === 'refused' || error.kind === 'rejected'))) throw error;
  }
}

/** What a code of the API means, in our words. */
export function refusal(adapter: string, code: string): DeliveryError {
  const { kind, says, retryAfterMs } = meaningOf(code);
  const [happened, ...remedy] = says.split('; ');
  return new DeliveryError(kind, `${adapter}: ${[`${happened ?? says} (${code})`, ...remedy].join('; ')}`, {
    providerCode: code,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** Whatever it was, it is not an answer of the vendor's API. */
export function unreadable(adapter: string): DeliveryError {
  return new DeliveryError('unknown-outcome', `${adapter}: no readable answer in time; it may have gone out`);
}

/** Never the SDK's message: it quotes the request's address and the vendor's sentence. */
function toDeliveryError(adapter: string, error: unknown): DeliveryError {
  const { code, httpCode, message } = thrown.safeParse(error).data ?? { message: '' };
  if (code !== undefined && code !== '') return refusal(adapter, code);
  if (httpCode === 429) {
    return new DeliveryError('rate-limited', `${adapter}: the vendor is asked too often (HTTP 429)`, {
      providerCode: '429',
      retryAfterMs: 1000,
    });
  }
  if (httpCode !== undefined) {
    const kind = httpCode >= 500 ? 'unknown-outcome' : 'refused';
    return new DeliveryError(
      kind,
      `${adapter}: the vendor's gateway answered HTTP ${String(httpCode)}; check baseUrl`,
      {
        providerCode: String(httpCode),
      },
    );
  }
  // Only the sentence tells where it broke; several refused addresses in a row leave the reason empty.
  if (/failed, reason: *($|connect |getaddrinfo |.*certificate)/i.test(message)) {
    return new DeliveryError('not-sent', `${adapter}: no connection to the vendor; check baseUrl and network`);
  }
  return unreadable(adapter);
}
