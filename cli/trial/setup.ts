import type { Account, Configuration } from '../../config/configuration.ts';
import { DeliveryError } from '../../providers/kit/delivery-error.ts';
import type { Check, SetupAddresses } from '../../providers/kit/adapter.ts';
import type { Locale } from '../../domain/locale.ts';
import { createIo } from '../../providers/kit/http.ts';
import { callbackUrl } from '../../links/url.ts';
import { loadAdapter } from '../../providers/registry.ts';

/** What there is to enter in the platform's console, and what the platform takes as a file. */
export interface Setup {
  addresses: SetupAddresses;
  /** Absent where the platform has no console to set up. */
  steps?: Record<Locale, string[]>;
  manifest?: Record<string, unknown>;
  package?: Uint8Array;
}

/** @param publicUrl of the gateway. */
export async function setupOf(account: Account, publicUrl: string): Promise<Setup> {
  const adapter = await loadAdapter(account.adapter);
  const { name, settings } = account;
  const addresses: SetupAddresses = {
    callbackUrl: callbackUrl(publicUrl, account),
    redirectUrl: `${publicUrl}/oauth/${name}`,
    homeUrl: `${publicUrl}/app/${name}`,
  };
  return {
    addresses,
    ...(adapter.setup && { steps: adapter.setup(settings, addresses) }),
    ...(adapter.manifest && { manifest: adapter.manifest(settings, addresses) }),
    ...(adapter.package && { package: adapter.package(settings, addresses) }),
  };
}

/** What can be tried from here without telling anybody: first whether the world reaches the gateway. */
export async function setupChecks({ adapter: id, settings }: Account, publicUrl: string): Promise<Check[]> {
  const adapter = await loadAdapter(id);
  const io = createIo();
  const reachable: Check['name'] = { en: `the gateway answers at ${publicUrl}`, zh: `可访问网关 ${publicUrl}` };
  const gateway = await io.http({ method: 'GET', url: `${publicUrl}/healthz` }).then(
    ({ status }): Check => ({ name: reachable, ok: status === 200, ...(status !== 200 && { detail: String(status) }) }),
    (error: unknown): Check => ({ name: reachable, ok: false, detail: reasonOf(error) }),
  );
  try {
    return [gateway, ...((await adapter.checks?.(settings, io)) ?? [])];
  } finally {
    await adapter.close?.(settings);
  }
}

/**
 * The chats an account may write to, as the platform lists them; undefined where it lists none.
 * @throws DeliveryError
 */
export async function chatsOf({
  adapter: id,
  settings,
}: Account): Promise<{ chat: string; name: string }[] | undefined> {
  const adapter = await loadAdapter(id);
  try {
    return await adapter.chats?.(settings, createIo());
  } finally {
    await adapter.close?.(settings);
  }
}

/** Groups that rules name of this account. */
export function namedGroups({ channels, unmatched }: Configuration, account: string): Map<string, string[]> {
  const rules = [...channels.values()].flatMap((channel) => channel.rules.map(({ rule }) => rule));
  const named = new Map<string, string[]>();
  for (const { name, levels } of unmatched === 'ignore' ? rules : [...rules, unmatched]) {
    for (const { account: of, chat } of levels.flatMap(({ groups }) => groups)) {
      if (of !== account || chat === undefined) continue;
      named.set(chat, [...new Set([...(named.get(chat) ?? []), name])]);
    }
  }
  return named;
}

function reasonOf(error: unknown): string {
  return error instanceof DeliveryError ? error.message : 'no answer';
}
