import type { Account } from '../config/configuration.ts';
import type { AdapterId } from '../domain/media.ts';
import { registry } from '../providers/registry.ts';

/** An account as the configuration holds it, of settings as they stand in the file. */
export function accountOf(name: string, adapter: AdapterId, written: object): Account {
  const registered = registry[adapter];
  const settings = registered.schema.parse(written);
  return { name, adapter, settings, traits: registered.traits(settings), processes: 1 };
}
