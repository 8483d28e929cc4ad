import twilio from 'twilio';
import { z } from 'zod';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import { retryAfter } from '../kit/refusal.ts';
import type { TwilioSmsAccount, TwilioVoiceAccount } from './account.ts';
import { meaningOf } from './codes.ts';

/** What the SDK throws for an answer that is no success: its two classes share these fields. */
const thrown = z.object({ status: z.int(), code: z.int().nullish().catch(undefined) });

/**
 * Asks Twilio once, through the official client.
 * @throws DeliveryError in our words: the SDK's own errors hold the token.
 */
export async function ask<T>(
  adapter: string,
  account: TwilioVoiceAccount | TwilioSmsAccount,
  io: Io,
  request: (client: twilio.Twilio) => Promise<T>,
): Promise<T> {
  const { accountSid, authToken, apiKey, baseUrl } = account;
  const wire = new Wire(io, baseUrl);
  const client = twilio(apiKey?.sid ?? accountSid, apiKey?.secret ?? authToken, { accountSid, httpClient: wire });
  try {
    return await request(client);
  } catch (error) {
    throw toDeliveryError(adapter, error, wire.retryAfterMs);
  }
}

type Asked = Parameters<InstanceType<typeof twilio.RequestClient>['request']>[0];
interface Answer<T> {
  statusCode: number;
  body: T;
  headers: Record<string, string>;
}

/**
 * The SDK's requests over our own wire: to `baseUrl`, within our time, ended by our signal, past its own proxy rules; and
 * whether a failed request had left is known.
 */
class Wire extends twilio.RequestClient {
  /** As the last answer asked for it; the errors of the SDK do not tell. */
  retryAfterMs: number | undefined;
  readonly #io: Io;
  readonly #baseUrl: string;

  constructor(io: Io, baseUrl: string) {
    super();
    this.#io = io;
    this.#baseUrl = baseUrl.replace(/\/$/, '');
  }

  override async request<T>(asked: Asked): Promise<Answer<T>> {
    const { method, uri, username = '', password = '', headers, params, data } = asked;
    const { pathname } = new URL(uri);
    const query = params ? `?${form(params)}` : '';
    const reply = await this.#io.http({
      method: method === 'post' ? 'POST' : method === 'delete' ? 'DELETE' : 'GET',
      url: `${this.#baseUrl}${pathname}${query}`,
      headers: {
        ...headers,
        authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      },
      ...(typeof data === 'object' && data !== null && { text: form(data) }),
    });
    this.retryAfterMs = retryAfter(reply.headers);
    // The SDK takes text and parses it.
    return { statusCode: reply.status, body: reply.text as T, headers: Object.fromEntries(reply.headers) };
  }
}

/** A list becomes one field for each of its values. */
function form(fields: object): string {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): [string, string] => [name, String(one)]),
  );
  return new URLSearchParams(pairs).toString();
}

function toDeliveryError(adapter: string, error: unknown, askedMs: number | undefined): DeliveryError {
  if (error instanceof DeliveryError) return error;
  const answer = thrown.safeParse(error);
  if (!answer.success) {
    return new DeliveryError('unknown-outcome', `${adapter}: no readable answer; it may have gone out`);
  }
  const { status, code } = answer.data;
  const { kind, says, remedy } = meaningOf(code ?? undefined, status);
  const providerCode = String(code ?? status);
  const retryAfterMs = askedMs ?? (kind === 'rate-limited' ? 1000 : undefined);
  return new DeliveryError(kind, `${adapter}: ${says} (${providerCode}); ${remedy}`, {
    providerCode,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
