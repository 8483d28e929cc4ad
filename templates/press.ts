import type { Face } from '../domain/face.ts';
import type { Locale } from '../providers/kit/adapter.ts';
import { LOCALES } from '../providers/kit/adapter.ts';
import { clockFor } from './clock.ts';
import { nameOf, type Reader } from './wording.ts';
import { wordsFor, type Words } from './words.ts';

/** A press that Temporal has. Without `face` there was no time to ask what came of it. */
export interface TakenPress {
  action: 'acknowledge' | 'snooze' | 'close';
  member: string;
  face?: Face;
}

/** What the presser is told; never that it worked unless the incident says so. */
export function takenText({ action, member, face }: TakenPress, reader: Reader): string {
  const words = wordsFor(reader.locale);
  if (!face) return words.press.recorded;
  if (face.progress === 'Closed') {
    return action === 'close' && face.closedBy?.member === member ? words.press.closed : overText(face, reader);
  }
  if (action === 'snooze' && face.snoozedUntil !== undefined) {
    return words.press.snoozed(clockFor(reader.locale, reader.timeZone).time(face.snoozedUntil));
  }
  if (action === 'acknowledge' && face.progress === 'Processing') {
    const isMine = face.acknowledgedBy?.member === member;
    return isMine
      ? words.press.acknowledged
      : words.press.alreadyAcknowledged(nameOf(face.acknowledgedBy, reader, words));
  }
  return words.press.recorded;
}

/** For a press on an incident that takes no actions any more. */
export function overText(face: Face | undefined, reader: Reader): string {
  const { press } = wordsFor(reader.locale);
  return face?.progress === 'Closed' ? press.alreadyClosed(face.closedBy && reader.names(face.closedBy)) : press.over;
}

/** In one language, or in all of them for a reader we do not know. */
export function say(locale: Locale | undefined, sentence: (words: Words) => string): string {
  const locales = locale === undefined ? [...LOCALES].reverse() : [locale];
  return locales.map((each) => sentence(wordsFor(each))).join(' / ');
}
