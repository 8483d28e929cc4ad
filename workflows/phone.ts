import {
  ActivityCancellationType,
  CancellationScope,
  condition,
  continueAsNew,
  log,
  proxyActivities,
  setDefaultSignalHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { End, List, Place, Planning } from '../activities/contract.ts';
import type { CallEnd, CallList } from '../domain/phone/call.ts';
import type { Route } from '../domain/delivery.ts';
import { refOf } from '../domain/incident/occurrence.ts';
import { adapterFacts } from '../domain/media.ts';
import {
  advanceLine,
  announcedBy,
  idleLine,
  lineDue,
  lineIdleUntil,
  type Line,
  type LineCommand,
  type LineHappened,
} from '../domain/phone/line.ts';
import { codesOf } from '../domain/phone/wrong-code.ts';
import { INCIDENT, PHONE } from '../domain/messages.ts';
import { Alarm } from './alarm.ts';
import { resultOf } from './failure.ts';
import { listen, tell } from './listen.ts';

const QUEUE_PATIENCE = '45s';
const SEND_TIMEOUT = '11s';
/** By then it has stopped ringing. */
const END_PATIENCE = '45s';
/** A list that comes later than this is about a call that nobody remembers. */
const LIST_PATIENCE = '60s';

const planning = proxyActivities<Planning>({ startToCloseTimeout: '5s', scheduleToCloseTimeout: LIST_PATIENCE });

/**
 * One phone number: owns the calls to it, one at a time. The policy is `advanceLine` in `domain/phone/line.ts`. Ends when
 * nothing it remembers matters any more.
 */
export async function phone(carried?: Line): Promise<void> {
  let line = carried ?? idleLine(workflowInfo().workflowId);
  let underWay = 0;
  const placing = new Map<string, CancellationScope>();
  const speaking = new Map<string, Promise<void>>();
  const alarm = new Alarm(() => {
    feed({ type: 'due' });
  });

  function feed(happened: LineHappened): void {
    const step = advanceLine(line, happened, Date.now());
    line = step.line;
    alarm.set(lineDue(line));
    for (const command of step.commands) {
      underWay += 1;
      void perform(command).finally(() => {
        underWay -= 1;
      });
    }
  }

  async function perform(command: LineCommand): Promise<void> {
    switch (command.do) {
      case 'place':
        await place(command);
        break;
      case 'list':
        await sendList(command.list);
        break;
      case 'cancel':
        placing.get(command.token)?.cancel();
        break;
      case 'tell':
        await say(command.workflowId, () => tell(INCIDENT, command.workflowId, 'call', command.word));
        break;
      case 'end':
        await end(command.call);
        break;
      case 'acknowledge':
      case 'escalate': {
        const { member, via, key, level } = command;
        const { workflowId, ...which } = refOf(command);
        const argument = { by: { member }, via, key, ...which, ...(level !== undefined && { level }) };
        await say(workflowId, () => tell(INCIDENT, workflowId, command.do, argument));
        break;
      }
    }
  }

  /**
   * Signals go to each incident one after the other, because of two that are under way together the second may arrive
   * first.
   */
  async function say(workflowId: string, word: () => Promise<void>): Promise<void> {
    const speak = (): Promise<void> => unlessClosed(word());
    const said = speaking.get(workflowId)?.then(speak) ?? speak();
    speaking.set(workflowId, said);
    await said;
    if (speaking.get(workflowId) === said) speaking.delete(workflowId);
  }

  async function place({ order }: Extract<LineCommand, { do: 'place' }>): Promise<void> {
    const { account, adapter, token, member, items } = order;
    const scope = new CancellationScope();
    placing.set(token, scope);
    const activities = proxyActivities<Record<string, Place>>({
      taskQueue: `${workflowInfo().taskQueue}.${account}`,
      startToCloseTimeout: SEND_TIMEOUT,
      scheduleToStartTimeout: QUEUE_PATIENCE,
      retry: { maximumAttempts: 1 },
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      priority: { priorityKey: items.some(({ severity }) => severity === 'Critical') ? 1 : 2 },
      summary: `call ${member}: ${items.map(({ number }) => number).join(' ')}`,
    });
    try {
      const { callId } = await scope.run(() => activities[adapter]?.(order) ?? Promise.reject(new TypeError(adapter)));
      feed({ type: 'placed', token, callId });
    } catch (error) {
      feed({ type: 'refused', token, result: resultOf(error, { account, adapter }) });
    } finally {
      placing.delete(token);
    }
  }

  listen(PHONE, {
    signals: {
      request(request) {
        feed({ type: 'requested', request });
      },
      drop(drop) {
        feed({ type: 'dropped', drop });
      },
      callback(event) {
        feed({ type: 'callback', event });
      },
      reply(reply) {
        feed({ type: 'replied', reply });
      },
      code(request) {
        feed({ type: 'texted', request });
      },
    },
    queries: {
      codes: () => codesOf(line, Date.now()),
      announced: (event) => announcedBy(line, event, Date.now()),
    },
    updates: {},
  });
  setDefaultSignalHandler(() => undefined);

  const isIdle = (): boolean => underWay === 0 && !line.current && line.waiting.length === 0;
  for (;;) {
    await condition(() => isIdle());
    const isOver = !(await condition(
      () => !isIdle() || isHistoryLong(),
      Math.max(lineIdleUntil(line) - Date.now(), 1),
    ));
    if (isOver && isIdle()) return;
    if (isIdle() && isHistoryLong()) await continueAsNew<typeof phone>(line);
  }
}

/** The provider reports what came of it as the end of the call; when the request fails, the phone rings on. */
async function end(call: CallEnd): Promise<void> {
  const { account, adapter, token } = call;
  const activities = proxyActivities<Record<string, End>>({
    taskQueue: `${workflowInfo().taskQueue}.${account}`,
    startToCloseTimeout: SEND_TIMEOUT,
    scheduleToCloseTimeout: END_PATIENCE,
    priority: { priorityKey: 1 },
    summary: 'end a call that nobody needs any more',
  });
  try {
    await (activities[`${adapter}.cancel`]?.(call) ?? Promise.reject(new TypeError(adapter)));
  } catch (error) {
    const { reason } = resultOf(error, { account, adapter });
    log.warn('a call that nobody needs any more rings on', { call: token, account, reason });
  }
}

/** The list is sent beside the call, which neither waits for it nor depends on it. */
async function sendList(list: CallList): Promise<void> {
  try {
    const { member, items } = list;
    const lists = await planning.listRoutes({ member, incidents: items.length });
    await Promise.all(lists.map((routes) => sendThroughFirst(list, routes)));
  } catch {
    log.warn('nobody could say how to list the incidents of a call', { call: list.token });
  }
}

async function sendThroughFirst(list: CallList, routes: Route[]): Promise<void> {
  for (const route of routes) {
    const { account, adapter } = route;
    const activities = proxyActivities<Record<string, List>>({
      taskQueue: `${workflowInfo().taskQueue}.${account}`,
      startToCloseTimeout: SEND_TIMEOUT,
      scheduleToCloseTimeout: LIST_PATIENCE,
      retry: {
        maximumAttempts: 3,
        nonRetryableErrorTypes: adapterFacts(adapter).repeatSafe ? [] : ['TemporalTimeout:StartToClose'],
      },
      priority: { priorityKey: 2 },
      summary: `list ${list.items.length} incidents to ${list.member}`,
    });
    try {
      await (activities[`${adapter}.list`]?.({ ...list, account }) ?? Promise.reject(new TypeError(adapter)));
      return;
    } catch (error) {
      const { reason } = resultOf(error, route);
      log.warn('the incidents of a call could not be listed', { call: list.token, account, reason });
    }
  }
}

/** An incident that has been closed meanwhile needs no signal any more. */
async function unlessClosed(signal: Promise<void>): Promise<void> {
  try {
    await signal;
  } catch {
    // The incident has been closed meanwhile.
  }
}

function isHistoryLong(): boolean {
  return workflowInfo().continueAsNewSuggested;
}
