import { cut } from './incident.ts';
import { refOf } from './occurrence.ts';
import { CONTROL_LABEL } from './rule.ts';
import type { IncidentView } from './view.ts';

/** What a card, mail, text or call shows of an incident. Small: it travels with every activity. */
export interface Face extends Pick<
  IncidentView,
  | 'workflowId'
  | 'occurrence'
  | 'number'
  | 'incident'
  | 'progress'
  | 'level'
  | 'levels'
  | 'round'
  | 'revision'
  | 'snoozedUntil'
  | 'exhausted'
  | 'toldNobody'
  | 'acknowledgedAt'
  | 'acknowledgedBy'
  | 'closedAt'
  | 'closedBy'
  | 'resolution'
  | 'rule'
  | 'wording'
> {
  /** Members. */
  responders: string[];
}

const SHOWN = { description: 500, labels: 10, labelValue: 100 } as const;

/** The few fields that are shown, cut to what a card has room for. */
export function faceOf(view: IncidentView): Face {
  const { incident } = view;
  const face: Face = {
    ...refOf(view),
    number: view.number,
    incident: {
      ...incident,
      description: cut(incident.description, SHOWN.description),
      labels: Object.fromEntries(
        Object.entries(incident.labels)
          .filter(([key]) => !CONTROL_LABEL.test(key))
          .slice(0, SHOWN.labels)
          .map(([key, value]) => [cut(key, SHOWN.labelValue), cut(value, SHOWN.labelValue)]),
      ),
    },
    progress: view.progress,
    level: view.level,
    levels: view.levels,
    round: view.round,
    revision: view.revision,
    exhausted: view.exhausted,
    responders: view.responders.map((responder) => responder.member),
  };
  if (view.toldNobody) face.toldNobody = true;
  if (view.snoozedUntil !== undefined) face.snoozedUntil = view.snoozedUntil;
  if (view.acknowledgedAt !== undefined) face.acknowledgedAt = view.acknowledgedAt;
  if (view.acknowledgedBy !== undefined) face.acknowledgedBy = view.acknowledgedBy;
  if (view.closedAt !== undefined) face.closedAt = view.closedAt;
  if (view.closedBy !== undefined) face.closedBy = view.closedBy;
  if (view.resolution !== undefined) face.resolution = view.resolution;
  if (view.rule !== undefined) face.rule = view.rule;
  if (view.wording !== undefined) face.wording = view.wording;
  return face;
}
