import { Context } from '@temporalio/activity';
import { accountWorkflowId } from '../domain/workflow-ids.ts';

/** Tells the workflow that owns a telephone number, which begins when it is not there. */
export async function tellPhone(
  prefix: string,
  phone: { workflowId: string; member: string },
  signal: string,
  argument: unknown,
): Promise<void> {
  await tell('phone', phone.workflowId, `the phone of ${phone.member}`, { prefix, signal, argument });
}

/** Tells the workflow that keeps what is known about an account. */
export async function tellAccount(prefix: string, account: string, signal: string, argument: unknown): Promise<void> {
  const workflowId = accountWorkflowId(prefix, account);
  await tell('account', workflowId, `what is known about ${account}`, { prefix, signal, argument });
}

async function tell(
  workflowType: string,
  workflowId: string,
  staticSummary: string,
  { prefix, signal, argument }: { prefix: string; signal: string; argument: unknown },
): Promise<void> {
  await Context.current().client.workflow.signalWithStart(workflowType, {
    workflowId,
    taskQueue: prefix,
    args: [],
    signal,
    signalArgs: [argument],
    staticSummary,
  });
}
