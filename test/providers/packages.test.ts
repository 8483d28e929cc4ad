import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ADAPTER_IDS } from '../../domain/media.ts';
import { registry } from '../../providers/registry.ts';
import { installing } from '../../providers/packages.ts';

const root = join(import.meta.dirname, '..', '..');

const { bin, dependencies, exports, peerDependencies, peerDependenciesMeta } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
) as {
  bin: Record<string, string>;
  dependencies: Record<string, string>;
  exports: Record<string, string | { default: string }>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional?: boolean }>;
};
const vendors = Object.keys(peerDependencies);

/** Types are gone when the code runs; `import('…')` loads as well as `from '…'`. */
const IMPORTS = /^(?:import|export) (?!type\b)[^;]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm;

/** Vendors' packages that loading this file loads, at once or later, but for what the registry loads for an account. */
function vendorsBehind(entries: readonly string[]): string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  const open = entries.map((entry) => join(root, entry));
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const [text, ...names] of readFileSync(path, 'utf8').matchAll(IMPORTS)) {
      const name = names.find(Boolean) ?? '';
      const isForAccount = path.endsWith('providers/registry.ts') && text.startsWith('import(');
      if (name.startsWith('.') && !isForAccount) open.push(join(dirname(path), name));
      const vendor = vendors.find((one) => name === one || name.startsWith(`${one}/`));
      if (vendor !== undefined) found.add(vendor);
    }
  }
  return [...found].sort();
}

function sourceOf(built: string): string {
  return built.replace(/^(\.\/)?dist\/(.*)\.js$/, '$2.ts');
}

describe("vendors' packages", () => {
  it.each(ADAPTER_IDS)('are all named where %s is registered, so that a missing one is told in time', (id) => {
    expect(vendorsBehind([`providers/${id.replace('.', '/')}.ts`])).toEqual([...registry[id].packages].sort());
  });

  it('are needed by nobody who has no account with them', () => {
    const entries = [...Object.values(exports), ...Object.values(bin)]
      .map((to) => (typeof to === 'string' ? to : to.default))
      .filter((to) => to.endsWith('.js'));

    expect(entries.length).toBeGreaterThan(5);
    expect(vendorsBehind(entries.map(sourceOf))).toEqual([]);
  });

  it('are optional peers, which installing the pack does not bring', () => {
    expect(vendors.filter((name) => peerDependenciesMeta[name]?.optional !== true)).toEqual([]);
    expect(vendors.filter((name) => name in dependencies)).toEqual([]);
    expect([...new Set(ADAPTER_IDS.flatMap((id) => registry[id].packages))].sort()).toEqual([...vendors].sort());
  });

  it('are installed by one command, in the version that the adapters were written for', () => {
    expect(installing(['twilio', '@alicloud/openapi-core'])).toBe('run npm install twilio@6 @alicloud/openapi-core@1');
  });
});
