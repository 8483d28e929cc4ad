import type { Locale } from '../domain/locale.ts';
import { wordsFor } from './words.ts';

/** ISO 8601 to what the reader's wall says. */
export interface Clock {
  /** `10:05`. */
  time(at: string): string;
  /** `10:05` on the day of `now` (milliseconds since 1970), on another one `21 Nov, 10:05`. */
  nearTime(at: string, now: number): string;
  /** `21 Nov, 10:05`. */
  dayTime(at: string): string;
  /** `21 Nov, 10:05:07`, where people compare what happened within a minute. */
  moment(at: string): string;
  /** `21 Nov, 10:05 GMT+8`. */
  dateTime(at: string): string;
}

/** Formatters take longer to make than a card to draw. */
const clocks = new Map<string, Clock>();

/** @throws RangeError for a time zone that does not exist. */
export function clockFor(locale: Locale, timeZone: string): Clock {
  const key = `${locale} ${timeZone}`;
  const clock = clocks.get(key) ?? makeClock(locale, timeZone);
  clocks.set(key, clock);
  return clock;
}

function makeClock(locale: Locale, timeZone: string): Clock {
  const { language } = wordsFor(locale);
  const hours = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone } as const;
  const day = { month: 'short', day: 'numeric' } as const;
  const said = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(language, options);
    return (at: string) => format.format(new Date(at));
  };
  const dayTime = said({ ...hours, ...day });
  const zones = new Intl.DateTimeFormat(language, { timeZone, timeZoneName: 'short' });
  const zone = (at: string) =>
    zones.formatToParts(new Date(at)).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const time = said(hours);
  const date = said({ ...day, year: 'numeric', timeZone });
  return {
    time,
    nearTime: (at, now) => (date(at) === date(new Date(now).toISOString()) ? time(at) : dayTime(at)),
    dayTime,
    moment: said({ ...hours, ...day, second: '2-digit' }),
    // In Chinese the zone would stand between day and time.
    dateTime: (at) => `${dayTime(at)} ${zone(at)}`,
  };
}
