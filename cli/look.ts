// The language, time zone and colours in which the command line prints incidents.

import colors from 'picocolors';
import type { Locale } from '../domain/locale.ts';
import type { Look } from './incident-text.ts';

let chosen: Locale | undefined;

/** What is printed of incidents is in this language from now on: `--lang`. */
export function speak(locale: Locale): void {
  chosen = locale;
}

/** The language that was asked for, if one was. */
export function askedLanguage(): Locale | undefined {
  return chosen;
}

/** Of this terminal. */
export function look(): Look {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return { colors, timeZone, locale: chosen ?? localeOf(process.env), now: Date.now() };
}

/** As POSIX has it: `LC_ALL` wins over `LC_MESSAGES`, which wins over `LANG`. */
export function localeOf(environment: Readonly<Record<string, string | undefined>>): Locale {
  const language = environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || '';
  return /^zh\b|^zh_/i.test(language) ? 'zh' : 'en';
}
