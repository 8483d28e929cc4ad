import { currentLevel, recipientName, tellingEndsBy, type Escalation, type Notification } from './escalation.ts';
import type { Resolution } from './plan.ts';
import { isNotTold, reachedNobody } from './pursuit.ts';
import type { PassReport } from './record.ts';
import { isSame, type Step } from './step.ts';

/** Reasons kept of one pass. */
const MOST_GAPS = 10;

/** Planning has said whom a round tells. */
export function notePass({ state }: Step, { nobodyOnPurpose, notes }: Resolution): void {
  const { pass } = state;
  if (!pass) return;
  state.pass = {
    ...pass,
    meansSomebody: pass.meansSomebody || !nobodyOnPurpose,
    gaps: distinct([...pass.gaps, ...notes]).slice(0, MOST_GAPS),
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
      return { member, tries: distinct(theirs.map(tryOf)) };
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

function tryOf({ medium, outcome, reason, trying }: Notification): PassReport['untold'][number]['tries'][number] {
  const why = trying ? { key: 'not-taken-yet' as const, account: trying.route.account } : reason;
  return { medium, outcome, ...(why !== undefined && { reason: why }) };
}

function distinct<T>(all: readonly T[]): T[] {
  return all.filter((one, index) => all.findIndex((other) => isSame(one, other)) === index);
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
