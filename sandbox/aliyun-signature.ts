import { createHash, createHmac } from 'node:crypto';

/**
 * ACS3-HMAC-SHA256 of a `POST /`. Nothing when a header that must be signed is not, or the body is not the one that was
 * hashed. https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature
 * @param signed names of the headers, in the order in which they were signed.
 */
export function acs3Signature(
  secret: string,
  { sent, query, body }: { sent: Readonly<Record<string, string>>; query: URLSearchParams; body: string },
  signed: readonly string[],
): Buffer | undefined {
  const must = Object.keys(sent).filter((name) => name === 'host' || name.startsWith('x-acs-'));
  const contentHash = sent['x-acs-content-sha256'] ?? '';
  if (!must.every((name) => signed.includes(name)) || contentHash !== sha256(body)) return undefined;
  if (!must.includes('x-acs-signature-nonce')) return undefined;
  const canonicalQuery = [...query]
    .map(([key, value]) => [encode(key), encode(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, value]) => `${key}=${value}`)
    .join('&');
  const canonicalHeaders = signed.map((name) => `${name}:${(sent[name] ?? '').trim()}\n`).join('');
  const canonical = ['POST', '/', canonicalQuery, canonicalHeaders, signed.join(';'), contentHash].join('\n');
  return createHmac('sha256', secret)
    .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
    .digest();
}

/** RFC 3986: only letters, digits and `-_.~` stay. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
