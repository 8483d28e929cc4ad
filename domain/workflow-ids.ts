/** Ids of the pack's workflows. The phone's is an HMAC of the number: `links/phone-id.ts`. */

const INCIDENT = 'incident-';

/** @param id of the incident, see `INCIDENT_ID`. */
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
