import { type Locale, LOCALES } from '../../domain/locale.ts';
import { cardOf, oneLine, type Card, type Tint } from '../kit/card.ts';
import { cutTo, utf16Units, utf8Bytes } from '../kit/cut.ts';
import type { Picture } from '../kit/message.ts';

/** What stands under `template_card`. */
export type TemplateCard = Record<string, unknown>;

/** Characters that the clients show; more is cut by them. */
const ROOM = { title: 36, status: 44, text: 160, facts: 6, label: 12, value: 30, choices: 0 };
const SOURCE = 20;
const BUTTON = 10;
const MAX_KEY_BYTES = 1024;
const SNOOZE = 'snooze';

/** What is written on this platform's short buttons, where the ready label is longer. */
const WORDS = {
  en: {
    acknowledge: 'Ack',
    snooze: 'Snooze',
    escalate: 'Escalate',
    close: 'Close',
    details: 'Details',
    refresh: 'Refresh',
  },
  zh: { acknowledge: '认领', snooze: '暂缓', escalate: '升级', close: '关闭', details: '详情', refresh: '刷新' },
} as const;
type Word = keyof (typeof WORDS)['en'];
const PRESSABLE = ['acknowledge', 'snooze', 'escalate', 'close'] as const;

/** 1 stands out, 3 warns; the page shows them as pictures only. */
const STYLES = { acknowledge: 1, snooze: 2, escalate: 2, close: 3 } as const;
/** 0 grey, 1 black, 2 red, 3 green. */
const COLOURS: Record<Tint, number> = { Critical: 2, Warning: 2, Info: 0, Processing: 1, Closed: 3 };

/**
 * A card with buttons and a menu of snoozes; without buttons a notice. What comes from the incident stands in fields
 * that know no markup.
 *
 * Limit  6 buttons of 10 characters, 6 facts; `task_id` 128 bytes of `0-9 A-Z a-z _ - @`, new for every card; `key`
 *        1024 bytes.
 * Source https://developer.work.weixin.qq.com/document/path/90236
 * @param more.refresh a button that only asks how it stands, for cards that are not drawn again by themselves.
 * @param more.note one line for the reader of this copy, above the text.
 */
export function drawCard(
  picture: Picture,
  { taskId, locale, refresh, note = '' }: { taskId: string; locale: Locale; refresh: boolean; note?: string },
): TemplateCard {
  const { tint, title, status, facts, text, acts, snoozes, link } = cardOf(shortOf(picture, note), ROOM);
  const pressable = buttonList([...acts, ...snoozes], { locale, refresh, pageUrl: link?.url });
  const hasSnooze = pressable.some(({ action }) => action === SNOOZE);
  return {
    card_type: pressable.length > 0 ? 'button_interaction' : 'text_notice',
    source: { desc: shown(`${picture.face.number} ${picture.wording.severity}`, SOURCE), desc_color: COLOURS[tint] },
    main_title: { title, desc: status },
    sub_title_text: text,
    horizontal_content_list: facts.map(([keyname, value]) => ({ keyname: keyname || '-', value })),
    task_id: taskId,
    ...(link && { card_action: { type: 1, url: link.url } }),
    // A notice has no buttons, not even one that opens a page.
    ...(link && pressable.length === 0 && { jump_list: [{ type: 1, title: WORDS[locale].details, url: link.url }] }),
    ...(hasSnooze && {
      button_selection: {
        question_key: SNOOZE,
        title: WORDS[locale].snooze,
        option_list: snoozes.map(({ label, minutes = 0 }) => ({ id: String(minutes), text: shown(label, BUTTON) })),
        selected_id: String(snoozes[0]?.minutes ?? 0),
      },
    }),
    ...(pressable.length > 0 && { button_list: pressable.map(({ action: _, ...button }) => button) }),
  };
}

/**
 * Leaves out facts that the head of the card shows already, and puts the note for this reader before the text, because
 * room is short.
 */
function shortOf(picture: Picture, note: string): Picture {
  const { face, wording } = picture;
  const facts = wording.facts.filter(([, value]) => value !== face.number && value !== wording.severity);
  const text = [note, wording.text].filter((part) => part !== '').join('\n');
  return { ...picture, wording: { ...wording, facts, text } };
}

interface ListedButton {
  action: string;
  text: string;
  style: number;
  type?: number;
  key?: string;
  url?: string;
}

function buttonList(
  buttons: Card['acts'],
  { locale, refresh, pageUrl }: { locale: Locale; refresh: boolean; pageUrl: string | undefined },
): ListedButton[] {
  const words = WORDS[locale];
  const listed = PRESSABLE.flatMap((action): ListedButton[] => {
    const button = buttons.find((each) => each.action === action);
    if (!button) return [];
    const key = writeKey('press', locale, button.token);
    return utf8Bytes(key) > MAX_KEY_BYTES
      ? []
      : [{ action, text: wordOn(action, button.label, words), style: STYLES[action], key }];
  });
  const [any] = buttons;
  if (!any || listed.length === 0) return [];
  if (refresh) {
    listed.push({ action: 'refresh', text: words.refresh, style: 2, key: writeKey('refresh', locale, any.token) });
  }
  if (pageUrl !== undefined) listed.push({ action: 'details', text: words.details, style: 2, type: 1, url: pageUrl });
  return listed;
}

/**
 * The word on a button. One button stands for all snoozes, so it has a word of its own instead of the label of one of
 * them.
 */
function wordOn(action: (typeof PRESSABLE)[number], label: string, words: Record<Word, string>): string {
  return action !== SNOOZE && label.length <= BUTTON ? label : words[action];
}

function shown(text: string, room: number): string {
  return cutTo(oneLine(text), room, utf16Units);
}

/** The reader's language travels along: when the card is drawn again after a press, nobody says who reads it. */
function writeKey(kind: 'press' | 'refresh', locale: Locale, token: string): string {
  return `${kind}.${locale}.${token}`;
}

/** @returns what {@link drawCard} wrote behind a button; `undefined` for a button of somebody else. */
export function readKey(key: string): { kind: 'press' | 'refresh'; locale: Locale; token: string } | undefined {
  const [, kind, language, token] = /^(press|refresh)\.([a-z]+)\.(.+)$/.exec(key) ?? [];
  const locale = LOCALES.find((each) => each === language);
  if (!locale || token === undefined) return undefined;
  return { kind: kind === 'press' ? 'press' : 'refresh', locale, token };
}
