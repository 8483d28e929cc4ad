import { z } from 'zod';
import { cut } from '../../domain/incident/incident.ts';
import { drawCard, plainText, type Card, type PlainWords, type Tint } from '../kit/card.ts';
import type { Button, Page, Picture } from '../kit/message.ts';
import { WORDS } from './words.ts';

/** What a message is drawn from. */
export type Drawing = Picture & Pick<Page, 'locale' | 'verbose'>;
/** Whom it mentions: user ids, or the whole channel. */
export type Mentioned = readonly string[] | 'all';

type Json = Record<string, unknown>;
/** The fields of `chat.postMessage` and `chat.update` that are shown. */
export interface Message {
  /** For the banner and for screen readers; Slack's markup, escaped. */
  text: string;
  blocks?: Json[];
  attachments?: Json[];
}

/** Slack refuses about 13,200 characters of blocks together, and says so nowhere. github.com/slackapi/bolt-js/issues/2509 */
const MAX_CHARACTERS = 10_000;
const HEADER_LENGTH = 150;
const CONFIRM_LENGTH = 30;
const VALUE_LENGTH = 2000;
const OPTION_LENGTH = 75;
const FIELDS_PER_SECTION = 10;

/**
 * A message in Block Kit: the title above, the rest in an attachment, for only these have a colour. Whatever comes from
 * the incident stands in `plain_text`, where neither markup nor mentions mean anything.
 *
 * Limits   50 blocks, section 3000 characters, 10 fields of 2000, header 150, 25 buttons in a row.
 * Source   https://docs.slack.dev/reference/block-kit/blocks
 */
export function drawMessage(drawing: Drawing, mentioned: Mentioned): Message {
  return drawCard(
    drawing,
    (card) => draw(card, drawing, mentionsOf(mentioned)),
    (message) => JSON.stringify(message).length <= MAX_CHARACTERS,
  );
}

function draw(card: Card, { locale, verbose }: Pick<Drawing, 'locale' | 'verbose'>, mentions: string): Message {
  const { tint, title, status, facts, text } = card;
  const head = [
    { type: 'header', text: plain(title, HEADER_LENGTH) },
    ...(mentions === '' ? [] : [{ type: 'section', text: { type: 'mrkdwn', text: mentions } }]),
  ];
  const body = [
    ...(title.length > HEADER_LENGTH ? [section(title)] : []),
    section(status),
    ...chunks(facts, FIELDS_PER_SECTION).map((some) => ({
      type: 'section',
      fields: some.map(([label, value]) => plain(`${label}: ${value}`)),
    })),
    ...(text === '' ? [] : [section(text)]),
  ];
  const banner = escape(title);
  if (verbose) return { text: banner, blocks: [...head, ...body, ...linkLine(card)], attachments: [] };
  const rows = rowsOf(card, locale).filter(({ elements }) => elements.length > 0);
  const blocks = [...body, ...rows];
  return { text: banner, blocks: head, attachments: [{ color: COLOURS[tint], fallback: banner, blocks }] };
}

/** For when blocks are refused, to be sent with `mrkdwn: false`. */
export function plainMessage(picture: PlainWords, mentioned: Mentioned): Message {
  return { text: [mentionsOf(mentioned), escape(plainText(picture))].filter((part) => part !== '').join('\n') };
}

/** Characters that begin markup, as entities. https://docs.slack.dev/messaging/formatting-message-text#escaping */
export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export function unescape(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function mentionsOf(mentioned: Mentioned): string {
  if (mentioned === 'all') return '<!channel>';
  return mentioned
    .filter((id) => /^[A-Z0-9]{1,30}$/.test(id))
    .map((id) => `<@${id}>`)
    .join(' ');
}

const COLOURS: Record<Tint, string> = {
  Critical: '#d0021b',
  Warning: '#f5a623',
  Info: '#f8e71c',
  Processing: '#1264a3',
  Closed: '#2eb67d',
};

function rowsOf({ title, acts, snoozes, forms, link }: Card, locale: Drawing['locale']): Row[] {
  const { cancel, snooze } = WORDS[locale];
  const open = link ? [linkButton(link)] : [];
  const first: Row = { type: 'actions', elements: [...acts.map((act) => pressButton(act, title, cancel)), ...open] };
  return [first, snoozeRow(snoozes, forms.map(formButton), snooze)];
}

interface Row extends Json {
  type: 'actions';
  elements: Json[];
}

const STYLES: Partial<Record<Button['action'], object>> = {
  acknowledge: { style: 'primary' },
  close: { style: 'danger' },
};

function pressButton({ action, label, token }: Button, title: string, cancel: string): Json {
  const text = plain(label);
  return {
    type: 'button',
    action_id: `press:${action}`,
    text,
    value: token,
    ...STYLES[action],
    // Closing ends the page for everybody, so the card asks once more in case a thumb has slipped.
    ...(action === 'close' && {
      confirm: {
        title: plain(label),
        text: plain(title, 300),
        confirm: plain(label, CONFIRM_LENGTH),
        deny: plain(cancel, CONFIRM_LENGTH),
      },
    }),
  };
}

/**
 * The button that opens a form. The form is drawn from what the press brings back, so the button carries the people to
 * choose from, where there is room.
 */
function formButton({ action, label, token, choices }: Button): Json {
  const fitting = (choices ?? []).filter(({ member }) => member.length <= OPTION_LENGTH);
  const named = fitting.map(({ member, name }) => [member, cut(name, 40)]);
  const whole = `${token} ${JSON.stringify(named)}`;
  const value = named.length > 0 && whole.length <= VALUE_LENGTH ? whole : token;
  return { type: 'button', action_id: `form:${action}`, text: plain(label), value };
}

function linkButton({ label, url }: NonNullable<Card['link']>): Json {
  return { type: 'button', action_id: 'open', text: plain(label), url };
}

/** A choice has 75 characters: the token travels in the ids of the row and of the menu, 250 and 240 of their 255. */
const HALVES = { row: 250, menu: 240 } as const;

function snoozeRow(snoozes: Button[], forms: Json[], word: string): Row {
  const token = snoozes[0]?.token;
  if (token === undefined) return { type: 'actions', elements: forms };
  if (token.length > HALVES.row + HALVES.menu) {
    const buttons = snoozes.map(({ label, minutes }) => ({
      type: 'button',
      action_id: `press:snooze:${String(minutes ?? '')}`,
      text: plain(label),
      value: token,
    }));
    return { type: 'actions', elements: [...buttons, ...forms] };
  }
  const select = {
    type: 'static_select',
    action_id: `snooze:${token.slice(HALVES.row)}`,
    placeholder: plain(word),
    options: snoozes.map(({ label, minutes }) => ({ text: plain(label), value: String(minutes ?? '') })),
  };
  return { type: 'actions', block_id: `t:${token.slice(0, HALVES.row)}`, elements: [select, ...forms] };
}

const action = z.object({
  action_id: z.string(),
  block_id: z.string().default(''),
  value: z.string().optional(),
  text: z.object({ text: z.string() }).optional(),
  selected_option: z.object({ value: z.string() }).nullish(),
});
const minutesOf = z.coerce.number().int().min(1).max(1440);

/** What {@link drawMessage} wrote: a press, or the wish for a form; `undefined` for a link and for buttons of others. */
export type Pressed =
  | { form: false; token: string; minutes?: number }
  | {
      form: true;
      token: string;
      action: 'comment' | 'reassign';
      label: string;
      choices: [member: string, name: string][];
    };

export function readAction(given: unknown): Pressed | undefined {
  const { data } = action.safeParse(given);
  if (!data) return undefined;
  const { action_id: id, block_id: block, value = '' } = data;
  const [token = ''] = value.split(' ', 1);
  if (id.startsWith('snooze:') && block.startsWith('t:')) {
    const whole = block.slice(2) + id.slice('snooze:'.length);
    return whole === '' ? undefined : withMinutes(whole, data.selected_option?.value);
  }
  if (token === '') return undefined;
  const [kind, act, minutes] = id.split(':');
  if (kind === 'press') return withMinutes(token, minutes);
  if (kind !== 'form' || (act !== 'comment' && act !== 'reassign')) return undefined;
  const choices = choicesOf(value.slice(token.length));
  return { form: true, token, action: act, label: data.text?.text ?? act, choices };
}

const named = z.array(z.tuple([z.string().min(1).max(OPTION_LENGTH), z.string()]));

function choicesOf(json: string): [string, string][] {
  try {
    return named.parse(JSON.parse(json));
  } catch {
    return [];
  }
}

function withMinutes(token: string, written: string | undefined): Pressed {
  const { data: minutes } = minutesOf.safeParse(written);
  return { form: false, token, ...(minutes !== undefined && { minutes }) };
}

function section(text: string): Json {
  return { type: 'section', text: plain(text, 3000) };
}

function linkLine({ link }: Card): Json[] {
  if (!link) return [];
  const text = `<${escape(link.url)}|${escape(link.label).replaceAll('|', ' ')}>`;
  return [{ type: 'context', elements: [{ type: 'mrkdwn', text }] }];
}

/** Never empty: Slack refuses a text without a character. */
export function plain(text: string, max = 2000): Json {
  return { type: 'plain_text', text: cut(text, max) || '-', emoji: false };
}

function chunks<T>(list: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );
}
