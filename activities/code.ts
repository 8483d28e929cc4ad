import { randomBytes, randomInt } from 'node:crypto';
import type { Configuration } from '../config/configuration.ts';
import type { Directory } from '../config/duty/directory.ts';
import { addressDigest, codeDigest } from '../links/digest.ts';
import { adapterFacts } from '../domain/media.ts';
import type { OpenCode } from '../domain/member/book.ts';
import type { Call, Delivery, Person } from '../providers/kit/adapter.ts';
import { DeliveryError } from '../providers/kit/delivery-error.ts';
import { mintReceiptRef } from '../links/token.ts';
import { codeFace, codeSpoken, codeWording, type CodeMessage } from '../templates/code.ts';
import { findPerson } from './compose.ts';
import type { CodeOrder } from './contract.ts';

/** Six digits, for one person, with what the history may hold of them. */
export interface MadeCode {
  message: CodeMessage;
  person: Person;
  kept: Pick<OpenCode, 'digest' | 'kind' | 'address'>;
}

/** @throws DeliveryError `unreachable` without an address of this kind. */
export async function makeCode(
  { account, member, purpose, links }: CodeOrder,
  { current, directory }: { current: Configuration; directory: Directory },
): Promise<MadeCode> {
  const person = await findPerson(member, account, current, directory);
  const { secrets } = current.gateway;
  const isMail = adapterFacts(current.accounts.get(account)?.adapter ?? '').medium === 'email';
  const address = isMail ? person.email : person.phone;
  if (address === undefined) throw new DeliveryError('unreachable', `${member} has no address for ${account}`);
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  return {
    message: { purpose, code, member, ...(links !== undefined && { links }) },
    person,
    kept: {
      digest: codeDigest(member, code, secrets),
      kind: isMail ? 'email' : 'phone',
      address: addressDigest(address, secrets),
    },
  };
}

export function codeDelivery({ message, person }: MadeCode, secrets: readonly string[]): Delivery {
  const { locale, timeZone } = person;
  const face = codeFace(message, locale);
  const key = randomBytes(12).toString('base64url');
  return {
    key: `${face.workflowId}/${key}`,
    notification: 'n0',
    event: 'opened',
    face,
    wording: codeWording(message, locale),
    locale,
    timeZone,
    to: { person },
    mentions: [],
    verbose: false,
    buttons: [],
    menu: [],
    receiptRef: mintReceiptRef(face.workflowId, 'n0', secrets),
    plain: false,
  };
}

export function codeCall({ message, person }: MadeCode): Call {
  const token = randomBytes(8).toString('hex').slice(0, 15);
  return { token, person, severity: 'Info', ...codeSpoken(message, person.locale) };
}
