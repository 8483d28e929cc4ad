import type { Client } from '@temporalio/client';
import { earlierView, lostRun } from '../client/occurrences.ts';
import { NoAnswerError, talk } from '../client/talk.ts';
import { INCIDENT } from '../domain/messages.ts';
import { isOfAnother, type IncidentRef } from '../domain/incident/occurrence.ts';
import type { IncidentView, LostRun } from '../domain/incident/view.ts';
import { within } from '../client/within.ts';

/** A look that takes longer is given up for all who wait for it. */
const LONGEST_MS = 3000;

/** How an incident stands. */
export interface Look {
  view: IncidentView;
  /** The occurrence that was meant is over, and this one has followed it. */
  newer?: IncidentView;
}

/**
 * Asks incidents how they stand, each one question at a time: whoever asks while a question is on its way waits for the
 * next one together with all others who do, so that each answer is newer than what its asker has just signalled. Asked
 * all at once, a workflow answers one of them and the server makes the others wait for seconds.
 */
export class Looks {
  readonly #client: Client;
  readonly #asked = new Map<string, Promise<IncidentView>>();
  readonly #next = new Map<string, Promise<IncidentView>>();

  constructor(client: Client) {
    this.#client = client;
  }

  /**
   * What the incident looks like now, every signal before it included; closed ones too, as long as they are kept.
   * @throws NoAnswerError when no worker or server answers in time; WorkflowNotFoundError when there is none, or the
   * occurrence is not kept any more.
   */
  async at(ref: IncidentRef, budgetMs: number): Promise<Look> {
    const endsAt = performance.now() + budgetMs;
    const view = await within(this.#share(ref.workflowId), budgetMs, undefined);
    if (!view) throw new NoAnswerError(budgetMs);
    if (!isOfAnother(view, ref)) return { view };
    const left = Math.max(endsAt - performance.now(), 1);
    const earlier = await within(earlierView(this.#client, ref, left), left, undefined);
    if (!earlier) throw new NoAnswerError(budgetMs);
    return { view: earlier, newer: view };
  }

  /**
   * What ended the run of an incident that nobody has closed: of such a one nothing comes any more. Undefined where it
   * goes on, was closed, or where nobody can say.
   */
  async lost({ workflowId, progress }: IncidentView, budgetMs: number): Promise<LostRun | undefined> {
    if (progress === 'Closed') return undefined;
    try {
      const { workflow } = this.#client;
      const describe = () => workflow.getHandle(workflowId).describe();
      return lostRun(await this.#client.withDeadline(Date.now() + budgetMs, describe));
    } catch {
      return undefined;
    }
  }

  #share(workflowId: string): Promise<IncidentView> {
    const asked = this.#asked.get(workflowId);
    if (!asked) return this.#ask(workflowId);
    const waiting = this.#next.get(workflowId);
    if (waiting) return waiting;
    const ask = (): Promise<IncidentView> => {
      this.#next.delete(workflowId);
      return this.#ask(workflowId);
    };
    const next = asked.then(ask, ask);
    this.#next.set(workflowId, next);
    return next;
  }

  #ask(workflowId: string): Promise<IncidentView> {
    const answer = talk(this.#client, { withinMs: LONGEST_MS })
      .ask(INCIDENT, workflowId, 'describe')
      .finally(() => this.#asked.delete(workflowId));
    // Whoever gave up waiting does not hear of a failure.
    answer.catch(() => undefined);
    this.#asked.set(workflowId, answer);
    return answer;
  }
}
