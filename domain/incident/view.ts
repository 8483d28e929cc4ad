import type { Attempt, Outcome } from '../delivery.ts';
import type { Coming } from './due.ts';
import type { Incident } from './incident.ts';
import type { TimelineRecord } from './record.ts';
import type { GroupEvent } from './rule.ts';
import type { Why } from '../reason.ts';

export const PROGRESS = ['Triggered', 'Processing', 'Closed'] as const;
export type Progress = (typeof PROGRESS)[number];

/** Who acted. Missing or unknown counts as a name: the action takes effect and is noted. */
export interface Actor {
  member?: string;
  name?: string;
}

/** A record with its sentence in English, for programs that bring no words of their own. */
export type RecordView = TimelineRecord & { text: string };

/** Why, in English; with `why` where it can be said in other languages too. */
export interface ReasonView {
  reason?: string;
  why?: Why;
}

export type AttemptView = Omit<Attempt, 'reason'> & ReasonView;

export interface ResponderView {
  member: string;
  assignedAt: string;
  acknowledgedAt?: string;
  /** From their own assignment. */
  timeToAcknowledgeMs?: number;
}

/** A message is with its account for longer than this only when something is wrong there. */
const ANSWERED_WITHIN_MS = 5000;

/** Nobody has taken it for too long: the queue of the account is stuck. `now`: milliseconds since 1970. */
export function isStuck({ waiting }: NotificationView, now: number): boolean {
  return waiting !== undefined && now - Date.parse(waiting.since) > ANSWERED_WITHIN_MS;
}

export interface NotificationView extends ReasonView {
  /** `n1`, `n2`, … never reused. */
  id: string;
  level: number;
  round: number;
  /** A member's name, or `account/chat` for a group. */
  to: string;
  medium: string;
  /** What it says; absent in views of older versions. */
  event?: GroupEvent;
  outcome: Outcome;
  /** Of `pending`: the account whose answer is awaited, and since when (ISO 8601). Long: its queue is stuck. */
  waiting?: { account: string; since: string };
  attempts: AttemptView[];
  at: string;
}

/** A run that somebody ended, or the server did, before its incident was closed: nobody has handled that. */
export interface LostRun {
  runId: string;
  how: 'terminated' | 'timed out' | 'failed' | 'cancelled';
  /** ISO 8601. */
  at: string;
}

/** Answer of the query `describe`, of every update, and the result of the workflow. Levels and rounds count from 1. */
export interface IncidentView {
  workflowId: string;
  /** The id of its first run, which tells it from earlier and later ones of the same id; absent in runs of 0.1.0. */
  occurrence?: string;
  /** Six characters for people to say aloud, made of both. */
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
  timeline: RecordView[];
  /** When the next thing happens by itself, if anything does. */
  next?: { at: string; what: string; coming?: Coming };
}
