import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  setCurrentDetails,
  setDefaultSignalHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { refuseArguments } from '../domain/incident/actions/table.ts';
import type { ActionName } from '../domain/incident/action.ts';
import { currentDetails } from '../domain/incident/details.ts';
import { describe } from '../domain/incident/describe.ts';
import { nextDue } from '../domain/incident/due.ts';
import { carryOver, openEscalation, readReopened, takeOver, type Escalation } from '../domain/incident/escalation.ts';
import { repairIncident } from '../domain/incident/incident.ts';
import { advance, refuse, type Command, type Happened } from '../domain/incident/timeline.ts';
import type { IncidentView } from '../domain/incident/view.ts';
import { forEveryAction, INCIDENT, type EscalateInput } from '../domain/messages.ts';
import { Alarm } from './alarm.ts';
import { Attributes } from './attributes.ts';
import { listen } from './listen.ts';
import { matchRule, Performer } from './perform.ts';
import { leaveTrace } from './trace.ts';
import { incidentIdOf } from '../domain/workflow-ids.ts';
import { comingText } from '../domain/words/index.ts';

/** Above this a run continues as a new one when nothing is under way: not every server says when it is time. */
const LONG_HISTORY_LENGTH = 3000;
/** Above this a run continues as a new one even with something under way; the server ends runs at 51,200 events. */
const HARD_HISTORY_LENGTH = 40_000;

/**
 * One incident from the first page to its close. The policy is `advance` in `domain/incident/timeline.ts`; here happenings are
 * fed to it and its commands carried out.
 */
export async function escalateIncident(input?: Partial<EscalateInput> | null): Promise<IncidentView> {
  // A foreign client may start it with nothing at all.
  const { incident, rule, reopened } = input ?? {};
  // Only we continue a run; whoever starts one cannot know what it remembers.
  const carried = workflowInfo().continuedFromExecutionRunId === undefined ? undefined : input?.carried;
  let state = carried ? takeOver(carried) : open(incident, reopened);
  const attributes = new Attributes();
  const performer = new Performer(() => state, feed);
  const alarm = new Alarm(() => {
    feed({ type: 'due' });
  });

  function feed(happened: Happened): void {
    const step = advance(state, happened, Date.now());
    state = step.state;
    for (const command of step.commands) performer.perform(command);
    const due = nextDue(state);
    const { locale = 'en' } = state.match ?? {};
    alarm.set(due && { at: due.at, what: comingText(due.what, { locale }) });
    if (!step.commands.some(isPage)) attributes.write(state);
    if (step.commands.length === 0 && !COMES_FROM_OUTSIDE.includes(happened.type))
      leaveTrace(state.notifications.at(-1)?.id ?? '');
    setCurrentDetails(currentDetails(describe(state), locale));
  }

  const act = (name: ActionName, argument: unknown): void => {
    feed({ type: 'acted', name, argument });
  };
  listen(INCIDENT, {
    signals: {
      ...forEveryAction((name) => (argument: unknown) => {
        act(name, argument);
      }),
      call(word) {
        feed({ type: 'called', word });
      },
      receipt(receipt) {
        feed({ type: 'receipt', receipt });
      },
    },
    queries: { describe: () => describe(state) },
    updates: forEveryAction((name) => ({
      answer(argument: unknown) {
        act(name, argument);
        return describe(state);
      },
      refuse: (argument: unknown) => refuseArguments(name, argument) ?? refuse(state, name, argument),
    })),
  });
  setDefaultSignalHandler((name) => {
    act('comment', { by: { name: 'somebody' }, text: `sent the unknown signal ${name}` });
  });

  CancellationScope.current().cancelRequested.catch(() => {
    act('close', { by: { name: 'an operator' }, source: 'cancelled' });
  });

  return CancellationScope.nonCancellable(async () => {
    if (carried) feed({ type: 'due' });
    else {
      const match = await matchRule(state.incident, rule);
      const [level] = match.rule?.levels ?? [];
      if (level && match.first) performer.remember(level.to, match.first);
      feed({ type: 'matched', match });
    }
    await condition(
      () => ((state.progress === 'Closed' || isHistoryLong()) && performer.isIdle()) || isHistoryTooLong(),
    );
    await condition(allHandlersFinished);
    if (state.progress !== 'Closed') {
      await continueAsNew<typeof escalateIncident>({ incident: state.incident, carried: carryOver(state) });
    }
    return describe(state);
  });
}

/** First the page, then the lists: what comes of it is fed back soon. The last chance of a person may wait for long. */
function isPage(command: Command): boolean {
  return command.do === 'resolve' || command.do === 'call' || (command.do === 'send' && !command.patient);
}

/** These arrive with an event of their own, or with an update. */
const COMES_FROM_OUTSIDE: readonly Happened['type'][] = ['acted', 'called', 'receipt'];

function open(incident: unknown, reopened: unknown): Escalation {
  const { workflowId, firstExecutionRunId: occurrence, startTime } = workflowInfo();
  const repaired = repairIncident(incident, incidentIdOf(workflowId));
  if (typeof repaired === 'string') throw ApplicationFailure.nonRetryable(repaired, 'InvalidIncident');
  const { incident: known, repairs } = repaired;
  const ref = { workflowId, occurrence };
  return openEscalation(ref, known, repairs, Date.now(), readReopened(reopened), startTime.getTime());
}

function isHistoryLong(): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength > LONG_HISTORY_LENGTH;
}

function isHistoryTooLong(): boolean {
  return workflowInfo().historyLength > HARD_HISTORY_LENGTH;
}
