import { actorName } from './actor.ts';
import type { Locale } from '../locale.ts';
import { comingText, incidentWords, recordText } from '../words/index.ts';
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
    ...(view.acknowledgedBy ? [say.acknowledged(plain(actorName(view.acknowledgedBy)))] : []),
    ...(view.snoozedUntil === undefined ? [] : [say.snoozed(view.snoozedUntil)]),
    ...(view.exhausted && progress === 'Triggered' ? [`**${view.toldNobody ? say.toldNobody : say.nobodyNow}**`] : []),
    ...(view.closedBy ? [say.closed(plain(actorName(view.closedBy)))] : []),
    ...(next && progress !== 'Closed'
      ? [say.next(plain(comingText(next.coming ?? next.what, { locale })), next.at)]
      : []),
  ];
  const pending = view.notifications.flatMap(({ medium, to, waiting }) =>
    waiting ? [`${plain(medium)} → ${plain(to)}: ${say.waiting(waiting.account, waiting.since.slice(11, 19))}`] : [],
  );
  const responders = words.list(view.responders.map(({ member }) => member));
  const rows = timeline.slice(-SHOWN_RECORDS).map((record) => {
    const { at, kind, via } = record;
    const how = via === undefined ? '' : words.because(plain(words.via(via)));
    return `| ${at.slice(11, 19)} | ${words.kinds[kind]} | ${plain(recordText(record, { locale }))}${how} |`;
  });
  return [
    `### [${words.severities[incident.severity]}] ${plain(incident.title)} #${view.number}`,
    state.join(' · '),
    `${labels.rule} ${plain(view.rule ?? labels.none)} · ${labels.responders} ${plain(responders || labels.none)}`,
    ...pending,
    '',
    `| UTC | ${labels.what} | |`,
    '|---|---|---|',
    ...rows,
  ].join('\n');
}

/** Incident text cannot become markup or break the table. */
function plain(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[\\`*_{}[\]<>#|]/g, '\\$&');
}
