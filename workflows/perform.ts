import {
  ActivityCancellationType,
  CancellationScope,
  log,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { Planning, Redraw, Send, SendOrder } from '../activities/contract.ts';
import { describe } from '../domain/incident/describe.ts';
import { currentLevel, recipientName, type Escalation, type Notification } from '../domain/incident/escalation.ts';
import { faceOf } from '../domain/incident/face.ts';
import type { Incident, Severity } from '../domain/incident/incident.ts';
import { adapterFacts } from '../domain/media.ts';
import { refOf } from '../domain/incident/occurrence.ts';
import { mannerOf, type Match, type Resolution } from '../domain/incident/plan.ts';
import type { Targets } from '../domain/incident/rule.ts';
import { threadOf } from '../domain/incident/telling.ts';
import type { Command, Happened } from '../domain/incident/timeline.ts';
import { PHONE } from '../domain/messages.ts';
import { earlierAttempts, earlierResult, MOST_ATTEMPTS, resultOf } from './failure.ts';
import { tell } from './listen.ts';
import type { Reason } from '../domain/reason.ts';

/** One HTTP request of a channel worker and a second to spare. */
const SEND_TIMEOUT = '11s';
/** A message that no channel worker took by then goes elsewhere. */
const QUEUE_PATIENCE = '20s';

// First inside the workflow task, so that the first page leaves with it; longer would delay an acknowledgment.
const quickly = proxyLocalActivities<Planning>({ startToCloseTimeout: '300ms', retry: { maximumAttempts: 1 } });
const slowly = proxyActivities<Planning>({
  startToCloseTimeout: '2500ms',
  scheduleToCloseTimeout: '2700ms',
  retry: { maximumAttempts: 1 },
});
const patiently = proxyActivities<Planning>({ startToCloseTimeout: '5s' });
const durably = proxyActivities<Planning>({ startToCloseTimeout: '5s', scheduleToCloseTimeout: '30s' });

/** The rule of this incident: kept for as long as it is open. */
export async function matchRule(incident: Incident, rule: unknown): Promise<Match> {
  const request = { incident, at: Date.now(), ...(rule !== undefined && { rule }) };
  try {
    return await quickly.matchRule(request);
  } catch {
    return patiently.matchRule(request);
  }
}

/** Carries out what the timeline asks for, and feeds back what came of it. */
export class Performer {
  readonly #state: () => Escalation;
  readonly #feed: (happened: Happened) => void;
  readonly #sending = new Map<string, CancellationScope>();
  #underWay = 0;
  #last: { to: string; resolution: Resolution } | undefined;

  constructor(state: () => Escalation, feed: (happened: Happened) => void) {
    this.#state = state;
    this.#feed = feed;
  }

  /** Who was told last, for the day when nobody can say. */
  remember(to: Targets, resolution: Resolution): void {
    if (resolution.guessed === undefined) this.#last = { to: JSON.stringify(to), resolution };
  }

  isIdle(): boolean {
    return this.#underWay === 0;
  }

  perform(command: Command): void {
    if (command.do === 'withdraw') {
      this.#sending.get(command.notification)?.cancel();
      return;
    }
    this.#underWay += 1;
    // A cancelled run is an incident that closes: its cards are still redrawn, only `withdraw` takes anything back.
    CancellationScope.nonCancellable(() => this.#carryOut(command)).then(
      (happened) => {
        this.#underWay -= 1;
        if (happened) this.#feed(happened);
      },
      (error: unknown) => {
        this.#underWay -= 1;
        log.error('a command of the timeline failed', { command: command.do, error });
      },
    );
  }

  #carryOut(command: Exclude<Command, { do: 'withdraw' }>): Promise<Happened | undefined> {
    switch (command.do) {
      case 'resolve':
        return this.#resolve(command);
      case 'send':
        return this.#send(command);
      case 'call':
        return this.#call(command);
      case 'drop':
        return this.#drop(command);
      case 'redraw':
        return this.#redraw(command);
    }
  }

  async #resolve({ do: _, ...asked }: Extract<Command, { do: 'resolve' }>): Promise<Happened> {
    const { once } = asked;
    const state = this.#state();
    const current = currentLevel(state);
    const request = {
      at: Date.now(),
      severity: state.incident.severity,
      to: once?.to ?? current?.to ?? NOBODY,
      by: once?.by ?? current?.by ?? 'preference',
      groups: once ? [] : (current?.groups ?? []),
    } as const;
    let resolution: Resolution;
    try {
      resolution = await quickly.resolveRound(request);
    } catch {
      try {
        resolution = await slowly.resolveRound(request);
      } catch {
        resolution = this.#withoutPlanning(request.to);
      }
    }
    if (!once) {
      if (resolution.guessed !== undefined) resolution = this.#asLastTime(request.to, resolution.guessed) ?? resolution;
      this.remember(request.to, resolution);
    }
    return { type: 'resolved', ...asked, resolution };
  }

  #asLastTime(to: Targets, guessed: Reason): Resolution | undefined {
    if (this.#last?.to !== JSON.stringify(to)) return undefined;
    return {
      ...this.#last.resolution,
      notes: [typeof guessed === 'object' ? { ...guessed, key: 'duty-unknown', told: 'last-time' } : guessed],
    };
  }

  /** Planning is down: the members the rule names, by every medium. */
  #withoutPlanning({ members }: Targets): Resolution {
    const { match, rule } = this.#state();
    const guessed = { key: 'duty-unknown', told: 'rule', ...(rule && { rule: rule.name }) } as const;
    const routes = Object.entries(match?.carriers ?? {}).map(([medium, carriers]) => ({ medium, routes: carriers }));
    const people = members.map((member) => ({ member, media: routes, fallback: {} }));
    return {
      configuration: match?.configuration ?? '',
      people,
      groups: [],
      nobodyOnPurpose: false,
      guessed,
      notes: [guessed],
    };
  }

  async #send({
    notification: id,
    route,
    plain,
    reconcile,
    patient,
  }: Extract<Command, { do: 'send' }>): Promise<Happened> {
    const state = this.#state();
    const notification = find(state, id);
    const { repeatSafe } = adapterFacts(route.adapter);
    const activities = proxyActivities<Record<string, Send>>({
      taskQueue: `${workflowInfo().taskQueue}.${route.account}`,
      startToCloseTimeout: SEND_TIMEOUT,
      ...(patient ? {} : { scheduleToStartTimeout: QUEUE_PATIENCE }),
      retry: {
        maximumAttempts: MOST_ATTEMPTS,
        nonRetryableErrorTypes: repeatSafe ? [] : ['TemporalTimeout:StartToClose'],
      },
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      priority: { priorityKey: notification.event === 'opened' ? pagePriority(state.incident.severity) : 4 },
      summary: summary(notification),
    });
    const order: SendOrder = {
      ...this.#about(state, notification, route.account),
      plain,
      ...(reconcile && { reconcileSince: notification.at }),
    };
    const scope = new CancellationScope();
    this.#sending.set(id, scope);
    try {
      const report = await scope.run(() => call(activities, route.adapter, order));
      const earlier = report.earlier.map((attempt) => earlierResult(attempt, route));
      const result = { route, outcome: report.outcome };
      return {
        type: 'attempted',
        notification: id,
        result,
        earlier,
        ...(report.handle && { handle: report.handle }),
        ...(report.note !== undefined && { flaw: report.note }),
      };
    } catch (error) {
      const earlier = earlierAttempts(error, route);
      return { type: 'attempted', notification: id, result: resultOf(error, route), earlier };
    } finally {
      this.#sending.delete(id);
    }
  }

  async #call({ request }: Extract<Command, { do: 'call' }>): Promise<Happened> {
    const { notification, routes } = request;
    try {
      const { line } = await quickly.requestCall(request).catch(() => durably.requestCall(request));
      return { type: 'queued', notification, line };
    } catch (error) {
      return { type: 'attempted', notification, result: { ...resultOf(error, routes[0]), kind: 'unreachable' } };
    }
  }

  async #drop({ notification, line }: Extract<Command, { do: 'drop' }>): Promise<undefined> {
    try {
      await tell(PHONE, line, 'drop', { ...refOf(this.#state()), notification });
    } catch {
      // The line is over: there is nothing left to drop.
    }
  }

  async #redraw({ notification: id, route, handle, look }: Extract<Command, { do: 'redraw' }>): Promise<Happened> {
    const state = this.#state();
    const notification = find(state, id);
    const activities = proxyActivities<Record<string, Redraw>>({
      taskQueue: `${workflowInfo().taskQueue}.${route.account}`,
      startToCloseTimeout: SEND_TIMEOUT,
      scheduleToCloseTimeout: '60s',
      retry: { maximumAttempts: MOST_ATTEMPTS },
      priority: { priorityKey: 5 },
      summary: `redraw ${summary(notification)}`,
    });
    try {
      await call(activities, `${route.adapter}.redraw`, { ...this.#about(state, notification, route.account), handle });
      return { type: 'redrawn', notification: id, look };
    } catch (error) {
      const { reason = { key: 'worker-failed' } } = resultOf(error, route);
      return { type: 'redrawn', notification: id, look, problem: reason };
    }
  }

  #about(state: Escalation, notification: Notification, account: string): Omit<SendOrder, 'plain'> {
    const { id, event, to } = notification;
    const thread = threadOf(state, notification, account);
    return {
      account,
      notification: id,
      event,
      to: 'member' in to ? to : { chat: to.group.chat ?? '' },
      face: faceOf(describe(state)),
      ...('group' in to && { group: { ...mannerOf(to.group), ...(thread && { thread }) } }),
      ...(state.match?.attributes.includes('IncidentNumber') && { listed: true }),
    };
  }
}

const NOBODY: Targets = { members: [], teams: [], schedules: [] };

function call<I, O>(activities: Record<string, (input: I) => Promise<O>>, name: string, input: I): Promise<O> {
  const activity = activities[name];
  // The proxy answers to every name; the check is for the compiler.
  if (!activity) throw new TypeError(name);
  return activity(input);
}

function find(state: Escalation, id: string): Notification {
  const notification = state.notifications.find((one) => one.id === id);
  if (!notification) throw new RangeError(`there is no notification ${id}`);
  return notification;
}

function pagePriority(severity: Severity): 1 | 2 {
  return severity === 'Critical' ? 1 : 2;
}

function summary(notification: Notification): string {
  const { level, round, medium, event } = notification;
  const what = event === 'opened' ? medium : `${event} by ${medium}`;
  return `L${level} r${round} ${what} → ${recipientName(notification)}`;
}
