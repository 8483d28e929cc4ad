import type { Account } from '../../config/configuration.ts';
import { DeliveryError } from '../../providers/kit/delivery-error.ts';
import { createIo } from '../../providers/kit/http.ts';
import { loadAdapter } from '../../providers/registry.ts';

/** `unchecked`: this provider can only be asked by telling somebody. */
export type Checked = { result: 'good' | 'unchecked' } | { result: 'bad'; reason: string };

/** Asks the provider whether the account's credentials work. Nobody is told anything. Never throws. */
export async function checkAccount({ adapter: id, settings }: Account): Promise<Checked> {
  const adapter = await loadAdapter(id);
  if (!adapter.check) return { result: 'unchecked' };
  try {
    await adapter.check(settings, createIo());
    return { result: 'good' };
  } catch (error) {
    // Another error's text may hold an address or a secret.
    const reason = error instanceof DeliveryError ? error.message : `${id}: failed in an unexpected way`;
    return { result: 'bad', reason };
  } finally {
    await adapter.close?.(settings);
  }
}
