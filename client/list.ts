import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { ESCALATION_STATES, type EscalationState } from '../domain/incident/attributes.ts';
import { SEVERITIES, type Severity } from '../domain/incident/incident.ts';
import { legibleLine } from '../domain/legible.ts';
import { INCIDENT } from '../domain/messages.ts';
import { incidentIdOf } from '../domain/workflow-ids.ts';

/** An open incident, as far as lists know it: no worker is asked. */
export interface ListedIncident {
  id: string;
  workflowId: string;
  openedAt: Date;
  /** Absent where a foreign client started the run and no worker has seen it yet: its state may be any. */
  state?: EscalationState;
  severity?: Severity;
  number?: string;
  /** Absent where a foreign client started the run. */
  title?: string;
}

const QUERY = `WorkflowType = '${INCIDENT.type}' AND ExecutionStatus = 'Running'`;
const TAKEN: readonly (EscalationState | undefined)[] = ['acknowledged', 'snoozed', 'closed'];

/**
 * Open incidents, those first that an operator should look at: Criticals that nobody has taken, the oldest before the
 * others. The list is of visibility: it lags behind by a moment, and by seconds in a storm.
 * @param most how many are read at most.
 */
export async function listIncidents(client: Client, most = 1000): Promise<ListedIncident[]> {
  const found: ListedIncident[] = [];
  for await (const info of client.workflow.list({ query: QUERY })) {
    const incident = listed(info);
    if (incident.state !== 'closed') found.push(incident);
    if (found.length >= most) break;
  }
  return found.toSorted(byUrgency);
}

/** Nobody has acknowledged or snoozed it, as far as the list knows. */
export function isUntaken({ state }: ListedIncident): boolean {
  return !TAKEN.includes(state);
}

/** An incident whose severity is not known yet may be Critical. */
export function isCritical({ severity = 'Critical' }: ListedIncident): boolean {
  return severity === 'Critical';
}

export function byUrgency(one: ListedIncident, other: ListedIncident): number {
  return rank(one) - rank(other) || one.openedAt.getTime() - other.openedAt.getTime();
}

function rank(incident: ListedIncident): number {
  const { severity = 'Critical' } = incident;
  return (isUntaken(incident) ? 0 : SEVERITIES.length) + SEVERITIES.indexOf(severity);
}

function listed({ workflowId, startTime, typedSearchAttributes, memo }: WorkflowExecutionInfo): ListedIncident {
  const values = Object.fromEntries(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]));
  const state = ESCALATION_STATES.find((one) => one === values['EscalationState']);
  const severity = SEVERITIES.find((one) => one === values['IncidentSeverity']);
  const { IncidentNumber: number } = values;
  const title = memo?.['title'];
  return {
    id: incidentIdOf(workflowId),
    workflowId,
    openedAt: startTime,
    ...(state && { state }),
    ...(severity && { severity }),
    ...(typeof number === 'string' && { number }),
    ...(typeof title === 'string' && { title: legibleLine(title) }),
  };
}
