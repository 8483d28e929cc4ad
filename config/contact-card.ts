import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { Configuration } from './configuration.ts';

/** The numbers that call or write to people, E.164, calling ones first. */
export function callerNumbers({ accounts, media }: Configuration): string[] {
  const numbers = [...media.voice, ...media.sms].flatMap((name) => accounts.get(name)?.traits.callerNumbers ?? []);
  // Numbers bought in mainland China are written without country; a sender name is no number.
  const parsed = numbers.map((number) => parsePhoneNumberFromString(number, { defaultCountry: 'CN', extract: false }));
  return [...new Set(parsed.flatMap((number) => (number?.isPossible() ? [number.number] : [])))];
}

/**
 * One contact with every number that calls people, for phones that let only contacts through at night.
 * vCard 3.0, which phones of both kinds read. https://www.rfc-editor.org/rfc/rfc2426
 * @returns undefined when no number is known: some vendors dial from a pool that they do not name.
 */
export function contactCard(configuration: Configuration, name = 'On call'): string | undefined {
  const numbers = callerNumbers(configuration);
  if (numbers.length === 0) return undefined;
  const shown = name.replace(/[\\;,]/g, (sign) => `\\${sign}`).replace(/\s+/g, ' ');
  return [
    'BEGIN:VCARD',
    'VERSION:3.0',
    `FN:${shown}`,
    `N:${shown};;;;`,
    ...numbers.map((number) => `TEL;TYPE=WORK,VOICE:${number}`),
    'END:VCARD',
    '',
  ].join('\r\n');
}
