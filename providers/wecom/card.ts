import type { Face } from '../../domain/incident/face.ts';
import type { Button, Page } from '../kit/message.ts';
import { type Locale, LOCALES } from '../../domain/locale.ts';

import { oneLine } from '../kit/bulletin.ts';
import { cutTo, utf16Units, utf8Bytes } from '../kit/cut.ts';

/** What a card is drawn from: a delivery, or what a press brought back. */
export type Drawing = Pick<Page, 'face' | 'wording' | 'buttons'> & Pick<Partial<Page>, 'pageUrl'>;

export type Card = Record<string, unknown>;

/** Characters that the clients show; more is cut by them. */
const SHOWN = { source: 20, title: 36, desc: 44, text: 160, label: 12, value: 30, button: 10, facts: 6 } as const;
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
const COLORS = { grey: 0, black: 1, red: 2, green: 3 } as const;

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
  { face, wording, buttons, pageUrl }: Drawing,
  { taskId, locale, refresh, note = '' }: { taskId: string; locale: Locale; refresh: boolean; note?: string },
): Card {
  const pressable = buttonList(face.progress === 'Closed' ? [] : buttons, { locale, refresh, pageUrl });
  const snoozes = buttons.filter(({ action }) => action === SNOOZE);
  const hasSnooze = pressable.some(({ action }) => action === SNOOZE);
  const text = [note, wording.text].filter((part) => part !== '').map(clean);
  return {
    card_type: pressable.length > 0 ? 'button_interaction' : 'text_notice',
    source: { desc: shown(`${face.number} ${wording.severity}`, SHOWN.source), desc_color: colorOf(face) },
    main_title: { title: shown(wording.subject, SHOWN.title), desc: shown(wording.status, SHOWN.desc) },
    sub_title_text: cutTo(text.join('\n'), SHOWN.text, utf16Units),
    horizontal_content_list: factsOf(face, wording),
    task_id: taskId,
    ...(pageUrl !== undefined && { card_action: { type: 1, url: pageUrl } }),
    // A notice has no buttons, not even one that opens a page.
    ...(pageUrl !== undefined &&
      pressable.length === 0 && { jump_list: [{ type: 1, title: WORDS[locale].details, url: pageUrl }] }),
    ...(hasSnooze && {
      button_selection: {
        question_key: SNOOZE,
        title: WORDS[locale].snooze,
        option_list: snoozes.map(({ label, minutes = 0 }) => ({
          id: String(minutes),
          text: shown(label, SHOWN.button),
        })),
        selected_id: String(snoozes[0]?.minutes ?? 0),
      },
    }),
    ...(pressable.length > 0 && { button_list: pressable.map(({ action: _, ...button }) => button) }),
  };
}

/** Those that stand above already give way to others. */
function factsOf({ number }: Face, { facts, severity }: Page['wording']): { keyname: string; value: string }[] {
  return facts
    .filter(([, value]) => value !== number && value !== severity)
    .slice(0, SHOWN.facts)
    .map(([label, value]) => ({ keyname: shown(label, SHOWN.label) || '-', value: shown(value, SHOWN.value) }));
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
  buttons: Button[],
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

/** One button stands for all snoozes, so that none of their labels is its. */
function wordOn(action: (typeof PRESSABLE)[number], label: string, words: Record<Word, string>): string {
  return action !== SNOOZE && label.length <= SHOWN.button ? label : words[action];
}

function colorOf({ progress, incident }: Face): number {
  if (progress === 'Closed') return COLORS.green;
  if (progress === 'Processing') return COLORS.black;
  return incident.severity === 'Info' ? COLORS.grey : COLORS.red;
}

function shown(text: string, room: number): string {
  return cutTo(oneLine(text), room, utf16Units);
}

/** Nothing that JSON would have to escape: the platform refuses `\uXXXX`. */
export function clean(text: string): string {
  return text.split('\n').map(oneLine).join('\n');
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
