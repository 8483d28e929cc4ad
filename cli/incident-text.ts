import type { createColors } from 'picocolors';
import { actorName } from '../domain/incident/action.ts';
import type { IncidentView, NotificationView, RecordView } from '../domain/incident/view.ts';
import { troubleOf, troubleshooting } from '../domain/troubleshooting.ts';
import { columns } from './table.ts';

/** How a person wants to read it. */
export interface Look {
  colors: ReturnType<typeof createColors>;
  /** IANA name. */
  timeZone: string;
}

/** The state in a line: `#9KCVES Processing · acknowledged by primary · level 1 of 2, round 1`. */
export function stateLine(view: IncidentView, look: Look): string {
  const { colors } = look;
  const { progress, level, levels, round, next } = view;
  const paint = { Triggered: colors.red, Processing: colors.yellow, Closed: colors.green }[progress];
  const parts = [
    `#${view.number} ${colors.bold(paint(progress))}`,
    ...(view.acknowledgedBy && progress === 'Processing'
      ? [`acknowledged by ${plain(actorName(view.acknowledgedBy))}`]
      : []),
    ...(view.snoozedUntil === undefined ? [] : [`snoozed until ${clock(view.snoozedUntil, look)}`]),
    ...(progress === 'Closed'
      ? [closing(view)]
      : [level === 0 ? 'nobody told yet' : `level ${level} of ${levels}, round ${round}`]),
    ...(view.exhausted && progress === 'Triggered' ? [colors.red(exhaustedText(view))] : []),
    ...(next && progress !== 'Closed' ? [`next: ${plain(next.what)} at ${clock(next.at, look)}`] : []),
  ];
  return parts.join(' · ');
}

function exhaustedText({ toldNobody }: IncidentView): string {
  return toldNobody ? 'nobody could be told: an operator must act' : 'nobody acknowledged, nobody is being told now';
}

/** Everything about an incident, as lines for a terminal. */
export function statusText(view: IncidentView, look: Look): string {
  const { colors } = look;
  const { incident, responders, notifications, timeline } = view;
  const about = [
    ['workflow', view.workflowId],
    ...(incident.description === '' ? [] : [['description', plain(incident.description)]]),
    ...(incident.channel === undefined ? [] : [['channel', plain(incident.channel)]]),
    ...(incident.source === undefined ? [] : [['source', plain(incident.source)]]),
    ...(incident.detailUrl === undefined ? [] : [['details', plain(incident.detailUrl)]]),
    ...Object.entries(incident.labels).map(([key, value]) => ['label', plain(`${key}=${value}`)]),
    ['rule', `${plain(view.rule ?? '(none)')}, configuration ${view.configuration || '(none)'}`],
    ...responders.map(({ member, acknowledgedAt }) => [
      'responder',
      plain(member) +
        (acknowledgedAt === undefined ? '' : colors.green(` acknowledged at ${clock(acknowledgedAt, look)}`)),
    ]),
  ];
  return [
    colors.bold(`[${incident.severity}] ${plain(incident.title)}`),
    stateLine(view, look),
    '',
    ...columns(about),
    ...(notifications.length === 0
      ? []
      : [
          '',
          colors.bold('Notifications'),
          ...columns(notifications.flatMap(notificationRows)),
          ...remedies(notifications).map((line) => colors.dim(line)),
        ]),
    '',
    colors.bold(`Timeline (${look.timeZone})`),
    ...timelineLines(timeline, look),
  ].join('\n');
}

/** One line a record, with a line for each new day; `after` is the record printed before these. */
export function timelineLines(records: readonly RecordView[], look: Look, after?: RecordView): string[] {
  let day = after && date(after.at, look);
  return records.flatMap((record) => {
    const today = date(record.at, look);
    const line = recordLine(record, look);
    if (today === day) return [line];
    day = today;
    return [look.colors.dim(today), line];
  });
}

function recordLine({ at, kind, text, via }: RecordView, look: Look): string {
  const { colors } = look;
  return [
    colors.dim(clock(at, look)),
    colors.cyan(kind.padEnd('responder-added'.length)),
    plain(text) + (via === undefined ? '' : colors.dim(` (${plain(via)})`)),
  ].join('  ');
}

/** The outcome, and below it every attempt where there was more than one. */
function notificationRows(notification: NotificationView): string[][] {
  const { id, level, round, to, medium, outcome, reason, attempts } = notification;
  const head = [id, `L${level} r${round}`, plain(`${medium} → ${to}`), outcome, plain(reason ?? '')];
  if (attempts.length < 2) {
    const [only] = attempts;
    return [
      [
        ...head.slice(0, 4),
        [only?.account, reason]
          .filter(Boolean)
          .map((text) => plain(text ?? ''))
          .join(': '),
      ],
    ];
  }
  return [
    head,
    ...attempts.map(({ account, outcome, reason, code }) => {
      const why = [code === undefined ? '' : `[${code}]`, reason ?? ''].filter(Boolean).join(' ');
      return ['', '', plain(`  ${account}`), outcome, plain(why)];
    }),
  ];
}

/** Where each kind of failure among them is explained, once. */
function remedies(notifications: readonly NotificationView[]): string[] {
  const troubles = notifications.flatMap(({ attempts }) => attempts.flatMap((attempt) => troubleOf(attempt) ?? []));
  return [...new Set(troubles)].map((trouble) => `${trouble}: ${troubleshooting(trouble)}`);
}

function closing({ outcome, closedBy, resolution }: IncidentView): string {
  if (outcome === 'unmatched') return 'no rule matches';
  return `closed by ${plain(actorName(closedBy))}${resolution === undefined ? '' : `: ${plain(resolution)}`}`;
}

function clock(at: string, { timeZone }: Look): string {
  return new Date(at).toLocaleTimeString('en-GB', { timeZone });
}

/** `2026-11-21`: the Swedes write dates like ISO 8601. */
function date(at: string, { timeZone }: Look): string {
  return new Date(at).toLocaleDateString('sv-SE', { timeZone });
}

/** Texts of an incident come from outside: none may steer the terminal. */
export function plain(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
