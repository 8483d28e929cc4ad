// What is shown at the door and opens nothing: counted, logged without its value, and answered slowly.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, MiddlewareHandler } from 'hono';
import type { Logger } from 'pino';
import { wordsFor } from '../templates/words.ts';
import type { ConfigurationInForce } from '../config/configuration.ts';
import { addressOf } from './address.ts';
import type { GatewayMetrics } from './metrics.ts';
import { spokenIn } from './pages/guard.ts';
import { Tally } from './tally.ts';

/**
 * What was wrong. `callback`: the secret path or the signature of a provider's push; `button`: the token in a push that
 * was the provider's; `code`: one that was sent to a member; `reply-code`: one of a text message.
 */
export type Secret = 'token' | 'signature' | 'callback' | 'link' | 'button' | 'code' | 'reply-code';

const FORGOTTEN_MS = 10 * 60_000;
const MOST_ADDRESSES = 10_000;
/** A person pastes half a link now and then. */
const FREE = 5;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5000;
/** Answers held back at once; beyond them a stranger is sent away at once, and has to connect anew. */
const MOST_HELD = 500;
const MOST_HELD_PER_ADDRESS = 20;
const LINES_A_MINUTE = 60;

const WRONG = 'wrong secret';

/** The answer to somebody who showed a wrong one; {@link Strangers.slow} does the rest. */
export function wrong(c: Context, secret: Secret, answer: Response): Response {
  c.set(WRONG, secret);
  return answer;
}

/**
 * Slows whoever shows wrong secrets, by address. Only answers that are wrong anyway wait: a right secret is served at
 * once, whatever others behind the same address do. So the length of the secrets keeps guessers out, not this; this makes
 * them visible, and cheap.
 */
export class Strangers {
  readonly #source: ConfigurationInForce;
  readonly #logger: Logger;
  readonly #metrics: GatewayMetrics;
  readonly #now: () => number;
  readonly #seen = new Tally({ perMs: FORGOTTEN_MS, mostKeys: MOST_ADDRESSES });
  readonly #lines = new Tally({ perMs: 60_000, mostKeys: 1 });
  readonly #held = new Map<string, number>();

  constructor(of: { source: ConfigurationInForce; logger: Logger; metrics: GatewayMetrics; now: () => number }) {
    this.#source = of.source;
    this.#logger = of.logger;
    this.#metrics = of.metrics;
    this.#now = of.now;
  }

  /** Holds back the answers of {@link wrong}, once their bodies have been given up. */
  readonly slow: MiddlewareHandler = async (c, next) => {
    await next();
    const secret = c.get(WRONG) as Secret | undefined;
    if (!secret) return;
    const address = addressOf(c, this.#source.current.gateway.trustedProxies);
    const delayMs = delayAfter(this.note(secret, address));
    if (address === undefined || delayMs === 0) return;
    if (await this.#hold(address, delayMs, c.req.raw.signal)) return;
    const text = wordsFor(spokenIn(c)).page.tooManyWrong;
    c.res = undefined;
    c.res = c.text(text, 429, { connection: 'close', 'retry-after': String(LONGEST_DELAY_MS / 1000) });
  };

  /** Counts one that cannot be slowed, because it came by somebody who has proved who they are. @returns how many by now. */
  note(secret: Secret, address?: string): number {
    const now = this.#now();
    this.#metrics.wrongSecrets.inc({ secret });
    const count = address === undefined ? 0 : this.#seen.add(address, now);
    const isNews = count === 0 || Number.isInteger(Math.log10(count));
    if (isNews && this.#lines.add('', now) <= LINES_A_MINUTE) {
      this.#logger.warn(
        { secret, ...(address !== undefined && { address, wrong: count }) },
        'a wrong secret was shown',
      );
    }
    return count;
  }

  /** @returns false when too many are being held back. */
  async #hold(address: string, ms: number, signal: AbortSignal): Promise<boolean> {
    const here = this.#held.get(address) ?? 0;
    const all = [...this.#held.values()].reduce((sum, count) => sum + count, 0);
    if (here >= MOST_HELD_PER_ADDRESS || all >= MOST_HELD) return false;
    this.#held.set(address, here + 1);
    // Whoever hangs up waits no longer.
    await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
    const left = (this.#held.get(address) ?? 1) - 1;
    if (left === 0) this.#held.delete(address);
    else this.#held.set(address, left);
    return true;
  }
}

function delayAfter(count: number): number {
  return count <= FREE ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (count - FREE - 1), LONGEST_DELAY_MS);
}
