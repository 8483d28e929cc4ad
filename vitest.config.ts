import { defineConfig } from 'vitest/config';

/** Folders below `test/` whose tests talk to Temporal. */
const TEMPORAL = ['workflows', 'e2e', 'engine', 'package', 'gateway', 'attack'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);

// Node does not unwrap `default` when it imports CommonJS; with vitest's habit of doing so a test would pass where the
// worker breaks.
const deps = { interopDefault: false };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'pure',
          include: ['test/**/*.test.ts'],
          exclude: TEMPORAL,
          isolate: false,
          testTimeout: 20_000,
          deps,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'temporal',
          include: TEMPORAL,
          globalSetup: 'test/global-setup.ts',
          // The SDK's native module crashes in worker threads; one process shares its runtime and the bundle.
          pool: 'forks',
          isolate: false,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // What is waited for comes soon; a busy machine needs longer than the one second of vitest.
          expect: { poll: { timeout: 20_000 } },
          deps,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
