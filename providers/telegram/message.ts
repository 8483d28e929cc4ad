import type { Button, Page } from '../kit/message.ts';
import { drawBulletin, mentioned, textOf } from '../kit/bulletin.ts';
import type { Card, Tint } from '../kit/card.ts';
import { joinToken, splitToken } from '../../links/token.ts';

/** Telegram counts characters without markup. We count them with it, which is at least as many. */
const MAX_CHARACTERS = 4096;

interface KeyboardButton {
  text: string;
  /** At most 64 bytes. */
  callback_data?: string;
  url?: string;
}
interface Message {
  text: string;
  parse_mode?: 'HTML';
  link_preview_options: { is_disabled: true };
  reply_markup?: { inline_keyboard: KeyboardButton[][] };
}

/**
 * Text in HTML, of which the platform knows a few tags; what comes from the incident is escaped.
 * https://core.telegram.org/bots/api#html-style
 * @param isWhole all there is to say, with its buttons; otherwise shortly what happened.
 */
export function drawMessage(
  delivery: Page,
  { isWhole, isPressable }: { isWhole: boolean; isPressable: boolean },
): Message {
  const { plain } = delivery;
  return drawBulletin<Message>(
    isWhole ? { ...delivery, event: 'opened' } : delivery,
    (card) => ({
      text: plain ? drawText(delivery, card) : drawHtml(delivery, card),
      link_preview_options: { is_disabled: true },
      ...(!plain && {
        parse_mode: 'HTML',
        reply_markup: { inline_keyboard: keyboardOf(card, isWhole && isPressable) },
      }),
    }),
    ({ text }) => text.length <= MAX_CHARACTERS,
  );
}

function drawHtml(delivery: Page, { tint, title, status, lines, facts }: Card): string {
  const { ids, names } = mentioned(delivery.mentions, ({ identity }) => identity);
  const whom = [...ids.map(({ id, name }) => mentionOf(id, name)), ...names.map(literal)];
  return [
    `${MARKS[tint]} <b>${literal(title)}</b>`,
    `<i>${literal(status)}</i>`,
    ...facts.map(([label, value]) => `${literal(label)}: ${literal(value)}`),
    ...lines.map(literal),
    ...(whom.length > 0 ? [whom.join(' ')] : []),
  ].join('\n');
}

/**
 * Mentions a person by the id of their own chat, which is also their user id, or by `@name`. Telegram has no mention of
 * everybody.
 */
function mentionOf(identity: string, name: string): string {
  if (/^\d{1,20}$/.test(identity)) return `<a href="tg://user?id=${identity}">${literal(name)}</a>`;
  return /^@\w{4,32}$/.test(identity) ? identity : literal(name);
}

function drawText({ mentions }: Page, card: Card): string {
  const { names } = mentioned(mentions, () => undefined);
  const title = `${MARKS[card.tint]} ${card.title}`;
  return textOf({ ...card, title }, unlinked, unlinked(names.join(', ')));
}

function literal(text: string): string {
  return unlinked(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Names and commands are made into links without any markup: they are parted where nobody sees it. */
function unlinked(text: string): string {
  return text.replace(/@(?=\w)/g, '@\u200b').replace(/(?<!\w)\/(?=\w)/g, '/\u200b');
}

/** The platform has no colours. */
const MARKS: Record<Tint, string> = { Critical: '🔴', Warning: '🟠', Info: '🟡', Processing: '🔵', Closed: '🟢' };

function keyboardOf({ acts, snoozes, link }: Card, isPressable: boolean): KeyboardButton[][] {
  if (!link) return [];
  const rows = isPressable ? [acts, snoozes] : [];
  const [first] = rows.flat().flatMap(({ token }) => splitToken(token) ?? []);
  const url = first ? `${link.url}#${first.shared}` : link.url;
  return [...rows.map((row) => row.flatMap(pressButton)), [{ text: link.label, url }]].filter((row) => row.length > 0);
}

function pressButton({ label, token, minutes }: Button): KeyboardButton[] {
  const pieces = splitToken(token);
  if (!pieces) return [];
  return [{ text: label, callback_data: minutes === undefined ? pieces.own : `${pieces.own}~${minutes}` }];
}

/**
 * What {@link drawMessage} wrote into a button. 64 bytes do not hold a workflow's id, so half of the token stands behind
 * the `#` of the page's address, in the keyboard of the same message: Telegram sends it along with every press, and no
 * browser sends it anywhere. What a redraw changes stands in the button, so that a press on an old picture counts.
 * UNCONFIRMED: that Telegram keeps the part behind `#` as it was.
 * @returns an empty token where the message is too old for Telegram to send along, or is not ours.
 */
export function readPress(
  data: string,
  keyboard: readonly (readonly { url?: string | undefined }[])[],
): { token: string; minutes?: number } {
  const [own = '', minutes] = data.split('~');
  const shared = keyboard.flat().flatMap(({ url }) => url?.split('#')[1] ?? []);
  const token = shared.flatMap((piece) => joinToken({ own, shared: piece }) ?? []).at(-1) ?? '';
  return { token, ...(minutes !== undefined && /^\d{1,4}$/.test(minutes) && { minutes: Number(minutes) }) };
}
