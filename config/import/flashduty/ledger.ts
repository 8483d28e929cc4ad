// What stands for an id of the product, and still has to be given a meaning.

import { ADAPTER_IDS, type AdapterId } from '../../../domain/media.ts';

/** Names that stand for ids and still have to be given a meaning. */
export interface Placeholders {
  members: Set<string>;
  teams: Set<string>;
  /** With the roles that rules name. */
  schedules: Map<string, Set<string>>;
  accounts: Map<string, AdapterId>;
}

/** What the translation of one rule adds to. */
export interface Ledger extends Placeholders {
  unit: 'minutes' | 'seconds';
  note(sentence: string): void;
  /** The account of a bot: the same token is the same account. */
  bot(adapter: AdapterId, token: string): string;
}

export function accountOf(adapter: AdapterId, source: string, { accounts }: Ledger): string {
  const name = `${dashed(adapter)}-${slug(source).toLowerCase()}`;
  accounts.set(name, adapter);
  return name;
}

export function adapterOf(name: string): AdapterId | undefined {
  return ADAPTER_IDS.find((id) => id === name);
}

export function placeholder(names: Set<string>, name: string): string {
  names.add(name);
  return name;
}

export function slug(id: string): string {
  return id.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 24);
}

export function dashed(adapter: AdapterId): string {
  return adapter.replace('.', '-');
}
