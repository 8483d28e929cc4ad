// Vendors' packages are optional peers of this one, because they are large and an installation needs few of them.

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Those that are not installed where this code runs. */
export function missingPackages(names: readonly string[]): string[] {
  return names.filter((name) => !isInstalled(name));
}

function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** How to install them, each in the major version that the adapters were written for: `run npm install twilio@6`. */
export function installing(names: readonly string[]): string {
  const { peerDependencies } = require('temporal-escalations/package.json') as {
    peerDependencies: Readonly<Record<string, string>>;
  };
  const wanted = names.map((name) => `${name}@${/\d+/.exec(peerDependencies[name] ?? '')?.[0] ?? 'latest'}`);
  return `run npm install ${wanted.join(' ')}`;
}
