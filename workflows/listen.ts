import {
  ApplicationFailure,
  defineQuery,
  defineSignal,
  defineUpdate,
  getExternalWorkflowHandle,
  setHandler,
} from '@temporalio/workflow';
import type { Contract, Exchanges, Reader } from '../domain/messages.ts';

/** What a workflow does about each message of its contract: one that is missing is a compile error. */
export interface Handlers<Signals, Queries extends Exchanges<Queries>, Updates extends Exchanges<Updates>> {
  signals: { [N in keyof Signals]: (argument: Signals[N]) => void };
  queries: { [N in keyof Queries]: (argument: Queries[N]['argument']) => Queries[N]['answer'] };
  updates: { [N in keyof Updates]: UpdateHandler<Updates[N]['argument'], Updates[N]['answer']> };
}
interface UpdateHandler<Argument, Answer> {
  answer: (argument: Argument) => Answer | Promise<Answer>;
  /** Why it makes no sense now, for people; then nothing is written to the history. */
  refuse?: (argument: Argument) => string | undefined;
}

/**
 * Sets the handlers of a contract, signals first. A signal that cannot be read is dropped and an update that cannot be
 * read is refused: an error thrown by a handler would be thrown again at each attempt and stop the whole workflow.
 */
export function listen<Signals, Queries extends Exchanges<Queries>, Updates extends Exchanges<Updates>>(
  contract: Contract<Signals, Queries, Updates>,
  handlers: Handlers<Signals, Queries, Updates>,
): void {
  const { signals, queries, updates } = handlers as unknown as AnyHandlers;
  const reads = contract.updates as unknown as Record<string, { read: Reader<unknown> }>;
  for (const [name, read] of Object.entries<Reader<unknown>>(contract.signals)) {
    setHandler(defineSignal<[unknown]>(name), (raw) => {
      const argument = read(raw);
      if (argument !== undefined) signals[name]?.(argument);
    });
  }
  for (const [name, answer] of Object.entries(queries)) setHandler(defineQuery<unknown, [unknown]>(name), answer);
  for (const [name, { answer, refuse }] of Object.entries(updates)) {
    const read = (raw: unknown): unknown => reads[name]?.read(raw);
    setHandler(defineUpdate<unknown, [unknown]>(name), (raw) => answer(read(raw)), {
      validator: (raw) => {
        const argument = read(raw);
        const reason = argument === undefined ? 'the argument cannot be read' : refuse?.(argument);
        if (reason !== undefined) throw ApplicationFailure.nonRetryable(reason, 'Refused');
      },
    });
  }
}

interface AnyHandlers {
  signals: Record<string, (argument: unknown) => void>;
  queries: Record<string, (argument: unknown) => unknown>;
  updates: Record<string, UpdateHandler<unknown, unknown>>;
}

/** Signals another workflow by its contract. @throws when that workflow is over. */
export async function tell<Signals, Name extends keyof Signals & string>(
  _contract: Pick<Contract<Signals, never, never>, 'signals'>,
  workflowId: string,
  name: Name,
  argument: Signals[Name],
): Promise<void> {
  await getExternalWorkflowHandle(workflowId).signal(name, argument);
}
