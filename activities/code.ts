import { randomBytes, randomInt } from 'node:crypto';
import type { Configuration } from '../config/configuration.ts';
import type { Directory } from '../config/duty/directory.ts';
import { addressDigest, codeDigest } from '../links/digest.ts';
import { adapterFacts } from '../domain/media.ts';
import type { OpenCode } from '../domain/member/book.ts';
import type { Call } from '../providers/kit/adapter.ts';
import type { Code, Person } from '../providers/kit/message.ts';
import { DeliveryError } from '../providers/kit/delivery-error.ts';
import { codeSpoken, codeWritten, type Digits } from '../templates/code.ts';
import { findPerson } from './compose.ts';
import type { CodeOrder } from './contract.ts';

/** Six digits, for one person, with what the history may hold of them. */
export interface MadeCode {
  digits: Digits;
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
  if (address === undefined) throw new DeliveryError('unreachable', { key: 'no-address', member, account });
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  return {
    digits: { purpose, code, member, ...(links !== undefined && { links }) },
    person,
    kept: {
      digest: codeDigest(member, code, secrets),
      kind: isMail ? 'email' : 'phone',
      address: addressDigest(address, secrets),
    },
  };
}

export function composeCode({ digits, person }: MadeCode): Code {
  const { locale, timeZone } = person;
  const key = `code-${person.member}/${randomBytes(12).toString('base64url')}`;
  return { kind: 'code', key, to: { person }, locale, timeZone, ...codeWritten(digits, locale) };
}

export function composeCodeCall({ digits, person }: MadeCode): Call {
  const token = randomBytes(8).toString('hex').slice(0, 15);
  return { token, person, ...codeSpoken(digits, person.locale) };
}
