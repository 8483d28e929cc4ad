import { setTimeout as sleep } from 'node:timers/promises';

/** The value of the promise, or `otherwise` when that takes longer than `ms`. The promise itself is not cancelled. */
export async function within<Value, Other>(
  promise: Promise<Value>,
  ms: number,
  otherwise: Other,
): Promise<Value | Other> {
  const stop = new AbortController();
  const timeout = sleep(Math.max(0, ms), otherwise, { signal: stop.signal }).catch(() => otherwise);
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    stop.abort();
  }
}
