import { z } from 'zod';
import { clockTime } from './clock.ts';
import { timeZone } from './field.ts';
import { filtersForm, listOfNames } from './instead.ts';
import { filterProblems } from '../match/filter.ts';
import { DAYS, type Hours } from '../match/hours.ts';

const filter = z
  .strictObject({
    key: z.string().describe('severity, title, source, labels.service, …'),
    oper: z.enum(['IN', 'NOTIN']),
    vals: z
      .array(z.string().min(1).max(256), listOfNames)
      .min(1)
      .max(100)
      .describe('Exact, or with * and ?, or /regular expression/, cidr:10.0.0.0/8, num:gt:5 (gt, ge, lt, le)'),
  })
  .superRefine((written, context) => {
    for (const problem of filterProblems(written)) context.addIssue({ code: 'custom', ...problem });
  });
export const groups = z
  .array(z.array(filter, filtersForm).min(1).max(50), filtersForm)
  .max(50)
  .describe('One group whose conditions all hold is enough');

const hours = z
  .strictObject({
    days: z
      .array(
        z
          .union([z.enum(DAYS).transform((day) => DAYS.indexOf(day)), z.int().min(0).max(6)])
          .describe('a day: sun, mon, … sat, or 0 to 6 (0 is Sunday)'),
      )
      .min(1)
      .max(7)
      .default([0, 1, 2, 3, 4, 5, 6])
      .describe('Days on which the hours begin; default: every day'),
    from: clockTime(1439).describe('Local time of day, such as "09:00"'),
    to: clockTime(1440).describe('Exclusive; at or before `from`: on the next day'),
    timeZone: timeZone().exactOptional(),
  })
  .transform(({ timeZone, ...rest }): WrittenHours => ({ ...rest, ...(timeZone !== undefined && { timeZone }) }));
export const times = z
  .array(hours)
  .max(50)
  .default([])
  .describe('Hours of the week in which the incident opens; one is enough; absent: always');

/** Without a time zone: that of the channel. */
export type WrittenHours = Omit<Hours, 'timeZone'> & { timeZone?: string };
