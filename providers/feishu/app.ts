import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Delivery, MessageAdapter } from '../kit/adapter.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import type { FeishuAppAccount } from './account.ts';
import { feishuCallback } from './callback.ts';
import { drawCard, plainMessage } from './card.ts';
import { findOpenId, forgetOpenId, openIdOf } from './people.ts';
import { callFeishu, forgetToken, renewToken } from './token.ts';

const sentReply = z.object({ message_id: z.string() });
const handleOf = z.object({ messageId: z.string().min(1) });

/**
 * feishu.app: one card or text to one person or chat from a Feishu or Lark app, redrawn as the incident moves on.
 *
 * Request  POST {baseUrl}/open-apis/im/v1/messages?receive_id_type=open_id|chat_id,
 *          JSON { receive_id, msg_type, content: a JSON string, uuid }; scope im:message.
 * Redraw   PATCH {baseUrl}/open-apis/im/v1/messages/{message_id}, JSON { content }, cards only, for 14 days.
 * Once     the same `uuid` shows at most one message within an hour.
 * Limit    card 30 KB; 1,000 a minute and 50 a second per app, 5 a second to one person, 5 a second to one chat.
 * Errors   HTTP status and body { code, msg }; `code` decides. x-ogw-ratelimit-reset in seconds.
 * Source   https://open.feishu.cn/document/server-docs/im-v1/message/create
 *          https://open.feishu.cn/document/server-docs/im-v1/message-card/patch
 */
export const feishuApp: MessageAdapter<FeishuAppAccount> = {
  id: 'feishu.app',
  form: 'message',
  callback: feishuCallback,

  async send(delivery, account, io) {
    const { receiveIdType, receiveId } = await receiverOf(delivery, account, io);
    const message = delivery.plain
      ? { msg_type: 'text', content: plainMessage(delivery) }
      : { msg_type: 'interactive', content: drawCard(delivery) };
    const data = await callFeishu(account, io, {
      method: 'POST',
      path: `/open-apis/im/v1/messages?receive_id_type=${receiveIdType}`,
      json: {
        receive_id: receiveId,
        msg_type: message.msg_type,
        content: JSON.stringify(message.content),
        uuid: uuidOf(delivery),
      },
    }).catch((error: unknown) => {
      const isGone = error instanceof DeliveryError && error.kind === 'rejected';
      if (isGone && 'person' in delivery.to) forgetOpenId(delivery.to.person, account);
      throw error;
    });
    const { success, data: sent } = sentReply.safeParse(data);
    // A text cannot be redrawn as a card.
    return success && !delivery.plain
      ? { outcome: 'accepted', handle: { messageId: sent.message_id } }
      : { outcome: 'accepted' };
  },

  async redraw(delivery, handle, account, io) {
    const { success, data } = handleOf.safeParse(handle);
    if (!success) throw new DeliveryError('rejected', 'feishu.app: the message id is missing; it cannot be redrawn');
    await callFeishu(account, io, {
      method: 'PATCH',
      path: `/open-apis/im/v1/messages/${encodeURIComponent(data.messageId)}`,
      json: { content: JSON.stringify(drawCard(delivery)) },
    });
  },

  async identify(person, account, io) {
    return findOpenId(person, account, io);
  },

  async check(account, io) {
    await renewToken(account, io);
  },

  async close(account) {
    forgetToken(account);
  },
};

async function receiverOf({ to }: Delivery, account: FeishuAppAccount, io: Io) {
  if ('chat' in to) return { receiveIdType: 'chat_id', receiveId: to.chat };
  return { receiveIdType: 'open_id', receiveId: await openIdOf(to.person, account, io) };
}

/** 43 characters of the 50 allowed. Another content needs another one. */
function uuidOf({ key, plain }: Delivery): string {
  return createHash('sha256')
    .update(plain ? `${key}/plain` : key)
    .digest('base64url');
}
