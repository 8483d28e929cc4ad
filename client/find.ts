import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { INCIDENT_ID } from '../domain/incident/incident.ts';
import { INCIDENT } from '../domain/messages.ts';
import { incidentIdOf, incidentWorkflowId } from '../domain/workflow-ids.ts';
import { INCIDENT_NUMBER } from '../domain/incident/number.ts';

/** Nobody can say which incident was meant; the message says why, for people. */
export class UnknownIncidentError extends Error {
  override name = 'UnknownIncidentError';
}

/**
 * The id of the incident that a person means by its id, its workflow id or its number (which takes the search
 * attribute `IncidentNumber`).
 * @throws UnknownIncidentError when there is none, or the number is that of several.
 */
export async function findIncident(client: Client, written: string): Promise<string> {
  for (const id of [written, incidentIdOf(written)]) {
    if (INCIDENT_ID.test(id) && (await exists(client, id))) return id;
  }
  const number = spoken(written);
  const ids = INCIDENT_NUMBER.test(number) ? await numbered(client, number) : [];
  const [id, ...others] = ids;
  if (id === undefined) throw new UnknownIncidentError(`no incident is called ${written}`);
  if (others.length > 0)
    throw new UnknownIncidentError(`${number} is the number of several incidents: ${ids.join(', ')}`);
  return id;
}

/** Crockford base32 as people hear and type it. */
export function spoken(written: string): string {
  return written.replace(/^#/, '').toUpperCase().replace(/O/g, '0').replace(/[IL]/g, '1');
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

async function numbered(client: Client, number: string): Promise<string[]> {
  const ids = new Set<string>();
  try {
    const query = `WorkflowType = '${INCIDENT.type}' AND IncidentNumber = '${number}'`;
    for await (const { workflowId } of client.workflow.list({ query })) ids.add(incidentIdOf(workflowId));
  } catch {
    // A server without our search attributes refuses this query.
  }
  return [...ids];
}
