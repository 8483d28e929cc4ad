// What bots that only post to a group have in common: the lines of a card as text, mentions, keywords and colours.

import { drawCard, oneLine, type Card, type Tint } from './card.ts';
import { cutTo, utf16Units } from './cut.ts';
import type { Page, Person } from './message.ts';

/** Longest text of news about an incident. News is short, because the page with the whole text stands above it. */
const NEWS = 300;
const NAME = 40;
const MOST_MENTIONED = 30;

/** Draws the message of a bot to a group: a page as long as fits, anything later as short news. */
export function drawBulletin<T>(page: Page, draw: (card: Card) => T, fits: (drawn: T) => boolean): T {
  const { event, verbose, wording } = page;
  const isNews = event !== 'opened' && !verbose;
  const news = { ...wording, text: cutTo(wording.text, NEWS, utf16Units), facts: [] };
  return drawCard(isNews ? { ...page, wording: news } : page, draw, fits);
}

/**
 * A card as lines of text, the link last, for where nothing else is taken.
 * @param literal shows what comes from the incident as the characters it is.
 * @param whom who is mentioned; empty: nobody.
 */
export function textOf(
  { title, status, facts, lines, link }: Card,
  literal: (line: string) => string,
  whom: string,
): string {
  return [
    ...[title, status, ...facts.map(([label, value]) => `${label}: ${value}`), ...lines].map(literal),
    ...(whom === '' ? [] : [whom]),
    ...(link ? [`${link.label}: ${link.url}`] : []),
  ].join('\n');
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
    const name = cutTo(oneLine(person.name), NAME, utf16Units);
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

/** For platforms that take any colour, as `#rrggbb`. */
export const COLOURS: Record<Tint, string> = {
  Critical: '#c80000',
  Warning: '#fa7d00',
  Info: '#fabe00',
  Processing: '#2474b5',
  Closed: '#008800',
};
