import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Happening } from '../kit/adapter.ts';
import { readData } from './card.ts';

const id = z.string().min(1);
const named = z.object({ id, name: z.string().nullish() });

/** What a bot hears: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference#activity-object */
export const activity = z.object({
  type: z.string(),
  name: z.string().optional(),
  action: z.string().optional(),
  id: z.string().default(''),
  channelId: z.string(),
  serviceUrl: z.string(),
  from: z.object({ id: z.string(), aadObjectId: z.string().optional() }).optional(),
  recipient: z.object({ id: z.string() }).optional(),
  conversation: z.object({
    id,
    conversationType: z.string().optional(),
    tenantId: z.string().optional(),
    name: z.string().nullish(),
  }),
  text: z.string().nullish(),
  value: z.unknown().optional(),
  replyToId: z.string().optional(),
  entities: z.array(z.unknown()).nullish(),
  membersAdded: z.array(z.object({ id: z.string() })).default([]),
  membersRemoved: z.array(z.object({ id: z.string() })).default([]),
  channelData: z
    .object({
      tenant: z.object({ id: z.string() }).nullish(),
      team: named.nullish(),
      channel: named.nullish(),
      eventType: z.string().nullish(),
    })
    .nullish(),
});
export type Activity = z.output<typeof activity>;

const invoked = z.object({
  action: z.object({ data: z.unknown().optional() }),
  trigger: z.string().default('manual'),
});

export function isInvoke({ type }: Activity): boolean {
  return type === 'invoke';
}

export function tenantOf({ channelData, conversation }: Activity): string | undefined {
  return channelData?.tenant?.id ?? conversation.tenantId;
}

/** Presses, words to the bot, and where the bot came or went. */
export function readActivity(given: Activity): Happening[] {
  switch (given.type) {
    case 'invoke':
      return given.name === 'adaptiveCard/action' ? readInvoke(given) : [];
    case 'message':
      return given.value == null ? readMessage(given) : pressOf(given.value, given);
    case 'conversationUpdate':
      return readUpdate(given);
    case 'installationUpdate': {
      const change = given.action?.startsWith('remove') ? 'left' : 'joined';
      return isPersonal(given) ? [] : chat(placeOf(given), change);
    }
    default:
      return [];
  }
}

/** A client that refreshes a card by itself presses nothing. */
function readInvoke(given: Activity): Happening[] {
  const { data } = invoked.safeParse(given.value);
  return data?.trigger === 'manual' ? pressOf(data.action.data, given) : [];
}

function pressOf(value: unknown, given: Activity): Happening[] {
  const ours = readData(value);
  const identity = identityOf(given);
  if (!ours || identity === undefined) return [];
  return [{ kind: 'press', identity, eventId: eventIdOf(given), ...ours }];
}

function readMessage(given: Activity): Happening[] {
  const identity = identityOf(given);
  const text = wordsOf(given);
  if (identity === undefined || text === '') return [];
  const where = !isPersonal(given) && { chat: placeOf(given).id };
  return [{ kind: 'message', identity, text, eventId: eventIdOf(given), ...where }];
}

/** The Entra object id: the other one, 29:…, is another for every bot. */
function identityOf({ from }: Activity): string | undefined {
  return from?.aadObjectId ?? (from?.id || undefined);
}

/** Ids are unique within a conversation only. */
function eventIdOf({ conversation, id: own }: Activity): string {
  return own === '' ? '' : createHash('sha256').update(`${conversation.id}\n${own}`).digest('base64url');
}

const mention = z.object({
  type: z.literal('mention'),
  text: z.string().min(1),
  mentioned: z.object({ id: z.string() }),
});

/** Without the bot's own name, which stands there as its entity says, and without the few entities of HTML. */
function wordsOf({ text, entities, recipient }: Activity): string {
  const names = (entities ?? []).flatMap((entity) => {
    const { data } = mention.safeParse(entity);
    return data && data.mentioned.id === recipient?.id ? [data.text] : [];
  });
  return names
    .reduce((left, name) => left.replaceAll(name, ' '), text ?? '')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .trim();
}

function readUpdate(given: Activity): Happening[] {
  if (isPersonal(given)) return [];
  const { team, channel, eventType } = given.channelData ?? {};
  switch (eventType) {
    case 'channelCreated':
    case 'channelRestored':
      return chat(channel, 'joined');
    case 'channelRenamed':
      return chat(channel, 'renamed');
    case 'channelDeleted':
      return chat(channel, 'left');
    case 'teamRenamed':
      return chat(team, 'renamed');
    case 'teamDeleted':
    case 'teamHardDeleted':
    case 'teamArchived':
      return chat(team, 'left');
    case 'teamRestored':
    case 'teamUnarchived':
      return chat(team, 'joined');
    case undefined:
    case null:
    default:
      return membership(given);
  }
}

/** The bot itself came or went; people are none of ours. */
function membership({ recipient, membersAdded, membersRemoved, ...given }: Activity): Happening[] {
  const isBot = ({ id: member }: { id: string }): boolean => member === recipient?.id;
  if (membersAdded.some(isBot)) return chat(placeOf(given), 'joined');
  if (membersRemoved.some(isBot)) return chat(placeOf(given), 'left');
  return [];
}

type Place = z.output<typeof named> | null | undefined;

function chat(place: Place, change: 'joined' | 'renamed' | 'left'): Happening[] {
  if (!place) return [];
  return [{ kind: 'chat', chat: place.id, change, ...(place.name && { name: place.name }) }];
}

/** The channel; a team stands for its General channel, whose id it has; else the group chat. */
function placeOf({ channelData, conversation }: Pick<Activity, 'channelData' | 'conversation'>): NonNullable<Place> {
  return channelData?.channel ?? channelData?.team ?? { id: rootOf(conversation.id), name: conversation.name };
}

function isPersonal({ conversation }: Activity): boolean {
  return conversation.conversationType === 'personal';
}

/** The conversation without the thread in it. */
export function rootOf(conversation: string): string {
  return conversation.split(';')[0] ?? conversation;
}
