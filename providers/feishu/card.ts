import { z } from 'zod';
import { cut } from '../../domain/incident/incident.ts';
import type { Face } from '../../domain/incident/face.ts';
import type { Button, Page, Person } from '../kit/message.ts';

/** What a card is drawn from: a delivery, or what a press brought back. */
export type Drawing = Pick<Page, 'face' | 'wording' | 'buttons'> & Pick<Partial<Page>, 'pageUrl' | 'menu' | 'mentions'>;

export type Card = Record<string, unknown>;

/** A card may have 30 KB; the platform stores it a little larger than it was sent. */
const MAX_BYTES = 28_000;
/** Room for what may be long, tried until the card fits. */
const ROOMS = [
  { subject: 600, text: 3000, facts: 20, value: 300, choices: 50 },
  { subject: 300, text: 1000, facts: 12, value: 100, choices: 30 },
  { subject: 200, text: 200, facts: 7, value: 40, choices: 10 },
  { subject: 100, text: 0, facts: 0, value: 0, choices: 0 },
] as const;
type Room = (typeof ROOMS)[number];
const STATUS_LENGTH = 300;

/**
 * A card in JSON 1.0, which every client renders; older ones show only an upgrade notice for 2.0. Whatever comes from
 * the incident stands in `plain_text`, where neither Markdown nor `<at>` means anything.
 *
 * Source https://open.feishu.cn/document/uAjLw4CM/ukzMukzMukzM/feishu-cards/card-json-structure
 */
export function drawCard(drawing: Drawing): Card {
  let card: Card = {};
  for (const room of ROOMS) {
    card = draw(drawing, room);
    if (Buffer.byteLength(JSON.stringify(card)) <= MAX_BYTES) break;
  }
  return card;
}

function draw({ face, wording, buttons, menu = [], mentions = [], pageUrl }: Drawing, room: Room): Card {
  const subject = cut(wording.subject, room.subject);
  const facts = wording.facts.slice(0, room.facts);
  const [snoozes, others] = [buttons.filter(isSnooze), buttons.filter((button) => !isSnooze(button))];
  const open = pageUrl === undefined ? [] : [linkButton(wording.openPage, pageUrl)];
  const rows =
    face.progress === 'Closed'
      ? [open]
      : [[...others.map(pressButton(subject)), ...open], snoozes.map(pressButton(subject))];
  return {
    // Without `update_multi` a card cannot be drawn again for everybody.
    config: { update_multi: true, wide_screen_mode: true },
    header: { template: colourOf(face), title: plain(subject) },
    elements: [
      ...mentionLine(mentions),
      { tag: 'div', text: plain(cut(wording.status, STATUS_LENGTH)) },
      ...(facts.length > 0 ? [{ tag: 'div', fields: facts.map(([label, value]) => fieldOf(label, value, room)) }] : []),
      ...(room.text > 0 && wording.text !== '' ? [{ tag: 'div', text: plain(cut(wording.text, room.text)) }] : []),
      ...rows.filter((row) => row.length > 0).map((actions) => ({ tag: 'action', actions, layout: 'flow' })),
      ...(room.choices === 0 ? [] : menu.flatMap((button) => menuEntry(button, room))),
    ],
  };
}

/** The one place with markup, and nothing in it comes from the incident. A person without an id stands by name. */
function mentionLine(mentions: Person[] | 'all'): Card[] {
  if (mentions === 'all') return [{ tag: 'markdown', content: '<at id=all></at>' }];
  const ids = mentions.flatMap(({ identity = '' }) => (OPEN_ID.test(identity) ? [identity] : []));
  const others = mentions.filter(({ identity = '' }) => !OPEN_ID.test(identity)).map(({ name }) => name);
  return [
    ...(ids.length > 0 ? [{ tag: 'markdown', content: ids.map((id) => `<at id=${id}></at>`).join(' ') }] : []),
    ...(others.length > 0 ? [{ tag: 'div', text: plain(others.join(', ')) }] : []),
  ];
}
const OPEN_ID = /^ou_\w+$/;

/** A list to choose from acts at once; a text is written into a form first. UNCONFIRMED: forms on clients below 6.6. */
function menuEntry(button: Button, room: Room): Card[] {
  const { action, label, choices = [] } = button;
  if (action === 'comment') {
    const input = { tag: 'input', name: COMMENT, placeholder: plain(label), max_length: 1000 };
    const submit = { ...pressButton('')(button), name: 'send', action_type: 'form_submit' };
    return [{ tag: 'form', name: 'comment', elements: [input, submit] }];
  }
  const options = choices
    .slice(0, room.choices)
    .map(({ member, name }) => ({ text: plain(cut(name, 60)), value: member }));
  if (action !== 'reassign' || options.length === 0) return [];
  const confirm = { title: plain(label), text: plain(label) };
  const picker = { tag: 'select_static', placeholder: plain(label), options, value: writeValue(button), confirm };
  return [{ tag: 'action', actions: [picker] }];
}
/** Name of the field in what a form sends. */
const COMMENT = 'text';

function colourOf({ progress, incident }: Face): string {
  if (progress === 'Closed') return 'green';
  if (progress === 'Processing') return 'blue';
  return { Critical: 'red', Warning: 'orange', Info: 'yellow' }[incident.severity];
}

function fieldOf(label: string, value: string, room: Room): Card {
  return { is_short: value.length <= 24, text: plain(`${cut(label, 100)}: ${cut(value, room.value)}`) };
}

function isSnooze(button: Button): boolean {
  return button.action === 'snooze';
}

const TYPES = {
  acknowledge: 'primary',
  snooze: 'default',
  escalate: 'default',
  comment: 'default',
  reassign: 'default',
  close: 'danger',
} as const;

function pressButton(subject: string): (button: Button) => Card {
  return (button) => ({
    tag: 'button',
    type: TYPES[button.action],
    text: plain(cut(button.label, 100)),
    value: writeValue(button),
    // Closing ends the page for everybody; a thumb at night may slip.
    ...(button.action === 'close' && { confirm: { title: plain(button.label), text: plain(subject) } }),
  });
}

function linkButton(label: string, url: string): Card {
  return { tag: 'button', type: 'default', text: plain(label), url };
}

function plain(content: string): Card {
  return { tag: 'plain_text', content };
}

const buttonValue = z.object({ v: z.literal(1), t: z.string().min(1), m: z.int().min(1).max(1440).optional() });

/** The platform wants an object and returns it as it was. */
function writeValue({ token, minutes }: Button): z.output<typeof buttonValue> {
  return { v: 1, t: token, ...(minutes !== undefined && { m: minutes }) };
}

/** @returns what {@link drawCard} wrote into the button; `undefined` for a button of somebody else. */
export function readValue(value: unknown): { token: string; minutes?: number } | undefined {
  const { data } = buttonValue.safeParse(value);
  return data && { token: data.t, ...(data.m !== undefined && { minutes: data.m }) };
}

const pressedAction = z.object({
  value: z.unknown(),
  option: z.string().optional(),
  form_value: z.record(z.string(), z.unknown()).optional(),
});

/** @returns what was pressed, and with it what a form or a list added; `undefined` for a button of somebody else. */
export function readPress(
  action: unknown,
): { token: string; minutes?: number; text?: string; members?: string[] } | undefined {
  const { data } = pressedAction.safeParse(action);
  const ours = data && readValue(data.value);
  if (!ours) return undefined;
  const text = data.form_value?.[COMMENT];
  return {
    ...ours,
    ...(typeof text === 'string' && { text }),
    ...(data.option !== undefined && { members: [data.option] }),
  };
}

/**
 * For when a card is refused, or the whole text is wanted. A text knows mentions, so anything that could become one is
 * broken.
 */
export function plainMessage({ wording, pageUrl, mentions = [] }: Drawing, verbose = false): { text: string } {
  const { subject, status, text, openPage } = wording;
  const facts = verbose ? wording.facts.map(([label, value]) => `${label}: ${value}`) : [];
  const incident = [subject, status, text, ...facts].join('\n').replaceAll('<', '<\u200b');
  const at = mentions === 'all' ? '<at user_id="all"></at>\n' : textMentions(mentions);
  const link = pageUrl === undefined ? '' : `\n${openPage}: ${pageUrl}`;
  return { text: `${at}${incident}${link}` };
}

function textMentions(people: Person[]): string {
  const ids = people.flatMap(({ identity = '' }) => (OPEN_ID.test(identity) ? [identity] : []));
  return ids.length === 0 ? '' : `${ids.map((id) => `<at user_id="${id}"></at>`).join(' ')}\n`;
}
