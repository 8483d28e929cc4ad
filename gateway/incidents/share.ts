import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceToken } from '../../config/configuration.ts';
import { Intake } from '../intake.ts';

/** Incidents of one token that are being opened at once; the others wait in its own line. */
const AT_ONCE = 10;
/** Of the bodies of all who have proved who they are. */
const SHARE_BYTES = 16 * 1024 * 1024;
/** Of what a token may do, this part is kept for actions and Criticals. */
const KEPT = 1 / 4;
/** Whoever would have to wait for longer is asked to come again. */
const LONGEST_WAIT_MS = 12_000;

/** What each token has of the gateway, so that none can take what the others need. */
export class Shares {
  readonly #proved: Intake;
  readonly #shares = new Map<string, Share>();

  /** @param proved holds the bodies of all tokens. */
  constructor(proved: Intake) {
    this.#proved = proved;
  }

  of({ sha256, rate }: ServiceToken): Share {
    const known = this.#shares.get(sha256);
    // A reload may have changed the rate.
    if (known?.isOf(rate)) return known;
    const share = new Share(rate, new Intake(SHARE_BYTES, this.#proved));
    this.#shares.set(sha256, share);
    return share;
  }
}

/** What one token may do in a span of time, hold in memory, and have under way. */
export class Share {
  readonly intake: Intake;
  readonly #rate: ServiceToken['rate'];
  readonly #paces: readonly Pace[];
  readonly #urgentPaces: readonly Pace[];
  #underWay = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(rate: ServiceToken['rate'], intake: Intake) {
    const { sends, perMs } = rate;
    const kept = Math.floor(sends * KEPT);
    this.intake = intake;
    this.#rate = rate;
    this.#paces = [new Pace(sends - kept, perMs)];
    this.#urgentPaces = kept === 0 ? this.#paces : [...this.#paces, new Pace(kept, perMs)];
  }

  isOf({ sends, perMs }: ServiceToken['rate']): boolean {
    return this.#rate.sends === sends && this.#rate.perMs === perMs;
  }

  /**
   * Does it when the token may, and when fewer than ten things of it are under way. What comes faster than the rate waits.
   * @param isUrgent actions and Criticals, for which a part of the rate is kept.
   * @returns undefined when it would have to wait for too long; nothing was done then. @see waitSeconds
   */
  async take<T>(isUrgent: boolean, use: () => Promise<T>): Promise<T | undefined> {
    const pace = this.#soonest(isUrgent);
    if (pace.waitMs() > LONGEST_WAIT_MS) return undefined;
    const waitMs = pace.take();
    if (waitMs > 0) await sleep(waitMs);
    return this.#turn(use);
  }

  /** In how many seconds so many things can be taken, one after the other; 0: now. */
  waitSeconds(isUrgent: boolean, count = 1): number {
    const waitMs = this.#soonest(isUrgent).waitMs(count);
    return waitMs <= LONGEST_WAIT_MS ? 0 : Math.ceil((waitMs - LONGEST_WAIT_MS) / 1000);
  }

  #soonest(isUrgent: boolean): Pace {
    const paces = isUrgent ? this.#urgentPaces : this.#paces;
    return paces.reduce((best, pace) => (pace.waitMs() < best.waitMs() ? pace : best));
  }

  async #turn<T>(use: () => Promise<T>): Promise<T> {
    if (this.#underWay < AT_ONCE) this.#underWay += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await use();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#underWay -= 1;
    }
  }
}

/** So many things in a span of time; the first of them at once. */
class Pace {
  readonly #most: number;
  readonly #msEach: number;
  /** Below 0 when some are waiting. */
  #left: number;
  #filledAt = performance.now();

  constructor(most: number, perMs: number) {
    this.#most = most;
    this.#msEach = perMs / most;
    this.#left = most;
  }

  /** Until the last of the next so many may be done. */
  waitMs(count = 1): number {
    const now = performance.now();
    this.#left = Math.min(this.#most, this.#left + (now - this.#filledAt) / this.#msEach);
    this.#filledAt = now;
    return Math.max(0, (count - this.#left) * this.#msEach);
  }

  /** @returns how long whoever takes it has to wait. */
  take(): number {
    const waitMs = this.waitMs();
    this.#left -= 1;
    return waitMs;
  }
}
