import { z } from 'zod';
import { drawCard as drawLongest, plainText, type Card, type Tint, type PlainWords } from '../kit/card.ts';
import { utf8Bytes } from '../kit/cut.ts';
import type { Button, Page, Person, Picture } from '../kit/message.ts';

/** What a card is drawn from. */
export type Drawing = Picture & Partial<Pick<Page, 'mentions'>>;
type Json = Record<string, unknown>;

/** A card may have 30 KB; the platform stores it a little larger than it was sent. */
const MAX_BYTES = 28_000;

/**
 * A card in JSON 1.0, which every client renders; older ones show only an upgrade notice for 2.0. Whatever comes from
 * the incident stands in `plain_text`, where neither Markdown nor `<at>` means anything.
 *
 * Source https://open.feishu.cn/document/uAjLw4CM/ukzMukzMukzM/feishu-cards/card-json-structure
 */
export function drawCard(drawing: Drawing): Json {
  return drawLongest(
    drawing,
    (card) => draw(card, drawing.mentions ?? []),
    (drawn) => utf8Bytes(JSON.stringify(drawn)) <= MAX_BYTES,
  );
}

function draw(
  { tint, title, status, facts, text, acts, snoozes, forms, link }: Card,
  mentions: Page['mentions'],
): Json {
  const rows = [
    [...acts.map(pressButton(title)), ...(link ? [linkButton(link)] : [])],
    snoozes.map(pressButton(title)),
  ].filter((row) => row.length > 0);
  return {
    // Without `update_multi` a card cannot be drawn again for everybody.
    config: { update_multi: true, wide_screen_mode: true },
    header: { template: COLOURS[tint], title: plain(title) },
    elements: [
      ...mentionLine(mentions),
      { tag: 'div', text: plain(status) },
      ...(facts.length > 0 ? [{ tag: 'div', fields: facts.map(fieldOf) }] : []),
      ...(text === '' ? [] : [{ tag: 'div', text: plain(text) }]),
      ...rows.map((actions) => ({ tag: 'action', actions, layout: 'flow' })),
      ...forms.flatMap(menuEntry),
    ],
  };
}

/** The one place with markup, and nothing in it comes from the incident. A person without an id stands by name. */
function mentionLine(mentions: Page['mentions']): Json[] {
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
function menuEntry(button: Button): Json[] {
  const { action, label, choices = [] } = button;
  if (action === 'comment') {
    const input = { tag: 'input', name: COMMENT, placeholder: plain(label), max_length: 1000 };
    const submit = { ...pressButton('')(button), name: 'send', action_type: 'form_submit' };
    return [{ tag: 'form', name: 'comment', elements: [input, submit] }];
  }
  const options = choices.map(({ member, name }) => ({ text: plain(name), value: member }));
  if (action !== 'reassign' || options.length === 0) return [];
  const confirm = { title: plain(label), text: plain(label) };
  const picker = { tag: 'select_static', placeholder: plain(label), options, value: writeValue(button), confirm };
  return [{ tag: 'action', actions: [picker] }];
}
/** Name of the field in what a form sends. */
const COMMENT = 'text';

export const COLOURS: Record<Tint, string> = {
  Critical: 'red',
  Warning: 'orange',
  Info: 'yellow',
  Processing: 'blue',
  Closed: 'green',
};

function fieldOf([label, value]: Card['facts'][number]): Json {
  return { is_short: value.length <= 24, text: plain(`${label}: ${value}`) };
}

const TYPES = {
  acknowledge: 'primary',
  snooze: 'default',
  escalate: 'default',
  comment: 'default',
  reassign: 'default',
  close: 'danger',
} as const;

function pressButton(title: string): (button: Button) => Json {
  return (button) => ({
    tag: 'button',
    type: TYPES[button.action],
    text: plain(button.label),
    value: writeValue(button),
    // Closing ends the page for everybody, so the card asks once more in case a thumb has slipped.
    ...(button.action === 'close' && { confirm: { title: plain(button.label), text: plain(title) } }),
  });
}

function linkButton({ label, url }: NonNullable<Card['link']>): Json {
  return { tag: 'button', type: 'default', text: plain(label), url };
}

function plain(content: string): Json {
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
 * The text that is sent when a card was refused. Texts have mentions, so anything that could become one is broken up.
 */
export function plainMessage(picture: PlainWords): { text: string } {
  return { text: literal(plainText(picture)) };
}

/** The whole text, where that is wanted instead of a card. */
export function fullMessage({ wording, pageUrl, mentions }: Pick<Page, 'wording' | 'pageUrl' | 'mentions'>): {
  text: string;
} {
  const { subject, status, text, openPage } = wording;
  const facts = wording.facts.map(([label, value]) => `${label}: ${value}`);
  const link = pageUrl === undefined ? [] : [`${openPage}: ${pageUrl}`];
  const at = mentions === 'all' ? '<at user_id="all"></at>\n' : textMentions(mentions);
  return { text: `${at}${literal([subject, status, text, ...facts, ...link].join('\n'))}` };
}

function literal(text: string): string {
  return text.replaceAll('<', '<\u200b');
}

function textMentions(people: Person[]): string {
  const ids = people.flatMap(({ identity = '' }) => (OPEN_ID.test(identity) ? [identity] : []));
  return ids.length === 0 ? '' : `${ids.map((id) => `<at user_id="${id}"></at>`).join(' ')}\n`;
}
