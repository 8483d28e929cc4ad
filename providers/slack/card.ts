import { z } from 'zod';
import type { Face } from '../../domain/incident/face.ts';
import { cut } from '../../domain/incident/incident.ts';
import type { Button, Page } from '../kit/message.ts';
import { WORDS } from './words.ts';

/** What a message is drawn from. */
export type Drawing = Pick<Page, 'face' | 'wording' | 'buttons' | 'menu' | 'locale' | 'verbose' | 'pageUrl'>;
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
/** Room for what may be long, tried until the card fits. */
const ROOMS = [
  { subject: 600, status: 300, text: 2500, facts: 20, value: 300 },
  { subject: 300, status: 200, text: 1000, facts: 12, value: 100 },
  { subject: 150, status: 150, text: 200, facts: 7, value: 40 },
  { subject: 150, status: 150, text: 0, facts: 0, value: 0 },
] as const;
type Room = (typeof ROOMS)[number];
const HEADER_LENGTH = 150;
const BUTTON_LENGTH = 75;
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
  let message: Message = { text: '' };
  for (const room of ROOMS) {
    message = draw(drawing, mentioned, room);
    if (JSON.stringify(message).length <= MAX_CHARACTERS) break;
  }
  return message;
}

function draw(drawing: Drawing, mentioned: Mentioned, room: Room): Message {
  const { face, wording, verbose } = drawing;
  const subject = cut(wording.subject, room.subject);
  const facts = wording.facts.slice(0, room.facts);
  const mentions = mentionsOf(mentioned);
  const head = [
    { type: 'header', text: plain(subject, HEADER_LENGTH) },
    ...(mentions === '' ? [] : [{ type: 'section', text: { type: 'mrkdwn', text: mentions } }]),
  ];
  const body = [
    ...(subject.length > HEADER_LENGTH ? [section(subject)] : []),
    section(cut(wording.status, room.status)),
    ...chunks(facts, FIELDS_PER_SECTION).map((some) => ({
      type: 'section',
      fields: some.map(([label, value]) => plain(`${cut(label, 100)}: ${cut(value, room.value)}`)),
    })),
    ...(room.text > 0 && wording.text !== '' ? [section(cut(wording.text, room.text))] : []),
  ];
  const text = escape(subject);
  if (verbose) return { text, blocks: [...head, ...body, ...linkLine(drawing)], attachments: [] };
  const rows = rowsOf(drawing, subject).filter(({ elements }) => elements.length > 0);
  return { text, blocks: head, attachments: [{ color: colourOf(face), fallback: text, blocks: [...body, ...rows] }] };
}

/** For when blocks are refused, to be sent with `mrkdwn: false`. */
export function plainMessage({ wording, pageUrl }: Drawing, mentioned: Mentioned): Message {
  const { subject, status, text, openPage } = wording;
  const link = pageUrl === undefined ? '' : `${openPage}: ${pageUrl}`;
  const said = escape([subject, status, text, link].filter((line) => line !== '').join('\n'));
  const mentions = mentionsOf(mentioned);
  return { text: mentions === '' ? said : `${mentions}\n${said}` };
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

function colourOf({ progress, incident }: Face): string {
  if (progress === 'Closed') return '#2eb67d';
  if (progress === 'Processing') return '#1264a3';
  return { Critical: '#d0021b', Warning: '#f5a623', Info: '#f8e71c' }[incident.severity];
}

function rowsOf({ face, wording, buttons, menu, locale, pageUrl }: Drawing, subject: string): Row[] {
  const open = pageUrl === undefined ? [] : [linkButton(wording.openPage, pageUrl)];
  if (face.progress === 'Closed') return [{ type: 'actions', elements: open }];
  const [snoozes, others] = [buttons.filter(isSnooze), buttons.filter((button) => !isSnooze(button))];
  const forms = menu.map(formButton);
  const acts = others.map((button) => pressButton(button, subject, WORDS[locale].cancel));
  const first: Row = { type: 'actions', elements: [...acts, ...open] };
  return [first, snoozeRow(snoozes, forms, WORDS[locale].snooze)];
}

interface Row extends Json {
  type: 'actions';
  elements: Json[];
}

function isSnooze(button: Button): boolean {
  return button.action === 'snooze';
}

const STYLES: Partial<Record<Button['action'], object>> = {
  acknowledge: { style: 'primary' },
  close: { style: 'danger' },
};

function pressButton({ action, label, token }: Button, subject: string, cancel: string): Json {
  const text = plain(label, BUTTON_LENGTH);
  return {
    type: 'button',
    action_id: `press:${action}`,
    text,
    value: token,
    ...STYLES[action],
    // Closing ends the page for everybody; a thumb at night may slip.
    ...(action === 'close' && {
      confirm: {
        title: plain(label, 100),
        text: plain(subject, 300),
        confirm: plain(label, CONFIRM_LENGTH),
        deny: plain(cancel, CONFIRM_LENGTH),
      },
    }),
  };
}

/** The form is drawn from what the button brings back, so those who may be chosen travel in it, where there is room. */
function formButton({ action, label, token, choices }: Button): Json {
  const fitting = (choices ?? []).filter(({ member }) => member.length <= OPTION_LENGTH);
  const named = fitting.map(({ member, name }) => [member, cut(name, 40)]);
  const whole = `${token} ${JSON.stringify(named)}`;
  const value = named.length > 0 && whole.length <= VALUE_LENGTH ? whole : token;
  return { type: 'button', action_id: `form:${action}`, text: plain(label, BUTTON_LENGTH), value };
}

function linkButton(label: string, url: string): Json {
  return { type: 'button', action_id: 'open', text: plain(label, BUTTON_LENGTH), url };
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
      text: plain(label, BUTTON_LENGTH),
      value: token,
    }));
    return { type: 'actions', elements: [...buttons, ...forms] };
  }
  const select = {
    type: 'static_select',
    action_id: `snooze:${token.slice(HALVES.row)}`,
    placeholder: plain(word),
    options: snoozes.map(({ label, minutes }) => ({ text: plain(label, BUTTON_LENGTH), value: String(minutes ?? '') })),
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

function linkLine({ wording, pageUrl }: Drawing): Json[] {
  if (pageUrl === undefined) return [];
  const text = `<${escape(pageUrl)}|${escape(wording.openPage).replaceAll('|', ' ')}>`;
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
