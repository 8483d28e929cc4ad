/** A body that is still on its way. */
interface Arriving {
  readonly reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  chunks: Uint8Array[];
  size: number;
  isGivenUp: boolean;
}

/**
 * Bodies of strangers, bounded in sum: what many connections send at once is as costly as what one sends. A body counts
 * while it is being read and until its request has been answered. When there is no room left, the one that has been on
 * its way for the longest is given up: a provider sends a push within milliseconds, and whoever sends half of one and
 * waits must not keep others out.
 */
export class Intake {
  readonly #maxBytes: number;
  readonly #whole: Intake | undefined;
  /** The oldest first. */
  readonly #arriving = new Set<Arriving>();
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
   * @returns what `use` made of it; `too-large` above `maxBytes`; `busy` when it was given up, or when all bodies together
   * would hold too much.
   */
  async take<T>(
    request: Request,
    maxBytes: number,
    use: (body: Uint8Array) => Promise<T>,
  ): Promise<T | 'too-large' | 'busy'> {
    if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return 'too-large';
    const body: Arriving = { reader: request.body?.getReader(), chunks: [], size: 0, isGivenUp: false };
    this.#arriving.add(body);
    try {
      for (let read = await body.reader?.read(); read?.value; read = await body.reader?.read()) {
        if (body.size + read.value.byteLength > maxBytes) {
          this.#giveUp(body);
          return 'too-large';
        }
        if (!this.#makeRoom(read.value.byteLength, body)) this.#giveUp(body);
        if (body.isGivenUp) return 'busy';
        body.size += read.value.byteLength;
        this.#hold(read.value.byteLength);
        body.chunks.push(read.value);
      }
      this.#arriving.delete(body);
      return body.isGivenUp ? 'busy' : await use(Buffer.concat(body.chunks));
    } finally {
      this.#arriving.delete(body);
      this.#hold(-body.size);
    }
  }

  /** @returns false when there is none, though nothing older than `body` is on its way any more. */
  #makeRoom(bytes: number, body: Arriving): boolean {
    for (const older of this.#arriving) {
      if (older === body || this.#hasRoom(bytes)) break;
      this.#giveUp(older);
    }
    return this.#hasRoom(bytes);
  }

  #hasRoom(bytes: number): boolean {
    if (this.#held + bytes > this.#maxBytes) return false;
    return !this.#whole || this.#whole.#hasRoom(bytes);
  }

  #hold(bytes: number): void {
    this.#held += bytes;
    if (this.#whole) this.#whole.#hold(bytes);
  }

  /** Its memory is free at once; its reader finds out when it looks again. */
  #giveUp(body: Arriving): void {
    this.#arriving.delete(body);
    this.#hold(-body.size);
    Object.assign(body, { chunks: [], size: 0, isGivenUp: true });
    body.reader?.cancel().catch(() => undefined);
  }
}

/** Answers for a body that was not taken; both close the connection, on which the rest may still be coming. */
export const NOT_TAKEN = {
  'too-large': { status: 413, headers: { connection: 'close' } },
  busy: { status: 503, headers: { connection: 'close', 'retry-after': '1' } },
} as const;
