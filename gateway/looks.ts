import type { Client } from '@temporalio/client';
import { NoAnswerError, talk } from '../client/talk.ts';
import { INCIDENT } from '../domain/messages.ts';
import type { IncidentView } from '../domain/incident/view.ts';
import { within } from '../client/within.ts';

/** A look that takes longer is given up for all who wait for it. */
const LONGEST_MS = 3000;

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
   * @throws NoAnswerError when no worker or server answers in time; WorkflowNotFoundError when there is none.
   */
  async at(workflowId: string, budgetMs: number): Promise<IncidentView> {
    const view = await within(this.#share(workflowId), budgetMs, undefined);
    if (!view) throw new NoAnswerError(budgetMs);
    return view;
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
