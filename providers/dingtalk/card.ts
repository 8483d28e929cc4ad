import { z } from 'zod';
import { cardOf, oneLine, type Tint } from '../kit/card.ts';
import { cutTo, utf8Bytes } from '../kit/cut.ts';
import type { Button, ButtonAction, Picture } from '../kit/message.ts';

/** Values of the template's variables: all of them strings. */
export type CardParams = Record<string, string>;

/** Longest value of a variable, in bytes. */
const MAX_VALUE = 1000;
const FACT = 120;
const ROOM = { title: MAX_VALUE, status: MAX_VALUE, text: MAX_VALUE, facts: 12, label: FACT, value: FACT, choices: 0 };
/** Snooze buttons of the template. */
const SNOOZES = 5;

const COLOURS: Record<Tint, string> = {
  Critical: 'red',
  Warning: 'orange',
  Info: 'yellow',
  Processing: 'blue',
  Closed: 'green',
};

/**
 * The variables of `card-template.json`, all of them every time: an update changes only those it names. What comes from
 * the incident goes into text components, which know neither Markdown nor mentions.
 *
 * Limit  a value has 1 KB; the type of every variable is string, or the phones leave the field out.
 * Source https://open.dingtalk.com/document/development/create-and-deliver-cards
 */
export function drawParams(picture: Picture): CardParams {
  const { tint, title, status, facts, text, acts, snoozes, forms, link } = cardOf(picture, ROOM, utf8Bytes);
  const find = (action: ButtonAction): Button | undefined =>
    [...acts, ...forms].find((button) => button.action === action);
  const params: CardParams = {
    title,
    severity: value(picture.wording.severity),
    color: COLOURS[tint],
    status,
    facts: value(facts.map(([label, said]) => cutTo(`${label}: ${said}`, FACT)).join('\n')),
    text,
    ...buttonParams('acknowledge', find('acknowledge')),
    ...buttonParams('escalate', find('escalate')),
    ...buttonParams('close', find('close')),
    ...buttonParams('comment', find('comment')),
    ...buttonParams('reassign', find('reassign')),
    hasForm: String(find('comment') !== undefined),
    hasLink: String(link !== undefined),
    linkLabel: value(picture.wording.openPage),
    link: link?.url ?? '',
  };
  for (let place = 0; place < SNOOZES; place += 1) {
    Object.assign(params, buttonParams(`snooze${String(place + 1)}`, snoozes[place]));
  }
  return params;
}

function buttonParams(name: string, button: Button | undefined): CardParams {
  const minutes = name.startsWith('snooze') ? { [`${name}Minutes`]: String(button?.minutes ?? '') } : {};
  return {
    [`${name}Shown`]: String(button !== undefined),
    [`${name}Label`]: button?.label ?? '',
    [`${name}Token`]: button?.token ?? '',
    ...minutes,
  };
}

function value(text: string): string {
  return cutTo(text, MAX_VALUE);
}

/** What one person alone reads on a card: the answer to their press. */
export function noteParams(note: string): CardParams {
  return { note: value(oneLine(note)) };
}

const pressed = z.object({
  token: z.string().min(1),
  minutes: z.coerce.number().int().min(1).max(1440).optional().catch(undefined),
  /** Of the one text field, for a comment or for the members to reassign to. */
  text: z.string().optional().catch(undefined),
});
const MAX_TEXT = 2000;

/**
 * @returns what {@link drawParams} wrote behind a button and what was typed; `undefined` for a button of somebody else.
 */
export function readParams(
  params: unknown,
): { token: string; minutes?: number; text?: string; members?: string[] } | undefined {
  const { data } = pressed.safeParse(params);
  if (!data) return undefined;
  const { token, minutes } = data;
  const text = data.text?.slice(0, MAX_TEXT).trim() ?? '';
  return {
    token,
    ...(minutes !== undefined && { minutes }),
    ...(text !== '' && { text, members: text.split(/[\s,;，；、]+/).filter((word) => word !== '') }),
  };
}

/** Who is mentioned, in a variable that only ever holds this: the one place of a card where markup means something. */
export function mentionParams(people: readonly { userId: string; name: string }[]): CardParams {
  const spelled = people.map(({ userId, name }) => `<a atId=${userId}>@${oneLine(name).replace(/[<>&]/g, ' ')}</a>`);
  return { mentions: value(spelled.join(' ')), mentionsShown: String(people.length > 0) };
}
