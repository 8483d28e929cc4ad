import type { Client } from '@temporalio/client';
import { startOf } from '../../client/long-lived.ts';
import { talk } from '../../client/talk.ts';
import { ACCOUNT } from '../../domain/messages.ts';
import { type Proofs } from '../../client/proofs.ts';
import { accountWorkflowId } from '../../domain/workflow-ids.ts';
import type { ChatChange } from '../../domain/account/book.ts';
import type { Door } from '../door.ts';

/** Tells the account's workflow that its groups have changed. @throws when Temporal does not take it in time. */
export async function noteChat(door: Door, account: string, argument: ChatChange, withinMs: number): Promise<void> {
  const { client, source } = door;
  const { prefix } = source.current;
  const workflowId = accountWorkflowId(prefix, account);
  await talk(client, { withinMs }).tell(ACCOUNT, workflowId, 'chat', argument, startOf.account(prefix, account));
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
