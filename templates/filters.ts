import type { Liquid } from 'liquidjs';
import { SEVERITIES } from '../domain/incident/incident.ts';
import { LOCALES, type Locale } from '../domain/locale.ts';
import { cutTo, utf16Units, utf8Bytes } from '../providers/kit/cut.ts';
import { clockFor } from './clock.ts';
import { wordsFor } from './words.ts';

/** What a filter is told besides its arguments. */
interface Filtering {
  context: { getSync(path: string[]): unknown };
}

interface Documented {
  about: string;
  /** A template that uses it. */
  example: string;
  run: (this: Filtering, value: unknown, ...more: unknown[]) => unknown;
}

/** Functions besides those of Liquid itself. What cannot be read as they need it comes out empty. */
export const FILTERS: Readonly<Record<string, Documented>> = {
  time: {
    about: 'the time of day, on the reader’s clock',
    example: '{{ incident.startedAt | time }}',
    run(value) {
      return onClock(this, value, 'time');
    },
  },
  day_time: {
    about: 'day and time, on the reader’s clock',
    example: '{{ incident.startedAt | day_time }}',
    run(value) {
      return onClock(this, value, 'dayTime');
    },
  },
  date_time: {
    about: 'day, time and time zone, on the reader’s clock',
    example: '{{ incident.startedAt | date_time }}',
    run(value) {
      return onClock(this, value, 'dateTime');
    },
  },
  ago: {
    about: 'how long before now',
    example: '{{ incident.startedAt | ago }}',
    run(value) {
      const ms = instantOf(value);
      const now = instantOf(this.context.getSync(['now']));
      if (ms === undefined || now === undefined) return '';
      const minutes = Math.round((ms - now) / 60_000);
      const [amount, unit] = UNITS.find(([length]) => Math.abs(minutes) >= length) ?? [1, 'minute'];
      const { language } = wordsFor(localeOf(this));
      return new Intl.RelativeTimeFormat(language, { numeric: 'always' }).format(Math.trunc(minutes / amount), unit);
    },
  },
  duration: {
    about: 'from this instant to another one',
    example: '{{ incident.startedAt | duration: now }}',
    run(value, until) {
      const [from, to] = [instantOf(value), instantOf(until)];
      if (from === undefined || to === undefined) return '';
      const { span } = wordsFor(localeOf(this));
      const whole = Math.max(Math.round((to - from) / 60_000), 0);
      const [hours, rest] = [Math.floor(whole / 60), whole % 60];
      return [hours > 0 ? span(hours * 60) : '', rest > 0 || hours === 0 ? span(rest) : ''].join(' ').trim();
    },
  },
  severity_word: {
    about: 'a severity in the reader’s language',
    example: '{{ "Warning" | severity_word }}',
    run(value) {
      const severity = SEVERITIES.find((one) => one.toLowerCase() === String(value).toLowerCase());
      return severity === undefined ? value : wordsFor(localeOf(this)).severities[severity];
    },
  },
  severity_color: {
    about: 'the colour of a severity',
    example: '{{ incident.severity | severity_color }}',
    run: (value) => COLORS[String(value).toLowerCase()] ?? '#008800',
  },
  json_get: {
    about: 'looks into a text that holds JSON',
    example: '{{ labels.owner | json_get: "team.0.name" }}',
    run: (value, path) => jsonGet(value, String(path)),
  },
  cut: {
    about: 'the beginning, at most so many characters long, never cut inside one',
    example: '{{ incident.title | cut: 8 }}',
    run: (value, room) => cutTo(textOf(value), Number(room), utf16Units),
  },
  cut_bytes: {
    about: 'the same, counted in bytes of UTF-8',
    example: '{{ incident.title | cut_bytes: 8 }}',
    run: (value, room) => cutTo(textOf(value), Number(room), utf8Bytes),
  },
};

const UNITS = [
  [1440, 'day'],
  [60, 'hour'],
  [1, 'minute'],
] as const;

const COLORS: Readonly<Record<string, string>> = { critical: '#C80000', warning: '#FA7D00', info: '#FABE00' };

export function addFilters(engine: Liquid): void {
  for (const [name, { run }] of Object.entries(FILTERS)) engine.registerFilter(name, run);
  const dateOfLiquid = engine.filters['date'] as (this: unknown, ...values: unknown[]) => unknown;
  // In the reader's zone unless another one is asked for.
  engine.registerFilter('date', function (value: unknown, format: unknown, zone: unknown) {
    return dateOfLiquid.call(this, value, format ?? '%Y-%m-%d %H:%M', zone ?? zoneOf(this));
  });
}

function onClock(filtering: Filtering, value: unknown, look: 'time' | 'dayTime' | 'dateTime'): string {
  const ms = instantOf(value);
  return ms === undefined ? '' : clockFor(localeOf(filtering), zoneOf(filtering))[look](new Date(ms).toISOString());
}

function instantOf(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function localeOf({ context }: Filtering): Locale {
  const written = context.getSync(['reader', 'locale']);
  return LOCALES.find((locale) => locale === written) ?? 'en';
}

function zoneOf({ context }: Filtering): string {
  return String(context.getSync(['reader', 'timeZone']));
}

function jsonGet(value: unknown, path: string): unknown {
  let found: unknown;
  try {
    found = JSON.parse(textOf(value));
  } catch {
    return null;
  }
  for (const key of path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return null;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}

/** Lists and objects as JSON; nothing as nothing. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
