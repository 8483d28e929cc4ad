import { installing, missingPackages } from '../providers/packages.ts';
import { registry } from '../providers/registry.ts';
import type { Account } from './configuration.ts';
import { ConfigurationError } from './schema/problem.ts';

/** Accounts whose adapters lack a vendor's package here, a sentence each, and the command that installs what is missing. */
export interface Lacking {
  problems: readonly string[];
  remedy: string;
}

interface Served {
  accounts: ReadonlyMap<string, Pick<Account, 'name' | 'adapter'>>;
}

/** Whoever only reads a configuration needs no package of a vendor; undefined when it could also be served from here. */
export function lackingPackages({ accounts }: Served): Lacking | undefined {
  const problems: string[] = [];
  const wanted = new Set<string>();
  for (const { name, adapter } of accounts.values()) {
    const missing = missingPackages(registry[adapter].packages);
    if (missing.length === 0) continue;
    problems.push(`accounts.${name}: ${adapter} needs ${missing.join(' and ')}, not installed here`);
    for (const one of missing) wanted.add(one);
  }
  return problems.length === 0 ? undefined : { problems, remedy: installing([...wanted]) };
}

/**
 * For whoever serves it: a page must not be the first to find out.
 * @throws ConfigurationError that names the accounts and the command.
 */
export function demandPackages(configuration: Served): void {
  const lacking = lackingPackages(configuration);
  if (lacking) throw new ConfigurationError([...lacking.problems, lacking.remedy]);
}
