import { randomUUID } from 'node:crypto';
import {
  Client,
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ActionName, Actions, By } from '../domain/incident/action.ts';
import { staticSummary } from '../domain/incident/details.ts';
import { repairIncident, titleOf, type Incident, type IncidentInput } from '../domain/incident/incident.ts';
import { incidentWords } from '../domain/words/index.ts';
import { incidentNumber } from '../domain/incident/number.ts';
import { isOfAnother } from '../domain/incident/occurrence.ts';
import type { IncidentView, LostRun, RecordView } from '../domain/incident/view.ts';
import { incidentWorkflowId } from '../domain/workflow-ids.ts';
import { INCIDENT, type EscalateIncident, type EscalateInput } from '../domain/messages.ts';
import { lostRun, viewOf } from './occurrences.ts';
import { startListed } from './listed-start.ts';
import { talk, type Talk } from './talk.ts';

const FAILED_PRECONDITION = 9;
const DROPPED_UPDATE_RETRIES = 5;
/** Doubles each time. */
const DROPPED_UPDATE_PAUSE_MS = 100;
/** Between two of its questions an incident may be closed, and opened by somebody else. */
const OPEN_ROUNDS = 3;

export interface EscalationClientOptions {
  client: Client;
  /** The pack's task queue. Default `escalations`. */
  taskQueue?: string;
}

export interface Opened {
  /**
   * `started`: people are being told. `revised`: it was open already, the texts and a higher severity were applied.
   * `already-closed`: nothing was done; give each occurrence an id of its own.
   */
  result: 'started' | 'revised' | 'already-closed';
  workflowId: string;
  /** Which occurrence of the incident it is, and the six characters that people say for it; `open` says so of `started`. */
  occurrence?: string;
  number?: string;
  /** Of `started`: the run before this one ended without closing the incident, which is therefore told anew. */
  lost?: LostRun;
}

/** One of the occurrences of an incident's id. */
export type Which = Pick<By, 'occurrence'>;

/** An action was refused; the message says why, for people. */
export class RefusedError extends Error {
  override name = 'RefusedError';
}

/**
 * Opens incidents and acts on them. Every method takes the incident's own id.
 *
 * @example
 * ```ts
 * import { Client, Connection } from '@temporalio/client';
 * import { EscalationClient } from 'temporal-escalations/client';
 *
 * const escalations = new EscalationClient({ client: new Client({ connection: await Connection.connect() }) });
 * await escalations.open({ id: '42', title: 'db-7 is down', severity: 'Critical', channel: 'payments' });
 * await escalations.acknowledge('42', { by: { member: 'primary' } });
 * const { closedBy } = await escalations.result('42');
 * console.log(`closed by ${closedBy?.member ?? 'nobody'}`);
 * ```
 */
export class EscalationClient {
  readonly #client: Client;
  readonly #taskQueue: string;
  readonly #talk: Talk;

  constructor({ client, taskQueue = 'escalations' }: EscalationClientOptions) {
    this.#client = client;
    this.#taskQueue = taskQueue;
    this.#talk = talk(client);
  }

  /**
   * Durable when it returns: the page goes out as soon as a worker is up. Safe to call again. An earlier run that was
   * terminated, timed out or failed has not handled the incident: it is opened anew, and `lost` says so.
   * @param options.rule `channel/name`, or a rule written out; without it the first that matches.
   * @param options.beforeRevising asked when the id is taken, before that incident is touched: what it throws is thrown.
   * @throws RangeError for a missing incident or an unusable id, before anything starts.
   */
  async open(
    incident: IncidentInput,
    options: { rule?: unknown; beforeRevising?: (workflowId: string) => Promise<void> } = {},
  ): Promise<Opened> {
    const repaired = repairIncident(incident);
    if (typeof repaired === 'string') throw new RangeError(repaired);
    const { id, severity, title, description, labels } = repaired.incident;
    const workflowId = incidentWorkflowId(id);
    const { rule } = options;
    const input = { incident, ...(rule !== undefined && { rule }) };
    let lost: LostRun | undefined;
    for (let round = 0; round < OPEN_ROUNDS; round += 1) {
      // Exactly one run for an id, open or closed: who comes second is told so.
      const reuse = lost ? 'ALLOW_DUPLICATE_FAILED_ONLY' : 'REJECT_DUPLICATE';
      const started = await this.#start(repaired.incident, reuse, input);
      if (started) return { ...started, ...(lost && { lost }) };
      await options.beforeRevising?.(workflowId);
      try {
        const by = { name: repaired.incident.source ?? 'the incident service' };
        const written = given(incident, { title, severity, description, labels });
        await this.signal(id, 'revise', { by, onlyRaise: true, ...written });
        return { result: 'revised', workflowId };
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
      const run = await this.#latestRun(id);
      if (run?.status.name === 'COMPLETED') return { result: 'already-closed', workflowId };
      lost = run && lostRun(run);
    }
    throw new Error(`${workflowId} is being opened and closed by others at this moment: open it again`);
  }

  /**
   * A closed incident is open again: a new run that carries number, timeline and responders, and tells the first level.
   * Waits for a run that is closed and still redraws its cards; needs no worker once that has ended. Of several at once
   * exactly one starts a run; the others, like one that comes while it is open, answer `revised`.
   * @throws WorkflowNotFoundError when there was no such incident; RefusedError when a later occurrence has followed it.
   */
  async reopen(id: string, { by, via, reason, occurrence }: By & { reason?: string }): Promise<Opened> {
    const workflowId = incidentWorkflowId(id);
    const { runId, status } = await this.#handle(id).describe();
    // This run and no other: the one after it may be what another reopen has just started.
    const run = this.#client.workflow.getHandle<EscalateIncident>(workflowId, runId);
    // The server keeps the result of a run that has completed; any other is asked.
    let view =
      status.name === 'COMPLETED'
        ? await run.result()
        : await this.#talk.ask(INCIDENT, { workflowId, runId }, 'describe');
    if (isOfAnother(view, { occurrence })) {
      throw new RefusedError(`only the latest occurrence can be opened again, which is number ${view.number}`);
    }
    const kept = { number: view.number, ...(view.occurrence !== undefined && { occurrence: view.occurrence }) };
    if (status.name === 'RUNNING') {
      if (view.progress !== 'Closed') return { result: 'revised', workflowId, ...kept };
      // Until its end it learns what became of messages under way at the close.
      view = await run.result();
    }
    const { incident, rule, timeline, responders } = view;
    const reopened = {
      by: by ?? { name: 'somebody' },
      timeline,
      responders: responders.map(({ member }) => member),
      lastId: lastNotification(view),
      ...kept,
      ...(via !== undefined && { via }),
      ...(reason !== undefined && { reason }),
    };
    const started = await this.#start(incident, 'ALLOW_DUPLICATE', {
      incident: { ...incident },
      reopened,
      // By its name, as it is configured now; a rule that was written out is matched anew.
      ...(rule?.includes('/') && { rule }),
    });
    return { ...(started ?? { result: 'revised', workflowId }), ...kept };
  }

  escalate(id: string, argument: Actions['escalate']): Promise<IncidentView> {
    return this.act(id, 'escalate', argument);
  }

  reassign(id: string, argument: Actions['reassign']): Promise<IncidentView> {
    return this.act(id, 'reassign', argument);
  }

  addResponders(id: string, argument: Actions['addResponders']): Promise<IncidentView> {
    return this.act(id, 'addResponders', argument);
  }

  /** @throws RefusedError, with the reason. */
  acknowledge(id: string, argument: Actions['acknowledge']): Promise<IncidentView> {
    return this.act(id, 'acknowledge', argument);
  }

  unacknowledge(id: string, argument: Actions['unacknowledge']): Promise<IncidentView> {
    return this.act(id, 'unacknowledge', argument);
  }

  snooze(id: string, argument: Actions['snooze']): Promise<IncidentView> {
    return this.act(id, 'snooze', argument);
  }

  wake(id: string, argument: Actions['wake']): Promise<IncidentView> {
    return this.act(id, 'wake', argument);
  }

  close(id: string, argument: Actions['close']): Promise<IncidentView> {
    return this.act(id, 'close', argument);
  }

  comment(id: string, argument: Actions['comment']): Promise<IncidentView> {
    return this.act(id, 'comment', argument);
  }

  revise(id: string, argument: Actions['revise']): Promise<IncidentView> {
    return this.act(id, 'revise', argument);
  }

  /** Any action, answered with the new view. Needs a worker that is up. @throws RefusedError, with the reason. */
  async act<N extends ActionName>(id: string, name: N, argument: Actions[N]): Promise<IncidentView> {
    try {
      return await this.#update(id, name, argument);
    } catch (error) {
      if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) {
        throw new RefusedError(error.cause.message);
      }
      if (error instanceof WorkflowNotFoundError) throw new RefusedError(await this.#whyNot(id));
      throw error;
    }
  }

  /** Any action, durable when it returns also while no worker is up, without an answer. @throws WorkflowNotFoundError */
  async signal<N extends ActionName>(id: string, name: N, argument: Actions[N]): Promise<void> {
    await this.#talk.tell(INCIDENT, incidentWorkflowId(id), name, argument);
  }

  /**
   * @param which an occurrence of it, as its view names it; default: the one that is open, or was last.
   * @throws WorkflowNotFoundError
   */
  describe(id: string, which: Which = {}): Promise<IncidentView> {
    return viewOf(this.#client, { workflowId: incidentWorkflowId(id), ...which });
  }

  /**
   * What ended the latest run of an incident that nobody had closed; undefined when it is open, or was closed. Its view
   * still says what would have come next, but nothing will.
   * @throws WorkflowNotFoundError
   */
  async lost(id: string): Promise<LostRun | undefined> {
    return lostRun(await this.#handle(id).describe());
  }

  /**
   * Every new timeline record with the view it appeared in, until the incident is closed or its run is lost; asks every
   * `everyMs`.
   */
  async *watch(
    id: string,
    everyMs = 1000,
    which: Which = {},
  ): AsyncGenerator<{ view: IncidentView; records: RecordView[] }> {
    const told = new Set<string>();
    for (;;) {
      const lost = await this.lost(id);
      const view = await this.describe(id, which);
      const records = view.timeline.filter((record) => !told.has(JSON.stringify(record)));
      for (const record of records) told.add(JSON.stringify(record));
      if (records.length > 0) yield { view, records };
      if (view.progress === 'Closed' || lost) return;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  /** The view at the close. */
  async result(id: string): Promise<IncidentView> {
    return this.#handle(id).result();
  }

  /** Once, however often it is asked: the update id is the same. */
  async #update<N extends ActionName>(id: string, name: N, argument: Actions[N]): Promise<IncidentView> {
    const updateId = randomUUID();
    for (let retries = 0; ; retries += 1) {
      try {
        return await this.#talk.request(INCIDENT, incidentWorkflowId(id), name, argument, { updateId });
      } catch (error) {
        if (retries === DROPPED_UPDATE_RETRIES || !isDroppedUpdate(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, DROPPED_UPDATE_PAUSE_MS * 2 ** retries));
      }
    }
  }

  /** @returns undefined when there is one already. */
  async #start(
    incident: Incident,
    reuse: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE' | 'ALLOW_DUPLICATE_FAILED_ONLY',
    input: EscalateInput,
  ): Promise<Opened | undefined> {
    const workflowId = incidentWorkflowId(incident.id);
    try {
      const { firstExecutionRunId: occurrence } = await startListed(
        this.#client,
        { severity: incident.severity, state: 'paging' },
        (typedSearchAttributes) =>
          this.#client.workflow.start<EscalateIncident>(INCIDENT.type, {
            workflowId,
            taskQueue: this.#taskQueue,
            args: [input],
            workflowIdConflictPolicy: 'FAIL',
            workflowIdReusePolicy: reuse,
            staticSummary: staticSummary(incident),
            memo: { title: titleOf(incident) },
            ...(typedSearchAttributes && { typedSearchAttributes }),
          }),
      );
      return { result: 'started', workflowId, occurrence, number: incidentNumber({ workflowId, occurrence }) };
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
      throw error;
    }
  }

  /** Undefined where the server keeps none, or no longer. */
  async #latestRun(id: string): Promise<WorkflowExecutionDescription | undefined> {
    try {
      return await this.#handle(id).describe();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  async #whyNot(id: string): Promise<string> {
    try {
      const lost = await this.lost(id);
      if (lost) return incidentWords('en').state.lost(lost.how, lost.at);
      const { closedBy, closedAt } = await this.describe(id);
      return closedAt === undefined
        ? 'already closed'
        : `already closed by ${closedBy?.member ?? closedBy?.name ?? 'somebody'} at ${closedAt}`;
    } catch {
      return `no incident is called ${id}`;
    }
  }

  #handle(id: string): WorkflowHandle<EscalateIncident> {
    return this.#client.workflow.getHandle<EscalateIncident>(incidentWorkflowId(id));
  }
}

/**
 * A signal arrived while the update was closing the incident: the server has the workflow task done again, and answers
 * the update with FAILED_PRECONDITION instead of trying it again. https://github.com/temporalio/temporal/pull/7296
 */
function isDroppedUpdate(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && (cause.code as number) === FAILED_PRECONDITION;
}

/** Also of earlier runs, which only the timeline remembers. */
function lastNotification({ notifications, timeline }: IncidentView): number {
  const ids = [...notifications.map(({ id }) => id), ...timeline.flatMap(({ notification = [] }) => notification)];
  return Math.max(0, ...ids.map((id) => Number(id.slice(1))));
}

/** Only what the caller wrote: a repaired default must not overwrite what is known. */
function given<T extends object>(incident: IncidentInput, texts: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(texts).filter(([key]) => incident[key as keyof IncidentInput] !== undefined),
  ) as Partial<T>;
}
