import type { Face } from '../../domain/incident/face.ts';
import { legible } from '../../domain/legible.ts';
import { cutTo, utf16Units, utf8Bytes } from './cut.ts';
import type { Button, Picture, ShortWording } from './message.ts';

/**
 * What a card shows, top to bottom. It is described here once for all platforms, already cut to the room there is; a
 * platform only writes it in its own JSON.
 */
export interface Card {
  tint: Tint;
  /** One line. */
  title: string;
  /** One line. */
  status: string;
  facts: [label: string, value: string][];
  text: string;
  /** The lines of the text that are not blank. */
  lines: string[];
  /** What can be pressed: nothing once the incident is closed. Snoozes stand apart, because there are several. */
  acts: Button[];
  snoozes: Button[];
  /** What asks for a text or for people first. */
  forms: Button[];
  link?: { label: string; url: string };
}

/** What a card is coloured by: the severity while nobody has the incident, then its progress. */
export type Tint = 'Critical' | 'Warning' | 'Info' | 'Processing' | 'Closed';

/** How much of each part there may be. */
export interface Room {
  title: number;
  status: number;
  text: number;
  facts: number;
  label: number;
  value: number;
  /** People to choose from. */
  choices: number;
}

/** What gives way first when a card is too long: the incident's text and its facts; never a button, a link or a mention. */
const ROOMS: readonly Room[] = [
  { title: 600, status: 300, text: 3000, facts: 20, label: 100, value: 300, choices: 50 },
  { title: 300, status: 200, text: 1200, facts: 16, label: 100, value: 120, choices: 30 },
  { title: 200, status: 200, text: 500, facts: 10, label: 60, value: 60, choices: 10 },
  { title: 150, status: 150, text: 200, facts: 6, label: 40, value: 40, choices: 10 },
  { title: 100, status: 100, text: 0, facts: 0, label: 0, value: 0, choices: 5 },
];
const NARROWEST: Room = { title: 60, status: 60, text: 0, facts: 0, label: 0, value: 0, choices: 0 };
/** Of a button; the shortest that all platforms take. */
const BUTTON = 60;

/**
 * Draws the longest card that fits.
 * @param fits whether the platform takes it, in bytes or characters as it counts.
 */
export function drawCard<T>(picture: Picture, draw: (card: Card) => T, fits: (drawn: T) => boolean): T {
  for (const room of ROOMS) {
    const drawn = draw(cardOf(picture, room));
    if (fits(drawn)) return drawn;
  }
  return draw(cardOf(picture, NARROWEST));
}

/** The card for a platform whose parts each have a room of their own. @param sizeOf what its limits count. */
export function cardOf(
  { face, wording, buttons, menu, pageUrl }: Picture,
  room: Room,
  sizeOf: (text: string) => number = utf16Units,
): Card {
  const line = (text: string, most: number): string => (most === 0 ? '' : cutTo(oneLine(text), most, sizeOf));
  const offered = (given: Button[]): Button[] =>
    face.progress === 'Closed' ? [] : given.map((button) => ({ ...button, label: line(button.label, BUTTON) }));
  const named = ({ member, name }: { member: string; name: string }) => ({ member, name: line(name, BUTTON) });
  const text = room.text === 0 ? '' : cutTo(clean(wording.text), room.text, sizeOf);
  const pressed = offered(buttons);
  return {
    tint: tintOf(face),
    title: line(wording.subject, room.title),
    status: line(wording.status, room.status),
    facts: wording.facts
      .slice(0, room.facts)
      .map(([label, value]) => [line(label, room.label), line(value, room.value)]),
    text,
    lines: text.split('\n').filter((each) => each.trim() !== ''),
    acts: pressed.filter(({ action }) => action !== 'snooze'),
    snoozes: pressed.filter(({ action }) => action === 'snooze'),
    forms: offered(menu).map(({ choices, ...form }) =>
      choices ? { ...form, choices: choices.slice(0, room.choices).map(named) } : form,
    ),
    ...(pageUrl !== undefined && { link: { label: line(wording.openPage, BUTTON), url: pageUrl } }),
  };
}

function tintOf({ progress, incident }: Face): Tint {
  return progress === 'Triggered' ? incident.severity : progress;
}

/** What can be said without a card. */
export interface PlainWords {
  wording: ShortWording & { openPage?: string };
  pageUrl?: string;
}

/**
 * Plain words with the link, for where the card of a page was refused, and for what never has one.
 * @param literal shows the words as they are where something in them would be markup.
 */
export function plainText(
  { wording, pageUrl }: PlainWords,
  maxBytes = Infinity,
  literal = (words: string): string => words,
): string {
  const { subject, status, text, openPage } = wording;
  const words = literal([subject, status, text].filter((part) => part !== '').join('\n'));
  const link = pageUrl === undefined ? '' : `\n${openPage ?? ''}: ${pageUrl}`;
  return `${cutTo(words, maxBytes - utf8Bytes(link))}${link}`;
}

/**
 * Legible, and without characters that JSON has to escape, because some vendors refuse escapes. Text that only looks like
 * an escape is broken up, because those vendors search the raw body.
 */
export function clean(text: string): string {
  return legible(text).replace(/\\(?=u[0-9a-f]{4})/gi, '\\\u200b');
}

/** Without line breaks and what JSON would have to escape. */
export function oneLine(text: string): string {
  return clean(text).replace(/\n+/g, ' ').trim();
}
