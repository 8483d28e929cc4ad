import { createHmac } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { Configuration } from '../config/configuration.ts';
import type { Directory } from '../config/duty/directory.ts';
import { codeFor, type CodeRequest, type ReplyCode } from '../domain/phone/reply-code.ts';
import { phoneWorkflowId } from '../links/phone-id.ts';
import type { SendOrder } from './contract.ts';
import { tellPhone } from './long-lived.ts';

/** A text does not wait longer for its code: it goes without. */
const PATIENCE_MS = 700;

/** The code with which the receiver of this text can answer it, from the workflow of their number. Never throws. */
export async function replyCode(
  { to, event, face }: Pick<SendOrder, 'to' | 'event' | 'face'>,
  { current, directory }: { current: Configuration; directory: Directory },
): Promise<string | undefined> {
  const { prefix, gateway } = current;
  const [secret] = gateway.secrets;
  if (!('member' in to) || event !== 'opened' || secret === undefined) return undefined;
  const { member } = to;
  try {
    const phone = (await directory.member(member))?.phone;
    if (phone === undefined) return undefined;
    const { workflowId, level } = face;
    const wish = createHmac('sha256', secret).update(`reply ${phone} ${workflowId}`).digest().readUInt32BE(0);
    const request: CodeRequest = { workflowId, member, level, wish };
    const { client } = Context.current();
    const line = phoneWorkflowId(prefix, secret, phone);
    // Not an update: a run that takes none is safe from what decision 8 tells of, and the query sees the signal.
    return await client.withDeadline(Date.now() + PATIENCE_MS, async () => {
      await tellPhone(prefix, { workflowId: line, member }, 'code', request);
      return codeFor(await client.workflow.getHandle(line).query<ReplyCode[]>('codes'), request);
    });
  } catch {
    return undefined;
  }
}
