import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

/** One timer at a time: for the next thing that is due, under the name of what it waits for. */
export class Alarm {
  readonly #ring: () => void;
  #at: number | undefined;
  #scope = new CancellationScope();

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  set(due: { at: number; what: string } | undefined): void {
    if (due?.at === this.#at) return;
    this.#scope.cancel();
    this.#at = due?.at;
    if (!due) return;
    this.#scope = new CancellationScope();
    this.#scope
      .run(() => sleep(Math.max(due.at - Date.now(), 1), { summary: due.what }))
      .then(
        () => {
          this.#at = undefined;
          this.#ring();
        },
        (error: unknown) => {
          if (!isCancellation(error)) throw error;
        },
      );
  }
}
