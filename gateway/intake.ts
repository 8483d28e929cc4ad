/**
 * Bodies of strangers, bounded in sum: what many connections send at once is as costly as what one sends. A body counts
 * while it is being read and until its request has been answered.
 */
export class Intake {
  readonly #maxBytes: number;
  readonly #whole: Intake | undefined;
  #held = 0;

  /**
   * @param maxBytes of all bodies that are in memory at one moment.
   * @param whole the intake of which this one is a share: what is held here is held there too.
   */
  constructor(maxBytes: number, whole?: Intake) {
    this.#maxBytes = maxBytes;
    this.#whole = whole;
  }

  /**
   * @param maxBytes of this one body.
   * @returns what `use` made of it; `too-large` above `maxBytes`; `busy` when all bodies together would hold too much.
   */
  async take<T>(
    request: Request,
    maxBytes: number,
    use: (body: Uint8Array) => Promise<T>,
  ): Promise<T | 'too-large' | 'busy'> {
    const announced = Number(request.headers.get('content-length') ?? 0);
    if (announced > maxBytes) return 'too-large';
    if (!this.#hasRoom(announced)) return 'busy';
    let size = 0;
    const chunks: Uint8Array[] = [];
    const reader = request.body?.getReader();
    try {
      for (let read = await reader?.read(); read?.value; read = await reader?.read()) {
        const { byteLength } = read.value as Uint8Array;
        if (size + byteLength > maxBytes) return await this.#giveUp(reader, 'too-large');
        if (!this.#hasRoom(byteLength)) return await this.#giveUp(reader, 'busy');
        size += byteLength;
        this.#hold(byteLength);
        chunks.push(read.value as Uint8Array);
      }
      return await use(Buffer.concat(chunks));
    } finally {
      this.#hold(-size);
    }
  }

  #hasRoom(bytes: number): boolean {
    if (this.#held + bytes > this.#maxBytes) return false;
    return !this.#whole || this.#whole.#hasRoom(bytes);
  }

  #hold(bytes: number): void {
    this.#held += bytes;
    if (this.#whole) this.#whole.#hold(bytes);
  }

  async #giveUp<Why>(reader: { cancel(): Promise<void> } | undefined, why: Why): Promise<Why> {
    await reader?.cancel().catch(() => undefined);
    return why;
  }
}

/** Answers for a body that was not taken; both close the connection, on which the rest may still be coming. */
export const NOT_TAKEN = {
  'too-large': { status: 413, headers: { connection: 'close' } },
  busy: { status: 503, headers: { connection: 'close', 'retry-after': '1' } },
} as const;
