import type { ErrorKind, Outcome, Route } from '../delivery.ts';
import { currentLevel, isOfFirstPolicy, isUnderWay, type Escalation, type Notification } from './escalation.ts';
import { adapterFacts } from '../media.ts';
import type { MediumPlan } from './plan.ts';
import type { Reason } from '../reason.ts';

/** What one attempt came to. */
export interface AttemptResult {
  route: Route;
  outcome: Outcome;
  /** Why the provider did not take it; absent when it did. */
  kind?: ErrorKind | 'expired' | 'cancelled';
  reason?: Reason;
  code?: string;
}

/** What to try next for one notification after an attempt failed. */
export type Next =
  { try: 'route'; route: Route; plain: boolean; reconcile: boolean } | { try: 'medium' } | { try: 'nothing' };

/** The outcomes after which the person does not know of the incident. */
const NOT_TOLD: readonly Outcome[] = ['rejected', 'unreachable', 'failed', 'expired'];

export function isNotTold(notification: Notification): boolean {
  const { outcome, overtaken } = notification;
  const isReplaced = overtaken === true && outcome === 'suppressed';
  return !isUnderWay(notification) && (isReplaced || NOT_TOLD.includes(outcome));
}

/** After a failed attempt: the same account in another way, the next account, another medium, or nothing. */
export function afterFailure(notification: Notification, result: AttemptResult): Next {
  const { trying, routes } = notification;
  const facts = adapterFacts(result.route.adapter);
  const again = (how: { plain: boolean; reconcile: boolean }): Next => ({ try: 'route', route: result.route, ...how });
  const nextRoute = routes[0];
  switch (result.kind) {
    case 'cancelled':
      return { try: 'nothing' };
    case 'rejected':
    case 'unreachable':
      return { try: 'medium' };
    case 'refused':
      if (facts.plainText && trying && !trying.plain) return again({ plain: true, reconcile: false });
      break;
    case 'unknown-outcome': {
      // A provider that can be asked is asked first; elsewhere the message is sent once more, because a duplicate is
      // better than silence.
      const asked = trying?.reconcile ?? true;
      if (!asked && (facts.reconciles || !nextRoute)) return again({ plain: trying?.plain ?? false, reconcile: true });
      break;
    }
    default:
  }
  return nextRoute ? { try: 'route', route: nextRoute, plain: false, reconcile: false } : { try: 'medium' };
}

/**
 * The medium that stands in for a failed one: the first the person was not told by in this round. Once per person and
 * round: while another stand-in is under way or has told them, there is no second.
 */
export function standIn(state: Escalation, failed: Notification): MediumPlan | undefined {
  const siblings = sameRound(state, failed);
  if (siblings.some((other) => other !== failed && other.standIn && !isNotTold(other))) return undefined;
  return failed.fallback.find(
    ({ medium, routes }) => routes.length > 0 && !siblings.some((other) => other.medium === medium),
  );
}

/** No other account and no other medium is left for this person: the attempt may wait in its queue for ever. */
export function isLastChance(state: Escalation, notification: Notification): boolean {
  return notification.routes.length === 0 && ('group' in notification.to || standIn(state, notification) === undefined);
}

/**
 * Nobody whom the level names knows, and nothing is under way that could change that. A level that names no people but
 * groups has reached nobody only when every post to them has failed.
 */
export function reachedNobody(state: Escalation): boolean {
  const told = state.notifications.filter(({ start }) => start === state.start);
  if (namesOnlyGroups(state) && !isOfFirstPolicy(state)) {
    const posts = told.filter(({ to, event }) => 'group' in to && event === 'opened');
    return posts.length > 0 && posts.every(isNotTold);
  }
  const people = told.filter(({ to }) => 'member' in to);
  return people.every(isNotTold) && !(people.length === 0 && state.nobodyOnPurpose);
}

function namesOnlyGroups(state: Escalation): boolean {
  const { to, groups = [] } = currentLevel(state) ?? {};
  return groups.length > 0 && to?.members.length === 0 && to.teams.length === 0 && to.schedules.length === 0;
}

function sameRound(state: Escalation, { to, start, level, round }: Notification): Notification[] {
  return state.notifications.filter(
    (other) =>
      'member' in other.to &&
      'member' in to &&
      other.to.member === to.member &&
      other.start === start &&
      other.level === level &&
      other.round === round,
  );
}
