import type { Person } from '../../providers/kit/message.ts';
import type { Account, Member } from '../configuration.ts';
import { identityOf } from './directory.ts';
import { platformOf } from '../schema/names.ts';

/** A member as the adapter of an account may address them. */
export function personOf(member: Member, account: Pick<Account, 'name' | 'adapter'>): Person {
  const { id, name, email, phone, locale, timeZone } = member;
  const identity = identityOf(member, account.name, platformOf(account.adapter));
  return {
    member: id,
    name,
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone }),
    ...(identity !== undefined && { identity }),
    locale,
    timeZone,
  };
}
