import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OUTCOMES } from '../../domain/delivery.ts';
import { TROUBLES, troubleOf, troubleshooting } from '../../domain/troubleshooting.ts';

const text = readFileSync('docs/troubleshooting.md', 'utf8');
/** Headings and what stands below them up to the next. */
const sections = new Map(
  text
    .split(/^#{2,3} /m)
    .slice(1)
    .map((section) => {
      const [heading = '', ...body] = section.split('\n');
      return [anchorOf(heading), body.join('\n').trim()];
    }),
);

describe('the guide to troubleshooting', () => {
  it.each(TROUBLES)('explains what is %s and what to do', (trouble) => {
    const [, anchor = ''] = troubleshooting(trouble).split('docs/troubleshooting.md#');
    expect(sections.get(anchor)?.length).toBeGreaterThan(120);
  });

  it('explains every way in which telling somebody can end badly', () => {
    const harmless = ['pending', 'accepted', 'delivered', 'answered', 'suppressed', 'late'];
    const bad = OUTCOMES.filter(
      (outcome) => !harmless.includes(outcome) && !['rejected', 'unreachable'].includes(outcome),
    );
    for (const outcome of bad) expect(TROUBLES).toContain(troubleOf({ outcome }));
    for (const outcome of OUTCOMES.filter((one) => harmless.includes(one)))
      expect(troubleOf({ outcome })).toBeUndefined();
  });

  it('has no link that leads nowhere', () => {
    const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor ?? '');
    expect(links.filter((anchor) => !sections.has(anchor))).toEqual([]);
    expect(links.length).toBeGreaterThan(4);
  });

  it.each([
    ['a call that did not come', 'the-call-did-not-come', ['blocklist', 'carrier', 'ported', 'contact card']],
    ['a region that is not called', 'regions', ['support', 'countries']],
    ['a mail among the spam', 'mail-is-in-the-spam-folder', ['not spam', 'domain', 'administrator']],
  ])('says what to look at for %s', (_what, anchor, words) => {
    for (const word of words) expect(sections.get(anchor)).toContain(word);
  });
});

/** As code hosts make them. */
function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
