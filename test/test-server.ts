import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, exists, madeOnce } from '../sandbox/engine/cache.ts';
import type { Say } from '../sandbox/engine/cache.ts';
import { findOnPath } from '../sandbox/engine/find-server.ts';
import { downloadThroughSdk } from '../sandbox/engine/sdk-download.ts';

/** The executable of Temporal's time-skipping test server, or why there is none on this machine. */
export type TestServer = { how: string; executable: string } | { missing: string };

// A wrapper must `exec`: the SDK ends its direct child and nothing else.
const WRAPPER = `#!/bin/sh
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -cp "$(dirname "$0")/lib/*" io.temporal.testserver.TestServer "$@"
`;

/** Java's own, fetched once with Maven into the cache folder; without Maven or Java, the SDK's download. Never throws. */
export async function findTestServer(say: Say): Promise<TestServer> {
  const reasons: string[] = [];
  const java = await findOnPath('java');
  const fetched = join(cacheFolder(), `temporal-test-server-${pinnedVersion()}`);
  const wrapper = { how: `Time-skipping test server ${fetched}.`, executable: join(fetched, 'run') };
  if (java === undefined || process.platform === 'win32') {
    reasons.push('no Java for it on this machine');
  } else if (await exists(fetched)) {
    return wrapper;
  } else if ((await findOnPath('mvn')) === undefined) {
    reasons.push('no `mvn` on PATH to fetch it');
  } else {
    try {
      await madeOnce(fetched, (temporary) => fetchWithMaven(temporary, say), say);
      return wrapper;
    } catch (error) {
      reasons.push(`Maven: ${(error as Error).message.split('\n')[0] ?? ''}`);
    }
  }

  const downloaded = join(cacheFolder(), `temporal-test-server-sdk`);
  try {
    await madeOnce(downloaded, (temporary) => downloadThroughSdk('createTimeSkipping', temporary, say), say);
    return { how: `Time-skipping test server ${downloaded}, downloaded by the SDK.`, executable: downloaded };
  } catch (error) {
    reasons.push(`the SDK's download: ${(error as Error).message}`);
  }
  return { missing: `no time-skipping test server (${reasons.join('; ')})` };
}

const POM = join(import.meta.dirname, '..', 'tools', 'test-server', 'pom.xml');

function pinnedVersion(): string {
  const [, version] = /temporal-test-server<\/artifactId>\s*<version>([^<]+)/.exec(readFileSync(POM, 'utf8')) ?? [];
  if (version === undefined) throw new Error(`${POM} names no version of temporal-test-server`);
  return version;
}

async function fetchWithMaven(folder: string, say: Say): Promise<void> {
  say('fetching the time-skipping test server with Maven: about 10 seconds, once on this machine');
  await mkdir(folder);
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${join(folder, 'lib')}`];
  await promisify(execFile)('mvn', ['-q', '-B', '-f', POM, ...goal], { timeout: 300_000 });
  await writeFile(join(folder, 'run'), WRAPPER, { mode: 0o755 });
}
