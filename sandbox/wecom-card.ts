import type { CardFace } from './world.ts';

type Json = Record<string, unknown>;

const MAX_BUTTONS = 6;
const MAX_FACTS = 6;
const MAX_OPTIONS = 10;
const MAX_KEY_BYTES = 1024;
const COLORS = ['grey', 'black', 'red', 'green'] as const;

/**
 * What is wrong with a template card, if anything.
 * Source  https://developer.work.weixin.qq.com/document/path/90236
 */
export function checkTemplateCard(card: unknown): string | undefined {
  if (!isJson(card)) return 'template_card is not an object';
  const title = isJson(card['main_title']) ? card['main_title']['title'] : undefined;
  if (typeof title !== 'string' || title === '') return 'main_title.title is missing';
  const facts = list(card['horizontal_content_list']);
  if (facts.length > MAX_FACTS) return 'horizontal_content_list is too long';
  if (facts.some(({ keyname }) => typeof keyname !== 'string' || keyname === '')) return 'keyname is missing';
  switch (card['card_type']) {
    case 'text_notice':
      if (list(card['jump_list']).length > 3) return 'jump_list is too long';
      return isJson(card['card_action']) ? undefined : 'card_action is missing';
    case 'button_interaction':
      return checkButtons(card);
    default:
      return 'card_type';
  }
}

function checkButtons(card: Json): string | undefined {
  if (!/^[0-9A-Za-z_@-]{1,128}$/.test(String(card['task_id']))) return 'task_id';
  const buttons = list(card['button_list']);
  if (buttons.length === 0 || buttons.length > MAX_BUTTONS) return 'button_list';
  const keys = new Set<unknown>();
  for (const { text, type, key, url } of buttons) {
    if (typeof text !== 'string' || text === '') return 'button text';
    if (type === 1) {
      if (typeof url !== 'string' || url === '') return 'button url';
    } else if (typeof key !== 'string' || key === '' || Buffer.byteLength(key) > MAX_KEY_BYTES || keys.has(key)) {
      return 'button key';
    } else keys.add(key);
  }
  const selection = card['button_selection'];
  if (selection === undefined) return undefined;
  const options = isJson(selection) ? list(selection['option_list']) : [];
  return options.length === 0 || options.length > MAX_OPTIONS ? 'option_list' : undefined;
}

/** What a person sees. */
export function drawTemplateCard(card: Json): CardFace {
  const part = (name: string): Json => (isJson(card[name]) ? card[name] : {});
  const { title, desc } = part('main_title');
  const source = part('source');
  const selection = part('button_selection');
  const options = list(selection['option_list']).map(({ id, text }) => ({ label: said(text), value: said(id) }));
  const buttons = list(card['button_list']);
  return {
    title: said(title),
    color: COLORS[Number(source['desc_color'])] ?? 'grey',
    lines: [
      said(source['desc']),
      said(desc),
      ...said(card['sub_title_text']).split('\n'),
      ...list(card['horizontal_content_list']).map(({ keyname, value }) => `${said(keyname)}: ${said(value)}`),
    ].filter((line) => line !== ''),
    mentions: [],
    controls: buttons
      .filter(({ type }) => type !== 1)
      .map(({ key, text }) => ({
        id: said(key),
        label: said(text),
        // The menu stands above the buttons and belongs to all of them; it is shown with the one of its name.
        ...(options.length > 0 && said(text) === said(selection['title']) && { options }),
      })),
    links: [
      ...buttons.filter(({ type }) => type === 1).map(({ text, url }) => ({ label: said(text), url: said(url) })),
      ...list(card['jump_list']).map(({ title, url }) => ({ label: said(title), url: said(url) })),
    ],
  };
}

/** A text or link card: `<a href>` and `<div>` are the only markup there is. */
export function drawWords(title: string, text: string, links: CardFace['links'] = []): CardFace {
  const found = [...links];
  const lines = text
    .replace(/<a href="([^"]*)">(.*?)<\/a>/gs, (_, url: string, label: string) => {
      found.push({ label, url });
      return '';
    })
    .replace(/<\/?(div|br)[^>]*>/g, '')
    .replaceAll('\u200b', '')
    .split('\n')
    .filter((line) => line !== '');
  return { title: title.replaceAll('\u200b', ''), lines, mentions: [], controls: [], links: found };
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isJson) : [];
}

function said(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
