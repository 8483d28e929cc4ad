import { z } from 'zod';
import { DeliveryError } from './delivery-error.ts';
import type { HttpReply, Io } from './io.ts';

const ADDRESS = /^https?:\/\//i;

/** The account of a group bot: its address whole, or the last piece of it, which is the secret in it. */
export function webhookField(what: string, piece: RegExp) {
  return z
    .string()
    .min(1)
    .refine((webhook) => (ADDRESS.test(webhook) ? URL.canParse(webhook) : piece.test(webhook)), {
      error: `neither a whole address (https://…) nor ${what} alone`,
    })
    .describe(`The whole address of the bot, also one of your own that speaks as the vendor does, or ${what} alone`);
}

export const baseUrlField = z
  .url({ protocol: /^https?$/ })
  .optional()
  .describe("A proxy or private deployment in place of the vendor's host; the path of the address stays");

/** Where a bot's messages go. */
export interface Hook {
  url: URL;
  /** It names a host that is not the vendor's: whatever stands there may answer in its own way. */
  isForeign: boolean;
}

/** @param official the vendor's address for a last piece. */
export function hookOf(
  { webhook, baseUrl }: { webhook: string; baseUrl?: string | undefined },
  official: (piece: string) => string,
): Hook {
  const home = new URL(official('x')).host;
  const url = new URL(ADDRESS.test(webhook) ? webhook : official(webhook));
  if (baseUrl === undefined) return { url, isForeign: url.host !== home };
  return { url: new URL(baseUrl.replace(/\/+$/, '') + url.pathname + url.search), isForeign: false };
}

/** An answer that says nothing of its own: the HTTP status decides. `remedy` for when the address is not good. */
export function statusError(adapter: string, { status, headers }: HttpReply, remedy: string): DeliveryError {
  const providerCode = String(status);
  if (status === 429) {
    const retryAfterMs = retryAfter(headers) ?? 1000;
    return new DeliveryError('rate-limited', `${adapter}: too many requests (429)`, { providerCode, retryAfterMs });
  }
  if (status >= 500) {
    const retryAfterMs = retryAfter(headers);
    const details = { providerCode, ...(retryAfterMs !== undefined && { retryAfterMs }) };
    return new DeliveryError('unavailable', `${adapter}: the platform failed (${providerCode})`, details);
  }
  if (status >= 400) {
    return new DeliveryError('unauthorized', `${adapter}: the address is not good (${providerCode}); ${remedy}`, {
      providerCode,
    });
  }
  return new DeliveryError('unknown-outcome', `${adapter}: the answer cannot be read; ${remedy}`);
}

/** `Retry-After` in seconds, as milliseconds. */
export function retryAfter(headers: Headers): number | undefined {
  const seconds = Number(headers.get('retry-after') ?? NaN);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}

/** A pause this long is kept; a shorter one is over by the next message. */
const SHORTEST_BLOCK_MS = 10_000;
const MOST_BLOCKS = 1000;
/** By address: until when a vendor hears nothing from a bot. */
const blocks = new Map<string, number>();

/**
 * Sends, unless the vendor has said of this bot that nothing is heard for a while: what is sent into such a block is
 * lost, and may prolong it.
 * @throws DeliveryError `rate-limited` with what is left of the block, or what `send` throws.
 */
export async function outsideBlocks(
  adapter: string,
  { href }: URL,
  io: Pick<Io, 'now'>,
  send: () => Promise<void>,
): Promise<void> {
  const left = (blocks.get(href) ?? 0) - io.now();
  if (left > 0) {
    throw new DeliveryError(
      'rate-limited',
      `${adapter}: blocked by the vendor for ${String(Math.ceil(left / 1000))} s more: too many messages before`,
      {
        retryAfterMs: left,
      },
    );
  }
  blocks.delete(href);
  try {
    await send();
  } catch (error) {
    if (error instanceof DeliveryError && (error.retryAfterMs ?? 0) >= SHORTEST_BLOCK_MS) {
      if (blocks.size >= MOST_BLOCKS) blocks.clear();
      blocks.set(href, io.now() + (error.retryAfterMs ?? 0));
    }
    throw error;
  }
}
