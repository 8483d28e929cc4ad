import { setTimeout as sleep } from 'node:timers/promises';
import { createIo } from '../../providers/kit/http.ts';
import type { Door } from '../door.ts';
import { errorName } from '../error-name.ts';

const TRY_MS = 60_000;
const TRY_AGAIN_MS = 5000;

/**
 * Fetches what pushes are verified with when the gateway starts, because whoever presses first has no time to wait for
 * it: again and again until it is there, or until `stop`. Nothing waits for it.
 */
export function prepareCallbacks(door: Door, stop: AbortSignal): void {
  for (const name of door.source.current.accounts.keys()) {
    prepare(name, door, stop).catch((error: unknown) => {
      door.logger.error({ account: name, error: errorName(error) }, 'callbacks cannot be prepared');
    });
  }
}

async function prepare(name: string, door: Door, stop: AbortSignal): Promise<void> {
  for (let isFirst = true; !stop.aborted; isFirst = false) {
    // A reload may have replaced the account or taken it away.
    const account = door.source.current.accounts.get(name);
    const contract = account && (await door.load(account.adapter)).callback;
    if (!account || !contract?.prepare) return;
    try {
      await contract.prepare(account.settings, createIo({ timeoutMs: TRY_MS, signal: stop }));
      return;
    } catch (error) {
      const said = { account: name, error: errorName(error) };
      if (isFirst) door.logger.warn(said, 'what pushes are verified with cannot be fetched yet, trying again');
    }
    await sleep(TRY_AGAIN_MS, undefined, { signal: stop, ref: false }).catch(() => undefined);
  }
}
