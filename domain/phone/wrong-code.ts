import { releaseCodes, type ReplyCode } from './reply-code.ts';
import type { Line, LineStep } from './step.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Whoever forges the sender of a text guesses one of 9000 codes; a person mistypes a few. */
const MOST_A_DAY = 10;

type Guessed = Pick<Line, 'wrongCodes'>;

/** A code that nobody was sent came from this number. */
export function noteWrongCode({ line, now }: LineStep): void {
  line.wrongCodes = [...wrongCodesOf(line, now), now];
}

/** So many came that a code from this number counts no more, right or wrong, until the first of them is a day old. */
export function isGuessing(line: Guessed, now: number): boolean {
  return wrongCodesOf(line, now).length >= MOST_A_DAY;
}

/** Those of the last day. */
export function wrongCodesOf({ wrongCodes = [] }: Guessed, now: number): number[] {
  return wrongCodes.filter((at) => now - at < DAY_MS);
}

/** The codes that are out, as the query `codes` tells them. */
export function codesOf(line: Pick<Line, 'codes' | 'wrongCodes'>, now: number): ReplyCode[] {
  const codes = releaseCodes(line.codes ?? [], now);
  return isGuessing(line, now) ? codes.map((code) => ({ ...code, refused: true as const })) : codes;
}
