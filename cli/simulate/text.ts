import { plain } from '../incident-text.ts';
import type { CallMade } from './phones.ts';
import type { Moment } from './simulation.ts';
import { columns } from '../table.ts';

/** One line a moment, such as `+05:00  level 2  voice → supervisor by aliyun-voice (then tencent-voice)`. */
export function momentLines(moments: readonly Moment[]): string[] {
  return columns(
    moments
      .filter(({ what }) => what !== 'opened')
      .map((moment) => [offset(moment.afterMs), levelText(moment), plain(momentText(moment))]),
  );
}

/**
 * A storm in few lines: between two calls whatever happened to several incidents alike is one line, with how many they
 * were and from when to when.
 */
export function stormLines(moments: readonly Moment[], calls: readonly CallMade[]): string[] {
  const turns = calls.flatMap((call, index) => callTurns(call, index + 1)).sort((a, b) => a.afterMs - b.afterMs);
  const rows: string[][] = [];
  let seen = 0;
  const condense = (until: number): void => {
    const end = moments.findIndex(({ afterMs }, index) => index >= seen && afterMs >= until);
    const part = moments.slice(seen, end < 0 ? undefined : end);
    seen += part.length;
    rows.push(...condensed(part));
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

function levelText({ level, round, what }: Moment): string {
  const isTold = what === 'sent' || what === 'called' || what === 'queued' || what === 'notified';
  if (!isTold) return '';
  return round > 1 ? `level ${level}, round ${round}` : `level ${level}`;
}

/** Some records say the whole of it, others what comes after their kind. */
function momentText({ what, text }: Moment): string {
  return /^(to|by|for|still) /.test(text) ? `${what.replaceAll('-', ' ')} ${text}` : text;
}

function callTurns({ afterMs, account, then, announces, ...end }: CallMade, number: number) {
  const next = then.length === 0 ? '' : ` (then ${then.join(', ')})`;
  const begun = { afterMs, text: `call ${number} by ${account}${next} announces ${announces.length}` };
  const { endedAfterMs, outcome } = end;
  if (endedAfterMs === undefined || outcome === undefined) return [begun];
  return [begun, { afterMs: endedAfterMs, text: `call ${number} ${outcome}` }];
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

function condensed(moments: readonly Moment[]): string[][] {
  const alike = new Map<string, Moment[]>();
  for (const moment of moments) {
    const isFailure = moment.what === 'notified' && !/: (pending|unanswered|answered|accepted)/.test(moment.text);
    if (!TOLD.includes(moment.what) && !isFailure) continue;
    const key = moment.what === 'opened' ? 'opened' : momentText(moment);
    alike.set(key, [...(alike.get(key) ?? []), moment]);
  }
  return [...alike].map(([key, group]) => {
    const [first, last] = [offset(group[0]?.afterMs ?? 0), offset(group.at(-1)?.afterMs ?? 0)];
    const many = group.length === 1 ? '1 incident' : `${group.length} incidents`;
    const text = group[0]?.incident === '' ? key : `${many}: ${key}`;
    return [first === last ? first : `${first} to ${last}`, plain(text)];
  });
}
