export { EscalationClient, RefusedError, type EscalationClientOptions, type Opened } from './escalation-client.ts';
export { incidentWorkflowId } from '../domain/workflow-ids.ts';
export type { ActionName, Actions, By } from '../domain/incident/action.ts';
export type { Incident, IncidentInput, Severity } from '../domain/incident/incident.ts';
export type { IncidentView, NotificationView, RecordView } from '../domain/incident/view.ts';
