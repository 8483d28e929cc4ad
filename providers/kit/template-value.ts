/** Longest value of a text variable in Chinese voice and SMS templates, in characters. */
export const MAX_VALUE = 35;

/**
 * One value for a variable of an approved voice or SMS template: one line, 1 to `max` characters by code
 * point, without what the vendors refuse the whole request for: addresses of pages, 【】 and pictographs. A host name
 * keeps its words and loses its dots (`db.example.com` reads as an address too).
 * https://help.aliyun.com/document_detail/101346.html (isv.PARAM_NOT_SUPPORT_URL, isv.PARAM_LENGTH_LIMIT)
 */
export function templateValue(text: string, max = MAX_VALUE): string {
  const plain = text
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+|\bwww\.\S+/gi, ' ')
    .replace(/(?<=[\p{L}\p{N}-])\.(?=\p{L}{2})/gu, ' ')
    .replace(/[【】]|\p{Extended_Pictographic}|[\u{FE0F}\u{200D}]/gu, '')
    .replace(/[\p{Cc}\p{Zs}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  const characters = Array.from(plain);
  if (characters.length > max) return `${characters.slice(0, max - 1).join('')}…`;
  // The vendors refuse an empty variable.
  return plain || '-';
}
