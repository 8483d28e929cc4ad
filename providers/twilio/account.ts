import { z } from 'zod';
import { hostOf, type Traits } from '../kit/traits.ts';

const common = {
  accountSid: z
    .string()
    .regex(/^AC[0-9a-f]{32}$/, 'must be AC and 32 hexadecimal digits')
    .describe('Account SID AC… of the console'),
  authToken: z.string().min(1).describe('Auth Token of the account; callbacks are signed with it, API key or not'),
  apiKey: z
    .strictObject({
      sid: z.string().regex(/^SK[0-9a-f]{32}$/, 'must be SK and 32 hexadecimal digits'),
      secret: z.string().min(1),
    })
    .optional()
    .describe('API key to send with instead of the Auth Token'),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://api.twilio.com')
    .describe('Address of the API'),
};

const e164 = z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be a number such as +14155550100');

/** Account of `twilio.voice`. */
export const twilioVoiceAccount = z.strictObject({
  ...common,
  from: e164.describe('Number to call from: bought from Twilio or verified there'),
  ringSeconds: z.int().min(10).max(60).default(45).describe('How long it rings before it counts as unanswered'),
  keySeconds: z.int().min(2).max(30).default(8).describe('How long to wait for a key after each reading'),
  detectMachines: z.boolean().default(true).describe('Hang up on voicemail, which then counts as nobody'),
});
export type TwilioVoiceAccount = z.output<typeof twilioVoiceAccount>;

export const twilioVoiceTraits = ({ baseUrl, from }: TwilioVoiceAccount): Traits => ({
  host: hostOf(baseUrl),
  callerNumbers: [from],
  asksForKey: true,
});

/** Account of `twilio.sms`. */
export const twilioSmsAccount = z
  .strictObject({
    ...common,
    from: z
      .union([e164, z.string().regex(/^(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}$/)])
      .optional()
      .describe('Number to send from, or a sender name of up to 11 letters and digits, which cannot be answered'),
    messagingServiceSid: z
      .string()
      .regex(/^MG[0-9a-f]{32}$/)
      .optional()
      .describe('Messaging service MG… that chooses the number, instead of from'),
    validSeconds: z
      .int()
      .min(1)
      .max(36_000)
      .default(600)
      .describe('A text that could not leave by then is dropped: nobody is paged hours late'),
  })
  .refine(({ from, messagingServiceSid }) => (from === undefined) !== (messagingServiceSid === undefined), {
    message: 'needs either from or messagingServiceSid',
    path: ['from'],
  });
export type TwilioSmsAccount = z.output<typeof twilioSmsAccount>;

export const twilioSmsTraits = ({ baseUrl, from }: TwilioSmsAccount): Traits => ({
  host: hostOf(baseUrl),
  callerNumbers: from === undefined ? [] : [from],
  // A sender name cannot be answered.
  takesReplies: from === undefined || from.startsWith('+'),
});
