import { createHash } from 'node:crypto';

/**
 * For which path each signed request's id has been used: an id that somebody has seen does nothing at another path. Only
 * what a signature is fresh for is remembered, and no more than `most` of it.
 */
export class UsedIds {
  readonly #keepMs: number;
  readonly #most: number;
  readonly #used = new Map<string, { path: string; at: number }>();

  constructor({ keepMs, most }: { keepMs: number; most: number }) {
    this.#keepMs = keepMs;
    this.#most = most;
  }

  /** Remembers the id where it is new. @returns whether it is new, or was used for the same path. */
  use(id: string, path: string, now: number): boolean {
    for (const [oldest, { at }] of this.#used) {
      if (now - at <= this.#keepMs && this.#used.size < this.#most) break;
      this.#used.delete(oldest);
    }
    // An id may be long, and so may a path.
    const key = digest(id);
    const digested = digest(path);
    const known = this.#used.get(key);
    if (!known) this.#used.set(key, { path: digested, at: now });
    return !known || known.path === digested;
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
