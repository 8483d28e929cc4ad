import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../sandbox/demo/configuration.ts';
import type { House } from '../../sandbox/demo/house.ts';
import { freshPrefix } from '../server.ts';
import { launchBrowser, withBrowser } from './browser.ts';
import { openTestHouse } from './house.ts';

describe('linking an account inside the app of a platform, without script', withBrowser, () => {
  const prefix = freshPrefix();
  let browser: Browser;
  let house: House;

  beforeAll(async () => {
    browser = await launchBrowser();
    house = await openTestHouse({
      prefix,
      sandbox: { limits: false, people: [...PEOPLE, { name: 'guest', openId: 'ou_guest' }] },
    });
  });
  afterAll(async () => {
    await browser.close();
    for (const id of ['member-backup', 'account-feishu-cn']) {
      await house.temporal.workflow
        .getHandle(`${prefix}.${id}`)
        .terminate()
        .catch(() => undefined);
    }
    await house.close();
  });

  it.each([
    { width: 390, locale: 'en-GB', linked: 'linked to Backup', undone: 'The link was undone.', undo: 'Undo the link' },
    { width: 1280, locale: 'zh-CN', linked: 'linked to Backup', undone: '已解除关联。', undo: 'Undo the link' },
  ])(
    'takes the right code, and can be undone ($locale, $width px)',
    async ({ width, locale, linked, undone, undo }) => {
      const page = await browser.newPage({ javaScriptEnabled: false, viewport: { width, height: 844 }, locale });
      const session = { name: 'feishu_session', value: 'ou_guest', url: house.sandbox.endpoints.feishu };
      await page.context().addCookies([session]);
      await page.goto(`${house.gatewayUrl}/app/feishu-cn`);
      await page.locator('select').selectOption('backup');
      await page.locator('button').click();
      await page.locator('input[name=code]').fill('12');
      await page.locator('button').click();
      await page.locator('.notice.bad').waitFor();

      const mail = await house.sandbox.responder('backup').expectMail('Your code');
      await page.locator('input[name=code]').fill(/\b\d{6}\b/.exec(mail.text)?.[0] ?? '');
      await page.locator('button').click();
      // From here on in the member's language.
      await page.locator('.notice.good').getByText(linked).waitFor();
      for (const box of await page.locator('section, .notice').all()) {
        const { x = 0, width: wide = 0 } = (await box.boundingBox()) ?? {};
        expect(x >= 0 && x + wide <= width).toBe(true);
      }
      await page.getByRole('button', { name: undo }).click();
      await page.locator('.notice.good').getByText(undone).waitFor();
      await page.close();
    },
  );
});
