import type { Outcome } from '../domain/delivery.ts';
import type { Severity } from '../domain/incident.ts';
import type { GroupEvent } from '../domain/rule.ts';
import type { Progress, RecordKind } from '../domain/view.ts';
import type { Locale } from '../providers/kit/adapter.ts';
import { en } from './en.ts';
import { zh } from './zh.ts';

/** Every word people see, in one language. Clock times arrive formatted, names as people know them. */
export interface Words {
  /** BCP 47, for dates and the page's `lang`. */
  language: string;
  severities: Record<Severity, string>;
  progress: Record<Progress, string>;
  somebody: string;
  openPage: string;
  buttons: {
    acknowledge: string;
    unacknowledge: string;
    wake: string;
    close: string;
    comment: string;
    /** `Snooze 2 h`. */
    snooze(minutes: number): string;
    /** `2 h`, beside the word snooze. */
    minutes(minutes: number): string;
  };
  facts: Record<'severity' | 'number' | 'channel' | 'source' | 'started' | 'level' | 'responders', string>;
  status: {
    open(level: number, levels: number): string;
    notStarted: string;
    acknowledged(who: string, at: string | undefined): string;
    snoozed(until: string): string;
    exhausted: string;
    closed(who: string | undefined, at: string | undefined): string;
  };
  /** What happened, to lead a message about it. `opened` is the page itself. */
  events: Record<GroupEvent, string>;
  /** The page itself, from its second sending on. */
  reminder: string;
  /** What the presser of a button is told. */
  press: {
    /** Temporal has it and there was no time to ask what came of it. */
    recorded: string;
    acknowledged: string;
    alreadyAcknowledged(who: string): string;
    snoozed(until: string): string;
    closed: string;
    alreadyClosed(who: string | undefined): string;
    /** The incident closed, or is no longer kept. */
    over: string;
    unconfirmed: string;
    unknownPerson(account: string, identity: string): string;
    forged: string;
    expired: string;
  };
  voice: {
    /** Heard in place of a title when several incidents share one call. */
    several(count: number, worst: string): string;
    noChannel: string;
    /** Above the list of what a call announces. */
    announced(count: number): string;
    keyActsOnAll: string;
    /** The list in 35 characters, whole up to three. */
    numbers(numbers: string[]): string;
  };
  page: {
    recorded: string;
    actingAs(name: string): string;
    readOnly: string;
    timeline: string;
    notifications: string;
    labels: string;
    detail: string;
    snooze: string;
    resolution: string;
    commentText: string;
    refresh: string;
    next(at: string): string;
    level(level: number, round: number): string;
    unreadable: string;
    unreadableHint: string;
    pressAgain: string;
    badForm: string;
    linkExpired: string;
    linkUnknown: string;
    notKept: string;
  };
  kinds: Record<RecordKind, string>;
  outcomes: Record<Outcome, string>;
  media: Record<'voice' | 'sms' | 'email' | 'push', string>;
}

const TABLES: Record<Locale, Words> = { en, zh };

export function wordsFor(locale: Locale): Words {
  return TABLES[locale];
}
