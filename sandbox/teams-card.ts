import type { CardFace } from './world.ts';

type Json = Record<string, unknown>;

/** An action that calls back, with the fields around it. */
export interface Control {
  action: Json;
  /** Of an action inside a form: what opens it. */
  opener?: string;
  label: string;
  /** The one field of its form. */
  field?: { id: string; takesText: boolean; options: { label: string; value: string }[] };
}

const MAX_BYTES = 28 * 1024;
const TYPES = ['Container', 'RichTextBlock', 'TextBlock', 'ActionSet', 'FactSet', 'Input.Text', 'Input.ChoiceSet'];
const ACTIONS = ['Action.Execute', 'Action.Submit', 'Action.OpenUrl', 'Action.ShowCard'];
const COLORS: Record<string, string> = {
  attention: '#c4314b',
  warning: '#f8d22a',
  good: '#237b4b',
  accent: '#5b5fc7',
  emphasis: '#c8c6c4',
};

/**
 * Whether Teams would show a card: known elements with text in them, six actions in a row, a size.
 * Source  https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format
 */
export function flawOf(card: Json): 'MessageSizeTooBig' | 'BadSyntax' | undefined {
  if (Buffer.byteLength(JSON.stringify(card)) > MAX_BYTES) return 'MessageSizeTooBig';
  return isCardGood(card) ? undefined : 'BadSyntax';
}

function isCardGood(card: Json): boolean {
  const isKnown = card['type'] === 'AdaptiveCard' && ['1.4', '1.5'].some((version) => version === card['version']);
  return isKnown && list(card['body']).every(isElementGood) && areActionsGood(list(card['actions']));
}

function isElementGood(element: Json): boolean {
  const { type } = element;
  if (!TYPES.some((known) => known === type)) return false;
  if (type === 'Container') return list(element['items']).every(isElementGood);
  if (type === 'ActionSet') return list(element['actions']).length > 0 && areActionsGood(list(element['actions']));
  if (type === 'RichTextBlock') {
    const inlines = list(element['inlines']);
    return inlines.length > 0 && inlines.every((one) => one['type'] === 'TextRun' && isText(one['text']));
  }
  return type === 'TextBlock' ? isText(element['text']) : isText(element['id']) || type === 'FactSet';
}

function areActionsGood(actions: Json[]): boolean {
  return (
    actions.length <= 6 &&
    actions.every(
      (action) =>
        ACTIONS.some((known) => known === action['type']) &&
        isText(action['title']) &&
        (action['type'] !== 'Action.ShowCard' || isCardGood(asJson(action['card']))),
    )
  );
}

/** Everything that calls back, top to bottom; the actions of a form after what opens it. */
export function controlsOf(card: Json, opener?: string): Control[] {
  const rows = [...list(card['body']).filter(({ type }) => type === 'ActionSet'), card];
  const input = list(card['body']).find(({ type }) => typeof type === 'string' && type.startsWith('Input.'));
  const field = input && {
    id: String(input['id']),
    takesText: input['type'] === 'Input.Text',
    options: list(input['choices']).map((one) => ({ label: words(one['title']), value: words(one['value']) })),
  };
  return rows
    .flatMap((row) => list(row['actions']))
    .flatMap((action): Control[] => {
      const label = words(action['title']);
      if (action['type'] === 'Action.ShowCard') return controlsOf(asJson(action['card']), label);
      if (action['type'] !== 'Action.Execute') return [];
      return [{ action, label, ...(opener !== undefined && { opener }), ...(field && { field }) }];
    });
}

/** The card as a client draws it. A mention is one only where an entity says so. */
export function faceOf(card: Json): CardFace {
  const entities = list(asJson(card['msteams'])['entities']);
  const [head, ...rest] = list(card['body']);
  const isHeaded = head?.['type'] === 'Container';
  const shown = (isHeaded ? rest : list(card['body'])).map((element) => textOf(element));
  const text = shown.join('\n');
  const mentionLine = entities.map((entity) => words(entity['text']).replace(/<\/?at>/g, '')).join(' ');
  const color = COLORS[words(head?.['style'])];
  return {
    title: isHeaded ? list(head['items']).map(textOf).join(' ') : '',
    ...(color !== undefined && { color }),
    // Mentions stand in the face by themselves.
    lines: shown.filter((line) => line !== '' && line !== mentionLine),
    mentions: entities.flatMap((entity) =>
      text.includes(words(entity['text']).replace(/<\/?at>/g, '')) ? [words(asJson(entity['mentioned'])['id'])] : [],
    ),
    controls: controlsOf(card).map(({ label, field }) => ({
      id: label,
      label,
      ...(field?.takesText && { takesText: true }),
      ...(field && !field.takesText && { options: field.options }),
    })),
    links: list(card['body'])
      .flatMap((element) => list(element['actions']))
      .flatMap((action) =>
        action['type'] === 'Action.OpenUrl' ? [{ label: words(action['title']), url: words(action['url']) }] : [],
      ),
  };
}

/** A run as it is; a text block as its Markdown reads. */
function textOf(element: Json): string {
  if (element['type'] === 'RichTextBlock')
    return list(element['inlines'])
      .map((one) => words(one['text']))
      .join('');
  if (element['type'] !== 'TextBlock') return '';
  return words(element['text'])
    .replace(/<\/?at>/g, '')
    .replace(/(\*\*|__|[*_])(\S(?:.*?\S)?)\1/g, '$2')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
}

export function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(asJson) : [];
}

export function asJson(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function words(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
