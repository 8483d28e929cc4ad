import type { Attempt, Outcome } from '../delivery.ts';
import type { Incident } from './incident.ts';

export const PROGRESS = ['Triggered', 'Processing', 'Closed'] as const;
export type Progress = (typeof PROGRESS)[number];

export const RECORD_KINDS = [
  'opened',
  'repaired',
  'assigned',
  'notified',
  'acknowledged',
  'unacknowledged',
  'snoozed',
  'woken',
  'escalated',
  'reassigned',
  'responder-added',
  'commented',
  'revised',
  'exhausted',
  'missed',
  'closed',
  'reopened',
] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

/** Who acted. Missing or unknown counts as a name: the action takes effect and is noted. */
export interface Actor {
  member?: string;
  name?: string;
}

/** One happening, for people and for audits. */
export interface TimelineRecord {
  /** ISO 8601. */
  at: string;
  kind: RecordKind;
  /** One sentence in English, without addresses or secrets. */
  text: string;
  by?: Actor;
  /** How the action reached us: `voice`, `card`, `page`, `api`, … */
  via?: string;
  level?: number;
  round?: number;
  notification?: string;
}

export interface ResponderView {
  member: string;
  assignedAt: string;
  acknowledgedAt?: string;
  /** From their own assignment. */
  timeToAcknowledgeMs?: number;
}

export interface NotificationView {
  /** `n1`, `n2`, … never reused. */
  id: string;
  level: number;
  round: number;
  /** A member's name, or `account/chat` for a group. */
  to: string;
  medium: string;
  outcome: Outcome;
  reason?: string;
  attempts: Attempt[];
  at: string;
}

/** Answer of the query `describe`, of every update, and the result of the workflow. Levels and rounds count from 1. */
export interface IncidentView {
  workflowId: string;
  number: string;
  incident: Incident;
  progress: Progress;
  /** `unmatched`: no rule matched and the configuration ignores such incidents. */
  outcome?: 'closed' | 'unmatched';
  rule?: string;
  /** The templates that the rule or its channel chose, by name; absent: those of the configuration, else the presets. */
  wording?: string;
  configuration: string;
  /** 0 before the first level. */
  level: number;
  levels: number;
  round: number;
  /** Changes of progress, level or round. */
  revision: number;
  snoozedUntil?: string;
  /** All levels have ended and nobody acknowledged: nobody is being told now. */
  exhausted: boolean;
  /** Of those, none could be told, not even the last resort: an operator must act. */
  toldNobody?: true;
  acknowledgedAt?: string;
  acknowledgedBy?: Actor;
  closedAt?: string;
  closedBy?: Actor;
  resolution?: string;
  /** From the opening to the first acknowledgment there ever was (what MTTA averages). */
  timeToAcknowledgeMs?: number;
  /** From the opening to the close (what MTTR averages). */
  timeToCloseMs?: number;
  responders: ResponderView[];
  notifications: NotificationView[];
  timeline: TimelineRecord[];
  /** When the next thing happens by itself, if anything does. */
  next?: { at: string; what: string };
}
