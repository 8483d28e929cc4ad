/**
 * How often something happened for each key, within a time that begins with the first; bounded in keys, the oldest is
 * forgotten.
 */
export class Tally {
  readonly #perMs: number;
  readonly #mostKeys: number;
  readonly #counts = new Map<string, { count: number; since: number }>();

  constructor({ perMs, mostKeys }: { perMs: number; mostKeys: number }) {
    this.#perMs = perMs;
    this.#mostKeys = mostKeys;
  }

  /** @param now milliseconds since 1970. @returns how often by now. */
  add(key: string, now: number): number {
    const count = this.count(key, now) + 1;
    const since = count === 1 ? now : (this.#counts.get(key)?.since ?? now);
    // The key becomes the newest.
    this.#counts.delete(key);
    this.#counts.set(key, { count, since });
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > this.#mostKeys && oldest !== undefined) this.#counts.delete(oldest);
    return count;
  }

  count(key: string, now: number): number {
    const known = this.#counts.get(key);
    return known && now - known.since < this.#perMs ? known.count : 0;
  }

  get keys(): number {
    return this.#counts.size;
  }
}
