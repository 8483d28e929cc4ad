// Cuts texts to the room that a vendor gives them.

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** What a text takes up where bytes are counted. */
export const utf8Bytes = (text: string): number => Buffer.byteLength(text);
/** What a text takes up where characters are counted, as most clients count them. */
export const utf16Units = (text: string): number => text.length;

/**
 * The beginning of a text for which there is room, ended by `…` where something is left out; never cut inside what a
 * person sees as one character.
 * @param sizeOf of a piece of text, once it is escaped or encoded; the sum of the pieces is the size of the whole.
 */
export function cutTo(text: string, room: number, sizeOf: (piece: string) => number = utf8Bytes): string {
  if (sizeOf(text) <= room) return text;
  let left = room - sizeOf('…');
  if (left < 0) return '';
  let end = 0;
  for (const { segment, index } of characters.segment(text)) {
    left -= sizeOf(segment);
    if (left < 0) break;
    end = index + segment.length;
  }
  return `${text.slice(0, end)}…`;
}
