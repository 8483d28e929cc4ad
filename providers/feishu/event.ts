import { z } from 'zod';
import type { Happening } from '../kit/adapter.ts';

const written = z.object({
  sender: z.object({ sender_type: z.string(), sender_id: z.object({ open_id: z.string().min(1) }) }),
  message: z.object({
    message_id: z.string().min(1),
    chat_id: z.string(),
    chat_type: z.string(),
    message_type: z.string(),
    content: z.string(),
  }),
});
const textContent = z.object({ text: z.string() });
const chatEvent = z.object({
  chat_id: z.string().min(1),
  name: z.string().optional(),
  after_change: z.object({ name: z.string().optional() }).optional(),
});

const CHAT_CHANGES = new Map<string, 'joined' | 'renamed' | 'left'>([
  ['im.chat.disbanded_v1', 'left'],
  ['im.chat.member.bot.deleted_v1', 'left'],
  ['im.chat.member.bot.added_v1', 'joined'],
  ['im.chat.updated_v1', 'renamed'],
]);

/** The message that a person wrote to the bot, if it is one. */
export function readMessage(
  event: unknown,
): { id: string; happening: Extract<Happening, { kind: 'message' }> } | undefined {
  const { data } = written.safeParse(event);
  if (data?.sender.sender_type !== 'user' || data.message.message_type !== 'text') return undefined;
  const { message_id, chat_id, chat_type, content } = data.message;
  const { data: inside } = textContent.safeParse(parsed(content));
  if (!inside) return undefined;
  return {
    id: message_id,
    happening: {
      kind: 'message',
      identity: data.sender.sender_id.open_id,
      text: inside.text,
      // The same message may come in two events.
      eventId: message_id,
      ...(chat_type === 'group' && { chat: chat_id }),
    },
  };
}

/**
 * Reads events of the app: messages to the bot and changes of its groups. All other events are ignored.
 *
 * Source  https://open.feishu.cn/document/server-docs/im-v1/message/events/receive
 *         https://open.feishu.cn/document/server-docs/group/chat/events/disbanded
 */
export function readEvent(type: string, event: unknown): Happening[] {
  if (type === 'im.message.receive_v1') {
    const message = readMessage(event);
    return message ? [message.happening] : [];
  }
  const change = CHAT_CHANGES.get(type);
  const { data } = chatEvent.safeParse(event);
  if (change === undefined || !data) return [];
  const name = data.after_change?.name ?? data.name;
  // The group was changed and kept its name, which is all that we keep of it.
  if (change === 'renamed' && !name) return [];
  return [{ kind: 'chat', chat: data.chat_id, change, ...(name && { name }) }];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
