import { chromium, type Browser } from 'playwright-core';
import { findOnPath } from '../../sandbox/engine/find-server.ts';

const found = await Promise.all(['chromium', 'chromium-browser', 'google-chrome'].map(findOnPath));
const executablePath = found.find((path) => path !== undefined);

/** Of suites that need Chromium: where there is none they are skipped, and counted as such. */
export const withBrowser = { skip: executablePath === undefined };

export async function launchBrowser(): Promise<Browser> {
  if (executablePath === undefined) throw new Error('no Chromium on PATH');
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
