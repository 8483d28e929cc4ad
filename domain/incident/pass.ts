import { currentLevel, recipientName, tellingEndsBy, type Escalation, type Notification } from './escalation.ts';
import type { Resolution } from './plan.ts';
import { isNotTold, reachedNobody } from './pursuit.ts';
import type { Step } from './step.ts';

/** Whom the present pass through the levels has told and whom not: what the end of all levels says and leads to. */
export interface PassReport {
  /** Members whom a provider took a page for. */
  told: string[];
  /** Members for whom that never happened, with what became of it by each medium. */
  untold: { member: string; reasons: string[] }[];
  /** Why rounds told fewer people than the rule names. */
  gaps: string[];
  /** Groups that were posted to. */
  groups: string[];
  /** The rule means to tell people of this severity. */
  meansSomebody: boolean;
}

/** Reasons kept of one pass. */
const MOST_GAPS = 10;

/** Planning has said whom a round tells. */
export function notePass({ state }: Step, { nobodyOnPurpose, notes }: Resolution): void {
  const { pass } = state;
  if (!pass) return;
  state.pass = {
    ...pass,
    meansSomebody: pass.meansSomebody || !nobodyOnPurpose,
    gaps: [...new Set([...pass.gaps, ...notes])].slice(0, MOST_GAPS),
  };
}

export function reportPass(state: Escalation): PassReport {
  const { start = 0, meansSomebody = true, gaps = [] } = state.pass ?? {};
  const pages = state.notifications.filter((one) => one.start >= start && one.event === 'opened');
  const namesOf = (some: readonly Notification[]): string[] => [...new Set(some.map(recipientName))];
  const toPeople = pages.filter(({ to }) => 'member' in to);
  const told = namesOf(toPeople.filter(hasReached));
  const untold = namesOf(toPeople).filter((member) => !told.includes(member));
  return {
    told,
    untold: untold.map((member) => {
      const theirs = toPeople.filter((one) => recipientName(one) === member);
      return { member, reasons: [...new Set(theirs.map(reasonOf))] };
    }),
    gaps,
    groups: namesOf(pages.filter((one) => 'group' in one.to && hasReached(one))),
    meansSomebody,
  };
}

/** A provider took it, or may have; a phone rang, or may have. */
function hasReached(notification: Notification): boolean {
  return !isNotTold(notification) && notification.outcome !== 'pending' && notification.outcome !== 'suppressed';
}

function reasonOf({ medium, outcome, reason, trying }: Notification): string {
  const waits = trying && `no worker of ${trying.route.account} has taken it yet`;
  return `${medium}: ${waits ?? reason ?? outcome}`;
}

/** Nobody could be told whom the rule means to tell. Posts to groups are nobody, and so is the last resort itself. */
export function hasToldNobody(state: Escalation): boolean {
  const { told, meansSomebody } = reportPass(state);
  return meansSomebody && told.length === 0;
}

/**
 * When the last resort is told, once the rounds of the last level are over: at once, or when the clock of a level has
 * run down that waits for it although it has told nobody. Undefined where it is not told at all.
 */
export function lastResortAt(state: Escalation): number | undefined {
  const { match, direct, levelStartedAt } = state;
  const level = currentLevel(state);
  if (!match?.lastResort || !level || direct?.lastResort || !hasToldNobody(state)) return undefined;
  const waits = level.whenNobodyReached === 'wait' || !reachedNobody(state);
  return Math.max(tellingEndsBy(state) ?? 0, levelStartedAt + (waits ? level.escalateAfterMs : 0));
}

/** What the timeline says when all levels have ended. */
export function exhaustedText(report: PassReport): string {
  const { told, groups, meansSomebody } = report;
  if (told.length > 0) {
    const missed = missedText(report);
    const except = missed === '' ? '' : `, not told: ${missed}`;
    return `told ${told.join(', ')}${except}: nobody acknowledged and nobody is being told now, an operator must act`;
  }
  if (meansSomebody) return `${nobodyText(report)}: an operator must act`;
  const posted = groups.length === 0 ? '' : `, it was posted to ${groups.join(', ')}`;
  return `the rule tells nobody of this severity${posted}`;
}

/** Such as `nobody was told (carol by sms: no phone; nobody is on duty in db-primary)`. */
export function nobodyText(report: PassReport): string {
  const posted = report.groups.length === 0 ? [] : [`it was posted to ${report.groups.join(', ')}`];
  const why = [missedText(report), ...posted].filter((part) => part !== '').join('; ');
  return why === '' ? 'nobody was told' : `nobody was told (${why})`;
}

function missedText({ untold, gaps }: PassReport): string {
  return [...untold.map(({ member, reasons }) => `${member} by ${reasons.join(' and by ')}`), ...gaps].join('; ');
}
