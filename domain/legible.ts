// What strangers may write into a text that people read, and what stands in its place.
//
// A character that nobody sees, or that changes how others are seen, lets a text say another thing than it shows. What
// people need to write their language stays: marks and joiners of scripts that have them, emoji of several characters.
// docs/decisions/0019-texts-of-strangers.md has the reasons.

/** Plain English and Chinese: most texts are looked at once, and in little time. */
const USUAL = /^[\n -~\u3001-\u3029\u4e00-\u9fff\uff01-\uff5e]*$/;
const SUSPECT = /(?!\n)[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{DI}\ufff9-\ufffb]|\p{M}{9}/u;

const LINE_ENDS = /\r\n?|[\v\f\u0085\u2028\u2029]/g;
const CONTROLS = /(?!\n)\p{Cc}/gu;
const HALVES = /\p{Cs}/gu;
/** No language piles up more than a handful of marks; a tower of them covers the lines above and below. */
const TOWERS = /(\p{M}{8})\p{M}+/gu;

/** The flags of England, Scotland and Wales. */
const FLAG = '\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{2,6}\u{e007f}';
/** Joins emoji into one: a family, a profession. */
const EMOJI_JOINER = '(?<=[\\p{ExtPict}\\p{EMod}\\ufe0f])\\u200d(?=\\p{ExtPict})';
const JOINING = ['Arab', 'Syrc', 'Mong', 'Nkoo', 'Deva', 'Beng', 'Guru', 'Gujr', 'Orya', 'Taml', 'Telu', 'Knda']
  .concat(['Mlym', 'Sinh', 'Mymr', 'Khmr', 'Tibt'])
  .map((script) => `\\p{scx=${script}}`)
  .join('');
/** Joins or parts letters, where that is spelling. */
const LETTER_JOINER = `(?<=(?!\\p{ASCII})[${JOINING}])[\\u200c\\u200d]`;
/** Chooses the form of the character before it: a coloured heart, a rare form of a Chinese name. */
const FORM = '(?<=[^\\s\\p{Cc}\\p{DI}])[\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}]|(?<=\\p{scx=Mong})[\\u180b-\\u180f]';
const KEPT = [FLAG, EMOJI_JOINER, LETTER_JOINER, FORM].join('|');
const UNSEEN = '[\\p{DI}\\ufff9-\\ufffb]';

const LEFT_TO_RIGHT = new RegExp(`(${KEPT})|${UNSEEN}`, 'gu');
/** Marks of direction belong to texts of scripts that run from right to left, where they set punctuation right. */
const RIGHT_TO_LEFT = new RegExp(`(${KEPT}|[\\u200e\\u200f\\u061c])|${UNSEEN}`, 'gu');
const RIGHT_TO_LEFT_LETTER =
  /[\u0590-\u05ff\u0600-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]|[\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * A text without what misleads its reader; it may have several lines, each ended by `\n`.
 * @example legible('db\u202e7-\u001b[31m'); // 'db7- [31m'
 */
export function legible(text: string): string {
  if (USUAL.test(text) || !SUSPECT.test(text)) return text;
  return text
    .replace(LINE_ENDS, '\n')
    .replace(CONTROLS, ' ')
    .replace(HALVES, '\ufffd')
    .replace(RIGHT_TO_LEFT_LETTER.test(text) ? RIGHT_TO_LEFT : LEFT_TO_RIGHT, (_, kept?: string) => kept ?? '')
    .replace(TOWERS, '$1');
}

/** The same in one line, so that a value cannot begin a line that says something else. */
export function legibleLine(text: string): string {
  return legible(text).replace(/\n+/g, ' ').trim();
}

const DEEPEST = 8;

/** All texts of plain data in one line each, names of fields too. */
export function legibleIn<T>(data: T): T {
  return readIn(data, 0) as T;
}

function readIn(data: unknown, depth: number): unknown {
  if (typeof data === 'string') return legibleLine(data);
  if (typeof data !== 'object' || data === null) return data;
  // Nothing of ours is as deep: somebody means to fill the stack.
  if (depth > DEEPEST) return undefined;
  if (Array.isArray(data)) return data.map((one) => readIn(one, depth + 1));
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [legibleLine(name), readIn(value, depth + 1)]));
}

/** An address that leads where it led, with what misleads a reader written as the percent signs it stands for. */
export function legibleUrl(url: string): string {
  const isLegible = (character: string): boolean => legible(character) === character;
  return Array.from(url, (one) => (isLegible(one) ? one : encodeURIComponent(one.replace(HALVES, '\ufffd')))).join('');
}
