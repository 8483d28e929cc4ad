import {
  allHandlersFinished,
  condition,
  continueAsNew,
  setDefaultSignalHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  countSends,
  emptyAccount,
  enterIdentity,
  noteChat,
  ownerOf,
  removeIdentity,
  type AccountBook,
} from '../domain/account/book.ts';
import { ACCOUNT, MEMBER } from '../domain/messages.ts';
import { memberWorkflowId } from '../domain/workflow-ids.ts';
import { listen, tell } from './listen.ts';

/** A query may have to wait until the whole history was replayed, so histories are kept short. */
const LONG_HISTORY_LENGTH = 500;

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
      await tell(MEMBER, memberWorkflowId(taskQueue, member), 'disown', { account: name, identity });
    } catch {
      // The workflow of the earlier owner has ended, so it has nothing to forget.
    } finally {
      telling -= 1;
    }
  }

  listen(ACCOUNT, {
    signals: {
      linked({ identity, member }) {
        const before = enterIdentity(book, identity, member);
        if (before !== undefined) void disown(before, identity);
      },
      unlinked({ identity, member }) {
        removeIdentity(book, identity, member);
      },
      chat(change) {
        noteChat(book, change, Date.now());
      },
      sent(sends) {
        countSends(book, sends);
      },
    },
    queries: {
      whoIs: (identity) => ownerOf(book, identity),
      chats: () => book.chats,
      sends: () => book.sends,
    },
    updates: {},
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
