import {
  allHandlersFinished,
  condition,
  continueAsNew,
  log,
  proxyActivities,
  setDefaultSignalHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Proving, SendCode } from '../activities/contract.ts';
import {
  askForCode,
  emptyBook,
  link,
  openCode,
  tryCode,
  unlink,
  type CodeAsked,
  type CodeSent,
  type MemberBook,
  type Proved,
} from '../domain/member/book.ts';
import { MEMBER } from '../domain/messages.ts';
import { listen } from './listen.ts';
import { resultOf } from './failure.ts';
import { reasonText } from '../domain/words/index.ts';

const SEND_TIMEOUT = '11s';
/** Somebody sits before a page and waits. */
const PATIENCE = '15s';
/** A query may have to wait until the whole history was replayed, so histories are kept short. */
const LONG_HISTORY_LENGTH = 500;

const proving = proxyActivities<Proving>({ startToCloseTimeout: '5s', scheduleToCloseTimeout: '1m' });

/**
 * What one member has proved: chat accounts that are theirs, addresses that reach them. The rules are in
 * `domain/member/book.ts`. It never ends by itself; whoever forgets a member terminates it.
 */
export async function member(carried?: MemberBook): Promise<void> {
  const book = carried ?? emptyBook();
  const { workflowId, taskQueue } = workflowInfo();
  const id = workflowId.slice(`${taskQueue}.member-`.length);
  const proved = (): Proved => ({ identities: book.identities, verified: book.verified });

  /** The account's workflow learns the id too, so that a presser is found without asking every member. */
  async function enter(account: string, identity: string): Promise<void> {
    await proving.tellAccount({ account, signal: 'linked', argument: { identity, member: id } });
  }

  async function send({ purpose, medium, account, identity }: CodeAsked): Promise<CodeSent> {
    const refused = askForCode(book, Date.now());
    if (refused !== undefined) return { refused };
    const { routes, reason } = await proving.codeRoutes({ member: id, ...(medium && { medium }) });
    let failed = reason;
    for (const route of routes) {
      const activities = proxyActivities<Record<string, SendCode>>({
        taskQueue: `${taskQueue}.${route.account}`,
        startToCloseTimeout: SEND_TIMEOUT,
        scheduleToStartTimeout: PATIENCE,
        // A second code would make the first one wrong.
        retry: { maximumAttempts: 1 },
        priority: { priorityKey: 2 },
        summary: `a code to ${id} by ${route.account}`,
      });
      try {
        const order = { account: route.account, member: id, purpose, ...(account !== undefined && { links: account }) };
        const sent = await (activities[`${route.adapter}.code`]?.(order) ??
          Promise.reject(new TypeError(route.adapter)));
        const about = { ...(account !== undefined && { account }), ...(identity !== undefined && { identity }) };
        openCode(book, { purpose, ...sent, ...about }, Date.now());
        return { sent: route.medium };
      } catch (error) {
        failed = resultOf(error, route).reason ?? failed;
        log.warn('a code could not be sent', { account: route.account, reason: failed });
      }
    }
    return { refused: failed === undefined ? 'there is no way to send a code' : reasonText(failed, { locale: 'en' }) };
  }

  listen(MEMBER, {
    signals: {
      disown({ account, identity }) {
        unlink(book, account, identity);
      },
    },
    queries: { proved },
    updates: {
      link: {
        async answer({ account, identity }) {
          link(book, account, identity);
          await enter(account, identity);
          return proved();
        },
      },
      unlink: {
        async answer({ account }) {
          const identity = unlink(book, account);
          if (identity !== undefined) {
            await proving.tellAccount({ account, signal: 'unlinked', argument: { identity, member: id } });
          }
          return proved();
        },
      },
      requestCode: { answer: send },
      tryCode: {
        async answer(tried) {
          const verdict = tryCode(book, tried, Date.now());
          const { account, identity } = tried;
          if (verdict === 'good' && account !== undefined && identity !== undefined) await enter(account, identity);
          return verdict;
        },
      },
    },
  });
  setDefaultSignalHandler(() => undefined);

  await condition(isHistoryLong);
  await condition(allHandlersFinished);
  await continueAsNew<typeof member>(book);
}

function isHistoryLong(): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength > LONG_HISTORY_LENGTH;
}
