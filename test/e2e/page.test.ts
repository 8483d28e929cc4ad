import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { House } from '../../sandbox/demo/house.ts';
import { freshPrefix } from '../server.ts';
import { launchBrowser, withBrowser } from './browser.ts';
import { openTestHouse } from './house.ts';

const READERS = [
  {
    locale: 'en',
    acknowledge: 'Acknowledge',
    state: /^Acknowledged by Primary/,
    done: 'Recorded.',
    timeline: 'Timeline',
    refused: /^NOT acknowledged\..*press again\.$/,
  },
  {
    locale: 'zh',
    acknowledge: '认领',
    state: /^Primary 已.*认领$/,
    done: '已记录',
    timeline: '时间线',
    refused: /^尚未认领！/,
  },
] as const;

/** Runs in the page: the colour behind the refusal, as three numbers. */
const COLOUR = String.raw`getComputedStyle(document.querySelector('[role=alert]')).backgroundColor.match(/\d+/g).map(Number)`;

describe.each(READERS)('the incident page on a phone without script ($locale)', withBrowser, (reader) => {
  let browser: Browser;
  let house: House;

  beforeAll(async () => {
    browser = await launchBrowser();
    house = await openTestHouse({
      escalateAfter: '12h',
      edit: (yaml) => yaml.replace(/(primary: \{ name: Primary.*locale: )en/, `$1${reader.locale}`),
    });
  });
  afterAll(async () => {
    await browser.close();
    await house.close();
  });

  it('opens from the mail, takes the acknowledgment of a quick thumb and shows who has it', async () => {
    const id = freshPrefix();
    await house.client.open({ id, title: 'db-7 is down', severity: 'Critical', channel: 'payments' });
    const mail = await house.sandbox.responder('primary').expectMail('db-7');
    const [, link = ''] = /href="([^"]+)"/.exec(mail.html) ?? [];

    const page = await browser.newPage({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
    await page.goto(link);
    expect(await page.locator('h1').textContent()).toBe('db-7 is down');
    const acknowledge = page.locator('button.go');
    expect(await acknowledge.textContent()).toBe(reader.acknowledge);
    const box = await acknowledge.boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(44);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(390);

    await acknowledge.click();
    await page.getByText(reader.done).waitFor();
    await expect.poll(async () => (await house.client.describe(id)).progress).toBe('Processing');
    await page.goto(link);
    expect(await page.locator('.state').textContent()).toMatch(reader.state);
    expect(await acknowledge.count()).toBe(0);
    await page.getByText(reader.timeline).waitFor();
    const { acknowledgedBy, timeline } = await house.client.describe(id);
    expect(acknowledgedBy).toEqual({ member: 'primary' });
    expect(timeline.find(({ kind }) => kind === 'acknowledged')?.via).toBe('page');
    await page.close();
  });

  it('takes no press that a script makes at once, and says so in red', async () => {
    const id = freshPrefix();
    await house.client.open({ id, title: 'db-8 is down', severity: 'Critical', channel: 'payments' });
    const mail = await house.sandbox.responder('primary').expectMail('db-8');
    const [, link = ''] = /href="([^"]+)"/.exec(mail.html) ?? [];

    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    await page.goto(link);
    const scanner = await page.context().newCDPSession(page);
    const expression = `document.querySelector('button.go').click()`;
    await scanner.send('Runtime.evaluate', { expression, userGesture: false });
    const refusal = page.getByRole('alert');
    expect(await refusal.textContent()).toMatch(reader.refused);
    const [red = 0, green = 0, blue = 0] = await page.evaluate<number[]>(COLOUR);
    expect(red).toBeGreaterThan(2 * Math.max(green, blue));
    expect((await house.client.describe(id)).progress).toBe('Triggered');

    await page.locator('button.go').click();
    await expect.poll(async () => (await house.client.describe(id)).progress).toBe('Processing');
    await page.close();
  });
});
