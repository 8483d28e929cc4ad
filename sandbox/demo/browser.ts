import { spawn } from 'node:child_process';
import { findOnPath } from '../engine/find-server.ts';

/** Shows a page where a person sits before a screen; elsewhere, and where nothing opens pages, nothing happens. */
export async function openBrowser(url: string): Promise<void> {
  if (!process.stdout.isTTY || process.env['CI']) return;
  const [command, ...before] = OPENERS[process.platform] ?? ['xdg-open'];
  if (command === undefined || (await findOnPath(command)) === undefined) return;
  const opener = spawn(command, [...before, url], { stdio: 'ignore', detached: true });
  opener.on('error', () => undefined);
  opener.unref();
}

const OPENERS: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: ['open'],
  win32: ['explorer'],
};
