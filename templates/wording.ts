// The preset: what a message says about an incident when no template of the file says it.

import type { Face } from '../domain/incident/face.ts';
import type { GroupEvent } from '../domain/incident/rule.ts';
import type { Wording } from '../providers/kit/message.ts';
import type { Locale } from '../domain/locale.ts';
import { clockFor, type Clock } from './clock.ts';
import type { Names } from './names.ts';
import { wordsFor, type Words } from './words.ts';

/** For whom something is put into words. */
export interface Reader {
  locale: Locale;
  timeZone: string;
  names: Names;
  /** Milliseconds since 1970: an instant of another day is shown with its date. */
  now: number;
}

/**
 * What a message says about an incident. `text` leads with what happened and goes on with the description; the state is
 * in `status` only, so that a card may show both.
 */
export function wordingFor({ face, event, ...reader }: Reader & { face: Face; event: GroupEvent }): Wording {
  const words = wordsFor(reader.locale);
  const { incident } = face;
  const severity = words.severities[incident.severity];
  const lead = leadOf(face, event, reader.locale);
  return {
    subject: `[${severity}] ${incident.title}`,
    text: incident.description === '' ? lead : `${lead}\n${incident.description}`,
    status: statusOf(face, reader),
    facts: factsOf(face, reader),
    severity,
    openPage: words.openPage,
  };
}

/** What happened, as a sentence. */
export function leadOf(face: Face, event: GroupEvent, locale: Locale): string {
  const words = wordsFor(locale);
  const isRepeat = event === 'opened' && (face.round > 1 || face.level > 1);
  return isRepeat ? words.reminder : words.events[event];
}

/** The event that the present state of an incident implies. A message that is drawn anew leads with it. */
export function presentEvent(face: Face): GroupEvent {
  if (face.progress === 'Closed') return 'closed';
  if (face.snoozedUntil !== undefined) return 'snoozed';
  return face.progress === 'Processing' ? 'acknowledged' : 'opened';
}

/** One line about the state, such as `Acknowledged by Supervisor at 10:05`. */
export function statusOf(face: Face, reader: Reader): string {
  const words = wordsFor(reader.locale);
  const clock = clockFor(reader.locale, reader.timeZone);
  const at = (instant: string | undefined) => (instant === undefined ? undefined : clock.nearTime(instant, reader.now));
  if (face.progress === 'Closed') {
    const closed = words.status.closed(face.closedBy && reader.names(face.closedBy), at(face.closedAt));
    return face.resolution ? `${closed}: ${face.resolution}` : closed;
  }
  if (face.snoozedUntil !== undefined) return words.status.snoozed(clock.nearTime(face.snoozedUntil, reader.now));
  if (face.progress === 'Processing') {
    return words.status.acknowledged(nameOf(face.acknowledgedBy, reader, words), at(face.acknowledgedAt));
  }
  if (face.exhausted) return face.toldNobody ? words.status.toldNobody : words.status.exhausted;
  return face.level === 0 ? words.status.notStarted : words.status.open(face.level, face.levels);
}

/** Whoever acted, never an empty string. */
export function nameOf(who: Face['closedBy'], reader: Reader, words: Words): string {
  return (who && reader.names(who)) || words.somebody;
}

function factsOf(face: Face, reader: Reader): [string, string][] {
  const { facts, severities } = wordsFor(reader.locale);
  const clock: Clock = clockFor(reader.locale, reader.timeZone);
  const { incident } = face;
  const listed: [string, string | undefined][] = [
    [facts.severity, severities[incident.severity]],
    [facts.number, face.number],
    [facts.channel, incident.channel],
    [facts.source, incident.source],
    [facts.started, incident.startedAt === undefined ? undefined : clock.dateTime(incident.startedAt)],
    [facts.responders, face.responders.map((member) => reader.names(member)).join(', ')],
    ...Object.entries(incident.labels),
  ];
  return listed.filter((fact): fact is [string, string] => fact[1] !== undefined && fact[1] !== '');
}
