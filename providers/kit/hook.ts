// The incoming webhook of a group bot: its settings, what its answers mean, and the blocks that a vendor puts on it.

import { z } from 'zod';
import type { Sent } from './adapter.ts';
import { DeliveryError } from './delivery-error.ts';
import type { HttpReply, Io } from './io.ts';
import { unreadable } from './refusal.ts';

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
  /** The host is not the vendor's, so the service there may answer in its own way. */
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

/** An answer that is not the vendor's, to a message of a bot. @param remedy for when the address is not good. */
export function statusError(adapter: string, answer: HttpReply, remedy: string): DeliveryError {
  return unreadable(adapter, answer, { kind: 'unauthorized', means: 'the address is not good', remedy });
}

/**
 * What a vendor says in JSON about a message of its bot.
 * @returns undefined when an address of one's own took the message and answered in its own way.
 * @throws DeliveryError when the answer is neither.
 */
export function verdictIn<Schema extends z.ZodType>(
  schema: Schema,
  adapter: string,
  answer: HttpReply,
  { isForeign }: Hook,
): z.output<Schema> | undefined {
  const { success, data } = schema.safeParse(answer.body);
  if (success) return data;
  if (isForeign && answer.status < 300) return undefined;
  throw statusError(adapter, answer, 'check webhook and baseUrl');
}

/**
 * Tries the credentials of a bot by a request without a message.
 * @param isMissing whether the vendor says that the message is missing: then it took everything else of the request.
 * @throws DeliveryError whatever else it says.
 */
export async function withoutMessage(
  isMissing: (error: DeliveryError) => boolean,
  ask: () => Promise<void>,
): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof DeliveryError) || !isMissing(error)) throw error;
  }
}

/** Only a block of at least this length is remembered; a shorter one is over by the next message. */
const SHORTEST_BLOCK_MS = 10_000;
const MOST_BLOCKS = 1000;
/** Until when a vendor blocks a bot, by the address of the bot. */
const blocks = new Map<string, number>();

/**
 * Sends, unless the vendor has blocked this bot for a while: a message sent into the block is lost and may prolong it.
 * @throws DeliveryError `rate-limited` with what is left of the block, or what `send` throws.
 */
export async function outsideBlocks(
  adapter: string,
  { href }: URL,
  io: Pick<Io, 'now'>,
  send: () => Promise<void>,
): Promise<Sent> {
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
    return { outcome: 'accepted' };
  } catch (error) {
    if (error instanceof DeliveryError && (error.retryAfterMs ?? 0) >= SHORTEST_BLOCK_MS) {
      if (blocks.size >= MOST_BLOCKS) blocks.clear();
      blocks.set(href, io.now() + (error.retryAfterMs ?? 0));
    }
    throw error;
  }
}
