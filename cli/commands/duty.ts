import { DateTime } from 'luxon';
import type { Configuration } from '../../config/configuration.ts';
import { loadConfiguration } from '../../config/load.ts';
import { splitDuty, unknownName } from '../../config/schema/names.ts';
import { MAX_SHIFTS_MS, shifts, type Schedule, type Shift } from '../../config/duty/schedule.ts';
import { CommandError } from '../command-error.ts';
import { memberNames } from '../member-name.ts';
import { columns } from '../table.ts';

export interface OnCallFlags {
  config: string;
  at?: string;
  days?: string;
  json?: true;
}

const DAY_MS = 86_400_000;
const MOST_DAYS = 366;

/** Who is on duty now, or all shifts of some days. */
export async function onCall(written: string | undefined, flags: OnCallFlags): Promise<void> {
  const days = daysOf(flags.days);
  const configuration = await loadConfiguration(flags.config);
  const wanted = dutiesOf(configuration, written);
  const name = memberNames(configuration.members, 'en');
  const people = (members: readonly string[]): string => members.map(name).join(', ') || '(nobody)';
  if (days === undefined) {
    const standing = wanted.flatMap((duty) => standingOf(duty, momentOf(flags.at, duty.schedule)));
    if (flags.json) console.log(JSON.stringify(standing.map(standingJson)));
    else
      print(
        standing.map((one) => standingRow(one, people)),
        'no schedule is written down',
      );
    return;
  }
  const all = wanted.flatMap(({ schedule, role }) => {
    const fromAt = momentOf(flags.at, schedule);
    const toAt = DateTime.fromMillis(fromAt, { zone: schedule.timeZone }).plus({ days }).toMillis();
    return shiftsOf({ schedule, role }, fromAt, toAt).map((shift) => ({ schedule, ...shift }));
  });
  if (flags.json) console.log(JSON.stringify(all.map(shiftJson)));
  else print([SHIFT_HEAD, ...all.map((one) => shiftRow(one, people))], 'no schedule is written down');
}

interface Wanted {
  schedule: Schedule;
  role: string | undefined;
}

function dutiesOf({ schedules }: Configuration, written: string | undefined): Wanted[] {
  if (written === undefined) return [...schedules.values()].map((schedule) => ({ schedule, role: undefined }));
  const { schedule: name, role } = splitDuty(written);
  const schedule = schedules.get(name);
  if (!schedule) throw new CommandError(unknownName('schedule', name, schedules.keys()));
  if (role !== undefined && !schedule.roles.includes(role)) {
    throw new CommandError(unknownName(`role of ${name}`, role, schedule.roles));
  }
  return [{ schedule, role }];
}

function daysOf(written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  const days = Number(written);
  if (Number.isInteger(days) && days >= 1 && days <= MOST_DAYS) return days;
  throw new CommandError(`--days is a whole number from 1 to ${MOST_DAYS}`);
}

function momentOf(written: string | undefined, { timeZone }: Schedule): number {
  if (written === undefined) return Date.now();
  const read = DateTime.fromISO(written, { zone: timeZone });
  if (read.isValid) return read.toMillis();
  throw new CommandError('--at is a time in ISO 8601, such as 2026-11-21T09:00 or 2026-11-21T09:00+08:00');
}

function shiftsOf({ schedule, role: only }: Wanted, fromAt: number, toAt: number): Shift[] {
  return shifts(schedule, fromAt, toAt).filter(({ role }) => (only ?? role) === role);
}

interface Standing extends Shift {
  schedule: Schedule;
  /** Absent: nothing changes for years. */
  next?: Shift;
}

/** Looks further ahead only as long as nobody else takes over. */
function standingOf(wanted: Wanted, at: number): Standing[] {
  const { schedule } = wanted;
  const roles = wanted.role === undefined ? schedule.roles : [wanted.role];
  return roles.flatMap((role) => {
    for (const spanMs of [15 * DAY_MS, 100 * DAY_MS, MAX_SHIFTS_MS]) {
      const [now, next] = shiftsOf({ schedule, role }, at, at + spanMs);
      if (now && (next || spanMs === MAX_SHIFTS_MS)) return [{ schedule, ...now, ...(next && { next }) }];
    }
    return [];
  });
}

type People = (members: readonly string[]) => string;

function standingRow({ schedule, role, members, toAt, next }: Standing, people: People): string[] {
  const then = next
    ? `until ${clock(toAt, schedule)}, then ${people(next.members)}`
    : 'and nothing changes for three years';
  return [`${schedule.name}/${role}`, people(members), then];
}

const SHIFT_HEAD = ['schedule', 'on duty', 'from', 'to'];

function shiftRow(shift: Shift & { schedule: Schedule }, people: People): string[] {
  const { schedule, role, members, fromAt, toAt } = shift;
  return [`${schedule.name}/${role}`, people(members), clock(fromAt, schedule), clock(toAt, schedule)];
}

function print(rows: readonly (readonly string[])[], nothing: string): void {
  for (const line of rows.length === 0 ? [nothing] : columns(rows)) console.log(line);
}

function standingJson({ schedule, role, members, fromAt, toAt, next }: Standing) {
  const changes = next && { until: iso(toAt, schedule), next: { members: next.members } };
  return { schedule: schedule.name, role, members, at: iso(fromAt, schedule), ...changes };
}

function shiftJson({ schedule, role, members, fromAt, toAt }: Shift & { schedule: Schedule }) {
  return { schedule: schedule.name, role, members, from: iso(fromAt, schedule), to: iso(toAt, schedule) };
}

function iso(at: number, { timeZone }: Schedule): string | null {
  return DateTime.fromMillis(at, { zone: timeZone }).toISO();
}

/** `Sat 2026-11-21 09:00 +08:00`, where the schedule is. */
function clock(at: number, { timeZone }: Schedule): string {
  return DateTime.fromMillis(at, { zone: timeZone }).setLocale('en').toFormat('ccc yyyy-MM-dd HH:mm ZZ');
}
