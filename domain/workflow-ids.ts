/** Ids of the pack's workflows. The phone's is an HMAC of the number: `links/phone-id.ts`. */

const INCIDENT = 'incident-';

/**
 * The id of an incident's workflow, for whoever speaks to it with a plain Temporal client.
 *
 * @param id of the incident, see `INCIDENT_ID`.
 * @example
 * ```ts
 * import { Client } from '@temporalio/client';
 * import { incidentWorkflowId, type IncidentView } from 'temporal-escalations/client';
 *
 * const incident = new Client().workflow.getHandle(incidentWorkflowId('42'));
 * await incident.signal('acknowledge', { by: { member: 'primary' } });
 * const { progress } = await incident.query<IncidentView>('describe');
 * ```
 */
export function incidentWorkflowId(id: string): string {
  return `${INCIDENT}${id}`;
}

/** The incident's own id; what is no incident's workflow id is returned as it is. */
export function incidentIdOf(workflowId: string): string {
  return workflowId.startsWith(INCIDENT) ? workflowId.slice(INCIDENT.length) : workflowId;
}

export function memberWorkflowId(prefix: string, member: string): string {
  return `${prefix}.member-${member}`;
}

export function accountWorkflowId(prefix: string, account: string): string {
  return `${prefix}.account-${account}`;
}
