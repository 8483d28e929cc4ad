/** Something that will happen. */
export interface Coming {
  /** Milliseconds since 1970. */
  at: number;
  what: string;
  happen: () => void | Promise<void>;
}

/** Time that passes only from one happening to the next. */
export class VirtualTime {
  now: number;
  readonly #beganAt: number;
  readonly #coming: Coming[] = [];

  /** @param beganAt milliseconds since 1970. */
  constructor(beganAt: number) {
    this.#beganAt = beganAt;
    this.now = beganAt;
  }

  /** Since the beginning. */
  get afterMs(): number {
    return this.now - this.#beganAt;
  }

  /** @param afterMs since the beginning. */
  at(afterMs: number, what: string, happen: Coming['happen']): void {
    this.#coming.push({ at: this.#beganAt + afterMs, what, happen });
  }

  /** Now, but after all that is to happen now already. */
  soon(happen: Coming['happen']): void {
    this.at(this.afterMs, 'an answer', happen);
  }

  /**
   * Until nothing is to come any more, for `forMs` since the beginning at most.
   * @param due what comes by itself, asked anew each time; of several things at once it is the last.
   * @returns what would be next, if anything.
   */
  async run(forMs: number, due: () => Coming[]): Promise<{ afterMs: number; what: string } | undefined> {
    for (;;) {
      const next = [...this.#coming, ...due().map((one) => ({ ...one, at: Math.max(one.at, this.now) }))].reduce<
        Coming | undefined
      >((first, one) => (first && first.at <= one.at ? first : one), undefined);
      if (!next) return undefined;
      if (next.at > this.#beganAt + forMs) return { afterMs: next.at - this.#beganAt, what: next.what };
      const index = this.#coming.indexOf(next);
      if (index >= 0) this.#coming.splice(index, 1);
      this.now = next.at;
      await next.happen();
    }
  }
}
