import type { Outcome } from '../delivery.ts';
import type { CloseSource } from './action.ts';
import type { Severity } from './incident.ts';
import type { Reason } from '../reason.ts';
import { recordText } from '../words/index.ts';
import type { Actor } from './view.ts';

/** People named by hand; only the lists that name somebody. */
export interface Named {
  members?: string[];
  teams?: string[];
  schedules?: string[];
}

/** Whom a pass through the levels has told and whom not: what the end of all levels says and leads to. */
export interface PassReport {
  /** Members whom a provider took a page for. */
  told: string[];
  /** Members for whom that never happened, with what became of it by each medium. */
  untold: { member: string; tries: { medium: string; outcome: Outcome; reason?: Reason }[] }[];
  /** Why rounds told fewer people than the rule names. */
  gaps: Reason[];
  /** Groups that were posted to. */
  groups: string[];
  /** The rule means to tell people of this severity. */
  meansSomebody: boolean;
}

/** A failed attempt before the last one of a notification. */
export interface EarlierAttempt {
  account: string;
  outcome: Outcome;
  reason?: Reason;
}

/**
 * What happened, as data: `domain/words` makes a sentence of it for a reader with a language. Where `by` is missing, it
 * happened by itself.
 */
export type Happening =
  | { kind: 'opened'; severity: Severity; title: string }
  /** Something a client sent was odd, and was put right or left out. */
  | { kind: 'repaired'; reason: Reason }
  /** Members were told for the first time; or something about who is to be told is worth knowing. */
  | ({ kind: 'assigned' } & ({ members: string[] } | { reason: Reason }))
  | ({ kind: 'notified'; medium: string; to: string } & News)
  /** `after`: somebody had acknowledged before. `still`: their acknowledgment outlived a reassignment. */
  | { kind: 'acknowledged'; after?: Actor; still?: Actor[] }
  /** `forgotten`: those whose acknowledgment ended because nobody closed the incident in time. */
  | { kind: 'unacknowledged'; forgotten?: Actor[] }
  | { kind: 'snoozed'; minutes: number }
  | { kind: 'woken'; why?: 'snooze-over' | 'severity-raised' }
  /** `takesBack`: those whose acknowledgments no longer count, because somebody escalated all the same. */
  | ({ kind: 'escalated' } & (
      { level: number; why?: EscalationCause; takesBack?: Actor[] } | { lastResort: string[]; pass: PassReport }
    ))
  | ({ kind: 'reassigned' } & Named)
  | ({ kind: 'responder-added' } & Named)
  | { kind: 'commented'; comment: string }
  | { kind: 'revised'; changed: Revisable[]; severity?: { from: Severity; to: Severity } }
  | { kind: 'exhausted'; pass: PassReport }
  /** A round that nobody could send; or how long after the start the first task came. */
  | { kind: 'missed'; round: number }
  | { kind: 'missed'; lateSeconds: number }
  | { kind: 'closed'; source?: CloseSource; resolution?: string; why?: 'no-rule' }
  | { kind: 'reopened'; comment?: string };

/** What became of telling one person or group; or something else about it. */
type News =
  | { outcome: Outcome; account?: string; reason?: Reason; earlier?: EarlierAttempt[] }
  | { news: 'line-busy' }
  | { news: 'preset-words' | 'not-redrawn'; reason: Reason };

export type EscalationCause = 'nobody-acknowledged' | 'nobody-reached' | 'told-regardless';

export const REVISABLE = ['title', 'severity', 'description', 'labels'] as const;
export type Revisable = (typeof REVISABLE)[number];

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
] as const satisfies readonly Happening['kind'][];
export type RecordKind = Happening['kind'];
export function isRecordKind(kind: string): kind is RecordKind {
  return (RECORD_KINDS as readonly string[]).includes(kind);
}
export type Recorded<K extends RecordKind> = Extract<Happening, { kind: K }> & Circumstances;

/** By whom, and about what. */
export interface Circumstances {
  by?: Actor;
  /** How the action reached us: `voice`, `card`, `page`, `api`, … */
  via?: string;
  level?: number;
  round?: number;
  notification?: string;
}

/** Written by a version that kept sentences instead of data: shown in English, as it was written. */
export interface Written {
  kind: RecordKind;
  written: string;
}

/** One happening, for people and for audits. `at`: ISO 8601. Holds no address and no secret. */
export type TimelineRecord = { at: string } & Circumstances & (Happening | Written);

/**
 * A record as it is kept: without the sentence that a view has beside the data. Where the data does not make this
 * sentence, an older version wrote it, or somebody who is none of us: then it is all there is.
 */
export function asStored({ text, ...record }: (TimelineRecord | OldRecord) & { text?: string }): TimelineRecord {
  if (text === undefined || 'written' in record || textOf(record) === text) return record as TimelineRecord;
  const { at, kind, by, via, level, round, notification } = record;
  const more = Object.entries({ by, via, level, round, notification }).filter(([, value]) => value !== undefined);
  return { at, kind, written: text, ...Object.fromEntries(more) };
}

/** As versions before this one kept it. */
type OldRecord = { at: string; kind: RecordKind; text: string } & Circumstances;

function textOf(record: object): string | undefined {
  try {
    return recordText(record as TimelineRecord, { locale: 'en' });
  } catch {
    return undefined;
  }
}
