import type { CardFace } from './world.ts';

/** Values of a card's variables: what all see, and what one person sees besides. */
export type Variables = Readonly<Record<string, string>>;

/** A template as its author published it: which variable stands where, which are its buttons. */
export interface CardTemplate {
  title: string;
  color: string;
  lines: readonly string[];
  /** Markdown, the only place where a mention means something. */
  mentions: string;
  /** Only the presser sees it. */
  note: string;
  buttons: readonly {
    actionId: string;
    label: string;
    /** Shown while this variable is `true`. */
    shown: string;
    /** Name of a parameter and the variable it is taken from. */
    params: Readonly<Record<string, string>>;
    takesText?: boolean;
  }[];
  link: { label: string; url: string; shown: string };
}

const button = (
  name: string,
  more: Partial<CardTemplate['buttons'][number]> = {},
): CardTemplate['buttons'][number] => ({
  actionId: name,
  label: `${name}Label`,
  shown: `${name}Shown`,
  params: { token: `${name}Token` },
  ...more,
});
const snooze = (place: number): CardTemplate['buttons'][number] => {
  const name = `snooze${String(place)}`;
  return button(name, { params: { token: `${name}Token`, minutes: `${name}Minutes` } });
};

/** The template that operators import into the card platform. */
export const ONCALL_TEMPLATE: CardTemplate = {
  title: 'title',
  color: 'color',
  lines: ['status', 'facts', 'text'],
  mentions: 'mentions',
  note: 'note',
  buttons: [
    button('acknowledge'),
    snooze(1),
    snooze(2),
    snooze(3),
    button('escalate'),
    button('close'),
    button('comment', { takesText: true }),
    button('reassign', { takesText: true }),
  ],
  link: { label: 'linkLabel', url: 'link', shown: 'hasLink' },
};

const MAX_KEY = 100;
const MAX_VALUE = 1024;

/** What is wrong with the values, if anything. */
export function checkVariables(values: unknown): string | undefined {
  if (typeof values !== 'object' || values === null) return 'cardParamMap is not an object';
  for (const [key, value] of Object.entries(values)) {
    if (typeof value !== 'string') return `the value of ${key} is not a string`;
    if (Buffer.byteLength(key) > MAX_KEY || Buffer.byteLength(value) > MAX_VALUE) return `${key} is too long`;
  }
  return undefined;
}

/** What a person sees. */
export function drawTemplate(template: CardTemplate, all: Variables, own: Variables = {}): CardFace {
  const of = (variable: string): string => own[variable] ?? all[variable] ?? '';
  const note = of(template.note);
  return {
    title: of(template.title),
    color: of(template.color),
    lines: [...template.lines.flatMap((variable) => of(variable).split('\n')), ...(note === '' ? [] : [note])].filter(
      (line) => line !== '',
    ),
    mentions: [...of(template.mentions).matchAll(/<a atId=([^>]+)>/g)].map(([, userId]) => userId ?? ''),
    controls: template.buttons
      .filter(({ shown }) => of(shown) === 'true')
      .map(({ actionId, label, takesText }) => ({ id: actionId, label: of(label), ...(takesText && { takesText }) })),
    links: of(template.link.shown) === 'true' ? [{ label: of(template.link.label), url: of(template.link.url) }] : [],
  };
}

/** A message in Markdown as the clients show it. */
export function drawMarkdown(title: string, text: string): CardFace {
  const links: CardFace['links'] = [];
  const mentions: string[] = [];
  const lines = text
    .split('\n')
    .map((line) =>
      line
        // What a backslash stands before is no markup.
        .replace(/\\(.)/gu, (_, character: string) => `\u{E000}${String(character.codePointAt(0))};`)
        .replace(/<a atId=([^>]+)>|<at id=([^>]+)>/g, (_, one?: string, other?: string) => {
          mentions.push(one ?? other ?? '');
          return '';
        })
        .replace(/\[([^\]]+)\]\(([^)]+)\)/g, (_, label: string, url: string) => {
          links.push({ label, url });
          return '';
        })
        .replace(/^#{1,6} /, '')
        .replace(/\*\*(.+?)\*\*/g, '$1')
        .replace(/\*(.+?)\*/g, '$1')
        .replace(/\u{E000}(\d+);/gu, (_, code: string) => String.fromCodePoint(Number(code)))
        .replaceAll('\u200b', ''),
    )
    .filter((line) => line !== '');
  return { title, lines, mentions, controls: [], links };
}
