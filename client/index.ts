export {
  EscalationClient,
  incidentWorkflowId,
  RefusedError,
  type EscalationClientOptions,
  type Opened,
} from './escalation-client.ts';
export type { ActionName, Actions, By } from '../domain/action.ts';
export type { Incident, IncidentInput, Severity } from '../domain/incident.ts';
export type { IncidentView, NotificationView, TimelineRecord } from '../domain/view.ts';
