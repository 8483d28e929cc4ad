import { actorName } from '../incident/actor.ts';
import type { Coming } from '../incident/due.ts';
import type { Circumstances, Happening, TimelineRecord } from '../incident/record.ts';
import type { Actor } from '../incident/view.ts';
import type { Locale } from '../locale.ts';
import type { Reason, ReasonKey, Reasons, Why } from '../reason.ts';
import { en } from './en.ts';
import { inChinese } from './phrases.ts';
import type { IncidentWords, Speech } from './words.ts';
import { zh } from './zh.ts';

const TABLES: Record<Locale, IncidentWords> = { en, zh };

export function incidentWords(locale: Locale): IncidentWords {
  return TABLES[locale];
}

/** In which language, and by which names. Without `names` people are called by their ids. */
export interface Listener {
  locale: Locale;
  names?: (who: Actor | string) => string;
}

/**
 * One record as a sentence that follows its kind.
 * @example
 * recordText({ at, kind: 'escalated', level: 2, why: 'nobody-acknowledged' }, { locale: 'en' });
 * // 'to level 2: nobody acknowledged'
 */
export function recordText(record: TimelineRecord, listener: Listener): string {
  return 'written' in record ? record.written : sentence(record, listener);
}

/** Why, as part of a sentence. What nobody has translated stays as it is. Never throws: reasons come by signals too. */
export function reasonText(reason: Reason, listener: Listener): string {
  if (typeof reason === 'string') return listener.locale === 'zh' ? inChinese(reason) : reason;
  try {
    const say = incidentWords(listener.locale).reasons[reason.key] as (
      values: Reasons[ReasonKey],
      speech: Speech,
    ) => string;
    return say(reason, speechTo(listener));
  } catch {
    return (reason as Partial<Why> | null)?.key ?? '';
  }
}

/** What happens by itself next; a sentence is what an older version says of it. */
export function comingText(coming: Coming | string, listener: Listener): string {
  if (typeof coming === 'string') return coming;
  const say = incidentWords(listener.locale).coming[coming.for] as (coming: Coming, speech: Speech) => string;
  return say(coming, speechTo(listener));
}

function sentence(record: Happening & Circumstances, listener: Listener): string {
  const say = incidentWords(listener.locale).records[record.kind] as (record: Happening, speech: Speech) => string;
  return say(record, speechTo(listener));
}

function speechTo(listener: Listener): Speech {
  const { locale, names = idOf } = listener;
  return {
    name: (who) => names(who) || incidentWords(locale).somebody,
    reason: (reason) => reasonText(reason, listener),
  };
}

function idOf(who: Actor | string): string {
  return typeof who === 'string' ? who : actorName(who);
}
