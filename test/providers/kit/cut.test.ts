import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutTo, utf16Units, utf8Bytes } from '../../../providers/kit/cut.ts';

const family = '👨‍👩‍👧';

describe('cutting a text to the room there is', () => {
  it('leaves alone what fits', () => {
    expect(cutTo('数据库', 9)).toBe('数据库');
    expect(cutTo('', 0)).toBe('');
  });

  it.each([
    ['数据库主机', 12, utf8Bytes, '数据库…'],
    ['数据库主机', 11, utf8Bytes, '数据…'],
    ['db-7 is down', 5, utf16Units, 'db-7…'],
    [`a${family}b`, 8, utf16Units, 'a…'],
    [`a${family}bc`, 10, utf16Units, `a${family}…`],
    ['e\u0301e\u0301e\u0301', 4, utf16Units, 'e\u0301…'],
    ['abc', 2, utf8Bytes, ''],
  ])('%j in %i', (text, room, sizeOf, cut) => {
    expect(cutTo(text, room, sizeOf)).toBe(cut);
  });

  it('never takes more than the room, and never part of a character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.nat(80),
        fc.constantFrom(utf8Bytes, utf16Units),
        (text, room, sizeOf) => {
          const cut = cutTo(text, room, sizeOf);
          expect(sizeOf(cut)).toBeLessThanOrEqual(room);
          const kept = [...new Intl.Segmenter().segment(cut.replace(/…$/, ''))].map(({ segment }) => segment);
          const whole = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
          if (cut !== text) expect(whole.slice(0, kept.length)).toEqual(kept);
        },
      ),
    );
  });

  it.each([
    ['one letter under many marks', `e${'\u0301'.repeat(200_000)}`],
    ['one chain of emoji', '👨\u200d'.repeat(100_000)],
    ['many short chains', `a${family}`.repeat(30_000)],
    ['flags without end', '🇩'.repeat(100_000)],
    ['plain letters', 'ab'.repeat(100_000)],
  ])('is done with the longest text at once, also with %s', { timeout: 20_000 }, (_, text) => {
    // A cut whose cost grows with the square of the length takes minutes here.
    const cut = cutTo(`${text}.`, text.length, utf16Units);
    expect(cut.endsWith('…')).toBe(true);
    expect(cut.length).toBeGreaterThan(text.length - 200);
  });

  it('keeps the pieces of a character together that lie on both sides of where the text is looked at', () => {
    for (let before = 110; before < 140; before += 1) {
      const text = `${'a'.repeat(before)}${family}${'b'.repeat(300)}`;
      expect(cutTo(text, before + family.length + 1, utf16Units)).toBe(`${'a'.repeat(before)}${family}…`);
      expect(cutTo(text, before + family.length, utf16Units)).toBe(`${'a'.repeat(before)}…`);
    }
  });

  it('counts what a character becomes where it is escaped', () => {
    const escaped = (piece: string) => piece.replaceAll('&', '&amp;').length;
    expect(cutTo('&&&&', 11, escaped)).toBe('&&…');
  });
});
