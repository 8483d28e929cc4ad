import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { vms } from 'tencentcloud-sdk-nodejs/tencentcloud/services/vms/index.js';
import { z } from 'zod';
import type { Io } from '../kit/io.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { TencentVoiceAccount } from './account.ts';
import { meaningOf } from './codes.ts';

type VmsClient = InstanceType<typeof vms.v20200902.Client>;

/** What the SDK throws: `code` for an answer of the API, `httpCode` for another status, else only a message. */
const thrown = z.object({
  code: z.string().optional().catch(undefined),
  httpCode: z.int().optional().catch(undefined),
  message: z.string(),
});

const clients = new WeakMap<TencentVoiceAccount, VmsClient>();

function clientFor(account: TencentVoiceAccount): VmsClient {
  const known = clients.get(account) ?? newClient(account);
  clients.set(account, known);
  return known;
}

function newClient({ secretId, secretKey, region, baseUrl }: TencentVoiceAccount): VmsClient {
  const { protocol, host } = new URL(baseUrl);
  return new vms.v20200902.Client({
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
  });
}

/** One request, not repeated: the SDK does no retries and Temporal does. @throws DeliveryError */
export async function request(
  adapter: string,
  action: 'SendTtsVoice',
  params: Record<string, unknown>,
  account: TencentVoiceAccount,
  io: Io,
): Promise<unknown> {
  if (io.signal?.aborted) throw new DeliveryError('not-sent', `${adapter}: the worker is shutting down`);
  // The SDK's own `reqTimeout` (in seconds, 60 by default) belongs to the client, ours to the request.
  const timeout = AbortSignal.timeout(io.timeoutMs);
  const signal = io.signal ? AbortSignal.any([timeout, io.signal]) : timeout;
  try {
    return (await clientFor(account).request(action, params, { signal })) as unknown;
  } catch (error) {
    throw toDeliveryError(adapter, error);
  }
}

/** Never the SDK's message: it quotes the request's address and the vendor's sentence. */
function toDeliveryError(adapter: string, error: unknown): DeliveryError {
  const { code, httpCode, message } = thrown.safeParse(error).data ?? { message: '' };
  if (code !== undefined && code !== '') {
    const { kind, says, retryAfterMs } = meaningOf(code);
    const [happened, ...remedy] = says.split('; ');
    return new DeliveryError(kind, `${adapter}: ${[`${happened ?? says} (${code})`, ...remedy].join('; ')}`, {
      providerCode: code,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }
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
  return new DeliveryError('unknown-outcome', `${adapter}: no readable answer in time; the call may have gone out`);
}
