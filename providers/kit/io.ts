/** Clock and network as adapters see them. */
export interface Io {
  now(): number;
  /** Aborts when the worker shuts down for good. */
  signal?: AbortSignal;
  /** Milliseconds one request may take. */
  timeoutMs: number;
  http(request: {
    method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
    url: string;
    headers?: Record<string, string>;
    /** Sent as JSON. */
    json?: unknown;
  }): Promise<HttpReply>;
}

export interface HttpReply {
  status: number;
  headers: Headers;
  /** Parsed JSON, or `undefined` when the body was none. */
  body: unknown;
}
