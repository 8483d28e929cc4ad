// The incident that previews of templates and checks of them show.

import type { Face } from '../domain/incident/face.ts';
import type { Incident } from '../domain/incident/incident.ts';
import type { GroupEvent } from '../domain/incident/rule.ts';
import { incidentWorkflowId } from '../domain/workflow-ids.ts';

export const SAMPLE_INCIDENT: Incident = {
  id: '64b1352e',
  title: 'db-7 is down',
  severity: 'Critical',
  description: 'Replication lag 900 s',
  channel: 'payments',
  source: 'alertmanager',
  labels: { service: 'db', owner: '{"team":[{"name":"storage"}]}' },
  detailUrl: 'https://grafana.example.com/d/7',
  startedAt: '2026-11-20T18:05:00.000Z',
};

/** When the sample is told. */
export const SAMPLE_NOW = Date.parse('2026-11-20T20:07:00.000Z');
export const SAMPLE_LINK = 'https://oncall.example.com/i/eyJhbGciOiJ0aGUtcGFnZS1vZi10aGlzLWluY2lkZW50In0';

const acknowledged: Partial<Face> = {
  progress: 'Processing',
  acknowledgedBy: { member: 'supervisor', name: 'Supervisor' },
  acknowledgedAt: '2026-11-20T18:12:00.000Z',
};
const ended: Partial<Face> = {
  progress: 'Closed',
  closedBy: { name: 'Grafana' },
  closedAt: '2026-11-20T19:00:00.000Z',
  resolution: 'recovered',
};

/** What an incident looks like when each of these is told. */
const LOOKS: Readonly<Record<GroupEvent, Partial<Face>>> = {
  opened: {},
  acknowledged,
  unacknowledged: {},
  snoozed: { snoozedUntil: '2026-11-20T20:05:00.000Z' },
  woken: {},
  escalated: { level: 2 },
  reassigned: { responders: ['backup'] },
  revised: {},
  commented: acknowledged,
  exhausted: { level: 2, exhausted: true },
  closed: ended,
  reopened: { level: 0, responders: [] },
};

export function sampleFace(event: GroupEvent, incident: Incident = SAMPLE_INCIDENT): Face {
  return {
    workflowId: incidentWorkflowId(incident.id),
    number: '7QK2MD',
    incident,
    progress: 'Triggered',
    rule: 'payments/P1',
    level: 1,
    levels: 2,
    round: 1,
    revision: 3,
    exhausted: false,
    responders: ['supervisor', 'backup'],
    ...LOOKS[event],
  };
}
