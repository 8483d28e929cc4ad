import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { madeOnce } from '../../sandbox/engine/cache.ts';
import { findServer } from '../../sandbox/engine/find-server.ts';

let folder: string;
const silent = () => undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-'));
  vi.stubEnv('TEMPORAL_ADDRESS', undefined);
  vi.stubEnv('TEMPORAL_CLI_PATH', undefined);
  vi.stubEnv('TEMPORAL_CONFIG_FILE', join(folder, 'temporal.toml'));
  vi.stubEnv('TEMPORAL_ESCALATIONS_CACHE', join(folder, 'cache'));
  vi.stubEnv('PATH', folder);
  // Nothing listens there: the SDK's download fails at once, with or without the internet.
  for (const name of ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY']) vi.stubEnv(name, 'http://127.0.0.1:1');
  vi.stubEnv('NO_PROXY', undefined);
  vi.stubEnv('no_proxy', undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function executable(name: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, '#!/bin/sh\n');
  await chmod(path, 0o755);
  return path;
}

describe('a Temporal server is looked for', () => {
  it('first where TEMPORAL_ADDRESS points', async () => {
    vi.stubEnv('TEMPORAL_ADDRESS', 'temporal.example.com:7233');
    vi.stubEnv('TEMPORAL_CLI_PATH', await executable('mine'));

    expect(await findServer(silent)).toMatchObject({ address: 'temporal.example.com:7233' });
  });

  it('first where the profile points, when the environment names no address', async () => {
    await writeFile(join(folder, 'temporal.toml'), '[profile.default]\naddress = "staging.example.com:7233"\n');

    expect(await findServer(silent)).toMatchObject({ address: 'staging.example.com:7233' });
  });

  it('then at TEMPORAL_CLI_PATH', async () => {
    await executable('temporal');
    const mine = await executable('mine');
    vi.stubEnv('TEMPORAL_CLI_PATH', mine);

    expect(await findServer(silent)).toMatchObject({ executable: mine });
  });

  it('and not elsewhere when TEMPORAL_CLI_PATH is wrong', async () => {
    await executable('temporal');
    vi.stubEnv('TEMPORAL_CLI_PATH', join(folder, 'typo'));

    await expect(findServer(silent)).rejects.toThrow(/TEMPORAL_CLI_PATH names .*typo/);
  });

  it('then on PATH', async () => {
    const onPath = await executable('temporal');

    expect(await findServer(silent)).toEqual({ how: `Temporal CLI ${onPath}, found on PATH.`, executable: onPath });
  });

  it('and every way is named when there is none', async () => {
    const failure = await findServer(silent).then(
      () => 'found one',
      (error: unknown) => (error as Error).message,
    );

    const ways = [
      'TEMPORAL_ADDRESS',
      'TEMPORAL_CLI_PATH',
      'CLI on PATH',
      'made earlier',
      'temporal.download',
      'Go on PATH',
    ];
    for (const way of ways) expect(failure).toContain(way);
    expect(failure).toContain('no `go` on PATH');
  });
});

describe('what takes minutes to make', () => {
  it('is made once when two processes want it at the same time', async () => {
    const path = join(folder, 'made');
    let times = 0;
    const make = async (temporary: string) => {
      times += 1;
      await writeFile(temporary, 'whole');
    };

    await Promise.all([madeOnce(path, make, silent), madeOnce(path, make, silent), madeOnce(path, make, silent)]);

    expect(times).toBe(1);
  });

  it('is made by the next one when the first attempt failed', async () => {
    const path = join(folder, 'made');

    await expect(madeOnce(path, () => Promise.reject(new Error('no space')), silent)).rejects.toThrow('no space');
    await madeOnce(path, (temporary) => writeFile(temporary, 'whole'), silent);
  });
});
