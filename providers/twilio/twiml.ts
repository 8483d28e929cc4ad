import twilio from 'twilio';
import type { HttpAnswer } from '../kit/adapter.ts';
import type { Locale } from '../../domain/locale.ts';

/** Longest document that a call is created with. https://www.twilio.com/docs/voice/api/call-resource */
export const MAX_TWIML = 4000;

const VOICES = {
  en: { language: 'en-GB', voice: 'Polly.Amy' },
  zh: { language: 'cmn-CN', voice: 'Polly.Zhiyu' },
} as const satisfies Record<Locale, object>;

/** Where keys go, and for how long one is awaited after each reading. */
export interface Keys {
  action: string;
  seconds: number;
}

/** Reads the text out until a key is pressed, twice; then the last words, and the call ends. */
export function askForKey(text: string, lastWords: string, locale: Locale, { action, seconds }: Keys): string {
  const response = new twilio.twiml.VoiceResponse();
  for (let times = 0; times < 2; times += 1) {
    response
      .gather({ input: ['dtmf'], numDigits: 1, timeout: seconds, action, method: 'POST' })
      .say(VOICES[locale], readable(text));
  }
  if (lastWords !== '') response.say(VOICES[locale], readable(lastWords));
  response.hangup();
  return response.toString();
}

/** Reads the text out, and the call ends. */
export function sayAndEnd(text: string, locale: Locale, times = 1): string {
  const response = new twilio.twiml.VoiceResponse();
  for (let said = 0; said < times; said += 1) response.say(VOICES[locale], readable(text));
  response.hangup();
  return response.toString();
}

/** The answer to a text message: another one, or none. */
export function textBack(text: string | undefined): string {
  const response = new twilio.twiml.MessagingResponse();
  if (text !== undefined) response.message(readable(text));
  return response.toString();
}

/** XML has no way to write control characters and halves of characters: the SDK would refuse the whole document. */
function readable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\p{Cn}]/gu, (character) => (character === '\n' ? character : ' '));
}

export function toAnswer(body: string): HttpAnswer {
  return { status: 200, body, contentType: 'text/xml' };
}
