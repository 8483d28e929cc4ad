import { z } from 'zod';
import type { Io } from '../kit/io.ts';
import type { SlackAppAccount } from './account.ts';
import { callSlack } from './call.ts';

const page = z.object({
  channels: z.array(z.object({ id: z.string().min(1), name: z.string().default('') })),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

const PAGE_SIZE = 200;
/** 10,000 channels: at 20 requests a minute no more could be asked for in good time. */
const MAX_PAGES = 50;

/**
 * Public channels, and private ones the app was added to.
 *
 * Request  conversations.list { types, exclude_archived, limit, cursor }, 20 a minute; scopes channels:read, groups:read.
 * Source   https://docs.slack.dev/reference/methods/conversations.list
 * @throws DeliveryError
 */
export async function listChats(account: SlackAppAccount, io: Io): Promise<{ chat: string; name: string }[]> {
  const chats: { chat: string; name: string }[] = [];
  let cursor: string | undefined;
  for (let asked = 0; asked < MAX_PAGES; asked += 1) {
    const reply = await callSlack(account, io, 'conversations.list', {
      types: 'public_channel,private_channel',
      exclude_archived: true,
      limit: PAGE_SIZE,
      cursor,
    });
    const { channels, response_metadata: rest } = page.parse(reply.body);
    chats.push(...channels.map(({ id, name }) => ({ chat: id, name })));
    cursor = rest?.next_cursor;
    if (!cursor) break;
  }
  return chats;
}
