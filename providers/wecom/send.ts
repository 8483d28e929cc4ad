import { z } from 'zod';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import type { WecomAppAccount } from './account.ts';
import type { TemplateCard } from './card.ts';
import type { Message } from './message.ts';
import { callWecom } from './token.ts';

const sentReply = z.object({
  invaliduser: z.string().optional(),
  unlicenseduser: z.string().optional(),
  response_code: z.string().min(1).optional(),
});

/**
 * One message to one member.
 * @returns the code for its one update, where it can be updated.
 * @throws DeliveryError
 */
export async function sendToMember(
  userId: string,
  message: Message,
  account: WecomAppAccount,
  io: Io,
): Promise<string | undefined> {
  const answer = await callWecom(account, io, {
    path: 'message/send',
    json: {
      touser: userId,
      agentid: Number(account.agentId),
      ...message,
      // A second page with the same words is no duplicate: it would be dropped silently.
      enable_duplicate_check: 0,
    },
  });
  const { data } = sentReply.safeParse(answer);
  for (const list of ['invaliduser', 'unlicenseduser'] as const) {
    if (!data?.[list]) continue;
    const why = list === 'invaliduser' ? 'no such member, or outside the visible range of the app' : 'no licence';
    throw new DeliveryError('rejected', `wecom.app: ${why} (${list})`, { providerCode: list });
  }
  return data?.response_code;
}

/**
 * The one update that a `response_code` is good for.
 *
 * Request  POST /cgi-bin/message/update_template_card, JSON { userids | atall, agentid, response_code, template_card }.
 * Source   https://developer.work.weixin.qq.com/document/path/94888
 * @param update.to `all`: everybody who got this message, which is one person.
 * @throws DeliveryError
 */
export async function updateCard(
  { responseCode, card, to }: { responseCode: string; card: TemplateCard; to: 'all' | { userId: string } },
  account: WecomAppAccount,
  io: Io,
): Promise<void> {
  await callWecom(account, io, {
    path: 'message/update_template_card',
    json: {
      ...(to === 'all' ? { atall: 1 } : { userids: [to.userId] }),
      agentid: Number(account.agentId),
      response_code: responseCode,
      template_card: card,
    },
  });
}
