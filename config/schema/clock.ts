import { DateTime } from 'luxon';
import { z } from 'zod';

export const MINUTE_MS = 60_000;

export interface Moment {
  /** The local clock read as if it were UTC; with a zone: the instant. */
  wall: number;
  hasTime: boolean;
  hasZone: boolean;
}

export const LOCAL = { form: /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?$/, like: '2026-01-05 or 2026-01-05T09:00' };
export const LOCAL_OR_ZONED = {
  form: /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?$/,
  like: '2026-01-05T09:00, local, or 2026-01-05T09:00+08:00',
};

/** A date, with or without a time of day. */
export function moment({ form, like }: typeof LOCAL) {
  return z.string().transform((written, context): Moment => {
    const read = DateTime.fromISO(written, { zone: 'utc' });
    if (form.test(written) && read.isValid) {
      return { wall: read.toMillis(), hasTime: written.includes('T'), hasZone: /(Z|[+-]\d\d:\d\d)$/.test(written) };
    }
    context.addIssue(`is no time; write it like ${like}`);
    return z.NEVER;
  });
}

/** Written like `09:00`, read as minutes since midnight. */
export function clockTime(max: number) {
  return z.string().transform((written, context) => {
    const [, hours, minutes] = /^(\d\d):([0-5]\d)$/.exec(written) ?? [];
    const read = Number(hours) * 60 + Number(minutes);
    if (read <= max) return read;
    context.addIssue(`is no time of day; write it like "09:00"${max === 1440 ? ', up to "24:00"' : ''}`);
    return z.NEVER;
  });
}

/** What {@link clockTime} reads, of a local time. */
export function minuteOfDay(wall: number): number {
  return (wall / MINUTE_MS) % 1440;
}
