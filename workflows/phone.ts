import {
  ActivityCancellationType,
  CancellationScope,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  proxyActivities,
  setDefaultSignalHandler,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Place } from '../activities/contract.ts';
import {
  advanceLine,
  idleLine,
  lineDue,
  lineIdleUntil,
  type Line,
  type LineCommand,
  type LineHappened,
} from '../domain/line.ts';
import { Alarm } from './alarm.ts';
import { resultOf } from './failure.ts';
import { actionSignal, callbackSignal, callSignal, dropSignal, requestSignal } from './messages.ts';

const QUEUE_PATIENCE = '45s';
const PLACE_TIMEOUT = '11s';

/**
 * One phone number: owns the calls to it, one at a time. The policy is `advanceLine` in `domain/line.ts`. Ends when
 * nothing it remembers matters any more.
 */
export async function phone(carried?: Line): Promise<void> {
  let line = carried ?? idleLine(workflowInfo().workflowId);
  let underWay = 0;
  const placing = new Map<string, CancellationScope>();
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
      case 'cancel':
        placing.get(command.token)?.cancel();
        break;
      case 'tell':
        await tell(() => getExternalWorkflowHandle(command.workflowId).signal(callSignal, command.word));
        break;
      case 'acknowledge': {
        const { workflowId, member, key } = command;
        await tell(() =>
          getExternalWorkflowHandle(workflowId).signal(actionSignal('acknowledge'), {
            by: { member },
            via: 'voice',
            key,
          }),
        );
        break;
      }
    }
  }

  async function place({ order }: Extract<LineCommand, { do: 'place' }>): Promise<void> {
    const { account, adapter, token, member, items } = order;
    const scope = new CancellationScope();
    placing.set(token, scope);
    const activities = proxyActivities<Record<string, Place>>({
      taskQueue: `${workflowInfo().taskQueue}.${account}`,
      startToCloseTimeout: PLACE_TIMEOUT,
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

  setHandler(requestSignal, (request) => {
    feed({ type: 'requested', request });
  });
  setHandler(dropSignal, (drop) => {
    feed({ type: 'dropped', drop });
  });
  setHandler(callbackSignal, (event) => {
    feed({ type: 'callback', event });
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

/** An incident that is closed by now needs no word any more. */
async function tell(signal: () => Promise<void>): Promise<void> {
  try {
    await signal();
  } catch {
    // It is closed.
  }
}

function isHistoryLong(): boolean {
  return workflowInfo().continueAsNewSuggested;
}
