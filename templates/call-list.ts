import type { CallList } from '../domain/phone/call.ts';
import type { Face } from '../domain/incident/face.ts';
import { cut } from '../domain/incident/incident.ts';
import type { Wording } from '../providers/kit/adapter.ts';
import type { Locale } from '../domain/locale.ts';
import { wordsFor } from './words.ts';

const LONGEST_TITLE = 120;

/** The incidents that one call announces, one a line, such as `9KCVES [Critical] db-7 is down`. */
export function listWording(items: CallList['items'], locale: Locale): Wording {
  const { severities, voice, openPage } = wordsFor(locale);
  const lines = items.map(
    ({ number, severity, title }) => `${number} [${severities[severity]}] ${cut(title, LONGEST_TITLE)}`,
  );
  return {
    subject: voice.announced(items.length),
    text: lines.join('\n'),
    status: voice.keyActsOnAll,
    facts: [],
    severity: severities[worstOf(items).severity],
    openPage,
  };
}

/** For templates that take the fields of one incident: the worst, whose title is the list. */
export function listFace(items: CallList['items'], locale: Locale): Face {
  const { workflowId, number, severity, channel } = worstOf(items);
  const title = wordsFor(locale).voice.numbers(items.map((item) => item.number));
  return {
    workflowId,
    number,
    incident: { id: number, title, severity, description: '', labels: {}, ...(channel !== undefined && { channel }) },
    progress: 'Triggered',
    level: 1,
    levels: 1,
    round: 1,
    revision: 0,
    exhausted: false,
    responders: [],
  };
}

function worstOf([worst]: CallList['items']): CallList['items'][number] {
  if (!worst) throw new RangeError('a call announces at least one incident');
  return worst;
}
