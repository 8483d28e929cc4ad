/** Clock and network as adapters see them. */
export interface Io {
  now(): number;
  /** Aborts when the worker shuts down for good. */
  signal?: AbortSignal;
  /** Milliseconds one request may take. */
  timeoutMs: number;
  /** The same network for what serves others too and goes on when this request is over, in a time of its own. */
  lasting(timeoutMs: number): Io;
  http(request: {
    method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
    url: string;
    headers?: Record<string, string>;
    /** Sent as JSON; the other two: as an HTML form, or as these very characters with the `content-type` of `headers`. */
    json?: unknown;
    form?: Record<string, string>;
    text?: string;
    /** For an address that is not a vendor's: only to hosts whose every address is public, and through no proxy. */
    publicOnly?: boolean;
    /** Less than {@link Io.timeoutMs}, for this request. */
    timeoutMs?: number;
  }): Promise<HttpReply>;
}

export interface HttpReply {
  status: number;
  headers: Headers;
  /** Parsed JSON, or `undefined` when the body was none. */
  body: unknown;
  /** The body as it came. */
  text: string;
}
