import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ActivityCancellationType,
  ApplicationFailure,
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  proxyActivities,
  startChild,
} from '@temporalio/workflow';
import type { Planning } from '../activities/contract.ts';
import { staticSummary } from '../domain/incident/details.ts';
import { repairIncident, titleOf, type IncidentInput } from '../domain/incident/incident.ts';
import type { IncidentView } from '../domain/incident/view.ts';
import { INCIDENT, type EscalateIncident } from '../domain/messages.ts';
import { incidentWorkflowId } from '../domain/workflow-ids.ts';

export interface EscalateOptions {
  /** `channel/name`, or a rule written out; without it the first that matches. */
  rule?: unknown;
  /** The pack's task queue. Default `escalations`. */
  taskQueue?: string;
}

/**
 * Pages people about an incident, from inside any workflow, and returns when it is closed. The escalation outlives its
 * caller; when it was started before, by whomever, this waits for that one. An earlier run that ended in any way but by
 * its own close counts as not handled: the incident is escalated anew.
 *
 * @throws ApplicationFailure of type `InvalidIncident`, before anything starts.
 * @example
 * ```ts
 * import { escalate } from 'temporal-escalations/workflow';
 *
 * export async function repairDatabase(host: string): Promise<string> {
 *   const incident = await escalate({ id: `repair-${host}`, title: `${host} is down`, severity: 'Critical' });
 *   return incident.resolution ?? 'closed without a word';
 * }
 * ```
 */
export async function escalate(incident: IncidentInput, options: EscalateOptions = {}): Promise<IncidentView> {
  const { rule, taskQueue = 'escalations' } = options;
  const repaired = repairIncident(incident);
  if (typeof repaired === 'string') throw ApplicationFailure.nonRetryable(repaired, 'InvalidIncident');
  const workflowId = incidentWorkflowId(repaired.incident.id);
  try {
    const child = await startChild<EscalateIncident>(INCIDENT.type, {
      workflowId,
      taskQueue,
      args: [{ incident, ...(rule !== undefined && { rule }) }],
      // Of a run that was terminated, timed out or failed nobody can say that it was handled.
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      staticSummary: staticSummary(repaired.incident),
      memo: { title: titleOf(repaired.incident) },
    });
    return await child.result();
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const { awaitIncident } = proxyActivities<Planning>({
      taskQueue,
      startToCloseTimeout: '365 days',
      heartbeatTimeout: '30s',
      cancellationType: ActivityCancellationType.TRY_CANCEL,
      summary: `until ${workflowId} is closed`,
    });
    return awaitIncident(workflowId);
  }
}
