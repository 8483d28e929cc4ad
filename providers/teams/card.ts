import { z } from 'zod';
import type { Face } from '../../domain/incident/face.ts';
import { cut } from '../../domain/incident/incident.ts';
import type { Button, Page } from '../kit/message.ts';

/** What a card is drawn from: a delivery, or what a press brought back. */
export type Drawing = Pick<Page, 'face' | 'wording' | 'buttons'> &
  Pick<Partial<Page>, 'menu' | 'pageUrl' | 'verbose'> & {
    /** For the presser, above everything. */
    notice?: string;
  };
/** Whom it mentions, by the id Teams knows. */
export type Mentioned = readonly { id: string; name: string }[];

type Json = Record<string, unknown>;

/** A card may have about 100 KB with its mentions, on older clients 28 KB. */
const MAX_BYTES = 25_000;
/** Room for what may be long, tried until the card fits. */
const ROOMS = [
  { subject: 600, status: 300, text: 2500, facts: 20, value: 300 },
  { subject: 300, status: 200, text: 1000, facts: 12, value: 100 },
  { subject: 200, status: 150, text: 200, facts: 7, value: 40 },
  { subject: 100, status: 100, text: 0, facts: 0, value: 0 },
] as const;
type Room = (typeof ROOMS)[number];
const LABEL_LENGTH = 100;

/**
 * An Adaptive Card. Whatever comes from the incident stands in a `TextRun`, the one element without Markdown; a mention
 * needs an entity besides its `<at>`, so one in a title tells nobody.
 *
 * Source https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format
 *        https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model
 */
export function drawCard(drawing: Drawing, mentioned: Mentioned = []): Json {
  let card: Json = {};
  for (const room of ROOMS) {
    card = draw(drawing, mentioned, room);
    if (Buffer.byteLength(JSON.stringify(card)) <= MAX_BYTES) break;
  }
  return card;
}

function draw(drawing: Drawing, mentioned: Mentioned, room: Room): Json {
  const { face, wording, notice, verbose } = drawing;
  const mentions = mentionsOf(mentioned);
  const paragraphs = room.text === 0 ? [] : linesOf(cut(wording.text, room.text));
  const links = linkActions(drawing);
  return {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.4',
    msteams: { width: 'Full', ...(mentions.length > 0 && { entities: mentions }) },
    body: [
      {
        type: 'Container',
        style: styleOf(face),
        bleed: true,
        items: [run(cut(wording.subject, room.subject), { weight: 'Bolder', size: 'Large' })],
      },
      ...(notice === undefined ? [] : [run(cut(notice, room.status), { weight: 'Bolder' })]),
      ...(mentions.length === 0 ? [] : [textBlock(mentions.map(({ text }) => text).join(' '))]),
      run(cut(wording.status, room.status), { weight: 'Bolder' }),
      ...wording.facts.slice(0, room.facts).map(([label, value]) => factOf(label, value, room)),
      ...paragraphs.map((line) => run(line)),
      ...(verbose ? rowsOf([links]) : actionRows(drawing, links)),
    ],
  };
}

function styleOf({ progress, incident }: Face): string {
  if (progress === 'Closed') return 'good';
  if (progress === 'Processing') return 'accent';
  return { Critical: 'attention', Warning: 'warning', Info: 'emphasis' }[incident.severity];
}

/** Names are ours; what could end the mention or begin Markdown is left out. Two of one name differ by a number. */
function mentionsOf(mentioned: Mentioned) {
  const seen = new Map<string, number>();
  return mentioned.map(({ id, name: given }) => {
    const plain = given.replace(/[<>&*_[\]()`~#]/g, '').trim() || '-';
    const count = (seen.get(plain) ?? 0) + 1;
    seen.set(plain, count);
    const name = count === 1 ? plain : `${plain} ${String(count)}`;
    return { type: 'mention', text: `<at>${name}</at>`, mentioned: { id, name } };
  });
}

function run(text: string, look: object = {}): Json {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: text || '-', ...look }] };
}

function factOf(label: string, value: string, room: Room): Json {
  const inlines = [
    { type: 'TextRun', text: `${cut(label, LABEL_LENGTH)}: `, weight: 'Bolder' },
    { type: 'TextRun', text: cut(value, room.value) || '-' },
  ];
  return { type: 'RichTextBlock', spacing: 'None', inlines };
}

function textBlock(text: string): Json {
  return { type: 'TextBlock', text, wrap: true };
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

function rowsOf(rows: Json[][]): Json[] {
  return rows.filter((actions) => actions.length > 0).map((actions) => ({ type: 'ActionSet', actions }));
}

/** Teams shows six actions in a row at most. */
function actionRows({ face, buttons, menu = [] }: Drawing, links: Json[]): Json[] {
  if (face.progress === 'Closed') return rowsOf([links]);
  const snoozes = buttons.filter(({ action }) => action === 'snooze');
  const others = buttons.filter(({ action }) => action !== 'snooze').map((button) => execute(button));
  return rowsOf([
    [...others, ...links],
    [...unfold(snoozes), ...menu.map(formOf)],
  ]);
}

function linkActions({ wording, pageUrl }: Drawing): Json[] {
  return pageUrl === undefined
    ? []
    : [{ type: 'Action.OpenUrl', title: cut(wording.openPage, LABEL_LENGTH), url: pageUrl }];
}

const STYLES: Partial<Record<Button['action'], object>> = {
  acknowledge: { style: 'positive' },
  close: { style: 'destructive' },
};

/** `inputs`: the fields of the same form come along. Old clients send the same as a message. */
function execute({ action, label, token, minutes }: Button, inputs: 'auto' | 'none' = 'none'): Json {
  const data: Written = { v: 1, t: token, ...(minutes !== undefined && { m: minutes }) };
  const title = cut(label, LABEL_LENGTH);
  const more = { title, data, associatedInputs: inputs, ...STYLES[action] };
  return { type: 'Action.Execute', verb: action, ...more, fallback: { type: 'Action.Submit', ...more } };
}

/** Several of a kind under what their labels begin with: `Snooze 2 h`, `Snooze 4 h` under `Snooze`. */
function unfold(buttons: Button[]): Json[] {
  const [first, ...rest] = buttons.map(({ label }) => label);
  if (first === undefined || rest.length === 0) return buttons.map((button) => execute(button));
  let length = 0;
  while (length < first.length && rest.every((label) => label[length] === first[length])) length += 1;
  const title = first.slice(0, length).trim() || first;
  return [
    {
      type: 'Action.ShowCard',
      title,
      card: folded(
        [],
        buttons.map((button) => execute(button)),
      ),
    },
  ];
}

const MAX_COMMENT = 1024;

function formOf(button: Button): Json {
  const { action, label, choices = [] } = button;
  const field =
    action === 'comment'
      ? { type: 'Input.Text', id: 'text', isMultiline: true, maxLength: MAX_COMMENT }
      : {
          type: 'Input.ChoiceSet',
          id: 'members',
          style: 'compact',
          isMultiSelect: true,
          choices: choices.map(({ member, name }) => ({ title: cut(name, LABEL_LENGTH), value: member })),
          // Without a list of ours the people of the tenant stand in; what comes back are their Entra object ids.
          ...(choices.length === 0 && {
            'choices.data': { type: 'Data.Query', dataset: 'graph.microsoft.com/users' },
          }),
        };
  const title = cut(label, LABEL_LENGTH);
  return { type: 'Action.ShowCard', title, card: folded([{ ...field, label: title }], [execute(button, 'auto')]) };
}

function folded(body: Json[], actions: Json[]): Json {
  return { type: 'AdaptiveCard', version: '1.4', body, actions };
}

const written = z.object({ v: z.literal(1), t: z.string().min(1), m: z.int().min(1).max(1440).optional() });
type Written = z.output<typeof written>;
const filled = written.extend({ text: z.string().optional(), members: z.string().optional() });

/** What {@link drawCard} wrote and somebody filled in; `undefined` for a button of somebody else. */
export function readData(
  value: unknown,
): { token: string; minutes?: number; text?: string; members?: string[] } | undefined {
  const { data } = filled.safeParse(value);
  if (!data) return undefined;
  const { t: token, m: minutes, text, members } = data;
  return {
    token,
    ...(minutes !== undefined && { minutes }),
    ...(text !== undefined && { text: text.slice(0, MAX_COMMENT) }),
    // Several choices come as one string.
    ...(members !== undefined && { members: members.split(',').filter((member) => member !== '') }),
  };
}

/** For when a card is refused, as plain text. */
export function plainText({ wording, pageUrl }: Drawing): string {
  const { subject, status, text, openPage } = wording;
  const link = pageUrl === undefined ? '' : `${openPage}: ${pageUrl}`;
  return [subject, status, text, link].filter((line) => line !== '').join('\n');
}
