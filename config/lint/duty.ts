import { DateTime, IANAZone } from 'luxon';
import type { Level } from '../../domain/incident/rule.ts';
import type { Configuration } from '../configuration.ts';
import { instantOf, shifts, type Schedule } from '../duty/schedule.ts';
import { splitDuty } from '../schema/names.ts';

const DAYS_AHEAD = 30;
const MOST_LISTED = 10;

interface Gap {
  fromAt: number;
  toAt: number;
}

/** One level of a live rule, by the name that warnings give it. */
export interface NamedLevel {
  where: string;
  level: Level;
}

/**
 * When nobody is on duty for a level that relies on schedules alone, in the next 30 days.
 * @param now milliseconds since 1970.
 */
export function* dutyWarnings(levels: readonly NamedLevel[], configuration: Configuration, now: number) {
  const schedules = [...configuration.schedules.values()];
  for (const schedule of schedules) yield* futureWarnings(schedule, now);
  const told = new Map<string, string[]>();
  for (const { where, level } of levels) {
    const { members, teams, schedules: duties } = level.to;
    if (members.length + teams.length > 0 || duties.length === 0) continue;
    const key = [...duties].sort().join(' and ');
    told.set(key, [...(told.get(key) ?? []), where]);
  }
  for (const [key, places] of told) {
    const duties = key.split(' and ');
    const gaps = duties.map((duty) => gapsOf(duty, configuration, now)).reduce(common);
    if (gaps.length === 0) continue;
    const zone = configuration.schedules.get(splitDuty(duties[0] ?? '').schedule)?.timeZone ?? 'UTC';
    const hours = Math.round(gaps.reduce((sum, { fromAt, toAt }) => sum + toAt - fromAt, 0) / 3_600_000);
    yield `nobody is on duty in ${key} for ${String(hours)} h of the next ${String(DAYS_AHEAD)} days, so ${placesText(places)} nobody then: ${gapsText(gaps, zone)}`;
  }
}

/**
 * Warns of a schedule that begins later. The list of gaps leaves out the time before, because this warning names it.
 */
function* futureWarnings(schedule: Schedule, now: number): Generator<string> {
  for (const role of schedule.roles) {
    const at = startOf(schedule, role);
    if (at > now)
      yield `schedule ${schedule.name} (role ${role}) begins at ${wall(at, schedule.timeZone)}: nobody is on duty until then`;
  }
}

function startOf({ layers, timeZone }: Schedule, role: string): number {
  const zone = IANAZone.create(timeZone);
  return Math.min(...layers.filter((layer) => layer.role === role).map(({ startWall }) => instantOf(startWall, zone)));
}

function gapsOf(duty: string, { schedules }: Configuration, now: number): Gap[] {
  const { schedule: name, role } = splitDuty(duty);
  const schedule = schedules.get(name);
  if (!schedule) return [];
  const all = shifts(schedule, now, now + DAYS_AHEAD * 86_400_000);
  return (
    schedule.roles
      .filter((one) => (role ?? one) === one)
      .map((one) => {
        const beginsAt = startOf(schedule, one);
        return all.filter((shift) => shift.role === one && shift.members.length === 0 && shift.toAt > beginsAt);
      })
      .reduce<Gap[] | undefined>((before, gaps) => (before ? common(before, gaps) : gaps), undefined) ?? []
  );
}

/** Times that are in both; each list is in order. */
function common(some: readonly Gap[], others: readonly Gap[]): Gap[] {
  return some.flatMap((one) =>
    others
      .map((other) => ({ fromAt: Math.max(one.fromAt, other.fromAt), toAt: Math.min(one.toAt, other.toAt) }))
      .filter(({ fromAt, toAt }) => fromAt < toAt),
  );
}

function placesText(places: readonly string[]): string {
  const [first = '', ...others] = places;
  return others.length === 0 ? `${first} tells` : `${first} and ${String(others.length)} more levels tell`;
}

function gapsText(gaps: readonly Gap[], zone: string): string {
  const listed = gaps.slice(0, MOST_LISTED).map(({ fromAt, toAt }) => `${wall(fromAt, zone)} to ${wall(toAt, zone)}`);
  const left = gaps.length - listed.length;
  return `${listed.join(', ')}${left > 0 ? ` and ${String(left)} more` : ''} (${zone})`;
}

function wall(at: number, zone: string): string {
  return DateTime.fromMillis(at, { zone }).toFormat('yyyy-MM-dd HH:mm');
}
