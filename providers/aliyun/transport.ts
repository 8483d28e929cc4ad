import Core, { $OpenApiUtil } from '@alicloud/openapi-core';
import { ExtendsParameters, RuntimeOptions } from '@darabonba/typescript';
import { z } from 'zod';
import type { Io } from '../kit/io.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import { meaningOf, windowMs } from './codes.ts';

/** The part of an account the wire needs. */
export interface Endpoint {
  accessKeyId: string;
  accessKeySecret: string;
  baseUrl: string;
}

/** Codes that the connection never came about: nothing left this machine. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** What the SDK throws; its messages hold the whole request, number and text included, and are never passed on. */
const thrown = z.object({
  name: z.string(),
  code: z.string().optional().catch(undefined),
  syscall: z.string().optional().catch(undefined),
  message: z.string(),
  statusCode: z.int().optional().catch(undefined),
  retryAfter: z.number().optional().catch(undefined),
});

export class AliyunClient extends Core.default {
  constructor(endpoint: Endpoint) {
    super(sdkConfig(endpoint));
  }
}

/** The settings of the SDK. It makes no retries unless told so, and Temporal makes them. */
export function sdkConfig({ accessKeyId, accessKeySecret, baseUrl }: Endpoint): $OpenApiUtil.Config {
  const { host, protocol } = new URL(baseUrl);
  return new $OpenApiUtil.Config({
    accessKeyId,
    accessKeySecret,
    endpoint: host,
    protocol: protocol === 'http:' ? 'HTTP' : 'HTTPS',
  });
}

export function runtimeOptions(io: Io): RuntimeOptions {
  return new RuntimeOptions({
    readTimeout: io.timeoutMs,
    // Not the time to connect but the longest silence on the socket: shorter would cut off slow answers.
    connectTimeout: io.timeoutMs,
    // Connections are not kept: one that the vendor has just closed looks like a lost answer, which costs a minute.
    extendsParameters: new ExtendsParameters({ headers: { connection: 'close' } }),
  });
}

/** Runs one request of the SDK. @throws DeliveryError in our words for whatever the SDK throws. */
export async function ask<Answer>(adapter: string, io: Io, request: () => Promise<Answer>): Promise<Answer> {
  if (io.signal?.aborted) throw new DeliveryError('not-sent', `${adapter}: the worker is shutting down`);
  try {
    return await request();
  } catch (error) {
    throw toDeliveryError(adapter, error);
  }
}

/** Tries the credentials by a question about something that does not exist. Only refused credentials are a failure. */
export async function askInVain(question: Promise<unknown>): Promise<void> {
  try {
    await question;
  } catch (error) {
    if (!(error instanceof DeliveryError && (error.kind === 'refused' || error.kind === 'rejected'))) throw error;
  }
}

/** HTTP 200 says nothing: only `OK` is success. @throws DeliveryError */
export function demandOk(adapter: string, code: string | undefined, vendorMessage: string | undefined): void {
  if (code === undefined) throw unreadable(adapter);
  if (code !== 'OK') throw refusal(adapter, code, vendorMessage ?? '');
}

/** The error for an answer that is not one of the vendor's API. The request may have counted all the same. */
export function unreadable(adapter: string, providerCode?: string): DeliveryError {
  return new DeliveryError('unknown-outcome', `${adapter}: no readable answer; it may have gone out`, {
    ...(providerCode !== undefined && { providerCode }),
  });
}

function toDeliveryError(adapter: string, error: unknown): DeliveryError {
  const read = thrown.safeParse(error);
  const { code, name, syscall, message, statusCode, retryAfter } = read.data ?? { name: '', message: '' };
  if (code !== undefined && (NEVER_CONNECTED.has(code) || syscall === 'connect')) {
    return new DeliveryError(
      'not-sent',
      `${adapter}: no connection to the vendor (${code}); check baseUrl and network`,
      {
        providerCode: code,
      },
    );
  }
  if (name === 'RequestTimeoutError') {
    return new DeliveryError('unknown-outcome', `${adapter}: no answer in time; it may have gone out`);
  }
  // The SDK writes the word `undefined` where an answer had no code.
  if (statusCode === undefined || code === undefined || code === 'undefined') {
    return unreadable(adapter, statusCode === undefined ? code : String(statusCode));
  }
  return refusal(adapter, code, message, { statusCode, retryAfter });
}

function refusal(
  adapter: string,
  code: string,
  vendorMessage: string,
  http: { statusCode?: number; retryAfter?: number | undefined } = {},
): DeliveryError {
  const { kind, says } = meaningOf(code) ?? {
    // What we cannot place came from a broken server or from a server that read the request and said no.
    kind: (http.statusCode ?? 0) >= 500 ? 'unknown-outcome' : 'refused',
    says: 'the vendor answered with an unknown code; look it up',
  };
  const retryAfterMs = code.startsWith('Throttling') ? (http.retryAfter ?? 1000) : windowMs(vendorMessage);
  return new DeliveryError(kind, `${adapter}: ${explain(says, code)}`, {
    providerCode: code,
    ...(kind === 'rate-limited' && { retryAfterMs }),
  });
}

/** The code stands behind what happened, before what to do: `the limit is reached (isv.…); raise it`. */
function explain(says: string, code: string): string {
  const [happened, ...remedy] = says.split('; ');
  return [`${happened ?? says} (${code})`, ...remedy].join('; ');
}
