import type { Client } from '@temporalio/client';
import type { AccountBook, KnownChat } from '../domain/account/book.ts';
import type { Proved } from '../domain/member/book.ts';
import { accountWorkflowId, memberWorkflowId } from '../domain/workflow-ids.ts';

/** Nobody waits longer than this for what was proved; then what was known last counts. */
const PATIENCE_MS = 300;
/** A server or worker that has not answered is left alone for this long. */
const RESPITE_MS = 5000;
const MOST_KNOWN = 20_000;

const NOTHING: Proved = { identities: {}, verified: {} };

/** Reads what the workflows `member` and `account` keep, through what it has read before. Never throws. */
export class Proofs {
  private readonly source: { readonly current: { prefix: string } };
  private readonly known = new Map<string, { value: unknown; at: number; triedAt: number }>();
  private readonly freshMs: number;

  /** @param freshMs how long an answer is taken for true without asking again. */
  constructor(source: { readonly current: { prefix: string } }, freshMs = 0) {
    this.source = source;
    this.freshMs = freshMs;
  }

  of(client: Client, member: string): Promise<Proved> {
    return this.ask(client, memberWorkflowId(this.source.current.prefix, member), 'proved', [], NOTHING);
  }

  /** The member to whom this id is linked. */
  whoIs(client: Client, account: string, identity: string): Promise<string | undefined> {
    return this.ask(client, this.accountId(account), 'whoIs', [identity], undefined);
  }

  sends(client: Client, account: string): Promise<AccountBook['sends']> {
    return this.ask(client, this.accountId(account), 'sends', [], { month: '', count: 0 });
  }

  chats(client: Client, account: string): Promise<KnownChat[]> {
    return this.ask(client, this.accountId(account), 'chats', [], []);
  }

  private accountId(account: string): string {
    return accountWorkflowId(this.source.current.prefix, account);
  }

  private async ask<T>(client: Client, workflowId: string, query: string, args: string[], otherwise: T): Promise<T> {
    const key = JSON.stringify([workflowId, query, ...args]);
    const now = performance.now();
    const last = this.known.get(key);
    if (last && (now - last.at < this.freshMs || now - last.triedAt < RESPITE_MS)) return last.value as T;
    let value: T;
    let failed = false;
    try {
      const answer = await client.withDeadline(Date.now() + PATIENCE_MS, () =>
        client.workflow.getHandle(workflowId).query<T | null>(query, ...(args as [])),
      );
      value = answer ?? otherwise;
    } catch (error) {
      const isUnknown = error instanceof Error && error.name === 'WorkflowNotFoundError';
      failed = !isUnknown;
      value = isUnknown ? otherwise : ((last?.value as T | undefined) ?? otherwise);
    }
    this.known.delete(key);
    this.known.set(key, { value, at: failed ? -Infinity : now, triedAt: failed ? now : -Infinity });
    const [oldest] = this.known.keys();
    if (this.known.size > MOST_KNOWN && oldest !== undefined) this.known.delete(oldest);
    return value;
  }
}
