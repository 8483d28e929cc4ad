import type { Handle, Route } from '../delivery.ts';
import {
  BOUNDS,
  currentLevel,
  isAwake,
  isOfFirstPolicy,
  isUnderWay,
  recipientName,
  type Acknowledgment,
  type Escalation,
  type Notification,
  type Wave,
} from './escalation.ts';
import { legibleLine } from '../legible.ts';
import { adapterFacts, canEnd } from '../media.ts';
import { titleOf } from './incident.ts';
import { refOf } from './occurrence.ts';
import { mannerOf, type GroupPlan, type PersonPlan, type Resolution } from './plan.ts';
import { isLastChance, isNotTold, standIn } from './pursuit.ts';
import { notePass } from './pass.ts';
import type { Reason } from '../reason.ts';
import type { EarlierAttempt } from './record.ts';
import type { GroupEvent } from './rule.ts';
import { assign, isSame, note, progressTo, type Once, type RoundAsked, type Step } from './step.ts';

/** A Critical that waits longer for the line also goes out by another medium. */
const CRITICAL_LINE_MS = 20_000;
/** A call that has not begun by then is given up. */
export const LINE_MS = 10 * 60_000;

export interface Resolved extends RoundAsked {
  resolution: Resolution;
}

/** Planning has said who is to be told: now they are, unless it no longer matters. */
export function tellRound(step: Step, answer: Resolved): void {
  const { state } = step;
  const { resolution, once } = answer;
  const isCurrent = answer.start === state.start && answer.round === state.round;
  if (isCurrent && !once) state.resolving = false;
  const kept = isCurrent && !once ? keepAcknowledgments(step, resolution.people) : [];
  const isAdding = once?.who === 'newcomers' || kept.length > 0;
  const isRegardless = isAdding || once !== undefined || (state.regardless && answer.round === 1);
  const isWanted = isAdding ? state.progress !== 'Closed' : (once ?? isCurrent) && isLoud(state, isRegardless);
  if (!isWanted) return;
  if (state.match) state.match = { ...state.match, configuration: resolution.configuration };
  for (const reason of resolution.notes) note(step, { kind: 'assigned', reason });
  const newcomers = assignNewcomers(step, resolution.people);
  if (once) state.starts += 1;
  else {
    state.nobodyOnPurpose = resolution.nobodyOnPurpose;
    notePass(step, resolution);
  }
  const wave = { level: state.level, round: state.round, start: once ? state.starts : state.start };
  const people =
    once?.who === 'newcomers' ? newcomers : resolution.people.filter(({ member }) => !kept.includes(member));
  const intents = [
    ...people.flatMap((person) => intentsFor(person)),
    ...(once ? [] : resolution.groups.filter(hearsOfPage).map((group) => intentFor(group))),
  ];
  const how = { ...wave, regardless: isRegardless, ...(isAdding && { added: true as const }) };
  // All are written down before the first is sent: what stands in for a failed one depends on the others.
  const planned = intents.map(({ unreachable, ...intent }) => ({
    notification: plan(step, { ...intent, ...how }),
    unreachable,
  }));
  for (const { notification, unreachable } of planned) begin(step, notification, unreachable);
  if (!once) listen(step, resolution.groups);
}

/** Tells these people besides the level's rounds. */
export function askOnce({ state, commands }: Step, once: Once): void {
  const { start, level, round } = state;
  commands.push({ do: 'resolve', start, level, round, once });
}

function assignNewcomers(step: Step, people: PersonPlan[]): PersonPlan[] {
  const known = step.state.responders.map(({ member }) => member);
  const newcomers = people.filter(({ member }) => !known.includes(member));
  for (const { member } of newcomers) assign(step, member);
  if (newcomers.length > 0) note(step, { kind: 'assigned', members: newcomers.map(({ member }) => member) });
  return newcomers;
}

/**
 * It was given to people of whom some had acknowledged before: they still have, and only the others need to be told.
 * @returns those who had.
 */
function keepAcknowledgments(step: Step, people: PersonPlan[]): string[] {
  const { state } = step;
  const { direct } = state;
  if (!direct?.acknowledged) return [];
  state.direct = { level: direct.level };
  if (state.progress === 'Closed' || state.snoozedUntil !== undefined) return [];
  const named = [...direct.level.to.members, ...people.map(({ member }) => member)];
  const kept = direct.acknowledged.filter(({ by: { member = '' } }) => named.includes(member));
  if (kept.length === 0) return [];
  const isKept = ({ by }: Acknowledgment): boolean => kept.some((one) => one.by.member === by.member);
  state.acknowledgments = [...kept, ...state.acknowledgments.filter((one) => !isKept(one))];
  note(step, { kind: 'acknowledged', still: kept.map(({ by }) => by) });
  progressTo(step, 'Processing');
  return kept.flatMap(({ by }) => by.member ?? []);
}

function isLoud(state: Escalation, isRegardless: boolean): boolean {
  return isAwake(state) || (isRegardless && isAcknowledged(state));
}

type Intent = Wave & Pick<Notification, 'to' | 'medium' | 'routes' | 'fallback'> & Partial<Notification>;
type Planned = Omit<Intent, keyof Wave> & { unreachable?: Reason | undefined };

function intentsFor({ member, media, fallback }: PersonPlan): Planned[] {
  return media.map(({ medium, routes, reason }) => ({
    to: { member },
    medium,
    routes,
    fallback: fallback[medium] ?? [],
    unreachable: reason,
  }));
}

function intentFor(group: GroupPlan): Planned {
  const { account, adapter } = group;
  return { to: { group }, medium: account, routes: [{ account, adapter }], fallback: [] };
}

function plan({ state, now }: Step, intent: Intent): Notification {
  state.lastId += 1;
  const notification: Notification = {
    id: `n${state.lastId}`,
    at: now,
    event: 'opened',
    standIn: false,
    regardless: false,
    withdrawn: false,
    outcome: 'pending',
    attempts: [],
    ...intent,
  };
  state.notifications.push(notification);
  return notification;
}

function begin(step: Step, notification: Notification, unreachable: Reason = { key: 'no-carrier' }): void {
  const [first, ...rest] = notification.routes;
  if (!first) {
    conclude(step, notification, 'unreachable', unreachable);
    standInFor(step, notification);
  } else if (notification.medium === 'voice' && 'member' in notification.to) {
    requestCall(step, notification, notification.to.member, [first, ...rest]);
  } else {
    notification.routes = rest;
    overtake(step, notification);
    send(step, notification, first, { plain: false, reconcile: false });
  }
}

/**
 * An earlier page to the same recipient by the same medium that still waits for its provider's queue gives way to this
 * one: when a stuck queue is released, people get the newest page, not one for every round in the same second. A page
 * that has left meanwhile counts as what it came to.
 */
function overtake({ state, commands }: Step, newer: Notification): void {
  if (newer.event !== 'opened' || isOfFirstPolicy(state)) return;
  for (const older of state.notifications) {
    const isSame = older.event === 'opened' && older.medium === newer.medium && isSameRecipient(older.to, newer.to);
    if (!isSame || older === newer || !older.trying || older.withdrawn || older.overtaken) continue;
    older.overtaken = true;
    commands.push({ do: 'withdraw', notification: older.id });
  }
}

function isSameRecipient(one: Notification['to'], other: Notification['to']): boolean {
  return 'group' in other ? isSameGroup(one, other.group) : 'member' in one && one.member === other.member;
}

export function send(
  { state, commands, now }: Step,
  notification: Notification,
  route: Route,
  { plain, reconcile }: { plain: boolean; reconcile: boolean },
): void {
  notification.trying = { route, look: state.look, plain, reconcile, since: now };
  const patient = isLastChance(state, notification);
  commands.push({ do: 'send', notification: notification.id, route, plain, reconcile, patient });
}

function requestCall(
  { state, commands, now }: Step,
  notification: Notification,
  member: string,
  routes: [Route, ...Route[]],
): void {
  const { severity, channel } = state.incident;
  const isCritical = severity === 'Critical';
  notification.wait = isCritical
    ? { until: now + CRITICAL_LINE_MS, what: 'line' }
    : { until: now + LINE_MS, what: 'long line' };
  commands.push({
    do: 'call',
    request: {
      ...refOf(state),
      notification: notification.id,
      member,
      number: state.number,
      title: titleOf(state.incident),
      severity,
      ...(channel !== undefined && { channel: legibleLine(channel) }),
      level: notification.level,
      routes,
    },
  });
}

/**
 * Another medium for a person whom this one did not reach.
 * @returns whether there was one, and it is still wanted.
 */
export function standInFor(step: Step, failed: Notification): boolean {
  const { state } = step;
  const found = isWanted(state, failed) ? standIn(state, failed) : undefined;
  if (!found) return false;
  const { to, level, round, start, regardless, added } = failed;
  const { medium, routes } = found;
  const fallback = failed.fallback.filter((other) => other !== found);
  const how = { level, round, start, regardless, ...(added && { added }) };
  begin(step, plan(step, { to, ...how, medium, routes, fallback, standIn: true }));
  return true;
}

function isWanted(state: Escalation, { withdrawn, added, regardless, start }: Notification): boolean {
  if (withdrawn || state.progress === 'Closed') return false;
  return added === true || (regardless && isAcknowledged(state)) || (isAwake(state) && start === state.start);
}

/** Nobody picked up: once more in this round, where the level says so. */
export function redial(step: Step, unanswered: Notification): void {
  const { state } = step;
  const { to, level, round, start, regardless, medium, routes, fallback } = unanswered;
  const isWanted = currentLevel(state)?.redial && start === state.start && isAwake(state);
  if (!isWanted || unanswered.redial || unanswered.withdrawn) return;
  begin(step, plan(step, { to, level, round, start, regardless, medium, routes, fallback, redial: true }));
}

/** A word to the groups of the levels that have started, as each chose; where cards are redrawn, these say it. */
export function tellGroups(step: Step, event: GroupEvent): void {
  const { listeners = [] } = step.state;
  for (const group of [...postedGroups(step.state), ...listeners]) {
    const { threads, verbose } = mannerOf(group);
    const cardSaysIt = !threads && !verbose && hasCard(step.state, group);
    if (!cardSaysIt && wantsToHear(group, event)) post(step, group, event);
  }
}

function post(step: Step, group: GroupPlan, event: GroupEvent): void {
  const { level, round, start } = step.state;
  const { unreachable: _, ...intent } = intentFor(group);
  begin(step, plan(step, { ...intent, level, round, start, event }));
}

function wantsToHear({ events }: GroupPlan, event: GroupEvent): boolean {
  return events.length === 0 || events.includes(event);
}

function hearsOfPage(group: GroupPlan): boolean {
  return wantsToHear(group, 'opened');
}

/**
 * From now on these hear what they chose. What began their level is the first of it: that it was escalated, or that the
 * incident was opened again.
 */
function listen(step: Step, groups: GroupPlan[]): void {
  const { state } = step;
  const { listeners = [] } = state;
  const isKnown = (group: GroupPlan): boolean =>
    [...postedGroups(state), ...listeners].some((known) => isSameGroup({ group: known }, group));
  const newcomers = groups.filter((group) => !hearsOfPage(group) && !isKnown(group));
  if (newcomers.length === 0) return;
  state.listeners = [...listeners, ...newcomers];
  const isReopened = state.timeline.some(({ kind }) => kind === 'reopened');
  const began = state.level > 1 ? 'escalated' : isReopened ? 'reopened' : undefined;
  for (const group of newcomers) if (began && wantsToHear(group, began)) post(step, group, began);
}

/** A card of its own is redrawn there; a mere link or text, which some accounts send in its place, is not. */
function hasCard({ notifications }: Escalation, group: GroupPlan): boolean {
  const mayBe = notifications.filter(
    ({ to, outcome, sent }) => isSameGroup(to, group) && (sent ?? outcome === 'pending'),
  );
  return adapterFacts(group.adapter).redraws && mayBe.length > 0;
}

/** The first message to a group that keeps threads, as the account that sent it knows it. */
export function threadOf(
  { notifications }: Escalation,
  { to, event }: Notification,
  account: string,
): Handle | undefined {
  if (!('group' in to) || !mannerOf(to.group).threads || event === 'opened') return undefined;
  return notifications.find((one) => isSameGroup(one.to, to.group) && one.sent?.route.account === account)?.sent
    ?.handle;
}

function isSameGroup(to: Notification['to'], { account, chat }: GroupPlan): boolean {
  return 'group' in to && to.group.account === account && to.group.chat === chat;
}

function postedGroups({ notifications }: Escalation): GroupPlan[] {
  const posted = new Map<string, GroupPlan>();
  for (const notification of notifications) {
    const { to, event, outcome } = notification;
    if (!('group' in to) || event !== 'opened' || isNotTold(notification) || outcome === 'suppressed') continue;
    posted.set(JSON.stringify([to.group.account, to.group.chat]), to.group);
  }
  return [...posted.values()];
}

/** Nothing that has not left may leave any more. */
export function withdraw(step: Step, isExempt: (notification: Notification) => boolean = () => false): void {
  for (const notification of step.state.notifications) {
    const isTelling = notification.event === 'opened' && isUnderWay(notification) && !notification.withdrawn;
    if (!isTelling || isExempt(notification)) continue;
    notification.withdrawn = true;
    if (notification.wait?.what === 'ringing') {
      // How it ends is still to be told; most providers let it ring on.
      if (canEnd(notification.attempts.at(-1)?.adapter)) drop(step, notification);
      continue;
    }
    if (notification.wait) {
      drop(step, notification);
      delete notification.wait;
      conclude(step, notification, 'suppressed', { key: 'no-longer-needed' });
    } else {
      step.commands.push({ do: 'withdraw', notification: notification.id });
    }
  }
}

/** Takes the incident out of the queue for a telephone. */
export function drop({ commands }: Step, { id, line }: Notification): void {
  if (line !== undefined) commands.push({ do: 'drop', notification: id, line });
}

/** Cards that show an older state are drawn again, newest first, one redraw at a time each. */
export function redraw({ state, commands }: Step): void {
  for (const notification of state.notifications.toReversed()) {
    const { sent } = notification;
    if (!sent || sent.redrawing || sent.look === state.look || !adapterFacts(sent.route.adapter).redraws) continue;
    notification.sent = { ...sent, redrawing: true };
    const { route, handle } = sent;
    commands.push({ do: 'redraw', notification: notification.id, route, handle, look: state.look });
  }
}

/** The oldest give way; one that is under way is never forgotten. */
export function forgetOldest({ state }: Step): void {
  let excess = state.notifications.length - BOUNDS.notifications;
  if (excess <= 0) return;
  state.notifications = state.notifications.filter((notification) => {
    if (excess <= 0 || isUnderWay(notification)) return true;
    excess -= 1;
    return false;
  });
}

/** What became of it so far, for the view and for the timeline. */
export function conclude(
  step: Step,
  notification: Notification,
  outcome: Notification['outcome'],
  reason?: Reason,
): void {
  notification.outcome = outcome;
  if (reason === undefined) delete notification.reason;
  else notification.reason = reason;
  note(step, { ...about(notification), ...newsOf(step, notification) });
}

/** Which notification a record is about. */
export function about(notification: Notification) {
  const { level, round, id, medium } = notification;
  return { kind: 'notified' as const, level, round, notification: id, medium, to: recipientName(notification) };
}

/** What the timeline has said of an earlier attempt it does not say again. */
function newsOf({ state }: Step, { id, outcome, reason, attempts }: Notification) {
  const last = attempts.at(-1);
  const said = state.timeline.flatMap((entry) =>
    entry.notification === id && 'earlier' in entry ? (entry.earlier ?? []) : [],
  );
  const earlier = attempts
    .slice(0, -1)
    .map(({ account, outcome, reason }): EarlierAttempt => ({
      account,
      outcome,
      ...(reason !== undefined && { reason }),
    }))
    .filter((attempt) => !said.some((other) => isSame(attempt, other)));
  return {
    outcome,
    ...(last && isSame(last.reason, reason) && { account: last.account }),
    ...(reason !== undefined && { reason }),
    ...(earlier.length > 0 && { earlier }),
  };
}

function isAcknowledged({ progress, snoozedUntil }: Escalation): boolean {
  return progress === 'Processing' && snoozedUntil === undefined;
}
