import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Person } from '../kit/message.ts';
import { beforeSending } from '../kit/before-sending.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import { placesOf, type TeamsAppAccount } from './account.ts';
import { callTeams } from './token.ts';

const created = z.object({ id: z.string().min(1) });

const KNOWN_MS = 24 * 60 * 60_000;
const MAX_KEPT = 10_000;

/** By bot and person, for the whole process. */
const conversations = new Map<string, { id: string; until: number }>();

/**
 * The chat between the bot and a person, who has the app or is in a team that has it. The same pair has the same chat.
 *
 * Request  POST {service}/v3/conversations { bot, members: [{ id: Entra object id }], tenantId, … }.
 * Source   https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
 * @throws DeliveryError `unreachable` when nothing says who they are in Teams.
 */
export async function conversationWith(person: Person, account: TeamsAppAccount, io: Io): Promise<string> {
  const { identity } = person;
  if (identity === undefined) {
    throw new DeliveryError(
      'unreachable',
      `teams.app: app not linked: nothing says who ${person.member} is in Teams; ` +
        'let them write linkUser with their code to the app, or add their Entra object id to identities',
    );
  }
  const key = keyOf(identity, account);
  const kept = conversations.get(key);
  if (kept && kept.until > io.now()) return kept.id;
  const id = await open(identity, account, io);
  if (conversations.size >= MAX_KEPT) conversations.clear();
  conversations.set(key, { id, until: io.now() + KNOWN_MS });
  return id;
}

/** The chat is no longer there: open it anew next time. */
export function forgetConversation({ identity }: Person, account: TeamsAppAccount): void {
  if (identity !== undefined) conversations.delete(keyOf(identity, account));
}

async function open(identity: string, account: TeamsAppAccount, io: Io): Promise<string> {
  try {
    const answer = await callTeams(account, io, {
      method: 'POST',
      path: '/v3/conversations',
      json: {
        bot: { id: `28:${account.appId}` },
        members: [{ id: identity }],
        channelData: { tenant: { id: account.tenantId } },
        tenantId: account.tenantId,
        isGroup: false,
      },
    });
    return created.parse(answer).id;
  } catch (error) {
    // What is refused here is the person, not the text.
    if (error instanceof DeliveryError && error.kind === 'refused') {
      throw new DeliveryError('rejected', 'teams.app: nobody in the tenant has this id; check identities', {
        ...(error.providerCode !== undefined && { providerCode: error.providerCode }),
      });
    }
    throw beforeSending('teams.app', error, 'opening the chat');
  }
}

function keyOf(identity: string, account: TeamsAppAccount): string {
  const { service } = placesOf(account);
  return createHash('sha256')
    .update(JSON.stringify([service, account.appId, account.tenantId, identity]))
    .digest('base64');
}
