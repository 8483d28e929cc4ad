import type { Client } from '@temporalio/client';
import { INCIDENT_ID } from '../domain/incident.ts';
import { ESCALATE_INCIDENT } from '../workflows/messages.ts';
import { CommandError } from './command-error.ts';
import { isNotFound } from './connection.ts';
import { incidentWorkflowId } from './escalation-client.ts';

const NUMBER = /^[0-9A-HJKMNP-TV-Z]{6}$/;

/**
 * The id of the incident that a person means by its id, its workflow id or its number (which takes the search
 * attribute `IncidentNumber`).
 * @throws CommandError when there is none, or the number is that of several.
 */
export async function findIncident(client: Client, written: string): Promise<string> {
  for (const id of [written, written.replace(/^incident-/, '')]) {
    if (INCIDENT_ID.test(id) && (await exists(client, id))) return id;
  }
  const number = spoken(written);
  const ids = NUMBER.test(number) ? await numbered(client, number) : [];
  const [id, ...others] = ids;
  if (id === undefined) throw new CommandError(`no incident is called ${written}`);
  if (others.length > 0) throw new CommandError(`${number} is the number of several incidents: ${ids.join(', ')}`);
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
    if (isNotFound(error)) return false;
    throw error;
  }
}

async function numbered(client: Client, number: string): Promise<string[]> {
  const ids = new Set<string>();
  try {
    const query = `WorkflowType = '${ESCALATE_INCIDENT}' AND IncidentNumber = '${number}'`;
    for await (const { workflowId } of client.workflow.list({ query })) ids.add(workflowId.replace(/^incident-/, ''));
  } catch {
    // A server without our search attributes refuses the question.
  }
  return [...ids];
}
