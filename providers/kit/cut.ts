// Cuts texts to the room that a vendor gives them.

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** What a text takes up where bytes are counted. */
export const utf8Bytes = (text: string): number => Buffer.byteLength(text);
/** What a text takes up where characters are counted, as most clients count them. */
export const utf16Units = (text: string): number => text.length;

/**
 * Texts are looked at in pieces of so many UTF-16 units, because the segmenter copies the whole text for each character
 * it finds. What joins more of them into one character is no character of any language and is cut like several.
 */
const PIECE = 128;

/**
 * The beginning of a text for which there is room, ended by `…` where something is left out; never cut inside what a
 * person sees as one character. It takes time in proportion to what is kept.
 * @param sizeOf of a piece of text, once it is escaped or encoded; the sum of the pieces is the size of the whole.
 */
export function cutTo(text: string, room: number, sizeOf: (piece: string) => number = utf8Bytes): string {
  if (sizeOf(text) <= room) return text;
  let left = room - sizeOf('…');
  if (left < 0) return '';
  let end = 0;
  for (const character of charactersOf(text)) {
    left -= sizeOf(character);
    if (left < 0) break;
    end += character.length;
  }
  return `${text.slice(0, end)}…`;
}

function* charactersOf(text: string): Generator<string> {
  for (let from = 0; from < text.length;) {
    const isLast = from + PIECE >= text.length;
    // A pair of surrogates stays together.
    const to = isLast ? text.length : from + PIECE - (isHighSurrogate(text.charCodeAt(from + PIECE - 1)) ? 1 : 0);
    const found = Array.from(characters.segment(text.slice(from, to)), ({ segment }) => segment);
    // The last one may go on in the next piece.
    const whole = isLast || found.length === 1 ? found : found.slice(0, -1);
    for (const character of whole) {
      yield character;
      from += character.length;
    }
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
