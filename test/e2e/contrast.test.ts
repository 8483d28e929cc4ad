import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SEVERITIES } from '../../domain/incident/incident.ts';
import { PROGRESS, type IncidentView } from '../../domain/incident/view.ts';
import { incidentPage, type Notice } from '../../gateway/pages/html.ts';
import { namesFrom } from '../../templates/names.ts';
import { NOON, openIncident } from '../gateway/house.ts';
import { launchBrowser, withBrowser } from './browser.ts';

/** Level AA for text of ordinary size. https://www.w3.org/TR/WCAG22/#contrast-minimum */
const LEAST_CONTRAST = 4.5;
const TONES: readonly Notice['tone'][] = ['good', 'wait', 'bad'];

async function pageOf(changes: Partial<IncidentView>, tone: Notice['tone']): Promise<string> {
  const reader = { locale: 'en', timeZone: 'UTC', names: namesFrom(new Map()), now: NOON } as const;
  const actor = { member: 'primary', name: 'Primary', nonce: 'n', unverified: ['phone'] } as const;
  const view = { ...openIncident('incident-42'), ...changes };
  const others = { session: { name: 'Primary', nonce: 'n' }, holder: { name: 'Backup', isChosen: false } };
  const notice = { tone, text: tone };
  return String(
    await incidentPage({ view, reader, actor, ...others, notice, contacts: 'contacts.vcf', signIn: 'sign-in' }),
  );
}

/** Runs in the page: texts that stand out too little from what is behind them, such as `Triggered 3.1`. */
const FAINT = String.raw`(() => {
  const channels = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (colour) => {
    const [red, green, blue] = channels(colour).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element) => {
    if (element === null) return 'rgb(255, 255, 255)';
    const colour = getComputedStyle(element).backgroundColor;
    return (channels(colour)[3] ?? 1) > 0 ? colour : behind(element.parentElement);
  };
  const contrast = (ink, back) => {
    const [light, dark] = [luminance(ink), luminance(back)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  for (const details of document.querySelectorAll('details')) details.open = true;
  return [...document.body.querySelectorAll('*')].flatMap((element) => {
    const texts = [...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE);
    const written = element.placeholder ?? texts.map(({ textContent }) => textContent.trim()).join('');
    const style = getComputedStyle(element, element.placeholder === undefined ? null : '::placeholder');
    const ratio = contrast(style.color, behind(element));
    return written !== '' && ratio < ${LEAST_CONTRAST} ? [written + ' ' + ratio.toFixed(1)] : [];
  });
})()`;

describe.each(['light', 'dark'] as const)('the incident page in %s colours', withBrowser, (colorScheme) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it('can be read by tired eyes, whatever the severity and the state', async () => {
    const page = await browser.newPage({ colorScheme });
    for (const severity of SEVERITIES) {
      for (const [index, progress] of PROGRESS.entries()) {
        const { incident } = openIncident('incident-42');
        const html = await pageOf({ incident: { ...incident, severity }, progress }, TONES[index] ?? 'good');
        await page.setContent(html);
        expect({ severity, progress, faint: await page.evaluate(FAINT) }).toEqual({ severity, progress, faint: [] });
      }
    }
  });
});
