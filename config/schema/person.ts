import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { z } from 'zod';
import { LOCALES } from '../../domain/locale.ts';
import { email, text, timeZone } from './field.ts';

/** Types of numbers that nobody is paged at: providers refuse to call them, or bill them by the minute. */
const NOBODYS_PHONE: readonly string[] = ['PREMIUM_RATE', 'SHARED_COST', 'PAGER', 'VOICEMAIL'];

export const person = z.strictObject({
  name: text(100).describe('What people call this member'),
  email: email().exactOptional(),
  phone: z
    .string()
    .transform((written, context) => {
      const number = parsePhoneNumberFromString(written, { extract: false });
      if (number?.isValid() !== true || !written.trimStart().startsWith('+')) {
        context.addIssue(
          'is not a valid phone number; write + and the country code, then the number, such as "+86138…"',
        );
        return z.NEVER;
      }
      if (number.ext !== undefined) {
        context.addIssue('an extension cannot be called; give a direct number');
        return z.NEVER;
      }
      const type = number.getType();
      if (type !== undefined && NOBODYS_PHONE.includes(type)) {
        context.addIssue("is a service number, not a person's phone; give a direct number");
        return z.NEVER;
      }
      return {
        phone: number.number,
        ...(number.country && { country: number.country }),
        ...(type === 'FIXED_LINE' && { landline: true }),
      };
    })
    .exactOptional()
    .describe('With + and country code, in quotes'),
  locale: z.enum(LOCALES).default('en').describe('Language of calls and messages'),
  timeZone: timeZone().default('UTC').describe('IANA name, such as Asia/Shanghai'),
});
