import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { INCIDENT_ID } from '../domain/incident/incident.ts';
import { INCIDENT_NUMBER, incidentNumber, spoken } from '../domain/incident/number.ts';
import { INCIDENT } from '../domain/messages.ts';
import { incidentIdOf, incidentWorkflowId } from '../domain/workflow-ids.ts';
import { firstRun } from './occurrences.ts';
import { talk } from './talk.ts';

/** Nobody can say which incident was meant; the message says why, for people. */
export class UnknownIncidentError extends Error {
  override name = 'UnknownIncidentError';
}

/** An incident that somebody named; with its occurrence where a number named it. */
export interface FoundIncident {
  id: string;
  occurrence?: string;
}

/**
 * The incident that a person means by its id, its workflow id or its number (which takes the search attribute
 * `IncidentNumber`). An id means the occurrence that is open, or was last; a number means its own.
 * @throws UnknownIncidentError when there is none, or the number is that of several.
 */
export async function findIncident(client: Client, written: string): Promise<FoundIncident> {
  for (const id of [written, incidentIdOf(written)]) {
    if (INCIDENT_ID.test(id) && (await exists(client, id))) return { id };
  }
  const number = spoken(written);
  const runs = INCIDENT_NUMBER.test(number) ? await numbered(client, number) : new Map<string, string>();
  const [found, ...others] = runs;
  if (found === undefined) throw new UnknownIncidentError(`no incident is called ${written}`);
  if (others.length > 0) {
    const ids = [...runs.keys()].map(incidentIdOf).join(', ');
    throw new UnknownIncidentError(`${number} is the number of several incidents: ${ids}`);
  }
  const [workflowId, runId] = found;
  const occurrence = await occurrenceOf(client, { workflowId, runId }, number);
  return { id: incidentIdOf(workflowId), ...(occurrence !== undefined && { occurrence }) };
}

async function exists(client: Client, id: string): Promise<boolean> {
  try {
    await client.workflow.getHandle(incidentWorkflowId(id)).describe();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** Workflows with the number, each with the newest of its runs that has it. */
async function numbered(client: Client, number: string): Promise<Map<string, string>> {
  const runs = new Map<string, string>();
  try {
    const query = `WorkflowType = '${INCIDENT.type}' AND IncidentNumber = '${number}'`;
    for await (const { workflowId, runId } of client.workflow.list({ query })) {
      if (!runs.has(workflowId)) runs.set(workflowId, runId);
    }
  } catch {
    // A server without our search attributes refuses this query.
  }
  return runs;
}

/**
 * Told by the number itself where the run is of the chain that began the occurrence: no worker need be up for that. One
 * that was opened again has to be asked.
 */
async function occurrenceOf(
  client: Client,
  run: { workflowId: string; runId: string },
  number: string,
): Promise<string | undefined> {
  const { occurrence, isRunning } = await firstRun(client, run);
  if (incidentNumber({ workflowId: run.workflowId, occurrence }) === number) return occurrence;
  // Whoever names no occurrence means the one that is open, which this one is.
  if (isRunning) return undefined;
  return (await talk(client).ask(INCIDENT, run, 'describe')).occurrence;
}
