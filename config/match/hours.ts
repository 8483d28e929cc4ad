import { DateTime } from 'luxon';

/** Sunday first, as `0` to `6` count them. */
export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** Hours of the week by the clock on the wall of a place. */
export interface Hours {
  /** 0 is Sunday. The day on which the hours begin; after midnight they still belong to it. */
  days: readonly number[];
  /** Minutes after midnight, 0 to 1439; the first one inside. */
  from: number;
  /** 1 to 1440; the first one outside. At or below `from`: on the next day. */
  to: number;
  /** IANA name. */
  timeZone: string;
}

/**
 * Whether the local clock shows a time inside of the hours at that instant; an empty list means always. An hour that
 * the clock shows twice in autumn counts both times, an hour that it skips in spring never comes.
 */
export function isWithin(hours: readonly Hours[], at: Date): boolean {
  return hours.length === 0 || hours.some((window) => isInside(window, at));
}

function isInside({ days, from, to, timeZone }: Hours, at: Date): boolean {
  const local = DateTime.fromJSDate(at, { zone: timeZone });
  const today = local.weekday % 7;
  const minute = local.hour * 60 + local.minute;
  if (from < to) return days.includes(today) && minute >= from && minute < to;
  const yesterday = (today + 6) % 7;
  return (days.includes(today) && minute >= from) || (days.includes(yesterday) && minute < to);
}

/** `mon tue 22:00-06:00 Europe/Berlin`. */
export function hoursText({ days, from, to, timeZone }: Hours): string {
  const names = days.length === 7 ? 'every day' : days.map((day) => DAYS[day]).join(' ');
  return `${names} ${clock(from)}-${clock(to)} ${timeZone}`;
}

/** What the wall shows there: `sat 21:04 Asia/Shanghai`. */
export function wallText(at: Date, timeZone: string): string {
  const local = DateTime.fromJSDate(at, { zone: timeZone });
  return `${DAYS[local.weekday % 7] ?? ''} ${clock(local.hour * 60 + local.minute)} ${timeZone}`;
}

function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
