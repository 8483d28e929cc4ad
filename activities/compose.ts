import type { Configuration } from '../config/configuration.ts';
import type { Directory } from '../config/directory.ts';
import { personOf } from '../config/person.ts';
import type { CallOrder } from '../domain/call.ts';
import type { Call, Delivery, Locale, Person } from '../providers/kit/adapter.ts';
import { DeliveryError } from '../providers/kit/delivery-error.ts';
import { pageUrl } from '../providers/kit/links.ts';
import { mintReceiptRef } from '../providers/kit/token.ts';
import { buttonsFor } from '../templates/buttons.ts';
import { listFace, listWording } from '../templates/call-list.ts';
import { namesFrom } from '../templates/names.ts';
import { voiceValues } from '../templates/voice.ts';
import { wordingFor } from '../templates/wording.ts';
import type { ListOrder, SendOrder } from './contract.ts';

/** What groups read: nobody's own language is known there. */
const GROUP_READER: { locale: Locale; timeZone: string } = { locale: 'zh', timeZone: 'Asia/Shanghai' };

/** Addresses, words, buttons and links of one message: looked up and rendered here, never kept in a history. */
export async function composeDelivery(
  { account, notification, event, to, face, plain }: Omit<SendOrder, 'reconcileSince'>,
  { current, directory, now }: { current: Configuration; directory: Directory; now: number },
): Promise<Delivery> {
  const person = 'member' in to ? await findPerson(to.member, account, current, directory) : undefined;
  const member = person?.member ?? null;
  const { locale, timeZone } = person ?? GROUP_READER;
  const { secrets, publicUrl } = current.gateway;
  const { workflowId } = face;
  return {
    key: `${workflowId}/${notification}/${account}${plain ? '/plain' : ''}`,
    notification,
    event,
    face,
    wording: wordingFor({ face, event, locale, timeZone, names: namesFrom(current.members) }),
    locale,
    timeZone,
    to: person ? { person } : { chat: 'chat' in to ? to.chat : '' },
    mentions: [],
    verbose: false,
    buttons: buttonsFor({ face, notification, account, member, locale, secrets, now }),
    menu: [],
    ...(publicUrl !== undefined && {
      pageUrl: pageUrl(publicUrl, { workflowId, notification, account, member, now }, secrets),
    }),
    receiptRef: mintReceiptRef(workflowId, notification, secrets),
    plain,
  };
}

export async function composeCall(
  { account, token, member, items }: CallOrder,
  { current, directory }: { current: Configuration; directory: Directory },
): Promise<Call> {
  const person = await findPerson(member, account, current, directory);
  const [worst] = items;
  return { token, person, severity: worst?.severity ?? 'Critical', values: voiceValues(items, person.locale) };
}

/** What a call announces, to read. It has no buttons: the call's key acts on all of them. */
export async function composeList(
  { account, token, member, items }: ListOrder,
  { current, directory }: { current: Configuration; directory: Directory },
): Promise<Delivery> {
  const person = await findPerson(member, account, current, directory);
  const { locale, timeZone } = person;
  const face = listFace(items, locale);
  const { secrets } = current.gateway;
  return {
    // A phone counts its calls anew some day; a notification is never told by two calls of one token.
    key: `${face.workflowId}/${items[0]?.notification ?? ''}/list/${token}/${account}`,
    notification: token,
    event: 'opened',
    face,
    wording: listWording(items, locale),
    locale,
    timeZone,
    to: { person },
    mentions: [],
    verbose: false,
    buttons: [],
    menu: [],
    // Nobody waits for the receipt of a list: it names no notification.
    receiptRef: mintReceiptRef(face.workflowId, token, secrets),
    plain: false,
  };
}

async function findPerson(id: string, account: string, current: Configuration, directory: Directory): Promise<Person> {
  const member = await directory.member(id).catch(() => {
    throw new DeliveryError('not-sent', `the directory does not say how to reach ${id}`);
  });
  if (!member) throw new DeliveryError('unreachable', `no member is called ${id} any more`);
  const configured = current.accounts.get(account);
  if (!configured) throw new DeliveryError('unauthorized', `the account ${account} is no longer configured`);
  return personOf(member, configured);
}
