import type { ServiceToken } from '../../config/configuration.ts';
import { Intake } from '../intake.ts';

/** Incidents of one token that are being opened at once; the others wait in its own line. */
const AT_ONCE = 10;
/** Of the bodies of all who have proved who they are. */
const SHARE_BYTES = 16 * 1024 * 1024;
/** Of what a token may do, this part is kept for actions and Criticals. */
const KEPT = 1 / 4;

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
  #left: number;
  #filledAt = performance.now();
  #underWay = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(rate: ServiceToken['rate'], intake: Intake) {
    this.#rate = rate;
    this.#left = rate.sends;
    this.intake = intake;
  }

  isOf({ sends, perMs }: ServiceToken['rate']): boolean {
    return this.#rate.sends === sends && this.#rate.perMs === perMs;
  }

  /**
   * Takes as much of the rate as `count` things cost, or nothing of it.
   * @param isUrgent actions, and lists with a Critical among them, may use what is kept for them.
   * @returns 0 when it was taken, else in how many seconds it can be.
   */
  spend(count: number, isUrgent: boolean): number {
    const { sends, perMs } = this.#rate;
    const kept = isUrgent ? 0 : Math.floor(sends * KEPT);
    // What is more than can ever be saved up costs all that can be.
    const cost = Math.min(count, sends - kept);
    const missing = this.#fill() - kept - cost;
    if (missing < 0) return Math.max(1, Math.ceil((-missing * perMs) / sends / 1000));
    this.#left -= cost;
    return 0;
  }

  /** In how many seconds anything at all can be done; 0: now. */
  waitSeconds(): number {
    const { sends, perMs } = this.#rate;
    return Math.max(0, Math.ceil(((1 - this.#fill()) * perMs) / sends / 1000));
  }

  /** Does it when it is its turn. */
  async turn<T>(use: () => Promise<T>): Promise<T> {
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

  #fill(): number {
    const { sends, perMs } = this.#rate;
    const now = performance.now();
    this.#left = Math.min(sends, this.#left + ((now - this.#filledAt) * sends) / perMs);
    this.#filledAt = now;
    return this.#left;
  }
}
