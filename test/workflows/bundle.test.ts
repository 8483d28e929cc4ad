import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** With inline source map, as Workers load it; the SDK's own part is about 1.6 MB, and words come in two languages. */
const MAX_BYTES = 2_900_000;

it('bundles the workflows without anything of Node, zod or a provider, within their size', async () => {
  const warnings: string[] = [];
  const logger = new DefaultLogger('WARN', ({ message }) => {
    warnings.push(message);
  });

  // Throws when something outside the sandbox is imported; nothing is on an ignore list.
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(import.meta.dirname, '..', '..', 'workflows', 'index.ts'),
    logger,
  });

  const bytes = Buffer.byteLength(code);
  console.log(`workflow bundle: ${(bytes / 1e6).toFixed(2)} MB`);
  expect(warnings).toEqual([]);
  expect(bytes).toBeLessThan(MAX_BYTES);
  // Module names as the bundle has them: every file of ours that reached it.
  const ours = new Set(
    [...code.matchAll(/^\/\*\*\*\/ "\.\/(?!node_modules\/)([\w-]+)\//gm)].map(([, folder]) => folder),
  );
  expect(ours).toEqual(new Set(['domain', 'workflows']));
  expect(code).not.toMatch(/^\/\*\*\*\/ "\.\/node_modules\/(zod|pino|undici|nodemailer|hono)\//m);
});
