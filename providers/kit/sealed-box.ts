import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { isSame } from '../../links/constant-time.ts';
import { CallbackError } from './adapter.ts';

/** What DingTalk's event subscription and WeCom's callbacks are encrypted and signed with. */
export interface BoxKeys {
  token: string;
  /** 43 characters of base64: 32 bytes. */
  aesKey: string;
  /** Who it is for: DingTalk the client id, WeCom the corp id. */
  owner: string;
}

const RANDOM_BYTES = 16;
const LENGTH_BYTES = 4;
/** PKCS#7 over blocks of 32 bytes, which Node's own unpadding refuses. */
const BLOCK_BYTES = 32;

/**
 * Opens the envelope both vendors share: AES-256-CBC, the first 16 bytes of the key are the IV, inside are 16 random
 * bytes, the length of the message (32 bits, big-endian), the message, and whom it is for.
 *
 * Source https://developer.work.weixin.qq.com/document/path/90968
 * @throws CallbackError when it was not sealed with this key, or for somebody else.
 */
export function openBox(sealed: string, { aesKey, owner }: Omit<BoxKeys, 'token'>): string {
  const plain = decrypt(sealed, aesKey);
  const padding = plain.at(-1) ?? 0;
  const end = plain.length - padding;
  const start = RANDOM_BYTES + LENGTH_BYTES;
  if (padding < 1 || padding > BLOCK_BYTES || end < start) throw new CallbackError(401, 'the envelope is damaged');
  const messageEnd = start + plain.readUInt32BE(RANDOM_BYTES);
  if (messageEnd > end || !isSame(plain.subarray(messageEnd, end).toString(), owner)) {
    throw new CallbackError(401, 'the envelope is for somebody else');
  }
  return plain.subarray(start, messageEnd).toString();
}

function decrypt(sealed: string, aesKey: string): Buffer {
  try {
    const key = keyOf(aesKey);
    const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
    return Buffer.concat([decipher.update(Buffer.from(sealed, 'base64')), decipher.final()]);
  } catch {
    throw new CallbackError(401, 'the envelope cannot be decrypted; check the AES key');
  }
}

/** The same in the other direction. */
export function sealBox(
  message: string,
  { aesKey, owner }: Omit<BoxKeys, 'token'>,
  random: Uint8Array = randomBytes(RANDOM_BYTES),
): string {
  const bytes = Buffer.from(message);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(bytes.length);
  const content = Buffer.concat([random, length, bytes, Buffer.from(owner)]);
  const padding = BLOCK_BYTES - (content.length % BLOCK_BYTES);
  const key = keyOf(aesKey);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([
    cipher.update(content),
    cipher.update(Buffer.alloc(padding, padding)),
    cipher.final(),
  ]).toString('base64');
}

/** Hex SHA-1 over the four strings, sorted. */
export function signBox(token: string, timestamp: string, nonce: string, sealed: string): string {
  return createHash('sha1').update([token, timestamp, nonce, sealed].sort().join('')).digest('hex');
}

function keyOf(aesKey: string): Buffer {
  return Buffer.from(`${aesKey}=`, 'base64');
}
