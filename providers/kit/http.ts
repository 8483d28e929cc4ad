import { Agent, EnvHttpProxyAgent, fetch, type Dispatcher } from 'undici';
import { DeliveryError } from './delivery-error.ts';
import type { HttpReply, Io } from './io.ts';
import { publicLookup, refusePrivateHost } from './public-address.ts';

const DEFAULT_TIMEOUT_MS = 5_000;
/** No provider sends an answer of nearly this size; a larger one would only fill the memory. */
const MAX_REPLY_BYTES = 1024 * 1024;
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** Goes through a proxy only where `HTTP_PROXY` or `HTTPS_PROXY` says so, and never to reach this machine. */
let shared: EnvHttpProxyAgent | undefined;
function agent(): EnvHttpProxyAgent {
  shared ??= new EnvHttpProxyAgent({
    noProxy: [process.env['no_proxy'] ?? process.env['NO_PROXY'] ?? '', ...LOOPBACK].join(','),
    keepAliveTimeout: 15_000,
    maxResponseSize: MAX_REPLY_BYTES,
  });
  return shared;
}

/** Uses no proxy, because a proxy looks up names by itself and we could not check that the address is public. */
let outside: Agent | undefined;
function publicAgent(): Agent {
  outside ??= new Agent({
    connect: { lookup: publicLookup() },
    keepAliveTimeout: 15_000,
    maxResponseSize: MAX_REPLY_BYTES,
  });
  return outside;
}

/**
 * The network as adapters see it: one request, one answer, whatever its status; nothing is repeated, no redirect is
 * followed. Connections are kept and shared by the process.
 *
 * A failure is told by whether the request had left: `not-sent` before, `unknown-outcome` after. Messages name the host
 * and nothing else of the address, because paths and queries carry tokens.
 * @param options.timeoutMs for one request, from connecting to the last byte of the answer. Default 5,000.
 */
export function createIo(options: { timeoutMs?: number; signal?: AbortSignal } = {}): Io {
  const { signal } = options;
  // The rest of a budget may be a fraction, and timers take whole milliseconds.
  const timeoutMs = Math.ceil(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  return {
    now: () => Date.now(),
    timeoutMs,
    ...(signal && { signal }),
    lasting: (ms) => createIo({ ...options, timeoutMs: ms }),
    http: (request) => exchange(request, Math.min(request.timeoutMs ?? timeoutMs, timeoutMs), signal),
  };
}

async function exchange(
  { method, url, headers = {}, json, form, text: written, publicOnly = false }: Parameters<Io['http']>[0],
  timeoutMs: number,
  stop: AbortSignal | undefined,
): Promise<HttpReply> {
  const host = hostOf(url);
  const timeout = AbortSignal.timeout(timeoutMs);
  const departure = { left: false };
  try {
    if (publicOnly) refusePrivateHost(new URL(url));
    const response = await fetch(url, {
      method,
      headers: json === undefined ? headers : { 'content-type': 'application/json; charset=utf-8', ...headers },
      ...(json !== undefined && { body: JSON.stringify(json) }),
      ...(form && { body: new URLSearchParams(form) }),
      ...(written !== undefined && { body: written }),
      redirect: 'manual',
      signal: stop ? AbortSignal.any([timeout, stop]) : timeout,
      dispatcher: watched(publicOnly ? publicAgent() : agent(), departure),
    });
    const text = await response.text();
    if (response.status >= 300 && response.status < 400) {
      throw new DeliveryError('unavailable', `${host} answered with a redirect: check baseUrl`, {
        providerCode: String(response.status),
      });
    }
    return { status: response.status, headers: new Headers([...response.headers]), body: parse(text), text };
  } catch (error) {
    const refused = refusalIn(error);
    if (refused) throw refused;
    const why = timeout.aborted
      ? `no answer within ${String(timeoutMs)} ms`
      : stop?.aborted
        ? 'stopped'
        : reason(error);
    throw departure.left
      ? new DeliveryError('unknown-outcome', `${host}: ${why} after the request had left`)
      : new DeliveryError('not-sent', `${host}: ${why} before the request could leave`);
  }
}

/** Notes the moment a connection stands and the first byte is about to be written. */
function watched(dispatcher: Dispatcher, departure: { left: boolean }): Dispatcher {
  return dispatcher.compose((dispatch) => (options, handler) => {
    const start = handler.onRequestStart?.bind(handler);
    handler.onRequestStart = (controller, context) => {
      departure.left = true;
      start?.(controller, context);
    };
    return dispatch(options, handler);
  });
}

function hostOf(url: string): string {
  if (!URL.canParse(url)) throw new DeliveryError('not-sent', 'the address is not a URL: check baseUrl');
  return new URL(url).host;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Ours, thrown here or while connecting. */
function refusalIn(error: unknown): DeliveryError | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof DeliveryError) return cause;
  }
  return undefined;
}

/** The code of an error. Its text is not shown, because Node and undici repeat addresses in it. */
function reason(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
  }
  return 'failed';
}
