import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../config/configuration.ts';
import { adapterFacts } from '../domain/media.ts';
import { DeliveryError } from '../providers/kit/delivery-error.ts';

/** A receiver's window this long or longer is not worth waiting for: another medium takes over. */
const LONGEST_MEMORY_MS = 24 * 60 * 60_000;

/** Over all processes that serve the account. */
export function requestsPerSecond({ adapter, perSecond }: Account): number {
  return perSecond ?? adapterFacts(adapter).perSecond;
}

/** What this process has sent through one account, against what the vendor takes. */
export class Limits {
  readonly #account: () => Account;
  readonly #receivers = new Map<string, number[]>();
  #lastStartAt = -Infinity;

  /** @param account as it is configured at that moment: a reload may change its limits. */
  constructor(account: () => Account) {
    this.#account = account;
  }

  /**
   * Waits for the account's next free moment.
   * @param receiver any stable name of the address; absent where the vendor's windows do not count.
   * @throws DeliveryError `rate-limited` when the vendor takes no more for this receiver now.
   */
  async take(now: number, receiver?: string): Promise<void> {
    const account = this.#account();
    const { adapter, perReceiver = adapterFacts(adapter).perReceiver } = account;
    if (perReceiver.length > 0 && receiver !== undefined) {
      const sent = (this.#receivers.get(receiver) ?? []).filter((at) => now - at < LONGEST_MEMORY_MS);
      const full = perReceiver.find(({ sends, perMs }) => sent.filter((at) => now - at < perMs).length >= sends);
      if (full) {
        const oldest = sent.find((at) => now - at < full.perMs) ?? now;
        throw new DeliveryError(
          'rate-limited',
          { key: 'receiver-window-full' },
          {
            retryAfterMs: Math.max(oldest + full.perMs - now, 1),
          },
        );
      }
      this.#receivers.set(receiver, [...sent, now]);
    }
    const pauseMs = (1000 * account.processes) / requestsPerSecond(account);
    const startAt = Math.max(this.#lastStartAt + pauseMs, now);
    this.#lastStartAt = startAt;
    if (startAt > now) await sleep(startAt - now);
  }
}
