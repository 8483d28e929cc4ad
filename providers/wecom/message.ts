import type { Page } from '../kit/message.ts';
import { drawBulletin } from '../kit/bulletin.ts';
import { clean, plainText, type Card, type PlainWords } from '../kit/card.ts';
import { cutTo, utf8Bytes } from '../kit/cut.ts';

/** `msgtype` and what stands under it. */
export interface Message extends Record<string, unknown> {
  msgtype: 'text' | 'textcard' | 'template_card';
}

const MAX_TEXT_BYTES = 2048;
const LINK_CARD = { title: 128, description: 512 } as const;

/** Bare words. A text knows one thing, `<a href>`, so anything that could become one is broken. */
export function textMessage(text: string): Message {
  return { msgtype: 'text', text: { content: cutTo(plain(text), MAX_TEXT_BYTES) } };
}

/** Where a card is refused. */
export function plainMessage(page: PlainWords): Message {
  return { msgtype: 'text', text: { content: plainText(page, MAX_TEXT_BYTES, plain) } };
}

/** The whole text, as far as the platform takes it. */
export function fullMessage(delivery: Page): Message {
  const draw = ({ title, status, lines, facts, link }: Card): string =>
    [
      ...[title, status, ...lines, ...facts.map(([label, value]) => `${label}: ${value}`)].map(plain),
      ...(link ? [`${link.label}: ${link.url}`] : []),
    ].join('\n');
  const content = drawBulletin(delivery, draw, (drawn) => utf8Bytes(drawn) <= MAX_TEXT_BYTES);
  return { msgtype: 'text', text: { content } };
}

/** For chats, which take no card with buttons. Its description knows `<div>`. */
export function linkCard({ wording }: Pick<Page, 'wording'>, url: string): Message {
  const { subject, status, text, facts, openPage } = wording;
  const lines = [status, text, ...facts.map(([label, value]) => `${label}: ${value}`)];
  return {
    msgtype: 'textcard',
    textcard: {
      title: cutTo(plain(subject).replaceAll('\n', ' '), LINK_CARD.title),
      description: cutTo(plain(lines.filter((line) => line !== '').join('\n')), LINK_CARD.description),
      url,
      // Four characters of Chinese, and what fits of English.
      btntxt: cutTo(openPage, 12),
    },
  };
}

function plain(text: string): string {
  return clean(text).replaceAll('<', '<\u200b');
}
