import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { AccountBook, KnownChat } from '../domain/account/book.ts';
import type { Proved } from '../domain/member/book.ts';
import { ACCOUNT, MEMBER } from '../domain/messages.ts';
import { talk, type Talk } from './talk.ts';
import { accountWorkflowId, memberWorkflowId } from '../domain/workflow-ids.ts';

/** The longest anybody waits for what a member has proved; after that the last known answer counts. */
const PATIENCE_MS = 300;
/** How long a server or worker that has not answered is not asked again. */
const RESPITE_MS = 5000;
const MOST_KNOWN = 20_000;

const NOTHING: Proved = { identities: {}, verified: {} };

/** Reads what the workflows `member` and `account` keep, through what it has read before. Never throws. */
export class Proofs {
  readonly #source: { readonly current: { prefix: string } };
  readonly #answers = new Map<string, { value: unknown; at: number; triedAt: number }>();
  readonly #freshMs: number;

  /** @param freshMs how long an answer is taken for true without asking again. */
  constructor(source: { readonly current: { prefix: string } }, freshMs = 0) {
    this.#source = source;
    this.#freshMs = freshMs;
  }

  of(client: Client, member: string): Promise<Proved> {
    const workflowId = memberWorkflowId(this.#source.current.prefix, member);
    return this.#known(`${workflowId} proved`, NOTHING, () => short(client).ask(MEMBER, workflowId, 'proved'));
  }

  /** What was read about a member counts no longer, not even while nobody answers. */
  forget(member: string): void {
    this.#answers.delete(`${memberWorkflowId(this.#source.current.prefix, member)} proved`);
  }

  /** The member to whom this id is linked. */
  whoIs(client: Client, account: string, identity: string): Promise<string | undefined> {
    const workflowId = this.#accountId(account);
    return this.#known(`${workflowId} whoIs ${identity}`, undefined, async () => {
      // An answer of nothing arrives as null.
      return (await short(client).ask(ACCOUNT, workflowId, 'whoIs', identity)) ?? undefined;
    });
  }

  sends(client: Client, account: string): Promise<AccountBook['sends']> {
    const workflowId = this.#accountId(account);
    const none = { month: '', count: 0 };
    return this.#known(`${workflowId} sends`, none, () => short(client).ask(ACCOUNT, workflowId, 'sends'));
  }

  chats(client: Client, account: string): Promise<KnownChat[]> {
    const workflowId = this.#accountId(account);
    return this.#known(`${workflowId} chats`, [], () => short(client).ask(ACCOUNT, workflowId, 'chats'));
  }

  #accountId(account: string): string {
    return accountWorkflowId(this.#source.current.prefix, account);
  }

  /** What was answered lately, else what is answered now, else what was known last. */
  async #known<T>(key: string, otherwise: T, ask: () => Promise<T>): Promise<T> {
    const now = performance.now();
    const last = this.#answers.get(key);
    if (last && (now - last.at < this.#freshMs || now - last.triedAt < RESPITE_MS)) return last.value as T;
    let value: T;
    let failed = false;
    try {
      value = await ask();
    } catch (error) {
      failed = !(error instanceof WorkflowNotFoundError);
      value = failed ? ((last?.value as T | undefined) ?? otherwise) : otherwise;
    }
    this.#answers.delete(key);
    this.#answers.set(key, { value, at: failed ? -Infinity : now, triedAt: failed ? now : -Infinity });
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MOST_KNOWN && oldest !== undefined) this.#answers.delete(oldest);
    return value;
  }
}

function short(client: Client): Talk {
  return talk(client, { withinMs: PATIENCE_MS });
}
