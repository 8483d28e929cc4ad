import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { House } from '../../sandbox/demo/house.ts';
import { openWall, type Wall } from '../../sandbox/demo/wall.ts';
import { launchBrowser, withBrowser } from './browser.ts';
import { openTestHouse } from './house.ts';

const RUNS = 'http://127.0.0.1:8233/namespaces/default/workflows';
const PATIENCE = { timeout: 20_000 };
const PATIENCE_MS = { timeoutMs: PATIENCE.timeout };

let house: House;
let wall: Wall;
let closing: (() => Promise<void>)[] = [];

async function build(options: { level: string; storyAfterMs?: number }): Promise<void> {
  house = await openTestHouse({
    escalateAfter: options.level,
    sandbox: { limits: false },
  });
  closing.push(() => house.close());
  wall = await openWall({ house, runsUrl: RUNS, ...options });
  closing.push(() => wall.close());
}

afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

describe('the phone wall', withBrowser, () => {
  let browser: Browser;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });

  const look = async (viewport = { width: 1400, height: 900 }): Promise<Page> => {
    const opened = await browser.newPage({ viewport });
    opened.on('pageerror', ({ message }) => problems.push(message));
    opened.on('console', (said) => {
      if (said.type() === 'error') problems.push(said.text());
    });
    opened.on('dialog', (dialog) => {
      problems.push(dialog.message());
      void dialog.dismiss();
    });
    await opened.goto(wall.url);
    return opened;
  };
  const phone = (name: string): Locator => page.locator(`#phone-${name}`);

  beforeEach(() => {
    problems = [];
  });
  afterEach(async () => {
    await page.close();
    expect(problems).toEqual([]);
  });

  it('plays the story by hand, from the ringing phone to the closed card', async () => {
    await build({ level: '3s', storyAfterMs: 0 });
    page = await look();
    const card = phone('primary').locator('.card');
    await card.getByText('Not acknowledged, level 1 of 2').waitFor(PATIENCE);
    await phone('primary').getByRole('button', { name: '[Critical] db-7 is down' }).waitFor(PATIENCE);
    expect(await card.locator('.paint').textContent()).toBe('[Critical] db-7 is down');

    await phone('supervisor').getByText('through Tencent Cloud').waitFor(PATIENCE);
    await phone('supervisor').getByRole('button', { name: 'Answer' }).click();
    await phone('supervisor').getByText('Press 1 to acknowledge').waitFor(PATIENCE);
    await phone('supervisor').getByRole('button', { name: 'Key 1', exact: true }).click();

    await card.getByText('Acknowledged by Supervisor').waitFor(PATIENCE);
    await page.locator('#incident .now').getByText('Acknowledged by Supervisor').waitFor(PATIENCE);
    await page.locator('.timeline').getByText('isv.BUSINESS_LIMIT_CONTROL').first().waitFor(PATIENCE);
    await phone('supervisor').getByRole('button', { name: 'Hang up' }).click();

    await card.getByRole('button', { name: 'Close' }).click();
    await phone('primary').getByRole('button', { name: 'Confirm' }).click();
    await card.getByText('Closed by Primary').waitFor(PATIENCE);
    expect(await card.getByRole('button').count()).toBe(0);
    await page.getByText('the workflow has completed').first().waitFor(PATIENCE);
    expect(await page.locator('#steps .done').count()).toBe(5);
    expect(await page.locator('.run').getAttribute('href')).toMatch(
      /^http:\/\/127\.0\.0\.1:8233\/namespaces\/default\/workflows\/incident-db-7-[0-9a-f]+\/[0-9a-f-]{36}\/history$/,
    );

    // Whoever comes late sees all of it.
    const other = await look({ width: 390, height: 844 });
    await other.locator('#phone-primary .card').getByText('Closed by Primary').waitFor(PATIENCE);
    await other.locator('.timeline').getByText('to level 2: nobody acknowledged').waitFor(PATIENCE);
    expect(await other.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await other.close();
  });

  it('shows an incident titled with markup as text, everywhere', async () => {
    await build({ level: '12h' });
    page = await look();
    const title = '<img src=x onerror=alert(1)>';
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await page.getByLabel('Title').fill(title);
    await page.getByLabel('Channel').selectOption('payments');
    await page.getByRole('button', { name: 'Open the incident' }).click();

    await page.locator('#incident h2').getByText(title).waitFor(PATIENCE);
    await page.locator('.timeline').getByText(title).waitFor(PATIENCE);
    await phone('primary').locator('.card .paint').getByText(title).waitFor(PATIENCE);
    await phone('primary').getByRole('button', { name: title }).click();
    await phone('primary').frameLocator('iframe').locator('h1').getByText(title).waitFor(PATIENCE);
    expect(await page.locator('img').count()).toBe(0);
    expect(await phone('primary').frameLocator('iframe').locator('img').count()).toBe(0);
  });

  it('keeps the incident open and says why while nobody picks up', async () => {
    await build({ level: '1s', storyAfterMs: 0 });
    page = await look();
    await phone('supervisor').getByRole('button', { name: 'Decline' }).click(PATIENCE);
    await phone('supervisor').getByText('Declined').waitFor(PATIENCE);
    await page.locator('.timeline').getByText('unanswered').first().waitFor(PATIENCE);
    expect(await page.locator('#incident .state').textContent()).toBe('Triggered');
  });

  it('makes the mail server fail until it is put right', async () => {
    await build({ level: '12h' });
    page = await look();
    await page.getByRole('button', { name: 'Mail server is down' }).click();
    await page.getByRole('button', { name: 'Mail server is down', pressed: true }).waitFor(PATIENCE);
    await page.getByRole('button', { name: 'Play the story' }).click();
    await phone('primary').locator('.card').waitFor(PATIENCE);
    await page.getByRole('button', { name: 'Traffic' }).click();
    await page.locator('#tool-traffic').getByText('421').first().waitFor(PATIENCE);
    expect(house.sandbox.world.mails).toEqual([]);
    await page.getByRole('button', { name: 'Faults' }).click();
    await page.getByRole('button', { name: 'Put everything right' }).click();
    await page.getByRole('button', { name: 'Mail server is down', pressed: false }).waitFor(PATIENCE);
  });
});

describe('the door of the phone wall', () => {
  const post = (path: string, headers: Record<string, string>): Promise<Response> =>
    fetch(`${wall.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{}',
    });

  it('does nothing for another site, for a program without a page, or for a name that only resolves to it', async () => {
    await build({ level: '12h' });
    expect((await post('/story', { origin: 'https://evil.example' })).status).toBe(403);
    expect((await post('/story', { origin: wall.url, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post('/story', {})).status).toBe(403);
    expect(await statusFor('evil.example:8090', '/')).toBe(403);
    expect(await statusFor('evil.example:8090', '/events')).toBe(403);
    expect(house.sandbox.world.arrivals).toEqual([]);
    expect((await post('/story', { origin: wall.url })).status).toBe(200);
  });

  it('can be played again more often than the vendors would call a number in a day', async () => {
    await build({ level: '1s' });
    const supervisor = house.sandbox.responder('supervisor');
    for (let played = 0; played < 4; played += 1) {
      const { opened } = (await (await post('/story', { origin: wall.url })).json()) as { opened: string };
      const call = await supervisor.expectCall('db-7', PATIENCE_MS);
      expect(call.vendor).toBe('tencent');
      await call.press('1');
      await call.hangUp();
      const id = opened.replace('incident-', '');
      await expect.poll(async () => (await house.client.describe(id)).progress, PATIENCE).toBe('Processing');
    }
  });

  it('answers what cannot be done with the reason', async () => {
    await build({ level: '12h' });
    const refused = await post('/calls/none/answer', { origin: wall.url });
    expect([refused.status, await refused.json()]).toEqual([400, { error: 'no call none' }]);
  });
});

/** `fetch` does not let a caller choose the Host header. */
async function statusFor(host: string, path: string): Promise<number> {
  const { request } = await import('node:http');
  return new Promise((resolve, reject) => {
    request(`${wall.url}${path}`, { headers: { host } }, (answer) => {
      answer.destroy();
      resolve(answer.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}
