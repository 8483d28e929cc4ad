// What a call says, and how a text message says that it can be answered.

import type { CallOrder } from '../domain/phone/call.ts';
import type { Keys } from '../domain/delivery.ts';
import { KEYS } from '../domain/phone/keys.ts';
import type { Call } from '../providers/kit/adapter.ts';
import type { Locale } from '../domain/locale.ts';
import { wordsFor } from './words.ts';

/** Values for a call's template about one or several incidents, the worst first. Not cut: adapters know their limits. */
export function voiceValues(items: CallOrder['items'], locale: Locale): Call['values'] {
  const words = wordsFor(locale);
  const worst = items[0];
  if (!worst) throw new RangeError('a call announces at least one incident');
  return {
    severity: words.severities[worst.severity],
    title: items.length > 1 ? words.voice.several(items.length, worst.title) : worst.title,
    number: worst.number,
    count: String(items.length),
    channel: worst.channel ?? words.voice.noChannel,
  };
}

/** The same as free text, and what the keys do. */
export function speechAbout(items: CallOrder['items'], locale: Locale, keys?: Keys): Call['speech'] {
  const { voice } = wordsFor(locale);
  const { severity, title, number } = voiceValues(items, locale);
  const announcement = items.length > 1 ? `${title}.` : voice.announcement(severity, spelled(number), title);
  return { announcement, keys: keysText(locale, keys), goodbye: voice.goodbye };
}

/** Which key does what. */
export function keysText(locale: Locale, keys: Keys = KEYS): string {
  const keyOf = (action: string): string | undefined => Object.keys(keys).find((key) => keys[key] === action);
  return wordsFor(locale).voice.keys(keyOf('acknowledge') ?? '', keyOf('escalate'));
}

/** Below a text that can be answered. */
export function replyHint(code: string, locale: Locale): string {
  return wordsFor(locale).voice.replyHint(code);
}

/** Letter by letter, so that it is not read out as a word or a million. */
function spelled(number: string): string {
  return [...number].join(' ');
}
