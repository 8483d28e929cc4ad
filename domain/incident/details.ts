import { actorName } from './action.ts';
import type { IncidentView } from './view.ts';

const SHOWN_RECORDS = 60;

/** State and timeline as Markdown: what an operator reads in the Web UI without opening a payload. */
export function currentDetails(view: IncidentView): string {
  const { incident, progress, level, levels, round, timeline } = view;
  const state = [
    `**${progress}**`,
    level === 0 ? 'nobody told yet' : `level ${level} of ${levels}, round ${round}`,
    ...(view.acknowledgedBy ? [`acknowledged by ${plain(actorName(view.acknowledgedBy))}`] : []),
    ...(view.snoozedUntil === undefined ? [] : [`snoozed until ${view.snoozedUntil}`]),
    ...(view.exhausted && progress === 'Triggered'
      ? [view.toldNobody ? '**nobody could be told: an operator must act**' : '**nobody is being told now**']
      : []),
    ...(view.closedBy ? [`closed by ${plain(actorName(view.closedBy))}`] : []),
    ...(view.next && progress !== 'Closed' ? [`next: ${plain(view.next.what)} at ${view.next.at}`] : []),
  ];
  const responders = view.responders.map(({ member }) => member).join(', ');
  const rows = timeline
    .slice(-SHOWN_RECORDS)
    .map(
      ({ at, kind, text, via }) =>
        `| ${at.slice(11, 19)} | ${kind} | ${plain(text)}${via === undefined ? '' : ` (${plain(via)})`} |`,
    );
  return [
    `### [${incident.severity}] ${plain(incident.title)} #${view.number}`,
    state.join(' · '),
    `Rule ${plain(view.rule ?? '(none)')} · responders ${plain(responders || '(none)')}`,
    '',
    '| UTC | what | |',
    '|---|---|---|',
    ...rows,
  ].join('\n');
}

/** Incident text cannot become markup or break the table. */
function plain(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[\\`*_{}[\]<>#|]/g, '\\$&');
}
