import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Face } from '../../domain/incident/face.ts';
import type { MessageAdapter, Sent } from '../kit/adapter.ts';
import type { Page } from '../kit/message.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import { readHandle } from '../kit/refusal.ts';
import type { WecomAppAccount } from './account.ts';
import { wecomCallback } from './callback.ts';
import { drawCard } from './card.ts';
import { fullMessage, linkCard, plainMessage, type Message } from './message.ts';
import { userIds } from './people.ts';
import { sendToMember, updateCard } from './send.ts';
import { checks, setup } from './setup.ts';
import { signIn } from './sign-in.ts';
import { callWecom, wecomTokens } from './token.ts';

const handleOf = z.object({ responseCode: z.string().min(1) });

/**
 * wecom.app: one interactive card to one person from a self-built app; to a chat of the app a card with a link, because
 * chats take no other.
 *
 * Request  POST /cgi-bin/message/send, JSON { touser, msgtype, agentid, template_card, enable_duplicate_check: 0 };
 *          POST /cgi-bin/appchat/send, JSON { chatid, msgtype, textcard }.
 * Redraw   POST /cgi-bin/message/update_template_card with the `response_code` of the send: **once**, within 72 hours.
 *          It is kept for the first of acknowledged and closed; other redraws are done without a request. From then on
 *          the card has a button Refresh, and every press brings the code for one more update.
 * Limit    30 a minute and 1,000 an hour to one member: **more is dropped, and the answer says ok**.
 * Errors   HTTP 200 and `errcode`; a member may be refused inside a success: `invaliduser`, `unlicenseduser`.
 * Source   https://developer.work.weixin.qq.com/document/path/90236, …/94888, …/90248
 */
export const wecomApp: MessageAdapter<WecomAppAccount> = {
  id: 'wecom.app',
  form: 'message',
  callback: wecomCallback,
  signIn,
  setup,
  checks,

  async send(delivery, account, io) {
    if ('chat' in delivery.to) return sendToChat(delivery, delivery.to.chat, account, io);
    const { person } = delivery.to;
    return userIds.forgetIfRejected(delivery.to, account, async () => {
      const userId = await userIds.of(person, account, io);
      const responseCode = await sendToMember(userId, messageFor(delivery), account, io);
      return { outcome: 'accepted', ...(responseCode !== undefined && { handle: { responseCode } }) };
    });
  },

  async tell({ to, wording }, account, io) {
    await userIds.forgetIfRejected(to, account, async () => {
      await sendToMember(await userIds.of(to.person, account, io), plainMessage({ wording }), account, io);
    });
  },

  async redraw(delivery, handle, account, io) {
    const data = readHandle('wecom.app', handleOf, handle);
    const { responseCode } = data;
    if (!isWorthIt(delivery.face) || spent.has(responseCode)) return;
    const { revision, progress } = delivery.face;
    const taskId = taskIdOf(`${delivery.key}/${String(revision)}/${progress}`);
    const card = drawCard(delivery, { taskId, locale: delivery.locale, refresh: true });
    try {
      await updateCard({ responseCode, card, to: 'all' }, account, io);
    } catch (error) {
      if (!(error instanceof DeliveryError) || error.kind !== 'refused') throw error;
      spend(responseCode);
      // UNCONFIRMED: which code says so.
      throw new DeliveryError(
        'rejected',
        `wecom.app: the card can no longer be changed: its one update is used up, or it is older than 72 hours (${error.providerCode ?? ''})`,
        error.providerCode === undefined ? {} : { providerCode: error.providerCode },
      );
    }
    spend(responseCode);
  },

  async identify(person, account, io) {
    return userIds.find(person, account, io);
  },

  async check(account, io) {
    await wecomTokens.renew(account, io);
  },

  async close(account) {
    wecomTokens.forget(account);
  },
};

function messageFor(delivery: Page): Message {
  // Without `pageUrl` the gateway has no public address, so presses on buttons could not reach it.
  if (delivery.plain || delivery.pageUrl === undefined) return plainMessage(delivery);
  const card = drawCard(delivery, { taskId: taskIdOf(delivery.key), locale: delivery.locale, refresh: false });
  return { msgtype: 'template_card', template_card: card };
}

async function sendToChat(delivery: Page, chatid: string, account: WecomAppAccount, io: Io): Promise<Sent> {
  const { plain, verbose, pageUrl } = delivery;
  const message =
    plain || pageUrl === undefined
      ? plainMessage(delivery)
      : verbose
        ? fullMessage(delivery)
        : linkCard(delivery, pageUrl);
  await callWecom(account, io, { path: 'appchat/send', json: { chatid, ...message } });
  return { outcome: 'accepted' };
}

/**
 * Whether to spend the only update of a card now: when somebody has acknowledged or closed, so that nobody else goes on
 * working on it.
 */
function isWorthIt({ progress, snoozedUntil }: Face): boolean {
  return progress === 'Closed' || (progress === 'Processing' && snoozedUntil === undefined);
}

/** Codes this process has used: asking again would only be refused. */
const spent = new Set<string>();
const MAX_KEPT = 10_000;

function spend(responseCode: string): void {
  if (spent.size >= MAX_KEPT) spent.clear();
  spent.add(responseCode);
}

/** 43 characters of the alphabet allowed; another card needs another one. */
function taskIdOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}
