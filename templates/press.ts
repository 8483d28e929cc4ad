// What the presser of a button is told.

import type { Face } from '../domain/incident/face.ts';
import type { RecordView } from '../domain/incident/view.ts';
import type { ButtonAction } from '../providers/kit/message.ts';
import { type Locale, LOCALES } from '../domain/locale.ts';

import { clockFor } from './clock.ts';
import { nameOf, type Reader } from './wording.ts';
import { wordsFor, type Words } from './words.ts';

/** A press that Temporal has. Without `face` there was no time to ask what came of it. */
export interface TakenPress {
  action: ButtonAction;
  member: string;
  /** Escalate: the level the card showed. */
  level?: number;
  /** Reassign: to whom. */
  members?: readonly string[];
  face?: Face;
  timeline?: readonly RecordView[];
}

/** What the presser is told; never that it worked unless the incident says so. */
export function takenText(taken: TakenPress, reader: Reader): string {
  const { action, member, level, members = [], face, timeline = [] } = taken;
  const { press } = wordsFor(reader.locale);
  if (!face) return press.recorded;
  if (face.progress === 'Closed') {
    return action === 'close' && face.closedBy?.member === member ? press.closed : overText(face, reader);
  }
  const clock = clockFor(reader.locale, reader.timeZone);
  const isMine = ({ by }: RecordView): boolean => by?.member === member;
  switch (action) {
    case 'snooze':
      return face.snoozedUntil === undefined
        ? press.recorded
        : press.snoozed(clock.nearTime(face.snoozedUntil, reader.now));
    case 'acknowledge':
      return acknowledgedText(face, member, reader);
    case 'escalate': {
      if (level === undefined || face.level < level) return press.recorded;
      const started = timeline.findLast((record) => record.kind === 'escalated' && record.level === level);
      if (started && isMine(started)) {
        const back = 'takesBack' in started ? (started.takesBack ?? []) : [];
        const names = back.map((who) => reader.names(who)).join(', ');
        return [press.escalated(level), ...(names === '' ? [] : [press.tookBack(names)])].join(' ');
      }
      return press.levelStarted(level, started && clock.nearTime(started.at, reader.now));
    }
    case 'comment':
      return timeline.some((record) => record.kind === 'commented' && isMine(record))
        ? press.commented
        : press.recorded;
    case 'reassign': {
      const last = timeline.findLast(({ kind }) => kind === 'reassigned');
      return last && isMine(last)
        ? press.reassigned(members.map((one) => reader.names(one)).join(', '))
        : press.recorded;
    }
    case 'close':
      return press.recorded;
  }
}

function acknowledgedText(face: Face, member: string, reader: Reader): string {
  const words = wordsFor(reader.locale);
  const { press } = words;
  if (face.progress !== 'Processing') return press.recorded;
  const isMine = face.acknowledgedBy?.member === member;
  return isMine ? press.acknowledged : press.alreadyAcknowledged(nameOf(face.acknowledgedBy, reader, words));
}

/** For a press on an incident that takes no actions any more. @param newer the number of what has followed it. */
export function overText(face: Face | undefined, reader: Reader, newer?: string): string {
  const { press } = wordsFor(reader.locale);
  const over =
    face?.progress === 'Closed' ? press.alreadyClosed(face.closedBy && reader.names(face.closedBy)) : press.over;
  return newer === undefined ? over : `${over} ${press.newer(newer)}`;
}

/** In one language, or in all of them for a reader we do not know. */
export function say(locale: Locale | undefined, sentence: (words: Words) => string): string {
  const locales = locale === undefined ? [...LOCALES].reverse() : [locale];
  return locales.map((each) => sentence(wordsFor(each))).join(' / ');
}
