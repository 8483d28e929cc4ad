/** How many sends one key (a number, a person, a message) takes in how long. */
export interface Window {
  sends: number;
  perMs: number;
}

/** Counts what was taken per key and refuses what exceeds a window, as the vendors' own limits do. */
export class Frequency {
  readonly #windows: readonly Window[];
  readonly #longestMs: number;
  readonly #taken = new Map<string, number[]>();

  constructor(windows: readonly Window[]) {
    this.#windows = windows;
    this.#longestMs = Math.max(...windows.map((window) => window.perMs));
  }

  /** The window that is full, or nothing: then this send has been counted. */
  exceeds(key: string, now = Date.now()): Window | undefined {
    const taken = (this.#taken.get(key) ?? []).filter((at) => at > now - this.#longestMs);
    const full = this.#windows.find(({ sends, perMs }) => taken.filter((at) => at > now - perMs).length >= sends);
    if (full === undefined) taken.push(now);
    this.#taken.set(key, taken);
    return full;
  }
}
