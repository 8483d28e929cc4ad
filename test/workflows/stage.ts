import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { IncidentInput } from '../../domain/incident/incident.ts';
import type { IncidentView } from '../../domain/incident/view.ts';
import { openHouse, type House, type HouseOptions } from '../../sandbox/demo/house.ts';
import type { Responder, Sandbox } from '../../sandbox/index.ts';
import { freshPrefix, workflowBundle } from '../server.ts';
import { createTimeSkippingEnvironment } from '../time-skipping.ts';

/** How long something that needs no virtual time may really take, on a busy machine. */
const PATIENCE_MS = 30_000;

/**
 * The whole house (imitated providers, worker, gateway, client) on a server whose clock stands still until it is told
 * to go on. The providers live in real time: nobody's phone stops ringing because five minutes of policy passed.
 */
export interface Stage {
  house: House;
  sandbox: Sandbox;
  client: House['client'];
  environment: TestWorkflowEnvironment;
  primary: Responder;
  backup: Responder;
  supervisor: Responder;
  /** Opens {@link INCIDENT}, with changes, and waits until somebody was told, or for whatever else it should show. */
  open(changes: Partial<IncidentInput>, shows?: (view: IncidentView) => boolean): Promise<IncidentView>;
  /** Lets virtual time pass, together with everything that is due meanwhile. */
  pass(time: { hours?: number; minutes?: number; seconds?: number }): Promise<void>;
  /** Looks until the incident shows something, without letting virtual time pass. */
  until(shows: (view: IncidentView) => boolean, id?: string): Promise<IncidentView>;
  /** Starts `escalateIncident` as a foreign client would, with whatever arguments. */
  start(workflowId: string, args: unknown[]): Promise<WorkflowHandleWithFirstExecutionRunId>;
  close(): Promise<void>;
}

/** The incident that most tests are about. */
export const INCIDENT = { id: 'i1', title: 'db-7 is down', severity: 'Critical', channel: 'payments' } as const;

/** @param channels further channels for the demo's configuration, as YAML indented by two spaces. */
export async function openStage(channels = '', workers: Pick<HouseOptions, 'maxCachedWorkflows'> = {}): Promise<Stage> {
  const bundle = await workflowBundle();
  const environment = await createTimeSkippingEnvironment();
  const house = await openHouse({
    address: environment.address,
    prefix: freshPrefix(),
    channels,
    workflowBundle: bundle,
    // The vendors count in real time: six rounds in a second would be refused.
    sandbox: { limits: false },
    ...workers,
  }).catch(async (error: unknown) => {
    await environment.teardown();
    throw error;
  });
  const { sandbox, client, configuration } = house;

  const until: Stage['until'] = async (shows, id = INCIDENT.id) => {
    const giveUpAt = Date.now() + PATIENCE_MS;
    for (;;) {
      const view = await client.describe(id);
      if (shows(view)) return view;
      if (Date.now() > giveUpAt) {
        throw new Error(`waited in vain for ${shows.toString()}:\n${view.timeline.map(line).join('\n')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  };

  return {
    house,
    sandbox,
    client,
    environment,
    primary: sandbox.responder('primary'),
    backup: sandbox.responder('backup'),
    supervisor: sandbox.responder('supervisor'),
    async open(changes, shows = isQuiet) {
      await client.open({ ...INCIDENT, ...changes });
      return until(shows, changes.id);
    },
    pass: ({ hours = 0, minutes = 0, seconds = 0 }) =>
      environment.sleep(((hours * 60 + minutes) * 60 + seconds) * 1000),
    until,
    start: (workflowId, args) =>
      environment.client.workflow.start('escalateIncident', { workflowId, taskQueue: configuration.prefix, args }),
    async close() {
      await house.close();
      await environment.teardown();
    },
  };
}

/** Somebody was told, and nothing is being sent at this moment. */
export function isQuiet({ notifications }: IncidentView): boolean {
  return notifications.length > 0 && notifications.every(({ outcome }) => outcome !== 'pending');
}

/** When a record of that kind, whose text says so, was written; milliseconds after the incident opened. */
export function instants({ timeline }: IncidentView, kind: string, says: string | RegExp = ''): number[] {
  const [opened] = timeline;
  return timeline
    .filter(
      (record) =>
        record.kind === kind && (typeof says === 'string' ? record.text.includes(says) : says.test(record.text)),
    )
    .map(({ at }) => Date.parse(at) - Date.parse(opened?.at ?? ''));
}

/** One line of the timeline, for failures and for reading. */
export function line({ at, kind, text }: IncidentView['timeline'][number]): string {
  return `${at.slice(0, 19)} ${kind} ${text}`;
}
