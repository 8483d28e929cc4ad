import { WithStartWorkflowOperation, type Client } from '@temporalio/client';
import type { Workflow } from '@temporalio/common';
import { type Proofs } from '../../client/proofs.ts';
import { codeDigest } from '../../links/digest.ts';
import { accountWorkflowId, memberWorkflowId } from '../../domain/workflow-ids.ts';
import type { CodeMedium, CodePurpose, Proved, Tried, Verdict } from '../../domain/member/book.ts';
import type { ChatChange } from '../../domain/account/book.ts';
import type { Door } from '../door.ts';

/** What the workflow of a member can be asked for. */
export interface MemberUpdates {
  link: [{ account: string; identity: string }, Proved];
  unlink: [{ account: string }, Proved];
  requestCode: [
    { purpose: CodePurpose; medium?: CodeMedium; account?: string; identity?: string },
    { sent: CodeMedium } | { refused: string },
  ];
  tryCode: [Tried, Verdict];
}

/**
 * Asks the workflow of a member, which starts with the first question.
 * @throws when Temporal or its worker does not answer in time; a link may count all the same.
 */
export async function askMember<Name extends keyof MemberUpdates>(
  { client, prefix, member }: { client: Client; prefix: string; member: string },
  name: Name,
  argument: MemberUpdates[Name][0],
  withinMs: number,
): Promise<MemberUpdates[Name][1]> {
  const startWorkflowOperation = new WithStartWorkflowOperation('member', {
    workflowId: memberWorkflowId(prefix, member),
    taskQueue: prefix,
    args: [],
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `what ${member} has proved`,
  });
  return client.withDeadline(Date.now() + withinMs, () =>
    client.workflow.executeUpdateWithStart<Workflow, MemberUpdates[Name][1], [MemberUpdates[Name][0]]>(name, {
      args: [argument],
      startWorkflowOperation,
    }),
  );
}

/** A code as it was typed, under every secret. */
export function triedCode(
  member: string,
  code: string,
  secrets: readonly string[],
  more: Omit<Tried, 'digests'>,
): Tried {
  return { digests: secrets.map((secret) => codeDigest(member, code.replace(/\D/g, ''), [secret])), ...more };
}

/** A list of chats has changed. @throws when Temporal does not take it in time. */
export async function noteChat(door: Door, account: string, argument: ChatChange, withinMs: number): Promise<void> {
  const { client, source } = door;
  const { prefix } = source.current;
  await client.withDeadline(Date.now() + withinMs, () =>
    client.workflow.signalWithStart('account', {
      workflowId: accountWorkflowId(prefix, account),
      taskQueue: prefix,
      args: [],
      signal: 'chat',
      signalArgs: [argument],
      staticSummary: `what is known about ${account}`,
    }),
  );
}

/** The directory, and behind it what people have linked by themselves. */
export function withLinks(directory: Door['directory'], proofs: Proofs, client: Client): Door['directory'] {
  return {
    member: (id) => directory.member(id),
    async findByIdentity(account, identity) {
      const known = await directory.findByIdentity(account, identity);
      if (known) return known;
      const member = await proofs.whoIs(client, account, identity);
      return member === undefined ? undefined : directory.member(member);
    },
  };
}
