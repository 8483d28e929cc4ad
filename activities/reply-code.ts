import { createHmac } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { Configuration } from '../config/configuration.ts';
import type { Directory } from '../config/duty/directory.ts';
import { codeFor, type CodeRequest } from '../domain/phone/reply-code.ts';
import { refKey, refOf } from '../domain/incident/occurrence.ts';
import { startOf } from '../client/long-lived.ts';
import { talk, type Talk } from '../client/talk.ts';
import { PHONE } from '../domain/messages.ts';
import { phoneWorkflowId } from '../links/phone-id.ts';
import type { SendOrder } from './contract.ts';

/** How long a text waits for its code; after that it is sent without one. */
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
    const { level } = face;
    const wish = createHmac('sha256', secret)
      .update(`reply ${phone} ${refKey(face)}`)
      .digest()
      .readUInt32BE(0);
    const request: CodeRequest = { ...refOf(face), member, level, wish };
    const line = phoneWorkflowId(prefix, gateway, phone);
    const endsAt = Date.now() + PATIENCE_MS;
    const inTime = (): Talk => talk(Context.current().client, { withinMs: endsAt - Date.now() });
    // A signal and a query instead of an update: a run that takes no updates cannot meet what decision 8 tells of, and
    // the query sees what the signal has done.
    await inTime().tell(PHONE, line, 'code', request, startOf.phone(prefix, member));
    return codeFor(await inTime().ask(PHONE, line, 'codes'), request);
  } catch {
    return undefined;
  }
}
