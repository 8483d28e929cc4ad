import type { Escalation } from './escalation.ts';

/**
 * Search attributes of an incident's run: what lists and filters in the Web UI show. Never names, numbers or text. In
 * this order they are registered, and a namespace may have room for few: at most six are Keywords.
 */
export const SEARCH_ATTRIBUTES = {
  EscalationState: 'Keyword',
  IncidentSeverity: 'Keyword',
  IncidentNumber: 'Keyword',
  IncidentProgress: 'Keyword',
  IncidentChannel: 'Keyword',
  EscalationRule: 'Keyword',
  EscalationLevel: 'Int',
} as const;

/** Values of `EscalationState`. Nothing has it where a foreign client started the run and no worker has seen it yet. */
export const ESCALATION_STATES = [
  'delayed', // open, before its first level
  'paging', // open, and somebody is being told or will be
  'snoozed',
  'acknowledged',
  'exhausted', // open, all levels have ended and nobody acknowledged
  'silenced', // open, and nobody is told because of a silence
  'closed', // the run may still be redrawing its cards
] as const;
export type EscalationState = (typeof ESCALATION_STATES)[number];

export function escalationState({ progress, snoozedUntil, exhausted, level }: Escalation): EscalationState {
  if (progress === 'Closed') return 'closed';
  if (snoozedUntil !== undefined) return 'snoozed';
  if (progress === 'Processing') return 'acknowledged';
  if (exhausted) return 'exhausted';
  return level === 0 ? 'delayed' : 'paging';
}

/** SQL keeps 255 characters of a Keyword; in UTF-8 that is far below the 2 KB above which the server ends the run. */
const LONGEST_KEYWORD = 255;

/** A Keyword as it may be written: the server terminates a run that writes a value above 2 KB. */
export function keyword(value: string): string {
  return value.length <= LONGEST_KEYWORD ? value : value.slice(0, LONGEST_KEYWORD);
}
