import { DateTime, IANAZone, type Zone } from 'luxon';

/** Who is on duty when. Made by `config/schema/schedule.ts`, checked; every member in it is known. */
export interface Schedule {
  name: string;
  /** IANA name; all clock times are of this zone. */
  timeZone: string;
  /** In the order of the layers, each once. */
  roles: readonly string[];
  /** Of several layers of a role the last one that has somebody at a time wins. */
  layers: readonly Layer[];
  /** Applied one after the other, as listed. */
  overrides: readonly Override[];
}

/** One rotation. `…Wall` is the local clock read as if it were UTC, in milliseconds: it knows no summer time. */
export interface Layer {
  role: string;
  /** In turn; the members of one entry are on duty together. */
  turns: readonly (readonly string[])[];
  /** The first hand-over; before it the layer has nobody. */
  startWall: number;
  /** From here on it has nobody. */
  endWall?: number;
  every: { count: number; unit: 'hours' | 'days' | 'weeks' | 'months' };
  /** The layer has somebody only within one of these; empty: always. */
  only: readonly Restriction[];
}

/** Hours of the week; past 24 h of the day it begins on, it goes on into the next. */
export interface Restriction {
  /** 0 is Sunday. */
  days: readonly number[];
  fromMinute: number;
  /** 1 to 1440. */
  minutes: number;
}

export interface Override {
  role: string;
  fromAt: number;
  /** Exclusive. */
  toAt: number;
  members: readonly string[];
  /** Takes over from this member only, and only while that member is on duty. Absent: from everybody. */
  replaces?: string;
}

export interface Duty {
  role: string;
  /** Empty: nobody is on duty. */
  members: string[];
}

export interface Shift extends Duty {
  fromAt: number;
  /** Exclusive. */
  toAt: number;
}

/** The longest time {@link shifts} looks at. */
export const MAX_SHIFTS_MS = 1100 * 86_400_000;

/** One entry a role. The cost does not grow with the age of the schedule. */
export function onDuty(schedule: Schedule, at: number): Duty[] {
  return schedule.roles.map((role) => ({ role, members: membersOn(schedule, role, at) }));
}

/**
 * Role by role, everything from `fromAt` to `toAt` (at most {@link MAX_SHIFTS_MS} of it) without a gap: times with
 * nobody are entries too, and a member whose turn follows on their own has one entry.
 */
export function shifts(schedule: Schedule, fromAt: number, toAt: number): Shift[] {
  const endAt = Math.min(toAt, fromAt + MAX_SHIFTS_MS);
  return schedule.roles.flatMap((role) => {
    const found: Shift[] = [];
    let at = fromAt;
    while (at < endAt) {
      const nextAt = Math.min(nextChange(schedule, role, at), endAt);
      const members = membersOn(schedule, role, at);
      const last = found.at(-1);
      if (last?.members.join('\n') === members.join('\n')) last.toAt = nextAt;
      else found.push({ role, members, fromAt: at, toAt: nextAt });
      at = nextAt;
    }
    return found;
  });
}

/**
 * When a clock on the wall of `zone` shows this. What it shows twice is the first time; what it skips is the moment it
 * jumps, so that later clock times never come earlier.
 */
export function instantOf(wall: number, zone: Zone): number {
  const before = zone.offset(wall - DAY_MS);
  const after = zone.offset(wall + DAY_MS);
  for (const offset of [before, after]) {
    const at = wall - offset * MINUTE_MS;
    if (zone.offset(at) === offset) return at;
  }
  let still = wall - after * MINUTE_MS;
  let jumped = wall - before * MINUTE_MS;
  while (jumped - still > 1) {
    const middle = Math.floor((still + jumped) / 2);
    if (zone.offset(middle) === before) still = middle;
    else jumped = middle;
  }
  return jumped;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const UTC = { zone: 'utc' } as const;

function membersOn({ timeZone, layers, overrides }: Schedule, role: string, at: number): string[] {
  const zone = IANAZone.create(timeZone);
  const layer = layers.findLast((one) => one.role === role && hasSomebody(one, zone, at));
  let members: readonly string[] = layer ? turnOf(layer, zone, at) : [];
  for (const { role: theirs, fromAt, toAt, members: instead, replaces } of overrides) {
    if (theirs !== role || at < fromAt || at >= toAt) continue;
    if (replaces === undefined) members = instead;
    else members = members.flatMap((member) => (member === replaces ? instead : [member]));
  }
  return [...new Set(members)];
}

function hasSomebody({ startWall, endWall, only }: Layer, zone: Zone, at: number): boolean {
  if (at < instantOf(startWall, zone)) return false;
  if (endWall !== undefined && at >= instantOf(endWall, zone)) return false;
  if (only.length === 0) return true;
  return openings(only, wallOf(at, zone), 0).some(({ from, to }) => {
    return instantOf(from, zone) <= at && at < instantOf(to, zone);
  });
}

function turnOf(layer: Layer, zone: Zone, at: number): readonly string[] {
  return layer.turns[handOversBy(layer, zone, at) % layer.turns.length] ?? [];
}

/**
 * How many hand-overs after the first one have passed by then. Wall-clock time gives an estimate, because months and
 * summer time are uneven; steps from it find the exact number.
 */
function handOversBy(layer: Layer, zone: Zone, at: number): number {
  const { startWall, every } = layer;
  const elapsed = DateTime.fromMillis(wallOf(at, zone), UTC).diff(DateTime.fromMillis(startWall, UTC), every.unit);
  let passed = Math.max(0, Math.floor(elapsed.as(every.unit) / every.count));
  while (passed > 0 && handOver(layer, zone, passed) > at) passed -= 1;
  while (handOver(layer, zone, passed + 1) <= at) passed += 1;
  return passed;
}

/** Counted from the start each time: after the 31st of January and the 28th of February comes the 31st of March. */
function handOver({ startWall, every: { count, unit } }: Layer, zone: Zone, index: number): number {
  return instantOf(
    DateTime.fromMillis(startWall, UTC)
      .plus({ [unit]: index * count })
      .toMillis(),
    zone,
  );
}

/** When somebody else may be on duty; Infinity when neither a layer nor an override changes any more. */
function nextChange({ timeZone, layers, overrides }: Schedule, role: string, at: number): number {
  const zone = IANAZone.create(timeZone);
  const changes = [
    ...layers.filter((layer) => layer.role === role).flatMap((layer) => changesOf(layer, zone, at)),
    ...overrides.filter((one) => one.role === role).flatMap(({ fromAt, toAt }) => [fromAt, toAt]),
  ];
  return Math.min(...changes.filter((change) => change > at));
}

function changesOf(layer: Layer, zone: Zone, at: number): number[] {
  const { startWall, endWall, turns, only } = layer;
  const startAt = instantOf(startWall, zone);
  const endAt = endWall === undefined ? Infinity : instantOf(endWall, zone);
  if (at < startAt) return [startAt];
  if (at >= endAt) return [];
  return [
    endAt,
    ...(turns.length > 1 ? [handOver(layer, zone, handOversBy(layer, zone, at) + 1)] : []),
    ...(only.length > 0 ? [nextEdge(only, zone, at)] : []),
  ];
}

/** When the next opening begins or ends; clock times in order are instants in order. */
function nextEdge(only: readonly Restriction[], zone: Zone, at: number): number {
  const edges = openings(only, wallOf(at, zone), 7).flatMap(({ from, to }) => [from, to]);
  for (const edge of edges.sort((a, b) => a - b)) {
    const edgeAt = instantOf(edge, zone);
    if (edgeAt > at) return edgeAt;
  }
  return Infinity;
}

/** Those that begin from yesterday, which may last until today, to `daysAhead` days from now. */
function openings(only: readonly Restriction[], wall: number, daysAhead: number): { from: number; to: number }[] {
  const today = Math.floor(wall / DAY_MS) * DAY_MS;
  const found: { from: number; to: number }[] = [];
  for (let day = today - DAY_MS; day <= today + daysAhead * DAY_MS; day += DAY_MS) {
    const { weekday } = DateTime.fromMillis(day, UTC);
    for (const { days, fromMinute, minutes } of only) {
      const from = day + fromMinute * MINUTE_MS;
      if (days.includes(weekday % 7)) found.push({ from, to: from + minutes * MINUTE_MS });
    }
  }
  return found;
}

function wallOf(at: number, zone: Zone): number {
  return at + zone.offset(at) * MINUTE_MS;
}
