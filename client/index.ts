export {
  EscalationClient,
  RefusedError,
  type EscalationClientOptions,
  type Opened,
  type Which,
} from './escalation-client.ts';
export { incidentWorkflowId } from '../domain/workflow-ids.ts';
export type { ActionName, Actions, By } from '../domain/incident/action.ts';
export type { Incident, IncidentInput, Severity } from '../domain/incident/incident.ts';
export type { IncidentView, LostRun, NotificationView, RecordView } from '../domain/incident/view.ts';
