import fc from 'fast-check';
import { deliveryOf, wording } from '../delivery.ts';
import type { Page, Person } from '../../../providers/kit/message.ts';
import type { SandboxCard } from '../../../sandbox/index.ts';

/** Whatever a vendor may take for markup or a mention, in any order, among any other characters. */
const MARKUP = [
  '</at><at id=all>*x*{{7*7}}<script>',
  '<at id=all></at>',
  '<at user_id="all">all</at>',
  '<at id=ou_primary></at>',
  '<at user_id="ou_primary">x</at>',
  '<@primary>',
  '<@all>',
  '@all',
  '@所有人',
  '@13900000001',
  '<@U0PRIMARY>',
  '<!channel>',
  '<!here|x>',
  '<!all>',
  '<!primary@xmpp.zoom.us|x>',
  '<https://evil.example|x>',
  '[x](https://evil.example)',
  '![x](https://evil.example)',
  '<a href="tg://user?id=1">x</a>',
  '@durov',
  '/start',
  '**x**',
  '__x__',
  '*x*',
  '_x_',
  '~x~',
  '~~x~~',
  '# x',
  '> x',
  '- x',
  '1. x',
  '<b>',
  '<font color="info">x</font>',
  '&lt;',
  '&amp;',
  '&#42;',
  '\\',
  '\\*',
  ':smile:',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '\n',
  '\u0000\u0001',
  '\ud800',
  '库',
  '👨‍👩‍👧',
];

export const HOSTILE = '</at><at id=all>*x*{{7*7}}<script>';

export const anyTitle: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...MARKUP), fc.string({ unit: 'grapheme', maxLength: 6 }), fc.constant(' ')), {
    minLength: 1,
    maxLength: 8,
  })
  .map((pieces) => `[Critical] ${pieces.join('')}`)
  .filter((title) => title.length <= 115);

/** As long and as wide as an incident may be. */
export const anyLength: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof(fc.constantFrom(...MARKUP), fc.constantFrom('x', '库', '&', '<', '"', '*')),
    fc.integer({ min: 1, max: 3000 }),
  )
  .map(([piece, times]) => piece.repeat(times).slice(0, 3000));

export const backup: Person = {
  member: 'backup',
  name: 'Backup',
  phone: '+8613900000002',
  locale: 'zh',
  timeZone: 'Asia/Shanghai',
};

export function groupDelivery(changes: Partial<Page> = {}): Page {
  return deliveryOf({ to: { chat: '-1001' }, buttons: [], ...changes });
}

/** The page about an incident that is called so, everywhere. */
export function called(title: string, changes: Partial<Page> = {}): Page {
  return groupDelivery({
    wording: { ...wording, subject: title, text: title, status: title, facts: [[title, title]] },
    ...changes,
  });
}

/** The same, with as many facts as an incident may have. */
export function longest(text: string, changes: Partial<Page> = {}): Page {
  const facts = Array.from({ length: 60 }, (): [string, string] => [text, text]);
  return groupDelivery({ wording: { ...wording, subject: text, text, status: text, facts }, ...changes });
}

/** What makes a heading, a quote, a list or a rule of a line. */
export const LINE_STARTS = [
  '# one',
  '> two',
  '- three',
  '+ four',
  '* five',
  '6. six',
  '7) seven',
  '=== eight',
  '--- nine',
];

/** A page whose description has such lines. */
export function linesDelivery(changes: Partial<Page> = {}): Page {
  return groupDelivery({ wording: { ...wording, text: LINE_STARTS.join('\n') }, ...changes });
}

/** Without what is invisible; spaces stay. */
export function linesOf(card: SandboxCard | undefined): string[] {
  return (card?.face?.lines ?? []).map((line) => line.replaceAll('\u200b', ''));
}

/** What is read, without what is invisible and without regard to spaces. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Z}\p{DI}\ufff9-\ufffb\ufffd]/gu, '').replace(/\p{Cs}/gu, '');
}

/** All that is read of a message, top to bottom. */
export function shown(card: SandboxCard | undefined): string {
  return [card?.face?.title ?? '', ...(card?.face?.lines ?? [])].join('\n');
}
