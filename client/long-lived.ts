import type { Client } from '@temporalio/client';
import { MEMBER, type MemberUpdates } from '../domain/messages.ts';
import { memberWorkflowId } from '../domain/workflow-ids.ts';
import { talk, type Start } from './talk.ts';

/**
 * How the workflows that outlive every incident begin: with the first thing there is to tell or ask them.
 * @param prefix the pack's task queue.
 */
export const startOf = {
  phone: (prefix: string, member: string): Start => ({ taskQueue: prefix, summary: `the phone of ${member}` }),
  member: (prefix: string, member: string): Start => ({ taskQueue: prefix, summary: `what ${member} has proved` }),
  account: (prefix: string, account: string): Start => ({
    taskQueue: prefix,
    summary: `what is known about ${account}`,
  }),
};

/**
 * Asks the workflow of a member, which starts with the first question.
 * @throws when Temporal or its worker does not answer in time; a link may count all the same.
 */
export async function askMember<Name extends keyof MemberUpdates>(
  { client, prefix, member }: { client: Client; prefix: string; member: string },
  name: Name,
  argument: MemberUpdates[Name]['argument'],
  withinMs: number,
): Promise<MemberUpdates[Name]['answer']> {
  const start = startOf.member(prefix, member);
  return talk(client, { withinMs }).request(MEMBER, memberWorkflowId(prefix, member), name, argument, { start });
}
