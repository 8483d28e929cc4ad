import { z } from 'zod';
import { drawCard as drawLongest, type Card, type Tint } from '../kit/card.ts';
import { cutTo, utf16Units, utf8Bytes } from '../kit/cut.ts';
import type { Button, Page, Picture } from '../kit/message.ts';

/** What a card is drawn from; `notice`: for the presser, above everything. */
export type Drawing = Picture & Partial<Pick<Page, 'verbose'>> & { notice?: string };
/** Whom it mentions, by the id Teams knows. */
export type Mentioned = readonly { id: string; name: string }[];

type Json = Record<string, unknown>;

/** A card may have about 100 KB with its mentions, on older clients 28 KB. */
const MAX_BYTES = 25_000;
const NOTICE_LENGTH = 300;

/**
 * An Adaptive Card. Whatever comes from the incident stands in a `TextRun`, the one element without Markdown; a mention
 * needs an entity besides its `<at>`, so one in a title tells nobody.
 *
 * Source https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format
 *        https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model
 */
export function drawCard(drawing: Drawing, mentioned: Mentioned = []): Json {
  return drawLongest(
    drawing,
    (card) => draw(card, drawing, mentionsOf(mentioned)),
    (drawn) => utf8Bytes(JSON.stringify(drawn)) <= MAX_BYTES,
  );
}

function draw(card: Card, { notice, verbose }: Drawing, mentions: ReturnType<typeof mentionsOf>): Json {
  const { tint, title, status, facts, lines, link } = card;
  const links = link ? [{ type: 'Action.OpenUrl', title: link.label, url: link.url }] : [];
  return {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.4',
    msteams: { width: 'Full', ...(mentions.length > 0 && { entities: mentions }) },
    body: [
      {
        type: 'Container',
        style: STYLE_OF[tint],
        bleed: true,
        items: [run(title, { weight: 'Bolder', size: 'Large' })],
      },
      ...(notice === undefined ? [] : [run(cutTo(notice, NOTICE_LENGTH, utf16Units), { weight: 'Bolder' })]),
      ...(mentions.length === 0 ? [] : [textBlock(mentions.map(({ text }) => text).join(' '))]),
      run(status, { weight: 'Bolder' }),
      ...facts.map(factOf),
      ...lines.map((line) => run(line)),
      ...(verbose ? rowsOf([links]) : actionRows(card, links)),
    ],
  };
}

const STYLE_OF: Record<Tint, string> = {
  Critical: 'attention',
  Warning: 'warning',
  Info: 'emphasis',
  Processing: 'accent',
  Closed: 'good',
};

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

function run(text: string, style: object = {}): Json {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: text || '-', ...style }] };
}

function factOf([label, value]: Card['facts'][number]): Json {
  const inlines = [
    { type: 'TextRun', text: `${label}: `, weight: 'Bolder' },
    { type: 'TextRun', text: value || '-' },
  ];
  return { type: 'RichTextBlock', spacing: 'None', inlines };
}

function textBlock(text: string): Json {
  return { type: 'TextBlock', text, wrap: true };
}

function rowsOf(rows: Json[][]): Json[] {
  return rows.filter((actions) => actions.length > 0).map((actions) => ({ type: 'ActionSet', actions }));
}

/** Teams shows six actions in a row at most. */
function actionRows({ acts, snoozes, forms }: Card, links: Json[]): Json[] {
  return rowsOf([
    [...acts.map((act) => execute(act)), ...links],
    [...unfold(snoozes), ...forms.map(formOf)],
  ]);
}

const STYLES: Partial<Record<Button['action'], object>> = {
  acknowledge: { style: 'positive' },
  close: { style: 'destructive' },
};

/** `inputs`: the fields of the same form come along. Old clients send the same as a message. */
function execute({ action, label, token, minutes }: Button, inputs: 'auto' | 'none' = 'none'): Json {
  const data: Written = { v: 1, t: token, ...(minutes !== undefined && { m: minutes }) };
  const more = { title: label, data, associatedInputs: inputs, ...STYLES[action] };
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
          choices: choices.map(({ member, name }) => ({ title: name, value: member })),
          // Without a list of ours the people of the tenant stand in; what comes back are their Entra object ids.
          ...(choices.length === 0 && {
            'choices.data': { type: 'Data.Query', dataset: 'graph.microsoft.com/users' },
          }),
        };
  return { type: 'Action.ShowCard', title: label, card: folded([{ ...field, label }], [execute(button, 'auto')]) };
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
