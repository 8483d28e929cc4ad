// Follows the incident that the phone wall shows.

import { EventEmitter } from 'node:events';
import type { IncidentView } from '../../domain/incident/view.ts';
import type { House } from './house.ts';
import { INCIDENT } from '../../domain/messages.ts';
import { incidentIdOf } from '../../domain/workflow-ids.ts';

/** An incident as the wall shows it. */
export interface Watched {
  workflowId: string;
  runId: string;
  title: string;
  startedAt: number;
  isOver: boolean;
  /** Absent until the first answer, and while no worker answers. */
  view?: IncidentView;
}

const EVERY_MS = 1000;
/** A change of the world is felt in the workflow this much later. */
const SOON_MS = 150;
const SHOWN = 20;

/** The newest incidents of this house, whoever opened them, asked again every second and after every change. */
export class IncidentWatch extends EventEmitter<{ change: [] }> {
  readonly #house: Pick<House, 'temporal' | 'client' | 'configuration'>;
  #incidents: Watched[] = [];
  #ticking: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #isStale = false;

  constructor(house: Pick<House, 'temporal' | 'client' | 'configuration'>) {
    super();
    this.#house = house;
  }

  /** Newest first. */
  get incidents(): readonly Watched[] {
    return this.#incidents;
  }

  start(): void {
    this.#ticking ??= setInterval(() => {
      this.look();
    }, EVERY_MS);
    this.look();
  }

  /** Something happened that an incident may feel. */
  stir(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.look();
    }, SOON_MS);
  }

  /** Known before the server lists it. */
  add(workflowId: string, runId: string, title: string): void {
    if (this.#incidents.some((known) => known.workflowId === workflowId)) return;
    this.#incidents = [{ workflowId, runId, title, startedAt: Date.now(), isOver: false }, ...this.#incidents];
    this.look();
  }

  look(): void {
    if (this.#looking) {
      this.#isStale = true;
      return;
    }
    // A server or worker that is away for a moment is asked again at the next tick.
    this.#looking = this.#refresh()
      .catch(() => undefined)
      .finally(() => {
        this.#looking = undefined;
        if (!this.#isStale) return;
        this.#isStale = false;
        this.stir();
      });
  }

  async close(): Promise<void> {
    clearInterval(this.#ticking);
    clearTimeout(this.#soon);
    this.#isStale = false;
    await this.#looking;
    clearTimeout(this.#soon);
  }

  async #refresh(): Promise<void> {
    const { temporal, configuration } = this.#house;
    const query = `WorkflowType = '${INCIDENT.type}' AND TaskQueue = '${configuration.prefix}'`;
    const listed = new Map(this.#incidents.map((known) => [known.workflowId, known]));
    const ended = new Set<string>();
    let count = 0;
    for await (const { workflowId, runId, startTime, status } of temporal.workflow.list({ query, pageSize: SHOWN })) {
      if ((count += 1) > SHOWN) break;
      if (status.name !== 'RUNNING') ended.add(runId);
      const known = listed.get(workflowId);
      if (known?.runId === runId) continue;
      const title = known?.title ?? incidentIdOf(workflowId);
      listed.set(workflowId, { workflowId, runId, title, startedAt: startTime.getTime(), isOver: false });
    }
    this.#incidents = [...listed.values()].sort((a, b) => b.startedAt - a.startedAt).slice(0, SHOWN);
    await Promise.all(
      this.#incidents.filter(({ isOver }) => !isOver).map((each) => this.#ask(each, ended.has(each.runId))),
    );
    this.emit('change');
  }

  /** `hasEnded`: the server said so before the question, so that the answer is the last one. */
  async #ask(incident: Watched, hasEnded: boolean): Promise<void> {
    try {
      const view = await this.#house.client.describe(incidentIdOf(incident.workflowId));
      incident.view = view;
      incident.title = view.incident.title;
      incident.isOver = hasEnded;
    } catch {
      // Asked again at the next tick.
    }
  }
}
