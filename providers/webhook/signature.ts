import { createHmac } from 'node:crypto';

/**
 * Headers of a Standard Webhooks message: HMAC-SHA256 over `id.timestamp.body`, base64, named `v1`.
 * @param secret `whsec_` and the key in base64.
 * @param now milliseconds since 1970; the header has seconds.
 * Source https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signedHeaders(
  { id, now, body }: { id: string; now: number; body: string },
  secret: string | undefined,
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  if (secret === undefined) return headers;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { ...headers, 'webhook-signature': `v1,${signature}` };
}
