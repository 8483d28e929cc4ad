import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { MessageAdapter } from '../kit/adapter.ts';
import type { Page } from '../kit/message.ts';
import type { Io } from '../kit/io.ts';
import { readHandle } from '../kit/refusal.ts';
import type { FeishuAppAccount } from './account.ts';
import { feishuCallback } from './callback.ts';
import { drawCard, fullMessage, plainMessage } from './card.ts';
import { openIds } from './people.ts';
import { feishuChats, feishuChecks, feishuSetup } from './setup.ts';
import { feishuSignIn } from './sign-in.ts';
import { callFeishu, feishuTokens } from './token.ts';

const sentReply = z.object({ message_id: z.string() });
const handleOf = z.object({ messageId: z.string().min(1) });

/**
 * feishu.app: one card or text to one person or chat from a Feishu or Lark app, redrawn as the incident moves on.
 *
 * Request  POST {baseUrl}/open-apis/im/v1/messages?receive_id_type=open_id|chat_id,
 *          JSON { receive_id, msg_type, content: a JSON string, uuid }; scope im:message.
 * Redraw   PATCH {baseUrl}/open-apis/im/v1/messages/{message_id}, JSON { content }, cards only, for 14 days.
 * Thread   POST {baseUrl}/open-apis/im/v1/messages/{message_id}/reply, JSON { msg_type, content, reply_in_thread, uuid }.
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
  signIn: feishuSignIn,
  setup: feishuSetup,
  checks: feishuChecks,
  chats: feishuChats,

  async send(delivery, account, io) {
    const isText = delivery.plain || delivery.verbose;
    const message = await messageOf(delivery, account, io);
    const where = await addressOf(delivery, account, io);
    const data = await openIds.forgetIfRejected(delivery.to, account, () =>
      callFeishu(account, io, {
        method: 'POST',
        path: where.path,
        json: {
          ...where.json,
          msg_type: isText ? 'text' : 'interactive',
          content: JSON.stringify(message),
          uuid: uuidOf(delivery),
        },
      }),
    );
    const { success, data: sent } = sentReply.safeParse(data);
    // A text cannot be redrawn as a card.
    return success && (!isText || delivery.verbose)
      ? { outcome: 'accepted', handle: { messageId: sent.message_id } }
      : { outcome: 'accepted' };
  },

  async tell({ key, to, wording }, account, io) {
    await openIds.forgetIfRejected(to, account, async () => {
      const receive_id = await openIds.of(to.person, account, io);
      await callFeishu(account, io, {
        method: 'POST',
        path: '/open-apis/im/v1/messages?receive_id_type=open_id',
        json: {
          receive_id,
          msg_type: 'text',
          content: JSON.stringify(plainMessage({ wording })),
          uuid: uuidOf({ key, plain: true }),
        },
      });
    });
  },

  async redraw(delivery, handle, account, io) {
    // Texts are not drawn again; they have a handle for what is posted below them.
    if (delivery.verbose) return;
    const data = readHandle('feishu.app', handleOf, handle);
    await callFeishu(account, io, {
      method: 'PATCH',
      path: `/open-apis/im/v1/messages/${encodeURIComponent(data.messageId)}`,
      json: { content: JSON.stringify(drawCard(delivery)) },
    });
  },

  async identify(person, account, io) {
    return openIds.find(person, account, io);
  },

  async check(account, io) {
    await feishuTokens.renew(account, io);
  },

  async close(account) {
    feishuTokens.forget(account);
  },
};

/** In a thread as an answer to its first message, else to the chat or person. */
async function addressOf({ to, thread }: Page, account: FeishuAppAccount, io: Io) {
  const first = handleOf.safeParse(thread).data;
  if (first) {
    const path = `/open-apis/im/v1/messages/${encodeURIComponent(first.messageId)}/reply`;
    return { path, json: { reply_in_thread: true } };
  }
  const [type, receive_id] =
    'chat' in to ? (['chat_id', to.chat] as const) : (['open_id', await openIds.of(to.person, account, io)] as const);
  return { path: `/open-apis/im/v1/messages?receive_id_type=${type}`, json: { receive_id } };
}

async function messageOf(delivery: Page, account: FeishuAppAccount, io: Io) {
  if (delivery.plain) return plainMessage(delivery);
  const mentions = await mentionsOf(delivery, account, io);
  return delivery.verbose ? fullMessage({ ...delivery, mentions }) : drawCard({ ...delivery, mentions });
}

/** With the ids the platform knows them by; whoever it does not know stands by name. */
async function mentionsOf({ mentions }: Page, account: FeishuAppAccount, io: Io): Promise<Page['mentions']> {
  if (mentions === 'all') return mentions;
  return Promise.all(
    mentions.map(async (person) => {
      const identity = await openIds.find(person, account, io).catch(() => undefined);
      return identity === undefined ? person : { ...person, identity };
    }),
  );
}

/** 43 characters of the 50 allowed. Another content needs another one. */
function uuidOf({ key, plain }: Pick<Page, 'key' | 'plain'>): string {
  return createHash('sha256')
    .update(plain ? `${key}/plain` : key)
    .digest('base64url');
}
