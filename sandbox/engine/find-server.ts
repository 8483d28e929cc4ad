import { loadClientConfigProfile } from '@temporalio/envconfig';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { access, chmod, constants } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { cacheFolder, exists, madeOnce } from './cache.ts';
import type { Say } from './cache.ts';
import { downloadThroughSdk } from './sdk-download.ts';

/** A Temporal CLI that can run `server start-dev`. `how` is a sentence about where it came from. */
export interface ServerExecutable {
  how: string;
  executable: string;
}

/** A server that somebody else runs; connect with `loadClientConnectConfig()`, which also brings TLS and keys. */
export interface RunningServer {
  how: string;
  address: string;
}

/**
 * Finds a real Temporal server, first hit wins: `TEMPORAL_ADDRESS` or a profile that names an address; then whatever
 * {@link findExecutable} finds.
 *
 * @param say told what takes long.
 * @throws one error that names every way, when there is none.
 */
export async function findServer(say: Say): Promise<RunningServer | ServerExecutable> {
  return findRunning() ?? findExecutable(say);
}

/** The server that the environment or the profile names, see https://docs.temporal.io/develop/environment-configuration. */
export function findRunning(): RunningServer | undefined {
  const { address } = loadClientConfigProfile();
  if (!address) return undefined;
  const source = process.env['TEMPORAL_ADDRESS'] ? 'TEMPORAL_ADDRESS' : 'the Temporal profile';
  return { how: `The server at ${address}, named by ${source}.`, address };
}

/**
 * Finds or makes a Temporal CLI to start a server of our own with: `TEMPORAL_CLI_PATH`; `temporal` on `PATH`; the copy
 * built earlier; the SDK's download; a build from `tools/temporal/go.mod` (about 4 minutes, once per machine).
 */
export async function findExecutable(say: Say): Promise<ServerExecutable> {
  const named = process.env['TEMPORAL_CLI_PATH'];
  if (named) {
    if (!(await runs(named))) throw new Error(`TEMPORAL_CLI_PATH names ${named}, which cannot be executed`);
    return { how: `Temporal CLI ${named}, named by TEMPORAL_CLI_PATH.`, executable: named };
  }

  const onPath = await findOnPath('temporal');
  if (onPath !== undefined) return { how: `Temporal CLI ${onPath}, found on PATH.`, executable: onPath };

  const built = builtPath();
  if (await runs(built)) return { how: `Temporal CLI ${built}, built earlier.`, executable: built };

  const failures: string[] = [];
  const downloaded = downloadedPath();
  try {
    await madeOnce(downloaded, (temporary) => downloadThroughSdk('createLocal', temporary, say), say);
    return { how: `Temporal CLI ${downloaded}, downloaded by the SDK.`, executable: downloaded };
  } catch (error) {
    failures.push(`the SDK's download: ${(error as Error).message}`);
  }

  if ((await findOnPath('go')) !== undefined) {
    try {
      await madeOnce(built, (temporary) => build(temporary, say), say);
      return { how: `Temporal CLI ${built}, built now from ${moduleFolder()}.`, executable: built };
    } catch (error) {
      failures.push(`the build: ${(error as Error).message}`);
    }
  } else {
    failures.push('the build: no `go` on PATH');
  }

  throw new Error(
    `No Temporal server. Any one of these is enough:
  1. a running server: TEMPORAL_ADDRESS=host:port, or a profile in temporal.toml
  2. a Temporal CLI anywhere: TEMPORAL_CLI_PATH=/path/to/temporal
  3. a Temporal CLI on PATH: https://docs.temporal.io/cli
  4. a copy made earlier: ${built}
  5. access to https://temporal.download, from where the SDK fetches one
  6. Go on PATH, to build one from ${moduleFolder()}
Tried: ${failures.join('; ')}.`,
  );
}

/** Full path of a command, or undefined. */
export async function findOnPath(command: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, `${command}${EXE}`);
    if (folder && (await runs(path))) return path;
  }
  return undefined;
}

const EXE = process.platform === 'win32' ? '.exe' : '';

async function runs(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

// Sources and compiled files lie at different depths below the package's folder.
function moduleFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'tools', 'temporal', 'go.mod'))) {
    if (folder === dirname(folder)) throw new Error('tools/temporal/go.mod is missing from this installation');
    folder = dirname(folder);
  }
  return join(folder, 'tools', 'temporal');
}

function builtPath(): string {
  const [, version] =
    /^\s*github\.com\/temporalio\/cli v(\S+)/m.exec(readFileSync(join(moduleFolder(), 'go.mod'), 'utf8')) ?? [];
  return join(cacheFolder(), `temporal-cli-${version ?? 'unknown'}${EXE}`);
}

function downloadedPath(): string {
  const { version } = createRequire(import.meta.url)('@temporalio/client/package.json') as { version: string };
  return join(cacheFolder(), `temporal-cli-sdk-${version}${EXE}`);
}

async function build(path: string, say: Say): Promise<void> {
  const startedAt = Date.now();
  let downloads = 0;
  let packages = 0;
  const progress = () => {
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    say(`building Temporal: ${seconds} s, ${downloads} modules downloaded, ${packages} packages compiled`);
  };
  say('building Temporal from tools/temporal/go.mod: about 4 minutes, once on this machine');
  const ticking = setInterval(progress, 5_000);
  try {
    await go(['build', '-v', '-ldflags', '-s -w', '-o', path, 'github.com/temporalio/cli/cmd/temporal'], (line) => {
      if (line.startsWith('go: downloading ')) downloads += 1;
      else packages += 1;
    });
  } finally {
    clearInterval(ticking);
  }
  if (!(await exists(path))) throw new Error('go build wrote nothing');
  await chmod(path, 0o755);
  progress();
}

function go(args: string[], online: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('go', args, {
      cwd: moduleFolder(),
      env: { ...process.env, CGO_ENABLED: '0' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let rest = '';
    const tail: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(online);
      tail.push(...lines);
      tail.splice(0, tail.length - 5);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`go build failed: ${[...tail, rest].join(' | ')}`));
    });
  });
}
