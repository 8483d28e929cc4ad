import type { Configuration } from '../config/configuration.ts';
import type { Directory } from '../config/duty/directory.ts';
import type { Notice } from '../providers/kit/message.ts';
import { noticeWritten } from '../templates/notice.ts';
import { findPerson, type Linked } from './compose.ts';
import type { NoticeOrder } from './contract.ts';

/** @throws DeliveryError `unreachable` when nobody is called so. */
export async function composeNotice(
  { account, member, notice, identity, at }: NoticeOrder,
  { current, directory, linked }: { current: Configuration; directory: Directory; linked?: Linked },
): Promise<Notice> {
  const person = await findPerson(member, account, current, directory, linked);
  const { locale, timeZone } = person;
  const addressee = identity === undefined ? person : { ...person, identity };
  // Attempts of one notice share their key, and one to a former id is another message than one to the present id.
  const key = ['notice', member, notice.kind, notice.account, String(at), account, identity ?? ''].join('/');
  return { kind: 'notice', key, to: { person: addressee }, locale, timeZone, ...noticeWritten(notice, locale) };
}
