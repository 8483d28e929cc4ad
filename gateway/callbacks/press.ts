import { WorkflowNotFoundError } from '@temporalio/client';
import type { Account, Member } from '../../config/configuration.ts';
import { personOf } from '../../config/duty/person.ts';
import { DEFAULT_SNOOZE_MINUTES } from '../../domain/incident/actions/snooze.ts';
import type { By } from '../../domain/incident/action.ts';
import { faceOf, type Face } from '../../domain/incident/face.ts';
import { cut, LIMITS } from '../../domain/incident/incident.ts';
import { refKey, refOf, type IncidentRef } from '../../domain/incident/occurrence.ts';
import type { Happening, PressResult } from '../../providers/kit/adapter.ts';
import { createIo } from '../../providers/kit/http.ts';
import type { Picture } from '../../providers/kit/message.ts';
import { pageUrl } from '../../links/url.ts';
import { readToken, type Claims } from '../../links/token.ts';
import { buttonsFor, menuFor, readButtonAction } from '../../templates/buttons.ts';
import { overText, say, takenText } from '../../templates/press.ts';
import { outletOf, phrase } from '../../templates/template.ts';
import { presentEvent, type Reader } from '../../templates/wording.ts';
import { wordsFor, type Words } from '../../templates/words.ts';
import type { Door } from '../door.ts';
import type { Look } from '../looks.ts';
import { readerFor } from '../reader.ts';
import type { Delivered } from '../relay.ts';
import { within } from '../../client/within.ts';
import { INCIDENT } from '../../domain/messages.ts';

type Press = Extract<Happening, { kind: 'press' }>;

/** With less time left, asking what came of the press would be cut off before the answer. */
const LEAST_DESCRIBE_MS = 30;
/** People that one press may name. */
const MOST_NAMED = 20;

/**
 * One press of one of our buttons: which and whose, told to the incident, and what to answer. Presses on cards drawn
 * at an older revision count.
 * @param budget milliseconds left for the signal, and then for asking what came of it.
 */
export async function takePress(
  press: Press,
  account: Account,
  door: Door,
  budget: () => number,
): Promise<{ delivered: Delivered | 'ignored'; press: PressResult }> {
  const claims = readButton(press.token, account, door);
  const member = await presserOf(press.identity, claims, account, door, budget());
  const ignored = (state: 'forged' | 'expired' | 'refused' | 'unknown-person', text: string) =>
    ({ delivered: 'ignored', press: { state, text } }) as const;

  if (claims === 'forged') door.strangers.note('button');
  if (typeof claims === 'string')
    return ignored(
      claims,
      say(member?.locale, (words) => words.press[claims]),
    );
  const asked = readButtonAction(claims.action);
  if (!asked)
    return ignored(
      'forged',
      say(member?.locale, (words) => words.press.forged),
    );
  if (!member) {
    return ignored('unknown-person', await howToLink(account, press.identity, door));
  }
  const words = wordsFor(member.locale);
  const more = await argumentOf(asked, press, { account, door, words });
  if (typeof more === 'string') return ignored('refused', more);

  const { notification, revision } = claims;
  const incident = refOf(claims);
  const { name: action, level } = asked;
  const key =
    press.eventId === ''
      ? [member.id, notification, revision, ...Object.values({ action, ...more })].join('/')
      : `${account.name}/${press.eventId}`;
  const { workflowId, ...which } = incident;
  const argument: By = { by: { member: member.id }, via: 'card', key, ...which, ...more };
  const message = {
    contract: INCIDENT,
    workflowId,
    signal: action,
    argument,
    key: `${refKey(incident)} ${key}`,
  };
  const delivered = await door.relay.tell(message, budget());
  if (delivered === 'unconfirmed' || delivered === 'refused') {
    return { delivered, press: { state: delivered, action, text: words.press[delivered] } };
  }

  const { view, newer, isGone = delivered === 'gone' } = await lookNow(door, incident, budget());
  const face = view && faceOf(view);
  const reader = readerFor(member, door);
  const taken = { action, member: member.id, ...more, ...(level !== undefined && { level }) };
  const result: PressResult =
    isGone || newer
      ? { state: 'closed', action, text: overText(face, reader, newer?.number) }
      : {
          state: 'done',
          action,
          text: takenText({ ...taken, ...(face && { face, timeline: view.timeline }) }, reader),
        };
  return { delivered, press: { ...result, ...(face && { picture: pictureOf(face, claims, reader, door) }) } };
}

/**
 * What one of our buttons says. One of another account was carried here by somebody: whoever presses is known here by
 * another platform's word.
 */
function readButton(token: string, { name }: Account, door: Door): ReturnType<typeof readToken> {
  const claims = readToken(token, 'button', door.source.current.gateway.secrets, door.now());
  return typeof claims === 'string' || claims.account === name ? claims : 'forged';
}

/** The card as it is to look now, for one of ours; nothing is told to the incident. */
export async function takeRefresh(
  { token, identity }: Extract<Happening, { kind: 'refresh' }>,
  account: Account,
  door: Door,
  budgetMs: number,
): Promise<PressResult> {
  const claims = readButton(token, account, door);
  const member = await presserOf(identity, claims, account, door, budgetMs);
  if (typeof claims === 'string') {
    return { state: claims, text: say(member?.locale, (words) => words.press[claims]) };
  }
  if (!member) {
    return {
      state: 'unknown-person',
      text: await howToLink(account, identity, door),
    };
  }
  const { view } = await lookNow(door, claims, budgetMs);
  if (!view) return { state: 'unconfirmed', text: wordsFor(member.locale).page.unreadable };
  return { state: 'done', text: '', picture: pictureOf(faceOf(view), claims, readerFor(member, door), door) };
}

/** For somebody whose platform id is nobody's, in both languages. */
export async function howToLink({ name, adapter }: Account, identity: string, door: Door): Promise<string> {
  const { publicUrl } = door.source.current.gateway;
  const home = (await door.load(adapter)).signIn && publicUrl !== undefined ? `${publicUrl}/app/${name}` : undefined;
  return say(undefined, ({ press, link }) =>
    [press.unknownPerson(name, identity), home === undefined ? link.byChat : link.here(home)].join(' '),
  );
}

/** The rest of the action's argument, or why there is none. */
async function argumentOf(
  { name, level }: NonNullable<ReturnType<typeof readButtonAction>>,
  press: Press,
  { account, door, words }: { account: Account; door: Door; words: Words },
): Promise<{ minutes?: number; level?: number; text?: string; members?: string[] } | string> {
  switch (name) {
    case 'snooze':
      return { minutes: press.minutes ?? DEFAULT_SNOOZE_MINUTES };
    case 'escalate':
      return level === undefined ? {} : { level };
    case 'comment': {
      const text = cut((press.text ?? '').trim(), LIMITS.text);
      return text === '' ? words.press.nothingWritten : { text };
    }
    case 'reassign': {
      const named = await Promise.all(
        (press.members ?? []).slice(0, MOST_NAMED).map((id) => memberOf(id, account, door)),
      );
      const members = [...new Set(named.flatMap((member) => member?.id ?? []))];
      return members.length === 0 ? words.press.nobodyNamed : { members };
    }
    case 'acknowledge':
    case 'close':
      return {};
  }
}

/** Chosen from our list, or by the platform's own picker. */
async function memberOf(id: string, account: Account, { directory }: Door): Promise<Member | undefined> {
  try {
    return (await directory.member(id)) ?? (await directory.findByIdentity(account.name, id));
  } catch {
    return undefined;
  }
}

/** The card as it is to look now. */
function pictureOf(face: Face, { notification, account, member }: Claims, reader: Reader, door: Door): Picture {
  const { current } = door.source;
  const { members, accounts } = current;
  const { secrets, publicUrl } = current.gateway;
  const now = door.now();
  const link =
    publicUrl === undefined
      ? undefined
      : pageUrl(publicUrl, { ...refOf(face), notification, account, member, now }, secrets);
  const ask = { face, notification, account, member, locale: reader.locale, secrets, now };
  return {
    face,
    wording: phrase({ face, event: presentEvent(face), ...reader, link }, outletOf(accounts.get(account)), current),
    buttons: buttonsFor(ask),
    menu: menuFor({ ...ask, members }),
    ...(link !== undefined && { pageUrl: link }),
  };
}

/**
 * Who pressed: whose id it is as configured; else the one to whom the card was sent, when the platform says that the id
 * is theirs, for a card can be passed on.
 */
async function presserOf(
  identity: string,
  claims: ReturnType<typeof readToken>,
  account: Account,
  door: Door,
  budgetMs: number,
): Promise<Member | undefined> {
  const known = await door.directory.findByIdentity(account.name, identity);
  if (known || typeof claims === 'string' || claims.member === null) return known;
  const [addressee, adapter] = await Promise.all([door.directory.member(claims.member), door.load(account.adapter)]);
  if (!addressee || !adapter.identify) return undefined;
  const io = createIo({ timeoutMs: budgetMs });
  const asked = adapter.identify(personOf(addressee, account), account.settings, io).catch(() => undefined);
  return (await within(asked, budgetMs, undefined)) === identity ? addressee : undefined;
}

/** What came of a press; without `view` nobody could say in time, or `isGone`: it is not kept any more. */
export async function lookNow(
  door: Door,
  ref: IncidentRef,
  budgetMs: number,
): Promise<Partial<Look> & { isGone?: true }> {
  if (budgetMs < LEAST_DESCRIBE_MS) return {};
  try {
    return await door.looks.at(ref, budgetMs);
  } catch (error) {
    // The answer is then worded without it, because the press itself is already with Temporal.
    return error instanceof WorkflowNotFoundError ? { isGone: true } : {};
  }
}
