import { createHmac } from 'node:crypto';
import { isSame } from '../../links/constant-time.ts';
import { CallbackError, type HttpRequest } from '../kit/adapter.ts';

/** Freshness window, both directions. */
const MAX_SKEW_MS = 5 * 60_000;

/**
 * `X-Slack-Signature` is `v0=` and hex HMAC-SHA256 over `v0:{timestamp}:{raw body}` with the Signing Secret.
 *
 * Source https://docs.slack.dev/authentication/verifying-requests-from-slack
 * @throws CallbackError unless the headers sign exactly these bytes, within five minutes of our clock.
 */
export function verifySignature(
  { headers, body, receivedAt }: Pick<HttpRequest, 'headers' | 'body' | 'receivedAt'>,
  signingSecret: string,
): void {
  const timestamp = headers.get('x-slack-request-timestamp') ?? '';
  if (!/^\d{10}$/.test(timestamp)) throw new CallbackError(401, 'slack.app: the timestamp is missing');
  // Written so that NaN is not fresh.
  if (!(Math.abs(receivedAt - Number(timestamp) * 1000) <= MAX_SKEW_MS)) {
    throw new CallbackError(401, 'slack.app: the push is too old or from the future; check the clock');
  }
  const mac = createHmac('sha256', signingSecret).update(`v0:${timestamp}:`).update(body).digest('hex');
  if (!isSame(headers.get('x-slack-signature') ?? '', `v0=${mac}`)) {
    throw new CallbackError(401, 'slack.app: the signature is wrong; check signingSecret');
  }
}
