import { WorkflowNotFoundError, type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import { INCIDENT } from '../domain/messages.ts';
import { isOfAnother, type IncidentRef } from '../domain/incident/occurrence.ts';
import type { IncidentView, LostRun } from '../domain/incident/view.ts';
import { talk } from './talk.ts';

/** Runs of one id that are looked through for an earlier occurrence. */
const MOST_RUNS = 20;

/** How a run came to an end without having closed its incident. */
const UNHANDLED: Partial<Record<WorkflowExecutionDescription['status']['name'], LostRun['how']>> = {
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed out',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
};

/** What became of a run that is over although nobody closed its incident; undefined when it is open, or was closed. */
export function lostRun(run: WorkflowExecutionDescription): LostRun | undefined {
  const { runId, status, startTime, closeTime = startTime } = run;
  const how = UNHANDLED[status.name];
  return how && { runId, how, at: closeTime.toISOString() };
}

/**
 * The occurrence that is meant, and where none is named the one that is open, or was last.
 * @param withinMs for each of the questions it takes.
 * @throws WorkflowNotFoundError when it is not kept any more.
 */
export async function viewOf(client: Client, ref: IncidentRef, withinMs?: number): Promise<IncidentView> {
  const view = await ask(client, ref.workflowId, withinMs);
  return isOfAnother(view, ref) ? earlierView(client, ref, withinMs) : view;
}

/** Of an occurrence that is known not to be the latest. @throws WorkflowNotFoundError when it is not kept any more. */
export async function earlierView(client: Client, ref: IncidentRef, withinMs?: number): Promise<IncidentView> {
  const { workflowId, occurrence = '' } = ref;
  // Lists show a run that has just ended a moment late; the first run of the occurrence is known without them.
  for (const runId of [...(await endedRuns(client, workflowId, withinMs)), occurrence]) {
    const view = await ask(client, { workflowId, runId }, withinMs).catch(() => undefined);
    if (view && !isOfAnother(view, ref)) return view;
  }
  throw new WorkflowNotFoundError('the server keeps no such occurrence any more', workflowId, undefined);
}

/** The first run of the chain that a run belongs to: its occurrence, unless it opened an earlier one again. */
export async function firstRun(
  client: Client,
  { workflowId, runId }: { workflowId: string; runId: string },
): Promise<{ occurrence?: string; isRunning: boolean }> {
  const { status, raw } = await client.workflow.getHandle(workflowId, runId).describe();
  const occurrence = raw.workflowExecutionInfo?.firstRunId;
  return { isRunning: status.name === 'RUNNING', ...(occurrence && { occurrence }) };
}

function ask(client: Client, whom: string | { workflowId: string; runId: string }, withinMs?: number) {
  return talk(client, withinMs === undefined ? {} : { withinMs }).ask(INCIDENT, whom, 'describe');
}

/** The newest first; of runs that continue each other the last alone. */
async function endedRuns(client: Client, workflowId: string, withinMs = 10_000): Promise<string[]> {
  const query = `WorkflowId = '${workflowId}' AND ExecutionStatus != 'ContinuedAsNew' AND ExecutionStatus != 'Running'`;
  return client.withDeadline(Date.now() + Math.max(withinMs, 1), async () => {
    const runs: string[] = [];
    for await (const { runId } of client.workflow.list({ query, pageSize: MOST_RUNS })) {
      runs.push(runId);
      if (runs.length === MOST_RUNS) break;
    }
    return runs;
  });
}
