import { actorName } from './actor.ts';
import type { Locale } from '../locale.ts';
import { comingText, incidentWords, recordText } from '../words/index.ts';
import { literally } from '../markdown.ts';
import { titleOf, type Incident } from './incident.ts';
import type { IncidentView } from './view.ts';

const SHOWN_RECORDS = 60;

/** State and timeline as Markdown: what an operator reads in the Web UI without opening a payload. */
export function currentDetails(view: IncidentView, locale: Locale = 'en'): string {
  const { incident, progress, level, levels, round, timeline, next } = view;
  const words = incidentWords(locale);
  const { state: say, labels } = words;
  const state = [
    `**${words.progress[progress]}**`,
    level === 0 ? say.nobodyYet : say.level(level, levels, round),
    ...(view.acknowledgedBy ? [say.acknowledged(literally(actorName(view.acknowledgedBy)))] : []),
    ...(view.snoozedUntil === undefined ? [] : [say.snoozed(view.snoozedUntil)]),
    ...(view.exhausted && progress === 'Triggered' ? [`**${view.toldNobody ? say.toldNobody : say.nobodyNow}**`] : []),
    ...(view.closedBy ? [say.closed(literally(actorName(view.closedBy)))] : []),
    ...(next && progress !== 'Closed'
      ? [say.next(literally(comingText(next.coming ?? next.what, { locale })), next.at)]
      : []),
  ];
  const pending = view.notifications.flatMap(({ medium, to, waiting }) =>
    waiting
      ? [
          `${literally(medium)} → ${literally(to)}: ${literally(say.waiting(waiting.account, waiting.since.slice(11, 19)))}`,
        ]
      : [],
  );
  const responders = words.list(view.responders.map(({ member }) => member));
  const rows = timeline.slice(-SHOWN_RECORDS).map((record) => {
    const { at, kind, via } = record;
    const how = via === undefined ? '' : words.because(literally(words.via(via)));
    return `| ${at.slice(11, 19)} | ${words.kinds[kind]} | ${literally(recordText(record, { locale }))}${how} |`;
  });
  return [
    `### [${words.severities[incident.severity]}] ${literally(incident.title)} #${view.number}`,
    state.join(' · '),
    `${labels.rule} ${literally(view.rule ?? labels.none)} · ${labels.responders} ${literally(responders || labels.none)}`,
    ...pending,
    '',
    `| UTC | ${labels.what} | |`,
    '|---|---|---|',
    ...rows,
  ].join('\n');
}

/** Of the 400 that the server takes; a codec needs some. */
const MOST_SUMMARY_BYTES = 300;

/** What lists of the Web UI show of an incident, as Markdown. It is said once, at the start. */
export function staticSummary(incident: Pick<Incident, 'id' | 'severity' | 'title'>): string {
  const words: string[] = [];
  let bytes = 0;
  // A character is cut as one with what escapes it.
  for (const character of literally(titleOf(incident)).match(/\\?./gsu) ?? []) {
    bytes += new TextEncoder().encode(character).length;
    if (bytes > MOST_SUMMARY_BYTES) return `[${incident.severity}] ${words.join('')}…`;
    words.push(character);
  }
  return `[${incident.severity}] ${words.join('')}`;
}
