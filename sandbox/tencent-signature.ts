import { createHash, createHmac } from 'node:crypto';

/**
 * TC3-HMAC-SHA256 of a `POST /`. https://cloud.tencent.com/document/api/213/30654
 * @param scope what the credential of the request names, and the headers in the order in which they were signed.
 */
export function tc3Signature(
  secret: string,
  { sent, body, timestamp }: { sent: Readonly<Record<string, string>>; body: string; timestamp: string },
  scope: { date: string; service: string; headers: readonly string[] },
): Buffer {
  // The vendor's own host has no port, and its SDK signs none.
  const value = (name: string): string =>
    name === 'host' ? (sent['host'] ?? '').replace(/:\d+$/, '') : (sent[name] ?? '').trim().toLowerCase();
  const headers = scope.headers.map((name) => `${name}:${value(name)}\n`).join('');
  const canonical = ['POST', '/', '', headers, scope.headers.join(';'), sha256(body)].join('\n');
  const key = [scope.date, scope.service, 'tc3_request'].reduce<Buffer | string>(
    (previous, part) => hmac(previous, part),
    `TC3${secret}`,
  );
  const credential = `${scope.date}/${scope.service}/tc3_request`;
  return hmac(key, ['TC3-HMAC-SHA256', timestamp, credential, sha256(canonical)].join('\n'));
}

function hmac(key: Buffer | string, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
