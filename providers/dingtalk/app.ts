import { z } from 'zod';
import type { MessageAdapter, Sent } from '../kit/adapter.ts';
import type { Page, Person } from '../kit/message.ts';
import { oneLine } from '../kit/card.ts';
import { beforeSending } from '../kit/before-sending.ts';
import { cutTo } from '../kit/cut.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import { readHandle } from '../kit/refusal.ts';
import { baseUrlOf, robotCodeOf, type DingtalkAppAccount } from './account.ts';
import { cardSecretOf, outTrackIdOf, routeKeyOf } from './derived.ts';
import { dingtalkCallback } from './callback.ts';
import { drawParams, mentionParams, noteParams } from './card.ts';
import { userIds } from './people.ts';
import { isTokenRefused } from './reply.ts';
import { linkMessage, plainMessage, sendByRobot } from './robot.ts';
import { chats, checks, setup } from './setup.ts';
import { signIn } from './sign-in.ts';
import { callDingtalk, dingtalkTokens } from './token.ts';

const handleOf = z.object({ outTrackId: z.string().min(1) });
const deliveredReply = z.object({
  result: z.object({ deliverResults: z.array(z.object({ success: z.boolean() })).default([]) }),
});

const MOST_MENTIONED = 30;
/** Both, or what an update does not name becomes empty. */
const BY_KEY = { updateCardDataByKey: true, updatePrivateDataByKey: true } as const;

/**
 * dingtalk.app: one interactive card to one person or group from an internal app, redrawn as the incident moves on.
 * Without a card template: a message with a link.
 *
 * Request  POST https://api.dingtalk.com/v1.0/card/instances/createAndDeliver, JSON { cardTemplateId, outTrackId,
 *          callbackType, callbackRouteKey, cardData, openSpaceId, … }; permission Card.Instance.Write.
 * Redraw   PUT /v1.0/card/instances, JSON { outTrackId, cardData, privateData, cardUpdateOptions }.
 * Once     an `outTrackId` makes one card. UNCONFIRMED: whether the second request is answered as the first or with
 *          `param.cardAlreadyExist`; both count as delivered.
 * Limit    1 KB a variable; 20 requests a second and API of an app (standard edition), 10,000 a month of an organisation.
 * Errors   HTTP status and { code, message }; `code` decides. A place may fail inside a success: `deliverResults`.
 * Source   https://open.dingtalk.com/document/development/create-and-deliver-cards
 */
export const dingtalkApp: MessageAdapter<DingtalkAppAccount> = {
  id: 'dingtalk.app',
  form: 'message',
  callback: dingtalkCallback,
  signIn,
  setup,
  checks,
  chats,

  async send(delivery, account, io) {
    return userIds.forgetIfRejected(delivery.to, account, () => deliver(delivery, account, io));
  },

  async tell({ to, wording }, account, io) {
    await userIds.forgetIfRejected(to, account, async () => {
      await sendByRobot({ userId: await userIds.of(to.person, account, io) }, plainMessage({ wording }), account, io);
    });
  },

  async redraw(delivery, handle, account, io) {
    const data = readHandle('dingtalk.app', handleOf, handle);
    const reader = 'person' in delivery.to ? await knownUserId(delivery.to.person, account, io) : undefined;
    await callDingtalk(account, io, {
      method: 'PUT',
      path: '/v1.0/card/instances',
      json: {
        outTrackId: data.outTrackId,
        cardData: { cardParamMap: drawParams(delivery) },
        // The answer to an earlier press is told by the card itself now.
        ...(reader !== undefined && { privateData: { [reader]: { cardParamMap: noteParams('') } } }),
        userIdType: 1,
        cardUpdateOptions: BY_KEY,
      },
    });
  },

  async identify(person, account, io) {
    return userIds.find(person, account, io);
  },

  async check(account, io) {
    await dingtalkTokens.renew(account, io);
  },

  async close(account) {
    dingtalkTokens.forget(account);
  },
};

async function deliver(delivery: Page, account: DingtalkAppAccount, io: Io): Promise<Sent> {
  const to = 'chat' in delivery.to ? delivery.to : { userId: await userIds.of(delivery.to.person, account, io) };
  const { cardTemplateId } = account;
  if (delivery.plain) {
    await sendByRobot(to, plainMessage(delivery), account, io);
    return { outcome: 'accepted' };
  }
  const callbackUrl = delivery.verbose ? undefined : await pressable(delivery, account, io);
  if (cardTemplateId === undefined || callbackUrl === undefined) {
    await sendByRobot(to, linkMessage(delivery), account, io);
    return { outcome: 'accepted' };
  }
  const mentioned = 'chat' in to ? await mentionedOf(delivery.mentions, account, io) : [];
  const outTrackId = outTrackIdOf(delivery.key, account);
  const create = (people: typeof mentioned) =>
    createCard({ delivery, callbackUrl, cardTemplateId, outTrackId, to, people }, account, io);
  await create(mentioned).catch((error: unknown) => {
    // One who left the organisation must not keep the card from everybody else; nothing was shown yet.
    const isMention = error instanceof DeliveryError && error.providerCode === 'param.userIdNotExist';
    if (!isMention || mentioned.length === 0) throw error;
    return create([]);
  });
  return { outcome: 'accepted', handle: { outTrackId } };
}

interface Card {
  delivery: Page;
  callbackUrl: string;
  cardTemplateId: string;
  outTrackId: string;
  to: { userId: string } | { chat: string };
  people: { userId: string; name: string }[];
}

async function createCard(
  { delivery, callbackUrl, cardTemplateId, outTrackId, to, people }: Card,
  account: DingtalkAppAccount,
  io: Io,
): Promise<void> {
  const robotCode = robotCodeOf(account);
  const line = cutTo(oneLine(delivery.wording.subject), 200);
  const space = {
    supportForward: false,
    lastMessageI18n: { ZH_CN: line, EN_US: line },
    notification: { alertContent: line, notificationOff: false },
  };
  const place =
    'chat' in to
      ? {
          openSpaceId: `dtv1.card//IM_GROUP.${to.chat}`,
          imGroupOpenSpaceModel: space,
          imGroupOpenDeliverModel: {
            robotCode,
            ...atUserIds(delivery.mentions, people),
          },
        }
      : {
          openSpaceId: `dtv1.card//IM_ROBOT.${to.userId}`,
          imRobotOpenSpaceModel: space,
          imRobotOpenDeliverModel: { spaceType: 'IM_ROBOT', robotCode },
        };
  const answer = await callDingtalk(account, io, {
    path: '/v1.0/card/instances/createAndDeliver',
    json: {
      cardTemplateId,
      outTrackId,
      callbackType: 'HTTP',
      callbackRouteKey: routeKeyOf(callbackUrl),
      cardData: { cardParamMap: { ...drawParams(delivery), ...mentionParams(people) } },
      ...(people.length > 0 && { cardAtUserIds: people.map(({ userId }) => userId) }),
      userIdType: 1,
      ...place,
    },
  }).catch((error: unknown) => {
    if (error instanceof DeliveryError && error.providerCode === 'param.cardAlreadyExist') return undefined;
    throw error;
  });
  const { data } = deliveredReply.safeParse(answer);
  if (data?.result.deliverResults.some(({ success }) => !success)) {
    throw new DeliveryError(
      'rejected',
      'dingtalk.app: the card was not delivered; check robotCode and the visible range',
      {
        providerCode: 'deliverResults',
      },
    );
  }
}

function atUserIds(mentions: Page['mentions'], people: Card['people']): { atUserIds?: Record<string, string> } {
  if (mentions === 'all') return { atUserIds: { '@ALL': '@ALL' } };
  if (people.length === 0) return {};
  return { atUserIds: Object.fromEntries(people.map(({ userId, name }) => [userId, name])) };
}

/** Those the organisation knows: nobody else's absence keeps a card back. */
async function mentionedOf(mentions: Page['mentions'], account: DingtalkAppAccount, io: Io): Promise<Card['people']> {
  if (mentions === 'all') return [];
  const found = await Promise.all(
    mentions.slice(0, MOST_MENTIONED).map(async (person) => {
      const userId = await knownUserId(person, account, io);
      return userId === undefined ? [] : [{ userId, name: person.name }];
    }),
  );
  return found.flat();
}

async function knownUserId(person: Person, account: DingtalkAppAccount, io: Io): Promise<string | undefined> {
  return userIds.find(person, account, io).catch(() => undefined);
}

/** Addresses this process has registered. */
const registered = new Set<string>();

/**
 * Where presses go, once DingTalk has been told: once per process and address, nothing to be pasted into a console.
 * `undefined` where there is no such address, or the app may not have one: its buttons would be dead.
 *
 * Request  POST /v1.0/card/callbacks/register, JSON { callbackRouteKey, callbackUrl, apiSecret, forceUpdate }.
 * Source   https://open.dingtalk.com/document/development/register-card-callback-address
 * @throws DeliveryError when it cannot be told now.
 */
async function pressable({ callbackUrl }: Page, account: DingtalkAppAccount, io: Io): Promise<string | undefined> {
  if (callbackUrl === undefined || account.cardTemplateId === undefined) return undefined;
  const apiSecret = cardSecretOf(account);
  const key = [baseUrlOf(account, 'api'), account.clientId, apiSecret, callbackUrl].join(' ');
  if (registered.has(key)) return callbackUrl;
  try {
    await callDingtalk(account, io, {
      path: '/v1.0/card/callbacks/register',
      json: { callbackRouteKey: routeKeyOf(callbackUrl), callbackUrl, apiSecret, forceUpdate: true },
    });
  } catch (error) {
    const isForbidden = error instanceof DeliveryError && ['refused', 'unauthorized'].includes(error.kind);
    if (isForbidden && !isTokenRefused(error)) return undefined;
    throw beforeSending('dingtalk.app', error, 'registering the address for presses');
  }
  registered.add(key);
  return callbackUrl;
}
