// Encrypts and signs what DingTalk and WeCom send, written from the vendors' pages.

import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** What DingTalk's events and WeCom's callbacks come in. */
export interface BoxSettings {
  token: string;
  /** 43 characters. */
  aesKey: string;
  /** DingTalk: the client id; WeCom: the corp id. */
  owner: string;
}

/**
 * Encrypts as both vendors do: 16 random bytes, length (4 bytes, big-endian), message, owner; PKCS#7 to 32 bytes;
 * AES-256-CBC whose IV is the beginning of the key.
 * Source  https://developer.work.weixin.qq.com/document/path/90968
 */
export function seal({ aesKey, owner }: BoxSettings, message: string): string {
  const text = Buffer.from(message, 'utf8');
  const size = Buffer.from([0, 0, 0, 0].map((_, place) => (text.length >>> (8 * (3 - place))) & 0xff));
  const body = Buffer.concat([randomBytes(16), size, text, Buffer.from(owner, 'utf8')]);
  const missing = 32 - (body.length % 32);
  const key = Buffer.from(`${aesKey}=`, 'base64');
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16));
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(Buffer.concat([body, Buffer.alloc(missing, missing)])), cipher.final()]).toString(
    'base64',
  );
}

/** What somebody sealed for us; nothing when they did not. */
export function unseal({ aesKey, owner }: BoxSettings, sealed: string): string | undefined {
  try {
    const key = Buffer.from(`${aesKey}=`, 'base64');
    const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16));
    decipher.setAutoPadding(false);
    const plain = Buffer.concat([decipher.update(Buffer.from(sealed, 'base64')), decipher.final()]);
    const body = plain.subarray(0, plain.length - (plain.at(-1) ?? 0));
    const end = 20 + body.readUInt32BE(16);
    return body.subarray(end).toString('utf8') === owner ? body.subarray(20, end).toString('utf8') : undefined;
  } catch {
    return undefined;
  }
}

/** Hex SHA-1 of the four, in order of their characters. */
export function stamp(token: string, timestamp: string, nonce: string, sealed: string): string {
  const parts = [token, timestamp, nonce, sealed].sort();
  return createHash('sha1').update(parts.join('')).digest('hex');
}
