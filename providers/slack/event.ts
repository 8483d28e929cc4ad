import { z } from 'zod';
import type { Happening } from '../kit/adapter.ts';
import { unescape } from './card.ts';

const id = z.string().min(1);

/** One event of the Events API: https://docs.slack.dev/apis/events-api */
export const eventPush = z.object({
  type: z.literal('event_callback'),
  team_id: z.string().optional(),
  event_id: id,
  /** Whose bot hears it. */
  authorizations: z.array(z.object({ user_id: z.string() })).default([]),
  event: z.looseObject({ type: z.string() }),
});
export type EventPush = z.output<typeof eventPush>;

const said = z.object({
  user: id,
  text: z.string(),
  channel: id,
  ts: id,
  thread_ts: z.string().optional(),
  channel_type: z.string().optional(),
  subtype: z.never().optional(),
  bot_id: z.never().optional(),
});
const membership = z.object({ user: id, channel: id });
const bare = z.object({ channel: id });
const named = z.object({ channel: z.object({ id, name: z.string().optional() }) });

/** Somebody wrote to the bot: in its own chat, or with its name in a channel. Bots, edits and joins are not somebody. */
export function readSaid({ event }: EventPush): z.output<typeof said> | undefined {
  const { data } = said.safeParse(event);
  if (!data) return undefined;
  const isToBot = event.type === 'app_mention' || (event.type === 'message' && data.channel_type === 'im');
  return isToBot ? data : undefined;
}

export function readEvent(push: EventPush): Happening[] {
  const message = readSaid(push);
  if (message) {
    const text = unescape(withoutBot(message.text, push)).trim();
    const isGroup = message.channel_type !== 'im';
    const where = isGroup && { chat: message.channel };
    return [{ kind: 'message', identity: message.user, text, eventId: push.event_id, ...where }];
  }
  const { event } = push;
  switch (event.type) {
    case 'member_joined_channel':
    case 'member_left_channel': {
      const { data } = membership.safeParse(event);
      const isBot = data !== undefined && push.authorizations.some(({ user_id }) => user_id === data.user);
      const change = event.type === 'member_joined_channel' ? 'joined' : 'left';
      return isBot ? [{ kind: 'chat', chat: data.channel, change }] : [];
    }
    case 'channel_left':
    case 'group_left':
    case 'channel_archive':
    case 'group_archive':
    case 'channel_deleted':
    case 'group_deleted':
      return bareChat(event, 'left');
    case 'channel_unarchive':
    case 'group_unarchive':
      return bareChat(event, 'joined');
    case 'channel_created':
      return namedChat(event, 'joined');
    case 'channel_rename':
    case 'group_rename':
      return namedChat(event, 'renamed');
    default:
      // `app_uninstalled` and `tokens_revoked` too: no chat changed, and the next send says that the token is void.
      return [];
  }
}

function bareChat(event: unknown, change: 'joined' | 'left'): Happening[] {
  const { data } = bare.safeParse(event);
  return data ? [{ kind: 'chat', chat: data.channel, change }] : [];
}

function namedChat(event: unknown, change: 'joined' | 'renamed'): Happening[] {
  const { data } = named.safeParse(event);
  if (!data) return [];
  const { id: chat, name } = data.channel;
  return [{ kind: 'chat', chat, change, ...(name !== undefined && { name }) }];
}

/** The bot's own name wherever it stands; where Slack does not tell its id, the name at the beginning. */
function withoutBot(text: string, { authorizations }: EventPush): string {
  const bots = authorizations.map(({ user_id }) => `<@${user_id}>`);
  const bare = bots.reduce((left, bot) => left.replaceAll(bot, ' '), text);
  return bots.length > 0 ? bare : bare.replace(/^\s*<@[A-Z0-9]+(\|[^>]*)?>/, '');
}
