import type { Outcome } from '../../domain/delivery.ts';
import { isRecordKind } from '../../domain/incident/record.ts';
import type { Locale } from '../../domain/locale.ts';
import { plain } from '../incident-text.ts';
import type { CallMade } from './phones.ts';
import type { Moment } from './simulation.ts';
import { columns } from '../table.ts';
import { simulationWords, type SimulationWords } from './words.ts';

/** One line a moment, such as `+05:00  level 2  voice → supervisor by aliyun-voice (then tencent-voice)`. */
export function momentLines(moments: readonly Moment[], locale: Locale): string[] {
  const words = simulationWords(locale);
  return columns(
    moments
      .filter(({ what }) => what !== 'opened')
      .map((moment) => [offset(moment.afterMs), levelText(moment, words), plain(momentText(moment, words))]),
  );
}

/**
 * Prints a storm in few lines: what happened alike to several incidents between two calls is one line, with their
 * number and the times of the first and the last.
 */
export function stormLines(moments: readonly Moment[], calls: readonly CallMade[], locale: Locale): string[] {
  const words = simulationWords(locale);
  const turns = calls.flatMap((call, index) => callTurns(call, index + 1, words)).sort((a, b) => a.afterMs - b.afterMs);
  const rows: string[][] = [];
  let seen = 0;
  const condense = (until: number): void => {
    const end = moments.findIndex(({ afterMs }, index) => index >= seen && afterMs >= until);
    const part = moments.slice(seen, end < 0 ? undefined : end);
    seen += part.length;
    rows.push(...condensed(part, words));
  };
  for (const { afterMs, text } of turns) {
    condense(afterMs);
    rows.push([offset(afterMs), text]);
  }
  condense(Infinity);
  return columns(rows);
}

/** `+05:00`, `+1:05:00`, `+2d 01:05:00`. */
export function offset(afterMs: number): string {
  const seconds = Math.floor(afterMs / 1000);
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const clock = [Math.floor(seconds / 60) % 60, seconds % 60].map(twoDigits).join(':');
  if (days > 0) return `+${days}d ${twoDigits(hours)}:${clock}`;
  return hours > 0 ? `+${hours}:${clock}` : `+${clock}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

function levelText({ level, round, what }: Moment, words: SimulationWords): string {
  const isTold = what === 'sent' || what === 'called' || what === 'queued' || what === 'notified';
  return isTold ? words.level(level, round) : '';
}

function momentText({ what, text }: Moment, words: SimulationWords): string {
  return isRecordKind(what) ? words.record(what, text) : text;
}

function callTurns(call: CallMade, number: number, words: SimulationWords) {
  const { afterMs, endedAfterMs, outcome } = call;
  const begun = { afterMs, text: words.callBegins(number, call) };
  if (endedAfterMs === undefined || outcome === undefined) return [begun];
  return [begun, { afterMs: endedAfterMs, text: words.callEnds(number, outcome) }];
}

/** What is told of each incident of a storm; the calls themselves have lines of their own. */
const TOLD: readonly Moment['what'][] = [
  'opened',
  'sent',
  'queued',
  'listed',
  'silent',
  'acknowledged',
  'exhausted',
  'escalated',
];

/** Notifications that the calls' own lines, or the line of what was sent, tell of already. */
const TOLD_ELSEWHERE: readonly (Outcome | undefined)[] = ['pending', 'unanswered', 'answered', 'accepted'];

function condensed(moments: readonly Moment[], words: SimulationWords): string[][] {
  const alike = new Map<string, Moment[]>();
  for (const moment of moments) {
    const isFailure = moment.what === 'notified' && !TOLD_ELSEWHERE.includes(moment.outcome);
    if (!TOLD.includes(moment.what) && !isFailure) continue;
    const key = moment.what === 'opened' ? words.opened : momentText(moment, words);
    alike.set(key, [...(alike.get(key) ?? []), moment]);
  }
  return [...alike].map(([key, group]) => {
    const [first, last] = [offset(group[0]?.afterMs ?? 0), offset(group.at(-1)?.afterMs ?? 0)];
    const text = group[0]?.incident === '' ? key : words.incidents(group.length, key);
    return [first === last ? first : words.span(first, last), plain(text)];
  });
}
