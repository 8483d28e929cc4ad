import { Context } from '@temporalio/activity';
import type { Account, Configuration } from '../config/configuration.ts';
import { Proofs } from '../client/proofs.ts';
import { startOf } from '../client/long-lived.ts';
import { talk } from '../client/talk.ts';
import { ACCOUNT } from '../domain/messages.ts';
import { accountWorkflowId } from '../domain/workflow-ids.ts';
import { mayUseQuota, quotaMonth } from '../domain/account/book.ts';
import type { Face } from '../domain/incident/face.ts';
import { DeliveryError } from '../providers/kit/delivery-error.ts';

const REPORT_EVERY = 50;
const REPORT_AFTER_MS = 15_000;
const FRESH_MS = 30_000;

/** What one account may still send this month, where the vendor counts. The count outlives the process in batches. */
export class Quota {
  readonly #account: Account;
  readonly #source: { readonly current: Configuration };
  readonly #proofs: Proofs;
  /** Sent and not yet reported, by month. */
  #unreported = { month: '', count: 0 };
  #reportedAt = 0;

  constructor(account: Account, source: { readonly current: Configuration }) {
    this.#account = account;
    this.#source = source;
    this.#proofs = new Proofs(source, FRESH_MS);
  }

  /**
   * Counts one request.
   * @returns false for a redraw that is not worth one.
   * @throws DeliveryError `exhausted` for what must wait for the next month.
   */
  async take({ incident, progress }: Face, now: number, redraw: boolean): Promise<boolean> {
    const quota = this.#source.current.accounts.get(this.#account.name)?.monthlyQuota;
    if (quota === undefined) return true;
    const { client } = Context.current();
    const month = quotaMonth(now);
    const told = await this.#proofs.sends(client, this.#account.name);
    const mine = this.#unreported.month === month ? this.#unreported.count : 0;
    const used = (told.month === month ? told.count : 0) + mine;
    const what = { critical: incident.severity === 'Critical', redraw, isOver: progress !== 'Triggered' };
    if (!mayUseQuota({ quota, used }, what)) {
      if (redraw) return false;
      throw new DeliveryError('exhausted', { key: 'quota-kept' });
    }
    this.#unreported = { month, count: mine + 1 };
    await this.#report(now);
    return true;
  }

  /** Reports the count now and then; a count that could not be reported is added to the next report. */
  async #report(now: number): Promise<void> {
    const account = this.#account;
    const unreported = this.#unreported;
    if (unreported.count < REPORT_EVERY && now - this.#reportedAt < REPORT_AFTER_MS) return;
    this.#reportedAt = now;
    this.#unreported = { ...unreported, count: 0 };
    const { prefix } = this.#source.current;
    try {
      const { client } = Context.current();
      const workflowId = accountWorkflowId(prefix, account.name);
      await talk(client).tell(ACCOUNT, workflowId, 'sent', unreported, startOf.account(prefix, account.name));
    } catch {
      this.#unreported = { ...this.#unreported, count: this.#unreported.count + unreported.count };
    }
  }
}
