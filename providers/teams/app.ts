import { z } from 'zod';
import type { Handle } from '../../domain/delivery.ts';
import type { MessageAdapter } from '../kit/adapter.ts';
import type { Page } from '../kit/message.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import { readHandle } from '../kit/refusal.ts';
import type { TeamsAppAccount } from './account.ts';
import { rootOf } from './activity.ts';
import { teamsCallback } from './callback.ts';
import { plainText } from '../kit/card.ts';
import { drawCard, type Mentioned } from './card.ts';
import { checkTeams, setupTeams } from './console.ts';
import { conversationWith, forgetConversation } from './conversation.ts';
import { teamsPackage } from './package.ts';
import { callTeams, teamsTokens } from './token.ts';

const posted = z.object({ id: z.string().min(1) });
const threaded = z.object({ id: z.string().min(1), activityId: z.string().min(1) });
const handleOf = z.object({ conversation: z.string().min(1), activity: z.string().min(1) });

/**
 * teams.app: one Adaptive Card to one person, channel or group chat from a Teams bot, redrawn as the incident moves on.
 *
 * Request  POST {service}/v3/conversations/{id}/activities; the first message of a channel POST {service}/v3/conversations
 *          with the activity in it; replies in a channel go to `{channel};messageid={root}`.
 * Redraw   PUT {service}/v3/conversations/{id}/activities/{activity}.
 * Once     no: Teams has no idempotency key.
 * Limit    per conversation 7 in a second, 60 in 30 s, 1,800 an hour; 50 a second per tenant; card 100 KB, we stay below 25.
 * Errors   HTTP status and { error: { code } }; Retry-After may be missing.
 * Source   https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
 *          https://learn.microsoft.com/microsoftteams/platform/bots/how-to/update-and-delete-bot-messages
 */
export const teamsApp: MessageAdapter<TeamsAppAccount> = {
  id: 'teams.app',
  form: 'message',
  callback: teamsCallback,

  async send(delivery, account, io) {
    const { to, thread, plain } = delivery;
    const message = messageOf(delivery);
    let handle: Handle | undefined;
    if ('person' in to) {
      const conversation = await conversationWith(to.person, account, io);
      handle = await post(conversation, message, account, io).catch((error: unknown) => {
        const isGone = error instanceof DeliveryError && error.kind === 'rejected';
        if (isGone) forgetConversation(to.person, account);
        throw error;
      });
    } else if (thread) {
      handle = await reply(thread, message, account, io);
    } else {
      handle = isChannel(to.chat)
        ? await begin(to.chat, message, account, io)
        : await post(to.chat, message, account, io);
    }
    // A plain text cannot be redrawn as a card, so it has no handle.
    return handle && !plain ? { outcome: 'accepted', handle } : { outcome: 'accepted' };
  },

  async tell({ to, wording }, account, io) {
    const conversation = await conversationWith(to.person, account, io);
    await post(conversation, { type: 'message', text: plainText({ wording }), textFormat: 'plain' }, account, io);
  },

  async redraw(delivery, handle, account, io) {
    const data = readHandle('teams.app', handleOf, handle);
    const path = `${activitiesOf(data.conversation)}/${encodeURIComponent(data.activity)}`;
    await callTeams(account, io, { method: 'PUT', path, json: { ...messageOf(delivery), id: data.activity } });
  },

  async check(account, io) {
    await teamsTokens.renew(account, io);
  },

  setup: setupTeams,
  package: teamsPackage,
  checks: checkTeams,

  async close(account) {
    teamsTokens.forget(account);
  },
};

/** The card without `text`, which would make two messages of it and lose the id; `summary` is what the banner says. */
function messageOf(delivery: Page): Record<string, unknown> {
  const alert = { channelData: { notification: { alert: true } } };
  if (delivery.plain) return { type: 'message', text: plainText(delivery), textFormat: 'plain', ...alert };
  const content = drawCard(delivery, mentionedIn(delivery));
  return {
    type: 'message',
    summary: delivery.wording.subject,
    ...alert,
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  };
}

/** A bot cannot mention a whole channel; who is not linked is not mentioned. */
function mentionedIn({ to, mentions }: Page): Mentioned {
  if ('person' in to || mentions === 'all') return [];
  return mentions.flatMap(({ identity, name }) => (identity === undefined ? [] : [{ id: identity, name }]));
}

async function post(conversation: string, json: object, account: TeamsAppAccount, io: Io): Promise<Handle | undefined> {
  const { data } = posted.safeParse(
    await callTeams(account, io, { method: 'POST', path: activitiesOf(conversation), json }),
  );
  return data && { conversation, activity: data.id };
}

/** In a channel below its first message; group chats have no threads. */
async function reply(thread: Handle, json: object, account: TeamsAppAccount, io: Io): Promise<Handle | undefined> {
  const { success, data } = handleOf.safeParse(thread);
  if (!success) throw new DeliveryError('rejected', 'teams.app: the first message is unknown; there is no thread');
  const root = rootOf(data.conversation);
  const conversation = isChannel(root) ? `${root};messageid=${data.activity}` : root;
  return post(conversation, { ...json, replyToId: data.activity }, account, io);
}

/** A new thread of a channel. */
async function begin(channel: string, activity: object, account: TeamsAppAccount, io: Io): Promise<Handle | undefined> {
  const { appId, tenantId } = account;
  const answer = await callTeams(account, io, {
    method: 'POST',
    path: '/v3/conversations',
    json: {
      isGroup: true,
      bot: { id: `28:${appId}` },
      channelData: { channel: { id: channel }, tenant: { id: tenantId } },
      tenantId,
      activity,
    },
  });
  const { data } = threaded.safeParse(answer);
  return data && { conversation: data.id, activity: data.activityId };
}

/** Group chats end in `@thread.v2`, channels in `@thread.tacv2` or, old ones, `@thread.skype`. */
function isChannel(conversation: string): boolean {
  return /@thread\.(tacv2|skype)$/.test(conversation);
}

function activitiesOf(conversation: string): string {
  return `/v3/conversations/${encodeURIComponent(conversation)}/activities`;
}
