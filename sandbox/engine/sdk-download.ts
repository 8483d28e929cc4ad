import { spawn } from 'node:child_process';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Say } from './cache.ts';

const PATIENCE_MS = 180_000;

/**
 * Lets Temporal's TypeScript SDK download a server of its own choosing and keeps the executable as `path`. The SDK only
 * offers that as part of starting it, and starting it installs its process-wide runtime: hence a process of its own.
 *
 * @throws when `@temporalio/testing` is not installed or the download site cannot be reached.
 */
export async function downloadThroughSdk(
  kind: 'createLocal' | 'createTimeSkipping',
  path: string,
  say: Say,
): Promise<void> {
  const downloadDir = `${path}.download`;
  const script = `
    const [downloadDir] = process.argv.slice(1);
    try {
      (await import('node:fs')).mkdirSync(downloadDir, { recursive: true });
      const { TestWorkflowEnvironment } = await import('@temporalio/testing');
      const executable = { type: 'cached-download', downloadDir };
      await (await TestWorkflowEnvironment.${kind}({ server: { executable } })).teardown();
    } catch (error) {
      console.error(error.message);
      process.exitCode = 1;
    }`;
  say("asking the SDK's download site for a server");
  try {
    await run(script, downloadDir);
    const file = (await readdir(downloadDir)).find((name) => name.startsWith('temporal-'));
    if (file === undefined) throw new Error('the SDK kept no executable');
    await rename(join(downloadDir, file), path);
  } finally {
    await rm(downloadDir, { recursive: true, force: true });
  }
}

function run(script: string, downloadDir: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script, downloadDir], {
      cwd: import.meta.dirname, // so that `@temporalio/testing` is found from here
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: PATIENCE_MS,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(signal ? `no answer within ${String(PATIENCE_MS / 1000)} s` : reason(errors)));
    });
  });
}

// The message repeats the address it asked with all its parameters.
const reason = (errors: string) =>
  errors
    .trim()
    .split('\n')
    .at(-1)
    ?.replace(/\(https:[^)]*\): error.*\): /, '') ?? '';
