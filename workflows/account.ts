import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  getExternalWorkflowHandle,
  setDefaultSignalHandler,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  countSends,
  emptyAccount,
  enterIdentity,
  noteChat,
  ownerOf,
  readChatChange,
  readEntry,
  readSends,
  removeIdentity,
  type AccountBook,
  type KnownChat,
} from '../domain/account/book.ts';
import { disownSignal } from './member.ts';

/** Whoever asks may have to wait until all of it was replayed. */
const LONG_HISTORY_LENGTH = 500;

export const whoIsQuery = defineQuery<string | undefined, [string]>('whoIs');
export const chatsQuery = defineQuery<KnownChat[]>('chats');
export const sendsQuery = defineQuery<AccountBook['sends']>('sends');
export const linkedSignal = defineSignal<[unknown]>('linked');
export const unlinkedSignal = defineSignal<[unknown]>('unlinked');
export const chatSignal = defineSignal<[unknown]>('chat');
export const sentSignal = defineSignal<[unknown]>('sent');

/**
 * What is known about one account: whose platform ids are whose, the groups it is in, what it has sent this month. The
 * rules are in `domain/account/book.ts`. It never ends by itself.
 */
export async function account(carried?: AccountBook): Promise<void> {
  const book = carried ?? emptyAccount();
  const { workflowId, taskQueue } = workflowInfo();
  const name = workflowId.slice(`${taskQueue}.account-`.length);
  let telling = 0;

  /** One id is one person's. */
  async function disown(member: string, identity: string): Promise<void> {
    telling += 1;
    try {
      await getExternalWorkflowHandle(`${taskQueue}.member-${member}`).signal(disownSignal, {
        account: name,
        identity,
      });
    } catch {
      // Whoever had it is remembered no more.
    } finally {
      telling -= 1;
    }
  }

  setHandler(whoIsQuery, (identity) => ownerOf(book, identity));
  setHandler(chatsQuery, () => book.chats);
  setHandler(sendsQuery, () => book.sends);
  setHandler(linkedSignal, (raw) => {
    const entry = readEntry(raw);
    const before = entry && enterIdentity(book, entry.identity, entry.member);
    if (entry && before !== undefined) void disown(before, entry.identity);
  });
  setHandler(unlinkedSignal, (raw) => {
    const entry = readEntry(raw);
    if (entry) removeIdentity(book, entry.identity, entry.member);
  });
  setHandler(chatSignal, (raw) => {
    const change = readChatChange(raw);
    if (change) noteChat(book, change, Date.now());
  });
  setHandler(sentSignal, (raw) => {
    const sends = readSends(raw);
    if (sends) countSends(book, sends);
  });
  setDefaultSignalHandler(() => undefined);

  await condition(() => isHistoryLong() && telling === 0);
  await condition(allHandlersFinished);
  await continueAsNew<typeof account>(book);
}

function isHistoryLong(): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength > LONG_HISTORY_LENGTH;
}
