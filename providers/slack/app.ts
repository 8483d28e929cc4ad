import { z } from 'zod';
import type { MessageAdapter } from '../kit/adapter.ts';
import type { Page } from '../kit/message.ts';
import type { Io } from '../kit/io.ts';
import { readHandle } from '../kit/refusal.ts';
import type { SlackAppAccount } from './account.ts';
import { callSlack } from './call.ts';
import { slackCallback } from './callback.ts';
import { drawMessage, plainMessage, type Mentioned } from './card.ts';
import { listChats } from './chats.ts';
import { checkSlack, setupSlack, slackManifest } from './console.ts';
import { userIds } from './people.ts';
import { slackSignIn } from './sign-in.ts';

const sentReply = z.object({ channel: z.string(), ts: z.string() });
const handleOf = z.object({ channel: z.string().min(1), ts: z.string().min(1) });

/**
 * slack.app: one message with buttons to one person or channel from a Slack app, redrawn as the incident moves on.
 *
 * Request  POST {baseUrl}/api/chat.postMessage { channel: U… or C…, text, blocks, attachments, thread_ts }; scope
 *          chat:write, for public channels without an invitation chat:write.public.
 * Redraw   chat.update { channel: as answered (D… for a person), ts, text, blocks, attachments }, 50 a minute.
 * Once     no: Slack has no idempotency key.
 * Limit    one message a second to one channel, short bursts allowed; several hundred a minute in the workspace.
 * Errors   HTTP 200 with { ok: false, error }; 429 with Retry-After in seconds.
 * Source   https://docs.slack.dev/reference/methods/chat.postMessage
 *          https://docs.slack.dev/reference/methods/chat.update
 */
export const slackApp: MessageAdapter<SlackAppAccount> = {
  id: 'slack.app',
  form: 'message',
  callback: slackCallback,

  async send(delivery, account, io) {
    const { to, thread, plain } = delivery;
    const channel = 'chat' in to ? to.chat : await userIds.of(to.person, account, io);
    const mentioned = await mentionedIn(delivery, account, io);
    const message = plain ? { ...plainMessage(delivery, mentioned), mrkdwn: false } : drawMessage(delivery, mentioned);
    const { body } = await userIds.forgetIfRejected(to, account, () =>
      callSlack(account, io, 'chat.postMessage', {
        channel,
        ...message,
        thread_ts: thread?.['ts'],
        unfurl_links: false,
        unfurl_media: false,
      }),
    );
    const { success, data } = sentReply.safeParse(body);
    // A message whose card was refused has no handle, because drawing it again would be refused too.
    return success && !plain
      ? { outcome: 'accepted', handle: { channel: data.channel, ts: data.ts } }
      : { outcome: 'accepted' };
  },

  async tell({ to, wording }, account, io) {
    const channel = await userIds.of(to.person, account, io);
    await userIds.forgetIfRejected(to, account, () =>
      callSlack(account, io, 'chat.postMessage', { channel, ...plainMessage({ wording }, []), mrkdwn: false }),
    );
  },

  async redraw(delivery, handle, account, io) {
    const data = readHandle('slack.app', handleOf, handle);
    const message = drawMessage(delivery, await mentionedIn(delivery, account, io));
    await callSlack(account, io, 'chat.update', { channel: data.channel, ts: data.ts, ...message });
  },

  async identify(person, account, io) {
    return userIds.find(person, account, io);
  },

  async check(account, io) {
    await callSlack(account, io, 'auth.test');
  },

  signIn: slackSignIn,
  setup: setupSlack,
  manifest: slackManifest,
  checks: checkSlack,
  chats: listChats,
};

/** Whom to mention. A person who cannot be looked up is left out, so that the page still goes at once. */
async function mentionedIn({ to, mentions }: Page, account: SlackAppAccount, io: Io): Promise<Mentioned> {
  if ('person' in to) return [];
  if (mentions === 'all') return mentions;
  const found = mentions.map((person) => userIds.find(person, account, io).catch(() => undefined));
  return (await Promise.all(found)).flatMap((userId) => userId ?? []);
}
