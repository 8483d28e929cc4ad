/** What a person may write; shown in every refusal. */
export const DURATION_FORMS = '0s, 30s, 5m, 1.5m, 1h or 12h';

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/**
 * A number and one unit of `s m h`. A bare `5` is refused, because nobody should have to guess its unit.
 * @returns whole milliseconds.
 * @throws RangeError that shows the allowed forms.
 */
export function parseDuration(text: string): number {
  const match = /^(\d{1,6}(?:\.\d{1,3})?)([smh])$/.exec(text);
  if (!match) {
    throw new RangeError(`${JSON.stringify(text.slice(0, 30))} is not a duration; write it like ${DURATION_FORMS}`);
  }
  return Math.round(Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS]);
}
