import type { Configuration } from '../config/configuration.ts';
import type { Directory } from '../config/duty/directory.ts';
import { platformOf } from '../config/schema/names.ts';
import { personOf } from '../config/duty/person.ts';
import type { CallOrder } from '../domain/phone/call.ts';
import type { GroupManner } from '../domain/incident/rule.ts';
import type { Face } from '../domain/incident/face.ts';
import { refKey, refOf } from '../domain/incident/occurrence.ts';
import { adapterFacts } from '../domain/media.ts';
import type { Call } from '../providers/kit/adapter.ts';
import type { List, Page, Person } from '../providers/kit/message.ts';
import type { Locale } from '../domain/locale.ts';
import { DeliveryError } from '../providers/kit/delivery-error.ts';
import { callbackUrl, pageUrl } from '../links/url.ts';
import { shortUrl } from '../links/short.ts';
import { mintReceiptRef } from '../links/token.ts';
import { buttonsFor, menuFor } from '../templates/buttons.ts';
import { listWritten } from '../templates/call-list.ts';
import { namesFrom } from '../templates/names.ts';
import { replyHint, speechAbout, voiceValues } from '../templates/voice.ts';
import { outletOf, phrase } from '../templates/template.ts';
import { presentEvent } from '../templates/wording.ts';
import type { ListOrder, SendOrder } from './contract.ts';

/** A message that mentions more people than this is too long for some platforms. */
const MOST_MENTIONS = 20;

/**
 * The platform ids that people have linked themselves. An identity in the configuration file wins over a linked one.
 * Never throws.
 */
export type Linked = (member: string) => Promise<Readonly<Record<string, string>>>;

/** Addresses, words, buttons and links of one message: looked up and rendered here, never kept in a history. */
export async function composePage(
  { account, notification, event, to, face, group, plain, listed }: Omit<SendOrder, 'reconcileSince'>,
  {
    current,
    directory,
    now,
    linked,
    code,
    redraws = false,
  }: {
    current: Configuration;
    directory: Directory;
    now: number;
    linked?: Linked;
    code?: string;
    /** The message was sent before, and is drawn again to show the present state. */
    redraws?: boolean;
  },
): Promise<Page> {
  const person = 'member' in to ? await findPerson(to.member, account, current, directory, linked) : undefined;
  const member = person?.member ?? null;
  const { locale, timeZone } = person ?? groupReader(account, current);
  const { secrets, publicUrl } = current.gateway;
  const incident = refOf(face);
  const ask = { face, notification, account, member, locale, secrets, now };
  const reader = current.accounts.get(account)?.traits.linksAct === false ? null : member;
  const isShort = listed && reader !== null && mediumOf(account, current) === 'sms';
  const link =
    publicUrl === undefined
      ? undefined
      : isShort
        ? shortUrl(publicUrl, { ...incident, number: face.number, member: reader }, secrets)
        : pageUrl(publicUrl, { ...incident, notification, account, member: reader, now }, secrets);
  const names = namesFrom(current.members);
  return {
    kind: 'page',
    key: `${refKey(incident)}/${notification}/${account}${plain ? '/plain' : ''}`,
    notification,
    event,
    face,
    wording: phrase(
      { face, event: redraws ? presentEvent(face) : event, locale, timeZone, names, link, now },
      outletOf(current.accounts.get(account)),
      current,
    ),
    locale,
    timeZone,
    to: person ? { person } : { chat: 'chat' in to ? to.chat : '' },
    mentions: await mentionsOf(event === 'opened' && group?.mention, face, account, current, directory, linked),
    ...(await respondersOf(face, account, current, directory, linked)),
    verbose: group?.verbose === true,
    ...(group?.thread && { thread: group.thread }),
    buttons: buttonsFor(ask),
    menu: menuFor({ ...ask, members: current.members }),
    ...callbackOf(account, current),
    ...(link !== undefined && { pageUrl: link }),
    receiptRef: mintReceiptRef({ ...incident, notification }, secrets),
    ...(code !== undefined && { reply: { code, hint: replyHint(code, locale) } }),
    plain,
  };
}

export async function composeCall(
  { account, token, member, items, keys }: CallOrder,
  { current, directory }: { current: Configuration; directory: Directory },
): Promise<Call> {
  const person = await findPerson(member, account, current, directory);
  return {
    token,
    person,
    values: voiceValues(items, person.locale),
    speech: speechAbout(items, person.locale, keys),
    ...callbackOf(account, current),
  };
}

/**
 * A group has no language of its own, so its posts are in the account's, else in the one that is usual on the platform.
 */
function groupReader(name: string, { accounts }: Configuration): { locale: Locale; timeZone: string } {
  const account = accounts.get(name);
  const locale = account ? (account.locale ?? adapterFacts(account.adapter).groupLocale ?? 'en') : 'zh';
  return { locale, timeZone: account?.timeZone ?? (locale === 'zh' ? 'Asia/Shanghai' : 'UTC') };
}

function mediumOf(name: string, { accounts }: Configuration): string | undefined {
  const account = accounts.get(name);
  return account && adapterFacts(account.adapter).medium;
}

function callbackOf(name: string, { accounts, gateway }: Configuration): { callbackUrl?: string } {
  const account = accounts.get(name);
  const { publicUrl } = gateway;
  return account && publicUrl !== undefined ? { callbackUrl: callbackUrl(publicUrl, account) } : {};
}

/** What a call announces, to read. It has no buttons: the call's key acts on all of them. */
export async function composeList(
  { account, token, member, items }: ListOrder,
  { current, directory }: { current: Configuration; directory: Directory },
): Promise<List> {
  const person = await findPerson(member, account, current, directory);
  const { locale, timeZone } = person;
  const [worst] = items;
  // A phone counts its calls anew some day; a notification is never told by two calls of one token.
  const key = [worst && refKey(worst), worst?.notification, 'list', token, account].join('/');
  return { kind: 'list', key, to: { person }, locale, timeZone, ...listWritten(items, locale) };
}

/** Only for an account that passes them on. */
async function respondersOf(
  face: Face,
  account: string,
  current: Configuration,
  directory: Directory,
  linked: Linked | undefined,
): Promise<{ responders?: Person[] }> {
  const adapter = current.accounts.get(account)?.adapter;
  if (adapter === undefined || adapterFacts(adapter).namesResponders !== true) return {};
  const people = await mentionsOf(true, face, account, current, directory, linked);
  return { responders: people === 'all' ? [] : people };
}

/** The responders as the account may address them; whom nobody can look up now stands by name, so the page still goes. */
async function mentionsOf(
  mention: GroupManner['mention'] | undefined,
  { responders }: Face,
  account: string,
  current: Configuration,
  directory: Directory,
  linked: Linked | undefined,
): Promise<Page['mentions']> {
  if (mention === 'all') return mention;
  if (!mention) return [];
  return Promise.all(
    responders.slice(0, MOST_MENTIONS).map((member) =>
      findPerson(member, account, current, directory, linked).catch(() => ({
        member,
        name: current.members.get(member)?.name ?? member,
        ...groupReader(account, current),
      })),
    ),
  );
}

/** @throws DeliveryError when nobody is called so, or nobody can say. */
export async function findPerson(
  id: string,
  account: string,
  current: Configuration,
  directory: Directory,
  linked?: Linked,
): Promise<Person> {
  const member = await directory.member(id).catch(() => {
    throw new DeliveryError('not-sent', { key: 'directory-silent', member: id });
  });
  if (!member) throw new DeliveryError('unreachable', { key: 'member-gone', member: id });
  const configured = current.accounts.get(account);
  if (!configured) throw new DeliveryError('unauthorized', { key: 'account-gone', account });
  const person = personOf(member, configured);
  if (person.identity !== undefined || !linked) return person;
  const identities = await linked(id);
  const identity = identities[account] ?? identities[platformOf(configured.adapter)];
  return identity === undefined ? person : { ...person, identity };
}
