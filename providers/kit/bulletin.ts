import type { Face } from '../../domain/incident/face.ts';
import type { Page, Person } from './message.ts';
import { cutTo, utf16Units } from './cut.ts';

/** What a bot says to a group, top to bottom: an adapter escapes it and lays it out. */
export interface Bulletin {
  /** One line. */
  title: string;
  /** One line. */
  status: string;
  lines: string[];
  facts: [label: string, value: string][];
  link?: { label: string; url: string };
}

/** How much of each part there may be, in characters: what is tried until the message fits, and what always does. */
const ROOMS = [
  { title: 300, status: 300, text: 3000, facts: 20, value: 300 },
  { title: 200, status: 200, text: 1200, facts: 16, value: 120 },
  { title: 160, status: 160, text: 500, facts: 10, value: 60 },
  { title: 120, status: 120, text: 160, facts: 6, value: 40 },
];
const NARROWEST = { title: 60, status: 60, text: 0, facts: 0, value: 0 };
type Room = typeof NARROWEST;
/** What happened to an incident is told shortly: the page itself stands above it. */
const NEWS = { text: 300, facts: 0 } as const;
const LABEL = 40;
const MOST_MENTIONED = 30;

type Told = Pick<Page, 'event' | 'wording' | 'verbose'> & Pick<Partial<Page>, 'pageUrl'>;

/**
 * Draws the longest message that fits; what comes from the incident gives way, links and mentions never do.
 * @param fits whether the vendor takes it, in bytes or characters as it counts.
 */
export function drawBulletin<T>(told: Told, draw: (bulletin: Bulletin) => T, fits: (drawn: T) => boolean): T {
  for (const room of ROOMS) {
    const drawn = draw(bulletinOf(told, room));
    if (fits(drawn)) return drawn;
  }
  return draw(bulletinOf(told, NARROWEST));
}

function bulletinOf({ event, wording, verbose, pageUrl }: Told, room: Room): Bulletin {
  const isNews = event !== 'opened' && !verbose;
  const limit = isNews ? { ...room, text: Math.min(room.text, NEWS.text), facts: NEWS.facts } : room;
  const text = limit.text === 0 ? '' : cutTo(clean(wording.text), limit.text, utf16Units);
  return {
    title: cutTo(oneLine(wording.subject), limit.title, utf16Units),
    status: cutTo(oneLine(wording.status), limit.status, utf16Units),
    lines: text.split('\n').filter((line) => line.trim() !== ''),
    facts: wording.facts
      .slice(0, limit.facts)
      .map(([label, value]) => [
        cutTo(oneLine(label), LABEL, utf16Units),
        cutTo(oneLine(value), limit.value, utf16Units),
      ]),
    ...(pageUrl !== undefined && { link: { label: oneLine(wording.openPage), url: pageUrl } }),
  };
}

/**
 * Without what JSON would have to escape: some vendors refuse escapes, and nobody sees these. What only reads like an
 * escape is parted, for who looks for it in the raw body finds it too.
 */
function clean(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/(?!\n)\p{Cc}/gu, ' ')
    .replace(/\p{Cs}/gu, '\u{FFFD}')
    .replace(/\\(?=u[0-9a-f]{4})/gi, '\\\u200b');
}

/** Without line breaks and what JSON would have to escape. */
export function oneLine(text: string): string {
  return clean(text)
    .replace(/[\n\u2028\u2029]+/g, ' ')
    .trim();
}

/** Whom to mention: by an id the platform knows, or, where there is none, by name, which tells nobody. */
interface Mentioned<Id> {
  ids: { id: Id; name: string }[];
  names: string[];
}

/** Everybody who is to be mentioned; those without an id by their plain name. */
export function mentioned<Id>(mentions: Page['mentions'], idOf: (person: Person) => Id | undefined): Mentioned<Id> {
  const people = mentions === 'all' ? [] : mentions.slice(0, MOST_MENTIONED);
  const ids: Mentioned<Id>['ids'] = [];
  const names: string[] = [];
  for (const person of people) {
    const name = cutTo(oneLine(person.name), LABEL, utf16Units);
    const id = idOf(person);
    if (id === undefined) names.push(name);
    else ids.push({ id, name });
  }
  return { ids, names };
}

/**
 * The title with the word a bot's own rule asks for, where it is missing; `#` stands before the incident's number.
 */
export function withKeyword(title: string, keyword: string | undefined, number: string): string {
  if (keyword === undefined || title.includes(keyword)) return title;
  return `${title} ${keyword}${/[\p{L}\p{N}]$/u.test(keyword) ? ' ' : ''}${number}`;
}

/** For platforms that take any colour, as `#rrggbb`: by severity while nobody has it, blue once somebody has, then green. */
export function colourOf({ progress, incident }: Face): string {
  if (progress === 'Closed') return '#008800';
  if (progress === 'Processing') return '#2474b5';
  return { Critical: '#c80000', Warning: '#fa7d00', Info: '#fabe00' }[incident.severity];
}
