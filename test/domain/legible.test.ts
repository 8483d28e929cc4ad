import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { legible, legibleIn, legibleLine, legibleUrl } from '../../domain/legible.ts';

describe('a text that people read', () => {
  it.each([
    ['steers no terminal', 'db-7\u001b[31m\u0007\u009bA', 'db-7 [31m  A'],
    ['is not turned around', 'db\u202e7-\u202c \u2066x\u2069', 'db7- x'],
    ['shows all that is in it', 'pri\u200bma\u200dry\u2060\ufeff\u00ad\u3164', 'primary'],
    ['carries no hidden words', `ok${String.fromCodePoint(0xe0041, 0xe0042)}`, 'ok'],
    ['has no half characters', 'a\ud800b', 'a\ufffdb'],
    ['covers no other lines', `e${'\u0301'.repeat(500)}!`, `e${'\u0301'.repeat(8)}!`],
    ['turns nothing around by marks that its script does not know', '1\u200f-\u200f2', '1-2'],
  ])('%s', (_, written, shown) => {
    expect(legible(written)).toBe(shown);
  });

  it.each([
    ['Arabic with marks of direction', 'قاعدة البيانات\u200f (db-7)\u200f!'],
    ['Hebrew with vowels and a mark', 'שָׁלוֹם, C++\u200f'],
    ['Persian with a joiner', 'می\u200cخواهم'],
    ['Hindi and Sinhala with joiners', 'क्\u200dष ශ්\u200dරී'],
    ['emoji of several characters', '👨‍👩‍👧 🧑🏽‍💻 🏳️‍🌈 ❤️ 1️⃣ 🇩🇪'],
    ['the flag of Wales', '\u{1f3f4}\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}'],
    ['a rare form of a name in Chinese characters', '葛\u{e0100}城'],
    ['several lines', 'one\ntwo\n\nthree'],
  ])('keeps what its language is written with: %s', (_, written) => {
    expect(legible(written)).toBe(written);
  });

  it('begins no line where it is to be one', () => {
    expect(legibleLine(' x\r\nSeverity: Info\u2028y\u0085z\v ')).toBe('x Severity: Info y z');
  });

  it('is the same when it is read again, so that it may be made legible at each door', () => {
    const characters = fc.constantFrom(
      ...Array.from('a1 é\n\r\t\u001b\u200b\u200d\u200c\u200f\u202e\u2069\ufe0f\u0301👨🏽❤🏴کषש\u{e0067}\u{e007f}'),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(characters, fc.string({ unit: 'binary', maxLength: 1 }))), (written) => {
        const once = legible(written.join(''));
        expect(legible(once)).toBe(once);
        expect(once).not.toMatch(/(?!\n)[\p{Cc}\u202a-\u202e\u2060-\u2069\u200b]/u);
      }),
      { numRuns: 2000 },
    );
  });

  it('is made legible in all of a record, and nothing in it fills the stack', () => {
    expect(legibleIn({ by: { name: 'E\u202eve' }, 'k\ney': ['a\nb', 1, true, null] })).toEqual({
      by: { name: 'Eve' },
      'k ey': ['a b', 1, true, null],
    });
    let deep: unknown = 'x';
    for (let n = 0; n < 100_000; n += 1) deep = [deep];
    expect(() => legibleIn(deep)).not.toThrow();
  });
});

it('an address leads where it led', () => {
  expect(legibleUrl('https://x.example/数据/a?b=1#c')).toBe('https://x.example/数据/a?b=1#c');
  const hidden = legibleUrl('https://x.example/\u202e\u200b');
  expect(hidden).toBe('https://x.example/%E2%80%AE%E2%80%8B');
  expect(new URL(hidden).href).toBe(new URL('https://x.example/\u202e\u200b').href);
});
