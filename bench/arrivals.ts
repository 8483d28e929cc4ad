/** When requests reached a provider, as they come. Milliseconds since 1970. */
export class Arrivals {
  readonly #at: number[] = [];
  #wake: () => void = () => undefined;

  add(at: number): void {
    this.#at.push(at);
    this.#wake();
  }

  count(): number {
    return this.#at.length;
  }

  nth(index: number): number {
    return this.#at[index] ?? NaN;
  }

  /** Resolves when there is one more. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
