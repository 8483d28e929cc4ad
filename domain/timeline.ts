import { actorName, readAction, type ActionName, type Actions, type Receipt } from './action.ts';
import type { CallRequest, CallWord } from './call.ts';
import type { Handle, Route } from './delivery.ts';
import {
  BOUNDS,
  currentLevel,
  hasNextLevel,
  isUnderWay,
  record,
  recipientName,
  type Escalation,
  type Notification,
} from './escalation.ts';
import { isWorse, repairIncident } from './incident.ts';
import { adapterFacts } from './media.ts';
import type { Match, MediumPlan, Resolution } from './plan.ts';
import { afterFailure, isLastChance, isNotTold, reachedNobody, standIn, type AttemptResult } from './pursuit.ts';
import type { GroupEvent, Targets } from './rule.ts';

/** Something that happened. */
export type Happened =
  | { type: 'matched'; match: Match }
  | { type: 'due' }
  | { type: 'acted'; name: ActionName; argument: unknown }
  | { type: 'resolved'; start: number; level: number; round: number; once: boolean; resolution: Resolution }
  | { type: 'attempted'; notification: string; result: AttemptResult; handle?: Handle; earlier?: AttemptResult[] }
  | { type: 'queued'; notification: string; line: string }
  | { type: 'called'; word: CallWord }
  | { type: 'receipt'; receipt: Receipt }
  | { type: 'redrawn'; notification: string; look: number; problem?: string };

/** Something to do about it. */
export type Command =
  | { do: 'resolve'; start: number; level: number; round: number; once: boolean; to?: Targets }
  | { do: 'send'; notification: string; route: Route; plain: boolean; reconcile: boolean; patient: boolean }
  | { do: 'withdraw'; notification: string }
  | { do: 'call'; request: CallRequest }
  | { do: 'drop'; notification: string; line: string }
  | { do: 'redraw'; notification: string; route: Route; handle: Handle; look: number };

/** A Critical that waits longer for the line also goes out by another medium. */
const CRITICAL_LINE_MS = 20_000;
/** A call that has not begun by then is given up. */
const LINE_MS = 10 * 60_000;
/** After the ring time, the result of a call may come this much later. */
const CALL_RESULT_MS = 150_000;

/**
 * The whole of an escalation: what is remembered + what happened + the time → what is remembered then, and what to do.
 * Pure: the given state is not changed. When to wake up next is `nextDue` of the new state.
 */
export function advance(
  before: Escalation,
  happened: Happened,
  now: number,
): { state: Escalation; commands: Command[] } {
  const state: Escalation = {
    ...before,
    acknowledgments: [...before.acknowledgments],
    responders: [...before.responders],
    notifications: before.notifications.map((notification) => ({ ...notification })),
    timeline: [...before.timeline],
    keys: [...before.keys],
  };
  const commands: Command[] = [];
  new Step(state, commands, now).take(happened);
  return { state, commands };
}

/** Why an action makes no sense now, for the one who asked; signals take it silently. */
export function refuse(state: Escalation, name: ActionName, argument: unknown): string | undefined {
  const { action } = readAction(name, argument);
  const { closed } = state;
  if (state.progress === 'Closed') {
    return closed
      ? `already closed by ${actorName(closed.by)} at ${new Date(closed.at).toISOString()}`
      : 'already closed';
  }
  if (name === 'wake' && state.snoozedUntil === undefined) return 'it is not snoozed';
  if (name === 'unacknowledge' && !state.acknowledgments.some(({ by }) => actorName(by) === actorName(action.by))) {
    return `${actorName(action.by)} has not acknowledged it`;
  }
  return undefined;
}

class Step {
  private readonly state: Escalation;
  private readonly commands: Command[];
  private readonly now: number;

  constructor(state: Escalation, commands: Command[], now: number) {
    this.state = state;
    this.commands = commands;
    this.now = now;
  }

  take(happened: Happened): void {
    switch (happened.type) {
      case 'matched':
        this.matched(happened.match);
        break;
      case 'due':
        this.due();
        break;
      case 'acted':
        this.acted(happened.name, happened.argument);
        break;
      case 'resolved':
        this.resolved(happened);
        break;
      case 'attempted':
        this.attempted(happened);
        break;
      case 'queued':
        this.queued(happened.notification, happened.line);
        break;
      case 'called':
        this.called(happened.word);
        break;
      case 'receipt':
        this.receipt(happened.receipt);
        break;
      case 'redrawn':
        this.redrawn(happened);
        break;
    }
    this.settle();
  }

  // ── Time ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  private matched({ rule, notes, first, ...match }: Match): void {
    const { state } = this;
    state.match = match;
    for (const note of notes) this.record('repaired', note);
    if (state.progress === 'Closed') return;
    if (!rule) {
      this.record('closed', 'no rule matches and the configuration ignores such incidents');
      state.progress = 'Closed';
      state.outcome = 'unmatched';
      return;
    }
    state.rule = rule;
    state.startsAt = state.openedAt + rule.delayMs;
    this.due();
    if (first && state.resolving && first.severity === state.incident.severity) {
      // Planning has answered both questions at once.
      this.commands.pop();
      const { start, level, round } = state;
      this.resolved({ type: 'resolved', start, level, round, once: false, resolution: first });
    }
  }

  /** Several things due at once: the end of a snooze, else the next level, else the latest round. */
  private due(): void {
    const { state, now } = this;
    const level = currentLevel(state);
    if (state.progress !== 'Closed' && state.snoozedUntil !== undefined) {
      if (state.snoozedUntil <= now) this.wakeUp('the snooze is over');
    } else if (state.progress === 'Triggered' && state.startsAt !== undefined) {
      if (state.startsAt <= now) this.startLevel(1);
    } else if (state.progress !== 'Closed' && level) {
      const isEscalationDue = hasNextLevel(state) && state.levelStartedAt + level.escalateAfterMs <= now;
      if (state.progress === 'Triggered') {
        const lastDue = Math.floor((now - state.levelStartedAt) / level.repeat.everyMs) + 1;
        const round = Math.min(lastDue, level.repeat.times);
        if (isEscalationDue) this.escalate('nobody acknowledged');
        else if (round > state.round) this.startRound(round);
      } else if (isEscalationDue && level.evenIfAcknowledged) {
        this.escalate('it is told even if acknowledged', true);
      }
    }
    for (const notification of state.notifications) this.waitedLongEnough(notification);
  }

  private escalate(why: string, despite = false): void {
    this.record('escalated', `to level ${this.state.level + 1}: ${why}`);
    this.startLevel(this.state.level + 1, despite);
    this.tellGroups('escalated');
  }

  private startLevel(level: number, despite = false): void {
    const { state } = this;
    delete state.startsAt;
    state.level = level;
    state.round = 1;
    state.start += 1;
    state.levelStartedAt = this.now;
    state.despite = despite;
    state.exhausted = false;
    state.revision += 1;
    this.resolve();
  }

  private startRound(round: number): void {
    const { state } = this;
    for (let missed = state.round + 1; missed < round; missed += 1) {
      this.record('missed', `round ${missed} was due while nobody could send it`);
    }
    state.round = round;
    state.revision += 1;
    this.resolve();
  }

  private resolve(): void {
    const { start, level, round } = this.state;
    this.state.resolving = true;
    this.commands.push({ do: 'resolve', start, level, round, once: false });
  }

  /** The level starts over, as if it had just been reached. */
  private startOver(): void {
    const { state } = this;
    if (state.rule && state.startsAt === undefined) this.startLevel(Math.max(state.level, 1));
    else if (state.startsAt !== undefined && state.startsAt <= this.now) this.startLevel(1);
  }

  // ── People ────────────────────────────────────────────────────────────────────────────────────────────────────────

  private acted(name: ActionName, argument: unknown): void {
    const { state } = this;
    const { action, notes } = readAction(name, argument);
    if (action.key !== undefined) {
      if (state.keys.includes(action.key)) return;
      state.keys.push(action.key);
      state.keys.splice(0, state.keys.length - BOUNDS.keys);
    }
    if (refuse(state, name, argument) !== undefined) return;
    for (const note of notes) this.record('repaired', note);
    this.perform(name, action);
  }

  private perform(name: ActionName, action: Actions[ActionName]): void {
    const { state, now } = this;
    const by = action.by ?? { name: 'somebody' };
    const who = actorName(by);
    const said = (
      kind: 'acknowledged' | 'unacknowledged' | 'snoozed' | 'woken' | 'closed' | 'commented' | 'revised',
      text: string,
    ): void => {
      this.record(kind, text, { by, ...(action.via !== undefined && { via: action.via }) });
    };
    switch (name) {
      case 'acknowledge': {
        if (state.acknowledgments.some((earlier) => actorName(earlier.by) === who)) {
          if (state.snoozedUntil === undefined) return;
        } else {
          state.acknowledgments.push({ by, at: now });
          state.firstAcknowledgment ??= { by, at: now };
          if (by.member !== undefined) this.assign(by.member);
        }
        const second = state.progress === 'Processing' ? ` too, after ${actorName(state.firstAcknowledgment?.by)}` : '';
        said('acknowledged', `by ${who}${second}`);
        delete state.snoozedUntil;
        this.progressTo('Processing');
        this.withdrawAll();
        this.tellGroups('acknowledged');
        break;
      }
      case 'unacknowledge':
        state.acknowledgments = state.acknowledgments.filter((earlier) => actorName(earlier.by) !== who);
        said('unacknowledged', `by ${who}`);
        state.look += 1;
        this.tellGroups('unacknowledged');
        if (state.acknowledgments.length === 0) {
          delete state.firstAcknowledgment;
          this.progressTo('Triggered');
          if (state.snoozedUntil === undefined) this.startOver();
        }
        break;
      case 'snooze': {
        const { minutes = 0 } = action as Actions['snooze'];
        state.snoozedUntil = now + minutes * 60_000;
        said('snoozed', `for ${minutes} minutes by ${who}`);
        state.revision += 1;
        state.look += 1;
        this.withdrawAll();
        this.tellGroups('snoozed');
        break;
      }
      case 'wake':
        said('woken', `by ${who}`);
        if (state.progress === 'Triggered') this.wakeUp();
        else {
          delete state.snoozedUntil;
          state.revision += 1;
          state.look += 1;
          this.tellGroups('woken');
        }
        break;
      case 'close': {
        const { resolution, source } = action as Actions['close'];
        state.closed = { by, at: now, ...(resolution !== undefined && { resolution }) };
        state.outcome = 'closed';
        const how = source && source !== 'person' ? ` (${source})` : '';
        said('closed', `by ${who}${how}${resolution ? `: ${resolution}` : ''}`);
        delete state.snoozedUntil;
        this.progressTo('Closed');
        this.withdrawAll();
        this.tellGroups('closed');
        break;
      }
      case 'comment':
        said('commented', `${who}: ${(action as Actions['comment']).text ?? '(nothing)'}`);
        this.tellGroups('commented');
        break;
      case 'revise':
        this.revise(action, who, (text) => {
          said('revised', text);
        });
        break;
    }
  }

  private revise(changes: Actions['revise'], who: string, said: (text: string) => void): void {
    const { state } = this;
    const before = state.incident;
    const severity =
      changes.severity && (!changes.onlyRaise || isWorse(changes.severity, before.severity))
        ? changes.severity
        : before.severity;
    const repaired = repairIncident({
      ...before,
      ...changes,
      severity,
      labels: { ...before.labels, ...changes.labels },
    });
    if (typeof repaired === 'string') return;
    const after = repaired.incident;
    const keys = (['title', 'severity', 'description', 'labels'] as const).filter(
      (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
    );
    if (keys.length === 0) return;
    state.incident = after;
    state.look += 1;
    const what = keys.map((key) => (key === 'severity' ? `severity ${before.severity} → ${after.severity}` : key));
    said(`${what.join(', ')} by ${who}`);
    this.tellGroups('revised');
    if (!isWorse(after.severity, before.severity) || state.level === 0) return;
    if (state.snoozedUntil !== undefined) {
      delete state.snoozedUntil;
      this.record('woken', 'the severity was raised');
    }
    if (state.progress === 'Triggered') this.startOver();
    else this.tellOnce(state.responders.map(({ member }) => member));
  }

  private wakeUp(why?: string): void {
    const { state } = this;
    if (why !== undefined) this.record('woken', why);
    delete state.snoozedUntil;
    state.acknowledgments = [];
    delete state.firstAcknowledgment;
    this.progressTo('Triggered');
    this.tellGroups('woken');
    this.startOver();
  }

  private progressTo(progress: Escalation['progress']): void {
    this.state.progress = progress;
    this.state.revision += 1;
    this.state.look += 1;
  }

  private assign(member: string): void {
    if (this.state.responders.some((responder) => responder.member === member)) return;
    this.state.responders.push({ member, at: this.now });
  }

  // ── Telling ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private tellOnce(members: string[]): void {
    const { start, level, round } = this.state;
    if (members.length === 0) return;
    const to = { members, teams: [], schedules: [] };
    this.commands.push({ do: 'resolve', start, level, round, once: true, to });
  }

  private resolved(round: Extract<Happened, { type: 'resolved' }>): void {
    const { state } = this;
    const { resolution, once } = round;
    const isCurrent = round.start === state.start && round.round === state.round;
    if (isCurrent && !once) state.resolving = false;
    const isWanted = once
      ? state.progress !== 'Closed'
      : isCurrent && (state.progress === 'Triggered' || state.despite);
    if (!isWanted || state.snoozedUntil !== undefined) return;
    if (state.match) state.match = { ...state.match, configuration: resolution.configuration };
    for (const note of resolution.notes) this.record('assigned', note);
    const newcomers = resolution.people.filter(
      ({ member }) => !state.responders.some((known) => known.member === member),
    );
    for (const { member } of newcomers) this.assign(member);
    if (newcomers.length > 0) this.record('assigned', `to ${newcomers.map(({ member }) => member).join(', ')}`);
    state.nobodyOnPurpose = resolution.nobodyOnPurpose;
    // Those told once of a raised severity are a round of their own: they were told before by lesser media.
    if (once) state.start += 1;
    for (const person of resolution.people) {
      for (const plan of person.media) {
        const fallback = person.fallback[plan.medium] ?? [];
        this.tell({ to: { member: person.member }, medium: plan.medium, routes: plan.routes, fallback }, plan.reason);
      }
    }
    if (once) return;
    for (const group of resolution.groups) {
      const { account, adapter } = group;
      this.tell({ to: { group }, medium: account, routes: [{ account, adapter }], fallback: [] });
    }
  }

  private tell(
    intent: Pick<Notification, 'to' | 'medium' | 'routes' | 'fallback'> & { event?: GroupEvent; standIn?: boolean },
    unreachable = 'no account carries this medium',
  ): void {
    const { state, now } = this;
    state.lastId += 1;
    const notification: Notification = {
      id: `n${state.lastId}`,
      level: state.level,
      round: state.round,
      start: state.start,
      at: now,
      event: 'opened',
      standIn: false,
      withdrawn: false,
      outcome: 'pending',
      attempts: [],
      ...intent,
    };
    state.notifications.push(notification);
    if (state.notifications.length > BOUNDS.notifications) {
      const oldest = state.notifications.findIndex((other) => !isUnderWay(other));
      if (oldest >= 0) state.notifications.splice(oldest, 1);
    }
    const [first, ...rest] = intent.routes;
    if (!first) {
      this.conclude(notification, 'unreachable', unreachable);
      this.standInFor(notification);
    } else if (notification.medium === 'voice' && 'member' in notification.to) {
      this.requestCall(notification, notification.to.member);
    } else {
      notification.routes = rest;
      this.send(notification, first, false, false);
    }
  }

  private send(notification: Notification, route: Route, plain: boolean, reconcile: boolean): void {
    notification.trying = { route, look: this.state.look, plain, reconcile };
    const patient = isLastChance(this.state, notification);
    this.commands.push({ do: 'send', notification: notification.id, route, plain, reconcile, patient });
  }

  private requestCall(notification: Notification, member: string): void {
    const { state } = this;
    const { title, severity, channel } = state.incident;
    const patience = severity === 'Critical' ? CRITICAL_LINE_MS : LINE_MS;
    notification.wait = { until: this.now + patience, what: severity === 'Critical' ? 'line' : 'long line' };
    this.commands.push({
      do: 'call',
      request: {
        workflowId: state.workflowId,
        notification: notification.id,
        member,
        number: state.match?.number ?? '',
        title,
        severity,
        ...(channel !== undefined && { channel }),
        routes: notification.routes,
      },
    });
  }

  private attempted({
    notification: id,
    result,
    handle,
    earlier = [],
  }: Extract<Happened, { type: 'attempted' }>): void {
    const notification = this.find(id);
    if (!notification) return;
    const { trying } = notification;
    for (const attempt of [...earlier, result]) this.addAttempt(notification, attempt);
    if (result.kind === undefined) {
      delete notification.trying;
      if (handle) {
        notification.sent = { route: result.route, handle, look: trying?.look ?? this.state.look, redrawing: false };
      }
      this.conclude(notification, notification.withdrawn ? 'late' : result.outcome);
      return;
    }
    const next = notification.withdrawn ? { try: 'nothing' as const } : afterFailure(notification, result);
    if (next.try === 'route') {
      notification.routes = notification.routes.filter(({ account }) => account !== next.route.account);
      this.send(notification, next.route, next.plain, next.reconcile);
      return;
    }
    delete notification.trying;
    delete notification.wait;
    const hasGivenUp = result.kind === 'cancelled' || (notification.withdrawn && result.outcome !== 'unknown');
    this.conclude(notification, hasGivenUp ? 'suppressed' : result.outcome, result.reason);
    if (next.try === 'medium') this.standInFor(notification);
  }

  private queued(id: string, line: string): void {
    const notification = this.find(id);
    if (!notification) return;
    notification.line = line;
    if (notification.withdrawn) this.drop(notification);
  }

  private drop({ id, line }: Notification): void {
    if (line !== undefined) this.commands.push({ do: 'drop', notification: id, line });
  }

  private called({ notification: id, phase, attempts }: CallWord): void {
    const notification = this.find(id);
    if (!notification) return;
    const facts = attempts.length > 0 ? adapterFacts(attempts[attempts.length - 1]?.adapter ?? '') : undefined;
    notification.attempts = attempts;
    const last = attempts.at(-1);
    if (phase === 'calling') {
      const until = this.now + (facts?.ringMs ?? 60_000) + CALL_RESULT_MS;
      notification.wait = { until, what: 'ringing' };
      this.conclude(
        notification,
        notification.withdrawn ? 'late' : 'accepted',
        `${last?.account ?? 'the phone'} rings`,
      );
      return;
    }
    delete notification.wait;
    if (notification.withdrawn && notification.outcome === 'suppressed') return;
    this.conclude(notification, last?.outcome ?? 'failed', last?.reason);
    if (isNotTold(notification)) this.standInFor(notification);
  }

  /** The phone workflow has not spoken in time. */
  private waitedLongEnough(notification: Notification): void {
    const { wait, to, at } = notification;
    if (!wait || wait.until > this.now || !('member' in to)) return;
    if (wait.what === 'line') {
      notification.wait = { until: at + LINE_MS, what: 'long line' };
      this.record(
        'notified',
        `voice → ${to.member}: the line is busy, another medium goes out too`,
        about(notification),
      );
      this.standInFor(notification);
      return;
    }
    delete notification.wait;
    if (wait.what === 'ringing') {
      this.conclude(notification, 'unknown', 'the provider never said how the call ended');
    } else {
      this.drop(notification);
      this.conclude(notification, 'expired', 'the line was not free in time');
      this.standInFor(notification);
    }
  }

  private receipt({ notification: id, account, outcome, reason, code }: Receipt): void {
    const notification = this.find(id);
    if (!notification || notification.outcome === outcome) return;
    const attempt = notification.attempts.findLast((attempt) => attempt.account === account);
    if (attempt) {
      const changed = {
        ...attempt,
        outcome,
        ...(reason !== undefined && { reason }),
        ...(code !== undefined && { code }),
      };
      notification.attempts = notification.attempts.map((other) => (other === attempt ? changed : other));
    }
    // A late word about a message that was resent elsewhere must not hide what came of the resend.
    if (isUnderWay(notification)) return;
    this.conclude(notification, outcome, reason);
    if (outcome === 'failed') this.standInFor(notification);
  }

  private standInFor(failed: Notification): void {
    const { state } = this;
    const isStillWanted = state.progress === 'Triggered' || state.despite;
    if (failed.withdrawn || !isStillWanted || !('member' in failed.to) || failed.start !== state.start) return;
    const plan: MediumPlan | undefined = standIn(state, failed);
    if (!plan) return;
    const { medium, routes } = plan;
    const fallback = failed.fallback.filter((other) => other !== plan);
    this.tell({ to: failed.to, medium, routes, fallback, standIn: true });
  }

  private tellGroups(event: GroupEvent): void {
    const posted = new Map<string, Notification>();
    for (const notification of this.state.notifications) {
      if (!('group' in notification.to) || notification.event !== 'opened' || isNotTold(notification)) continue;
      posted.set(notification.to.group.alias, notification);
    }
    for (const { to, medium } of posted.values()) {
      if (!('group' in to) || adapterFacts(to.group.adapter).redraws) continue; // its card is redrawn instead
      if (to.group.events.length > 0 && !to.group.events.includes(event)) continue;
      const { account, adapter } = to.group;
      this.tell({ to, medium, routes: [{ account, adapter }], fallback: [], event });
    }
  }

  /** Nothing that has not left may leave any more. */
  private withdrawAll(): void {
    for (const notification of this.state.notifications) {
      if (notification.event !== 'opened' || !isUnderWay(notification) || notification.withdrawn) continue;
      notification.withdrawn = true;
      if (notification.wait) {
        if (notification.wait.what === 'ringing') continue; // no provider of ours can end it
        this.drop(notification);
        delete notification.wait;
        this.conclude(notification, 'suppressed', 'no longer needed');
      } else {
        this.commands.push({ do: 'withdraw', notification: notification.id });
      }
    }
  }

  // ── After every happening ─────────────────────────────────────────────────────────────────────────────────────────

  private settle(): void {
    const { state } = this;
    const level = currentLevel(state);
    const isTelling =
      state.resolving || state.notifications.some((one) => one.start === state.start && isUnderWay(one));
    if (level && state.progress === 'Triggered' && state.snoozedUntil === undefined && !state.resolving) {
      if (state.round === 1 && hasNextLevel(state) && level.whenNobodyReached === 'escalate' && reachedNobody(state)) {
        this.escalate('nobody of the level could be reached');
      } else if (!hasNextLevel(state) && state.round >= level.repeat.times && !isTelling && !state.exhausted) {
        this.exhaust();
      }
    }
    this.redraw();
  }

  private exhaust(): void {
    const { state } = this;
    const again = state.rule?.startOver;
    state.exhausted = true;
    this.record('exhausted', 'every level has been told and nobody acknowledged: nobody is being told now');
    this.tellGroups('exhausted');
    if (again && state.startOversUsed < again.times) {
      state.startOversUsed += 1;
      state.startsAt = this.now + again.everyMs;
    }
  }

  /** Cards that show an older state are drawn again, newest first, one redraw at a time each. */
  private redraw(): void {
    const { state } = this;
    for (const notification of state.notifications.toReversed()) {
      const { sent } = notification;
      if (!sent || sent.redrawing || sent.look === state.look || !adapterFacts(sent.route.adapter).redraws) continue;
      notification.sent = { ...sent, redrawing: true };
      const { route, handle } = sent;
      this.commands.push({ do: 'redraw', notification: notification.id, route, handle, look: state.look });
    }
  }

  private redrawn({ notification: id, look, problem }: Extract<Happened, { type: 'redrawn' }>): void {
    const notification = this.find(id);
    if (!notification?.sent) return;
    notification.sent = { ...notification.sent, look, redrawing: false };
    if (problem === undefined) return;
    this.record(
      'notified',
      `${notification.medium} → ${recipientName(notification)}: not redrawn, ${problem}`,
      about(notification),
    );
  }

  private addAttempt(notification: Notification, { route, outcome, reason, code }: AttemptResult): void {
    notification.attempts = [
      ...notification.attempts,
      {
        ...route,
        medium: notification.medium,
        outcome,
        at: new Date(this.now).toISOString(),
        ...(reason !== undefined && { reason }),
        ...(code !== undefined && { code }),
      },
    ];
  }

  private conclude(notification: Notification, outcome: Notification['outcome'], reason?: string): void {
    notification.outcome = outcome;
    if (reason === undefined) delete notification.reason;
    else notification.reason = reason;
    this.record('notified', sentence(notification), about(notification));
  }

  private find(id: string): Notification | undefined {
    return this.state.notifications.find((notification) => notification.id === id);
  }

  private record(...[kind, text, more]: [Parameters<typeof record>[2], string, Parameters<typeof record>[4]?]): void {
    record(this.state, this.now, kind, text, more);
  }
}

/** Such as `voice → supervisor: accepted by tencent-voice; before that aliyun-voice: rejected (the limit is reached)`. */
function sentence({ medium, to, outcome, reason, attempts }: Notification): string {
  const tried = attempts.map((attempt) => {
    const because = attempt.reason === undefined ? '' : ` (${attempt.reason})`;
    return `${attempt.account}: ${attempt.outcome}${because}`;
  });
  const last = attempts.at(-1);
  const through = last && last.reason === reason ? ` by ${last.account}` : '';
  const why = reason === undefined ? '' : `, ${reason}`;
  const earlier = tried.slice(0, -1);
  const before = earlier.length === 0 ? '' : `; before that ${earlier.join(', ')}`;
  return `${medium} → ${recipientName({ to })}: ${outcome}${through}${why}${before}`;
}

function about({ level, round, id }: Notification): { level: number; round: number; notification: string } {
  return { level, round, notification: id };
}
