import {
  allHandlersFinished,
  condition,
  continueAsNew,
  log,
  patched,
  proxyActivities,
  setDefaultSignalHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Proving, SendCode, SendNotice } from '../activities/contract.ts';
import {
  askForCode,
  emptyBook,
  link,
  linkedTo,
  openCode,
  refuseLink,
  signIn,
  signOut,
  tellLater,
  tryCode,
  unlink,
  type CodeAsked,
  type CodeSent,
  type MemberBook,
  type Notice,
  type Proved,
} from '../domain/member/book.ts';
import { MEMBER } from '../domain/messages.ts';
import { listen } from './listen.ts';
import { resultOf } from './failure.ts';
import { reasonText } from '../domain/words/index.ts';

const SEND_TIMEOUT = '11s';
/** Nobody waits for a notice, so it outlasts a restart of the worker that sends it. */
const NOTICE_TIMEOUT = '10m';
/** Somebody sits before a page and waits. */
const PATIENCE = '15s';
/** A query may have to wait until the whole history was replayed, so histories are kept short. */
const LONG_HISTORY_LENGTH = 500;

const proving = proxyActivities<Proving>({ startToCloseTimeout: '5s', scheduleToCloseTimeout: '1m' });
const patient = proxyActivities<Proving>({ startToCloseTimeout: '5s', scheduleToCloseTimeout: NOTICE_TIMEOUT });

/**
 * What one member has proved: chat accounts that are theirs, addresses that reach them, browsers that are signed in. The
 * rules are in `domain/member/book.ts`. It never ends by itself; whoever forgets a member terminates it.
 */
export async function member(carried?: MemberBook): Promise<void> {
  const book = carried ?? emptyBook();
  const { workflowId, taskQueue } = workflowInfo();
  const id = workflowId.slice(`${taskQueue}.member-`.length);
  const proved = (): Proved => ({
    identities: book.identities,
    verified: book.verified,
    sessions: book.sessions ?? [],
  });

  /** Runs of earlier versions told nobody. */
  function note(notice: Notice): void {
    if (patched('member-is-told')) tellLater(book, notice);
  }

  /** The account's workflow learns the id too, so that a presser is found without asking every member. */
  async function enter(account: string, identity: string): Promise<void> {
    await proving.tellAccount({ account, signal: 'linked', argument: { identity, member: id } });
  }

  function noteLink(account: string, before: string | undefined): void {
    note({ kind: 'linked', account, ...(before !== undefined && { identity: before }) });
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

  /** By all that reaches the member, each as soon as one account has taken it. */
  async function tell(notice: Notice): Promise<void> {
    const { identities } = book;
    const at = Date.now();
    const ways = await patient.noticeRoutes({ member: id, notice, identities }).catch(() => []);
    await Promise.all(
      ways.map(async (routes) => {
        for (const { account, adapter, identity } of routes) {
          const activities = proxyActivities<Record<string, SendNotice>>({
            taskQueue: `${taskQueue}.${account}`,
            startToCloseTimeout: SEND_TIMEOUT,
            scheduleToCloseTimeout: NOTICE_TIMEOUT,
            retry: { maximumAttempts: 3 },
            priority: { priorityKey: 4 },
            summary: `what was ${notice.kind}, to ${id} by ${account}`,
          });
          try {
            const order = { account, member: id, notice, at, ...(identity !== undefined && { identity }) };
            await (activities[`${adapter}.notice`]?.(order) ?? Promise.reject(new TypeError(adapter)));
            return;
          } catch (error) {
            log.warn('a member was not told', { account, reason: resultOf(error, { account, adapter }).reason });
          }
        }
      }),
    );
  }

  listen(MEMBER, {
    signals: {
      disown({ account, identity }) {
        const before = unlink(book, account, identity);
        if (before !== undefined) note({ kind: 'unlinked', account, identity: before });
      },
      signOut({ session }) {
        signOut(book, session);
      },
    },
    queries: { proved },
    updates: {
      link: {
        refuse: (asked) => refuseLink(book, asked),
        async answer({ account, identity }) {
          const before = linkedTo(book, account);
          link(book, account, identity);
          if (before !== identity) noteLink(account, before);
          await enter(account, identity);
          return proved();
        },
      },
      unlink: {
        async answer({ account }) {
          const identity = unlink(book, account);
          if (identity !== undefined) {
            note({ kind: 'unlinked', account, identity });
            await proving.tellAccount({ account, signal: 'unlinked', argument: { identity, member: id } });
          }
          return proved();
        },
      },
      requestCode: { answer: send },
      tryCode: {
        async answer(tried) {
          const { purpose, account, identity } = tried;
          const before = account === undefined ? undefined : linkedTo(book, account);
          const verdict = tryCode(book, tried, Date.now());
          if (verdict === 'good' && purpose === 'link' && account !== undefined && identity !== undefined) {
            if (before !== identity) noteLink(account, before);
            await enter(account, identity);
          }
          return verdict;
        },
      },
      signIn: {
        answer(session) {
          signIn(book, session, Date.now());
          return proved();
        },
      },
    },
  });
  setDefaultSignalHandler(() => undefined);

  while (!isHistoryLong()) {
    const [notice] = book.untold ?? [];
    if (notice) {
      book.untold = (book.untold ?? []).slice(1);
      await tell(notice);
    } else {
      await condition(() => isHistoryLong() || (book.untold?.length ?? 0) > 0);
    }
  }
  await condition(allHandlersFinished);
  await continueAsNew<typeof member>(book);
}

function isHistoryLong(): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength > LONG_HISTORY_LENGTH;
}
