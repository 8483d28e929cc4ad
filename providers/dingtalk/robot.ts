import { z } from 'zod';
import type { Page } from '../kit/message.ts';
import { drawBulletin } from '../kit/bulletin.ts';
import { plainText, type Card, type PlainWords } from '../kit/card.ts';
import { cutTo, utf8Bytes } from '../kit/cut.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import { robotCodeOf, type DingtalkAppAccount } from './account.ts';
import { callDingtalk } from './token.ts';

/** A message of the bot: its kind, and what becomes a JSON string inside the JSON. */
export interface RobotMessage {
  msgKey: 'sampleText' | 'sampleMarkdown' | 'sampleActionCard';
  msgParam: Record<string, string>;
}

/** Of the 15,000 the platform takes. */
const MAX_BYTES = 14_000;
const MAX_TEXT_BYTES = 6000;
const TITLE_BYTES = 200;

const sentReply = z.object({
  invalidStaffIdList: z.array(z.string()).nullish(),
  flowControlledStaffIdList: z.array(z.string()).nullish(),
});

/**
 * One message of the bot to one person or group.
 *
 * Request  POST /v1.0/robot/oToMessages/batchSend, JSON { robotCode, userIds, msgKey, msgParam: a JSON string };
 *          POST /v1.0/robot/groupMessages/send, JSON { robotCode, openConversationId, msgKey, msgParam, coolAppCode? }.
 * Errors   a person may be refused inside a success: `invalidStaffIdList`, `flowControlledStaffIdList`.
 * Source   https://open.dingtalk.com/document/development/robot-message-type
 * @throws DeliveryError
 */
export async function sendByRobot(
  to: { userId: string } | { chat: string },
  { msgKey, msgParam }: RobotMessage,
  account: DingtalkAppAccount,
  io: Io,
): Promise<void> {
  const message = { robotCode: robotCodeOf(account), msgKey, msgParam: JSON.stringify(msgParam) };
  if ('chat' in to) {
    const { coolAppCode } = account;
    await callDingtalk(account, io, {
      path: '/v1.0/robot/groupMessages/send',
      json: { ...message, openConversationId: to.chat, ...(coolAppCode !== undefined && { coolAppCode }) },
    });
    return;
  }
  const answer = await callDingtalk(account, io, {
    path: '/v1.0/robot/oToMessages/batchSend',
    json: { ...message, userIds: [to.userId] },
  });
  const { data } = sentReply.safeParse(answer);
  if (data?.invalidStaffIdList?.length) {
    throw new DeliveryError('rejected', 'dingtalk.app: no such person, or outside the visible range of the app', {
      providerCode: 'invalidStaffIdList',
    });
  }
  if (data?.flowControlledStaffIdList?.length) {
    throw new DeliveryError('rate-limited', 'dingtalk.app: too many messages to this person', {
      providerCode: 'flowControlledStaffIdList',
      retryAfterMs: 1000,
    });
  }
}

/** Where a card is refused: the bare words, which know no markup. */
export function plainMessage(page: PlainWords): RobotMessage {
  return { msgKey: 'sampleText', msgParam: { content: plainText(page, MAX_TEXT_BYTES) } };
}

/** Where there is no card template, and where the whole text is wanted: Markdown with a link, which shows what it said then. */
export function linkMessage(delivery: Page): RobotMessage {
  return drawBulletin(
    delivery,
    (card) => draw(card, delivery.verbose),
    ({ msgParam }) => utf8Bytes(JSON.stringify(msgParam)) <= MAX_BYTES,
  );
}

function draw({ title, status, lines, facts, link }: Card, isVerbose: boolean): RobotMessage {
  const text = [
    `### ${escape(title)}`,
    `**${escape(status)}**`,
    ...lines.map(escape),
    ...facts.map(([label, said]) => `- ${escape(label)}: ${escape(said)}`),
  ].join('\n\n');
  const heading = cutTo(title, TITLE_BYTES);
  if (link === undefined) return { msgKey: 'sampleMarkdown', msgParam: { title: heading, text } };
  if (isVerbose) {
    const { label, url } = link;
    return { msgKey: 'sampleMarkdown', msgParam: { title: heading, text: `${text}\n\n[${escape(label)}](${url})` } };
  }
  return {
    msgKey: 'sampleActionCard',
    msgParam: { title: heading, text, singleTitle: link.label, singleURL: link.url },
  };
}

/**
 * Shows Markdown as the characters it is written with. UNCONFIRMED: that every client honours the backslash; where one
 * does not, no link, picture or mention can arise all the same, because an unseen space breaks `](` and `<`.
 */
export function escape(text: string): string {
  return text
    .replace(/[\\`*_{}[\]()#+\-!|~>]/g, '\\$&')
    .replaceAll('<', '\\<\u200b')
    .replaceAll('\\]\\(', '\\]\u200b\\(');
}
