import { proxyActivities, sleep } from '@temporalio/workflow';
import type { IncidentView } from '../../domain/incident/view.ts';
import type { EscalateInput } from '../../domain/messages.ts';

/** One tale as it is told to the real workflow. Times are milliseconds since it began. */
export interface Telling {
  workflowId: string;
  input: EscalateInput;
  /** Before it begins. */
  pauseMs: number;
  acts: Act[];
  untilMs: number;
}

interface Act {
  atMs: number;
  name: string;
  argument: unknown;
}

export interface Told {
  beganAt: number;
  view: IncidentView;
}

/** What a client does. */
export interface Hands {
  open(workflowId: string, input: EscalateInput): Promise<void>;
  /** Nothing where the incident is closed. */
  act(workflowId: string, act: Act): Promise<void>;
  look(workflowId: string): Promise<IncidentView>;
}

const { open, act, look } = proxyActivities<Hands>({ startToCloseTimeout: '10s' });

/**
 * Opens an incident, does to it what people do when they do it, looks at it in the end and closes it. A workflow, so
 * that the server skips from one act to the next as it does from one round to the next.
 */
export async function tell({ workflowId, input, pauseMs, acts, untilMs }: Telling): Promise<Told> {
  await sleep(Math.max(pauseMs, 1));
  const beganAt = Date.now();
  const until = (atMs: number): Promise<void> => sleep(Math.max(beganAt + atMs - Date.now(), 1));
  await open(workflowId, input);
  for (const one of acts) {
    await until(one.atMs);
    await act(workflowId, one);
  }
  await until(untilMs);
  const view = await look(workflowId);
  await act(workflowId, { atMs: untilMs, name: 'close', argument: { by: { name: 'the teller' } } });
  return { beganAt, view };
}
