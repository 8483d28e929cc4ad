import type { CallList } from '../domain/phone/call.ts';
import { cut } from '../domain/incident/incident.ts';
import type { List } from '../providers/kit/message.ts';
import type { Locale } from '../domain/locale.ts';
import { wordsFor } from './words.ts';

const LONGEST_TITLE = 120;

/**
 * The incidents that one call announces, one on each line, such as `9KCVES [Critical] db-7 is down`. An approved
 * template gets all numbers as its title, and severity, number and channel of the worst.
 */
export function listWritten(items: CallList['items'], locale: Locale): Pick<List, 'wording' | 'severity' | 'values'> {
  const { severities, voice } = wordsFor(locale);
  const [worst] = items;
  if (!worst) throw new RangeError('a call announces at least one incident');
  const lines = items.map(
    ({ number, severity, title }) => `${number} [${severities[severity]}] ${cut(title, LONGEST_TITLE)}`,
  );
  return {
    wording: { subject: voice.announced(items.length), text: lines.join('\n'), status: voice.keyActsOnAll },
    severity: worst.severity,
    values: {
      severity: severities[worst.severity],
      title: voice.numbers(items.map(({ number }) => number)),
      number: worst.number,
      channel: worst.channel ?? '',
    },
  };
}
