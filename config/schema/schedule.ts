import { IANAZone } from 'luxon';
import { z } from 'zod';
import { instantOf, type Layer, type Override, type Restriction, type Schedule } from '../duty/schedule.ts';
import { DAYS } from '../match/hours.ts';
import { clockTime, LOCAL, LOCAL_OR_ZONED, minuteOfDay, MINUTE_MS, moment, type Moment } from './clock.ts';
import { named, timeZone } from './field.ts';
import { keyedByName } from './instead.ts';
import { unknownName, type Names } from './names.ts';
import { memberName } from './recipients.ts';

export const DEFAULT_ROLE = 'primary';

export function schedulesSchema(names: Names) {
  return z
    .record(
      named(/^[^\s/]{1,64}$/, 'a schedule is keyed by 1 to 64 characters without spaces and /'),
      scheduleSchema(memberName(names)),
      keyedByName,
    )
    .default({})
    .describe('Who is on duty when');
}

/** One schedule, compiled. @param member checks the name of a member. */
function scheduleSchema(member: z.ZodType<string, string>) {
  const together = z
    .union([member.transform((one) => [one]), z.array(member).min(1).max(20)])
    .describe('A member, or a list of members on duty together');

  const layer = z
    .strictObject({
      role: role.default(DEFAULT_ROLE),
      members: z.array(together).min(1).max(100).describe('In turn; an entry may be a list: on duty together'),
      start: moment(LOCAL).describe('The first hand-over: a date such as 2026-01-05, or 2026-01-05T09:00'),
      end: moment(LOCAL).exactOptional().describe('From here on the layer has nobody'),
      every: every.describe('How long a turn is: 1 to 30 of h, d, w, mo, such as 12h, 1d, 1w, 1mo'),
      handOver: clockTime(1439).exactOptional().describe('Local time of day, such as "09:00"; default "00:00"'),
      only: z
        .array(restriction)
        .max(50)
        .default([])
        .describe('Hours of the week; outside of them the layer has nobody'),
    })
    .transform(({ role, members, start, end, every, handOver, only }, context): Layer => {
      if (start.hasTime && handOver !== undefined && handOver !== minuteOfDay(start.wall)) {
        context.addIssue({ code: 'custom', path: ['handOver'], message: 'start says another time of day; keep one' });
      }
      const wallOf = ({ wall, hasTime }: Moment): number => (hasTime ? wall : wall + (handOver ?? 0) * MINUTE_MS);
      const startWall = wallOf(start);
      const endWall = end && wallOf(end);
      if (endWall !== undefined && endWall <= startWall) {
        context.addIssue({ code: 'custom', path: ['end'], message: 'must be after start' });
      }
      return { role, turns: members, startWall, every, only, ...(endWall !== undefined && { endWall }) };
    });

  const override = z
    .strictObject({
      role: role.exactOptional().describe('Default: the role of the first layer'),
      from: moment(LOCAL_OR_ZONED).describe('Local, such as 2026-11-21T09:00, or with Z or an offset'),
      to: moment(LOCAL_OR_ZONED).describe('Exclusive'),
      member: member.exactOptional(),
      members: z.array(member).min(1).max(20).exactOptional(),
      replaces: member.exactOptional().describe('Takes over from this member only; absent: from everybody'),
    })
    .superRefine(({ member: one, members }, context) => {
      if ((one === undefined) !== (members === undefined)) return;
      context.addIssue({ code: 'custom', message: 'name who takes over: `member`, or `members` for several' });
    });

  return z
    .strictObject({
      timeZone: timeZone().describe('IANA name, such as Asia/Shanghai; all times of the schedule are of this zone'),
      layers: z
        .array(layer)
        .min(1)
        .max(20)
        .describe('Rotations; of several of a role the last that has somebody at a time wins'),
      overrides: z.array(override).max(1000).default([]).describe('Applied one after the other'),
    })
    .transform(({ timeZone: name, layers, overrides }, context): Omit<Schedule, 'name'> => {
      const zone = IANAZone.create(name);
      const roles = [...new Set(layers.map((one) => one.role))];
      const [firstRole = DEFAULT_ROLE] = roles;
      const at = ({ wall, hasZone }: Moment): number => (hasZone ? wall : instantOf(wall, zone));
      const compiled = overrides.map((written, index): Override => {
        const { role = firstRole, from, to, member: one, members = [], replaces } = written;
        const complain = (key: string, message: string): void => {
          context.addIssue({ code: 'custom', path: ['overrides', index, key], message });
        };
        if (!roles.includes(role)) complain('role', unknownName('role', role, roles));
        if (at(to) <= at(from)) complain('to', 'must be after from');
        return {
          role,
          fromAt: at(from),
          toAt: at(to),
          members: one === undefined ? members : [one],
          ...(replaces !== undefined && { replaces }),
        };
      });
      return { timeZone: name, roles, layers, overrides: compiled };
    })
    .describe('{ timeZone, layers: [{ members, start, every, handOver }], overrides }');
}

const role = named(/^[^\s/]{1,64}$/, 'a role is 1 to 64 characters without spaces and /').describe(
  'Such as primary or backup',
);

const UNITS = { h: 'hours', d: 'days', w: 'weeks', mo: 'months' } as const;

const every = z.string().transform((written, context): Layer['every'] => {
  const [, count, unit] = /^([1-9]|[12]\d|30)(h|d|w|mo)$/.exec(written) ?? [];
  if (count !== undefined) return { count: Number(count), unit: UNITS[unit as keyof typeof UNITS] };
  context.addIssue('write 1 to 30 of hours, days, weeks or months, such as 12h, 1d, 2w or 1mo');
  return z.NEVER;
});

const restriction = z
  .strictObject({
    days: z
      .array(z.enum(DAYS))
      .min(1)
      .max(7)
      .default([...DAYS])
      .describe('Default: every day'),
    from: clockTime(1439).describe('Local time of day, such as "09:00"'),
    to: clockTime(1440).describe('Exclusive; at or before `from`: on the next day'),
  })
  .transform(({ days, from, to }): Restriction => ({
    days: days.map((day) => DAYS.indexOf(day)),
    fromMinute: from,
    minutes: to > from ? to - from : to + 1440 - from,
  }));
