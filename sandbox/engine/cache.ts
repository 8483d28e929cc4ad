import { randomUUID } from 'node:crypto';
import { access, mkdir, open, rename, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A line for the person who waits. */
export type Say = (line: string) => void;

/**
 * Where what takes minutes to make is kept between runs, outside the checkout: `$TEMPORAL_ESCALATIONS_CACHE`, else
 * `temporal-escalations` in the platform's folder for caches.
 */
export function cacheFolder(): string {
  return process.env['TEMPORAL_ESCALATIONS_CACHE'] || join(platformCache(), 'temporal-escalations');
}

function platformCache(): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  if (process.platform === 'win32') return process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
  return process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
}

const BEAT_MS = 2_000;
const STALE_MS = 15_000;

/**
 * Makes a file or folder once per machine: whoever holds the lock makes it under a temporary name, which is renamed when
 * complete, so that nobody ever sees half of it; others wait. A lock whose holder stopped touching it for 15 s is taken
 * over. (Two that take it over in the same instant would both make it: wasted work, same result.)
 *
 * @throws whatever `make` throws; the next process tries again.
 */
export async function madeOnce(path: string, make: (temporary: string) => Promise<void>, say: Say): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const lock = `${path}.lock`;
  let told = false;
  while (!(await exists(path))) {
    if (await takes(lock)) {
      await makeUnderLock(path, lock, make);
    } else {
      if (!told) say(`waiting for another process that is making ${basename(path)}`);
      told = true;
      await sleep(250);
    }
  }
}

async function makeUnderLock(path: string, lock: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const beat = setInterval(() => void utimes(lock, new Date(), new Date()).catch(() => undefined), BEAT_MS);
  const temporary = `${path}.${randomUUID().slice(0, 8)}`;
  try {
    // It may have been finished between our look and our lock.
    if (await exists(path)) return;
    await make(temporary);
    await rename(temporary, path);
  } finally {
    clearInterval(beat);
    await rm(temporary, { recursive: true, force: true });
    await rm(lock, { force: true });
  }
}

async function takes(lock: string): Promise<boolean> {
  try {
    await (await open(lock, 'wx')).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const touchedAt = await stat(lock).then(
    (entry) => entry.mtimeMs,
    () => Date.now(),
  );
  if (Date.now() - touchedAt > STALE_MS) await rm(lock, { force: true });
  return false;
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
