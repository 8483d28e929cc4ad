import type { Face } from '../domain/incident/face.ts';
import type { GroupEvent } from '../domain/incident/rule.ts';
import { statusOf, leadOf, nameOf, type Reader } from './wording.ts';
import { wordsFor } from './words.ts';

/** What something is said about, to whom. */
export interface Occasion extends Reader {
  face: Face;
  event: GroupEvent;
  /** Of the incident page. */
  link?: string | undefined;
}

/** Any name may be asked of it; a label the incident lacks is null. A loop gives `name` and `value`. */
function labelled(labels: Readonly<Record<string, string>>): object {
  const bare = Object.assign(Object.create(null) as Record<string | symbol, unknown>, labels);
  const entries = Object.entries(labels).map(([name, value]) => ({ name, value }));
  Object.defineProperty(bare, Symbol.iterator, { value: () => entries[Symbol.iterator]() });
  return new Proxy(bare, {
    get: (own, name) => (name in own || typeof name === 'symbol' ? own[name] : null),
    // Liquid reads own properties only and refuses a name that is none, so every name has a descriptor here. It counts
    // `size` by itself.
    getOwnPropertyDescriptor: (own, name) =>
      Reflect.getOwnPropertyDescriptor(own, name) ??
      (typeof name === 'symbol' || name === 'size' ? undefined : { configurable: true, value: null }),
  });
}

/** Every variable a template may use. What is not known is null and comes out empty, so nothing is ever undefined. */
export function variablesOf(occasion: Occasion) {
  const { face, event, locale, timeZone, names, link, now } = occasion;
  const { incident } = face;
  const words = wordsFor(locale);
  return {
    event,
    lead: leadOf(face, event, locale),
    isReminder: event === 'opened' && (face.round > 1 || face.level > 1),
    severity: words.severities[incident.severity],
    status: statusOf(face, occasion),
    incident: {
      id: incident.id,
      number: face.number,
      title: incident.title,
      description: incident.description,
      severity: incident.severity,
      progress: face.progress,
      channel: incident.channel ?? null,
      source: incident.source ?? null,
      detailUrl: incident.detailUrl ?? null,
      startedAt: incident.startedAt ?? null,
      acknowledgedAt: face.acknowledgedAt ?? null,
      acknowledgedBy: face.acknowledgedBy ? nameOf(face.acknowledgedBy, occasion, words) : null,
      snoozedUntil: face.snoozedUntil ?? null,
      closedAt: face.closedAt ?? null,
      closedBy: face.closedBy ? nameOf(face.closedBy, occasion, words) : null,
      resolution: face.resolution ?? null,
      rule: face.rule ?? null,
      level: face.level,
      levels: face.levels,
      round: face.round,
      isExhausted: face.exhausted,
    },
    labels: labelled(incident.labels),
    responders: face.responders.map((member) => ({ member, name: names(member) })),
    link: link ?? null,
    now: new Date(now).toISOString(),
    reader: { locale, timeZone },
  };
}

/** What each of them is, for people who write templates. */
export const VARIABLES: Readonly<Record<string, string>> = {
  event:
    'what happened: opened (a page), acknowledged, unacknowledged, snoozed, woken, escalated, reassigned, revised, commented, exhausted, closed, reopened',
  lead: 'the same as a sentence in the reader’s language',
  isReminder: 'true in every page after the first',
  severity: 'the severity in the reader’s language',
  status: 'where it stands, as a sentence',
  'incident.id': 'as the incident service gave it',
  'incident.number': 'six characters, for people to say aloud',
  'incident.title': 'one line',
  'incident.description': 'up to 500 characters, may have several lines',
  'incident.severity': '`Critical`, `Warning` or `Info`',
  'incident.progress': '`Triggered`, `Processing` or `Closed`',
  'incident.channel': 'the channel whose rules it follows',
  'incident.source': 'where it came from',
  'incident.detailUrl': 'its page at the source',
  'incident.startedAt': 'an instant',
  'incident.acknowledgedAt': 'an instant, empty until then; as are the following ones',
  'incident.acknowledgedBy': 'a name',
  'incident.snoozedUntil': 'an instant',
  'incident.closedAt': 'an instant',
  'incident.closedBy': 'a name',
  'incident.resolution': 'what was said when it was closed',
  'incident.rule': 'channel and name of the rule',
  'incident.level': 'the level of the rule that is being told, from 1; 0 before',
  'incident.levels': 'how many levels the rule has',
  'incident.round': 'how often this level has been told',
  'incident.isExhausted': 'true when all levels have ended and nobody acknowledged',
  'labels.service': 'a label of the incident, by its name; `labels["a name"]` for names with spaces or dots',
  labels: 'all of them: `{% for label in labels %}` gives `label.name` and `label.value`',
  responders: 'a list: `{% for responder in responders %}` gives `responder.name` and `responder.member`',
  link: 'the incident page; messages carry it anyway, as a button or at the end',
  now: 'an instant',
  'reader.locale': '`en` or `zh`',
  'reader.timeZone': 'such as `Asia/Shanghai`',
};

/** Whether a template may ask for this; `*` stands for a name that is only known when it is rendered. */
export function isKnownPath([root = '', ...rest]: readonly string[]): boolean {
  if (root === 'labels') return true;
  if (root === 'responders') return rest.length <= 2;
  const path = [root, ...rest].join('.');
  if (Object.hasOwn(VARIABLES, path) && path !== 'labels.service') return true;
  // `size` is a word of Liquid; `incident` alone and `incident[x]` name nothing.
  return rest.at(-1) === 'size' && Object.hasOwn(VARIABLES, [root, ...rest.slice(0, -1)].join('.'));
}
