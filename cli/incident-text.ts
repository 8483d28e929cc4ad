import type { createColors } from 'picocolors';
import { actorName } from '../domain/incident/actor.ts';
import { asStored } from '../domain/incident/record.ts';
import {
  isStuck,
  type AttemptView,
  type IncidentView,
  type LostRun,
  type NotificationView,
  type ReasonView,
  type RecordView,
} from '../domain/incident/view.ts';
import type { Outcome } from '../domain/delivery.ts';
import type { Locale } from '../domain/locale.ts';
import { comingText, incidentWords, reasonText, recordText } from '../domain/words/index.ts';
import { legibleLine } from '../domain/legible.ts';
import { troubleOf, troubleshooting } from '../domain/troubleshooting.ts';
import { columns } from './table.ts';

/** How a person wants to read it. */
export interface Look {
  colors: ReturnType<typeof createColors>;
  /** IANA name. */
  timeZone: string;
  locale: Locale;
  /** Milliseconds since 1970. */
  now: number;
}

/** The state in a line: `#9KCVES Processing · acknowledged by primary · level 1 of 2, round 1`. */
export function stateLine(view: IncidentView, look: Look): string {
  const { colors, locale } = look;
  const { progress, level, levels, round, next } = view;
  const words = incidentWords(locale);
  const { state: say } = words;
  const paint = { Triggered: colors.red, Processing: colors.yellow, Closed: colors.green }[progress];
  const parts = [
    `#${view.number} ${colors.bold(paint(words.progress[progress]))}`,
    ...(view.acknowledgedBy && progress === 'Processing'
      ? [say.acknowledged(plain(actorName(view.acknowledgedBy)))]
      : []),
    ...(view.snoozedUntil === undefined ? [] : [say.snoozed(nearClock(view.snoozedUntil, look))]),
    ...(progress === 'Closed'
      ? [closing(view, look)]
      : [level === 0 ? say.nobodyYet : say.level(level, levels, round)]),
    ...(view.exhausted && progress === 'Triggered'
      ? [colors.red(view.toldNobody ? say.toldNobody : say.nobodyNow)]
      : []),
    ...(next && progress !== 'Closed'
      ? [say.next(plain(comingText(next.coming ?? next.what, look)), nearClock(next.at, look))]
      : []),
  ];
  return parts.join(' · ');
}

/** A run that was lost, as a line of its own. */
export function lostLine({ how, at }: LostRun, look: Look): string {
  return look.colors.red(incidentWords(look.locale).state.lost(how, nearClock(at, look)));
}

/** Everything about an incident, as lines for a terminal. Of a lost run nothing comes next. */
export function statusText({ next, ...standing }: IncidentView, look: Look, lost?: LostRun): string {
  const view: IncidentView = next && !lost ? { ...standing, next } : standing;
  const { colors } = look;
  const { incident, responders, notifications, timeline } = view;
  const { labels: say, state, severities, because } = incidentWords(look.locale);
  const about = [
    [say.workflow, plain(view.workflowId)],
    ...(incident.description === '' ? [] : [[say.description, plain(incident.description)]]),
    ...(incident.channel === undefined ? [] : [[say.channel, plain(incident.channel)]]),
    ...(incident.source === undefined ? [] : [[say.source, plain(incident.source)]]),
    ...(incident.detailUrl === undefined ? [] : [[say.details, plain(incident.detailUrl)]]),
    ...Object.entries(incident.labels).map(([key, value]) => [say.label, plain(`${key}=${value}`)]),
    [say.rule, `${plain(view.rule ?? say.none)}, ${say.configuration} ${view.configuration || say.none}`],
    ...responders.map(({ member, acknowledgedAt }) => [
      say.responder,
      plain(member) +
        (acknowledgedAt === undefined ? '' : colors.green(` ${state.acknowledgedAt(nearClock(acknowledgedAt, look))}`)),
    ]),
  ];
  return [
    colors.bold(`[${severities[incident.severity]}] ${plain(incident.title)}`),
    stateLine(view, look),
    ...(lost ? [lostLine(lost, look)] : []),
    '',
    ...columns(about),
    ...(notifications.length === 0
      ? []
      : [
          '',
          colors.bold(say.notifications),
          ...columns(alike(notifications).flatMap((group) => notificationRows(group, look))),
          ...remedies(notifications, look).map((line) => colors.dim(line)),
        ]),
    '',
    colors.bold(`${say.timeline}${because(look.timeZone)}`),
    ...timelineLines(timeline, look),
  ].join('\n');
}

/** One line a record, with a line for each new day; `after` is the record printed before these. */
export function timelineLines(records: readonly RecordView[], look: Look, after?: RecordView): string[] {
  let day = after && date(after.at, look);
  return repeated(records, look).flatMap(({ record, line, times, lastAt }) => {
    const today = date(record.at, look);
    const said = times === 1 ? line : `${line} ×${times}${lastText(record.at, lastAt, look)}`;
    if (today === day) return [said];
    day = today;
    return [look.colors.dim(today), said];
  });
}

interface Repeated {
  record: RecordView;
  line: string;
  times: number;
  lastAt: string;
}

/** Records that happen round for round by themselves; every other record begins a new part of the story. */
const ROUND_FOR_ROUND: readonly RecordView['kind'][] = ['notified', 'assigned', 'missed', 'repaired'];

/**
 * Records that give a reason stand together where they say the same in one part of the story: an operator reads a
 * failure that came with each of twelve rounds once. Messages that went out keep a line each, because their times matter.
 */
function repeated(records: readonly RecordView[], look: Look): Repeated[] {
  const all: Repeated[] = [];
  const said = new Map<string, Repeated>();
  for (const record of records) {
    if (!ROUND_FOR_ROUND.includes(record.kind)) said.clear();
    const { at } = record;
    const what = happeningText(record, look);
    const before = 'reason' in record ? said.get(what) : undefined;
    if (before) {
      before.times += 1;
      before.lastAt = at;
      continue;
    }
    const one = { record, line: `${look.colors.dim(clock(at, look))}  ${what}`, times: 1, lastAt: at };
    said.set(what, one);
    all.push(one);
  }
  return all;
}

function lastText(first: string, last: string, look: Look): string {
  const day = date(last, look);
  const time = day === date(first, look) ? clock(last, look) : `${day} ${clock(last, look)}`;
  const { because, state } = incidentWords(look.locale);
  return because(state.lastTime(time));
}

/** Without its time. */
function happeningText(record: RecordView, look: Look): string {
  const { colors, locale } = look;
  const { kind, via } = record;
  const words = incidentWords(locale);
  // The English kinds are those of the JSON; Chinese characters are twice as wide.
  const what = locale === 'en' ? kind.padEnd('responder-added'.length) : words.kinds[kind].padEnd(5, '\u3000');
  const text = plain(recordText(asStored(record), look));
  const how = via === undefined ? '' : colors.dim(words.because(plain(words.via(via))));
  return `${colors.cyan(what)}  ${text}${how}`;
}

/** Groups notifications that failed in the same way for the same reason, so that their rounds are printed as one. */
function alike(notifications: readonly NotificationView[]): NotificationView[][] {
  const groups = new Map<string, NotificationView[]>();
  for (const notification of notifications) {
    const { id, level, to, medium, event, outcome, reason, attempts } = notification;
    const tries = attempts.map(({ account, outcome, reason }) => [account, outcome, reason]);
    const key = reason === undefined ? id : JSON.stringify([level, to, medium, event, outcome, reason, tries]);
    groups.set(key, [...(groups.get(key) ?? []), notification]);
  }
  return [...groups.values()];
}

/** The outcome, and below it every attempt where there was more than one. */
function notificationRows(group: NotificationView[], look: Look): string[][] {
  const [first, last] = [group[0], group.at(-1)];
  if (!first || !last) return [];
  const { id, level, round, to, medium, event = 'opened', outcome, attempts, waiting } = first;
  const { state, kinds, because: inBrackets } = incidentWords(look.locale);
  const isMany = group.length > 1;
  const what = event === 'opened' ? '' : inBrackets(look.locale === 'en' ? event : kinds[event]);
  const head = [
    isMany ? `${id}…${last.id}` : id,
    `L${level} r${round}${isMany ? `…${last.round}` : ''}`,
    plain(`${mediumText(medium, look)} → ${to}${what}`),
    outcomeText(outcome, look),
  ];
  if (waiting && isStuck(first, look.now)) {
    const since = plain(state.waiting(waiting.account, nearClock(waiting.since, look)));
    return [[...head, look.colors.red(`${since}: ${state.stuck}`)]];
  }
  const times = isMany ? ` ×${group.length}` : '';
  const reason = because(first, look);
  if (attempts.length < 2) {
    const [only] = attempts;
    const parts = [only?.account ?? waiting?.account, reason].filter((part) => part !== undefined && part !== '');
    return [[...head, parts.map((text) => plain(text ?? '')).join(': ') + times]];
  }
  return [[...head, plain(reason) + times], ...attempts.map((attempt) => attemptRow(attempt, look))];
}

function attemptRow(attempt: AttemptView, look: Look): string[] {
  const { account, outcome, code } = attempt;
  const why = [code === undefined ? '' : `[${code}]`, because(attempt, look)].filter(Boolean).join(' ');
  return ['', '', `  ${plain(account)}`, outcomeText(outcome, look), plain(why)];
}

function because({ why, reason = '' }: ReasonView, look: Look): string {
  return reasonText(why ?? reason, look);
}

/** In English by the words of the JSON and of the documents. */
function outcomeText(outcome: Outcome, { locale }: Look): string {
  return locale === 'en' ? outcome : incidentWords(locale).outcomes[outcome];
}

function mediumText(medium: string, { locale }: Look): string {
  const { media } = incidentWords(locale);
  return locale === 'en' ? medium : ((media as Readonly<Record<string, string>>)[medium] ?? medium);
}

/** Where each kind of failure among them is explained, once. */
function remedies(notifications: readonly NotificationView[], { locale }: Look): string[] {
  const troubles = notifications.flatMap(({ attempts }) => attempts.flatMap((attempt) => troubleOf(attempt) ?? []));
  return [...new Set(troubles)].map((trouble) => `${trouble}: ${troubleshooting(trouble, locale)}`);
}

function closing({ outcome, closedBy, resolution }: IncidentView, { locale }: Look): string {
  const { state: say } = incidentWords(locale);
  if (outcome === 'unmatched') return say.noRule;
  return `${say.closed(plain(actorName(closedBy)))}${resolution === undefined ? '' : `: ${plain(resolution)}`}`;
}

/** Whose acknowledgments the last escalation took back, as a line for whoever escalated. */
export function tookBack({ timeline }: IncidentView, { locale }: Look): string[] {
  const last = timeline.findLast(({ kind }) => kind === 'escalated');
  const who = last && 'takesBack' in last ? (last.takesBack ?? []) : [];
  const words = incidentWords(locale);
  return who.length === 0 ? [] : [words.state.tookBack(plain(words.list(who.map(actorName))))];
}

/** With its date, unless it is today. */
function nearClock(at: string, look: Look): string {
  const day = date(at, look);
  return day === date(new Date(look.now).toISOString(), look) ? clock(at, look) : `${day} ${clock(at, look)}`;
}

function clock(at: string, { timeZone }: Look): string {
  return new Date(at).toLocaleTimeString('en-GB', { timeZone });
}

/** `2026-11-21`: the Swedes write dates like ISO 8601. */
function date(at: string, { timeZone }: Look): string {
  return new Date(at).toLocaleDateString('sv-SE', { timeZone });
}

/** Texts of an incident come from outside: none may steer the terminal. */
export const plain = legibleLine;
