import type { Account, Member } from '../config/configuration.ts';
import { personOf } from '../config/person.ts';
import { DEFAULT_SNOOZE_MINUTES, type Actions } from '../domain/action.ts';
import { faceOf, type Face } from '../domain/face.ts';
import type { GroupEvent } from '../domain/rule.ts';
import type { Happening, PressResult } from '../providers/kit/adapter.ts';
import { createIo } from '../providers/kit/http.ts';
import { pageUrl } from '../providers/kit/links.ts';
import { readToken } from '../providers/kit/token.ts';
import { buttonsFor } from '../templates/buttons.ts';
import { namesFrom } from '../templates/names.ts';
import { overText, say, takenText } from '../templates/press.ts';
import { wordingFor, type Reader } from '../templates/wording.ts';
import { wordsFor } from '../templates/words.ts';
import { describeIncident, type Door } from './door.ts';
import type { Delivered } from './relay.ts';
import { within } from './within.ts';

const PRESSABLE = ['acknowledge', 'snooze', 'close'] as const;
/** With less left, asking what came of it would only be cut off. */
const LEAST_DESCRIBE_MS = 30;

/**
 * One press of one of our buttons: which and whose, told to the incident, and what to answer. Presses on cards drawn
 * at an older revision count.
 * @param budget milliseconds left for the signal, and then for asking what came of it.
 */
export async function takePress(
  press: Extract<Happening, { kind: 'press' }>,
  account: Account,
  door: Door,
  budget: () => number,
): Promise<{ delivered: Delivered | 'ignored'; press: PressResult }> {
  const { gateway, members } = door.source.current;
  const claims = readToken(press.token, 'button', gateway.secrets, door.now());
  const member = await presserOf(press.identity, claims, account, door, budget());
  const ignored = (state: 'forged' | 'expired' | 'unknown-person', text: string) =>
    ({ delivered: 'ignored', press: { state, text } }) as const;

  if (typeof claims === 'string')
    return ignored(
      claims,
      say(member?.locale, (words) => words.press[claims]),
    );
  const action = PRESSABLE.find((each) => each === claims.action);
  if (!action)
    return ignored(
      'forged',
      say(member?.locale, (words) => words.press.forged),
    );
  if (!member) {
    const how = say(undefined, (words) => words.press.unknownPerson(account.name, press.identity));
    return ignored('unknown-person', how);
  }

  const { workflowId, notification, revision } = claims;
  const minutes = action === 'snooze' ? (press.minutes ?? DEFAULT_SNOOZE_MINUTES) : undefined;
  const key =
    press.eventId === ''
      ? [member.id, notification, revision, action, minutes ?? ''].join('/')
      : `${account.name}/${press.eventId}`;
  const argument: Actions['snooze'] = { by: { member: member.id }, via: 'card', key };
  if (minutes !== undefined) argument.minutes = minutes;
  const message = { workflowIds: [workflowId], signal: action, argument, key: `${workflowId} ${key}` };
  const delivered = await door.relay.tell(message, budget());
  if (delivered === 'unconfirmed') {
    const text = wordsFor(member.locale).press.unconfirmed;
    return { delivered, press: { state: 'unconfirmed', action, text } };
  }

  const face = await faceNow(door, workflowId, budget());
  const reader: Reader = { locale: member.locale, timeZone: member.timeZone, names: namesFrom(members) };
  const result: PressResult =
    delivered === 'gone'
      ? { state: 'closed', action, text: overText(face, reader) }
      : { state: 'done', action, text: takenText({ action, member: member.id, ...(face && { face }) }, reader) };
  if (face) {
    result.face = face;
    result.wording = wordingFor({ face, event: eventOf(face), ...reader });
    result.buttons = buttonsFor({
      face,
      notification,
      account: account.name,
      member: claims.member,
      locale: member.locale,
      secrets: gateway.secrets,
      now: door.now(),
    });
    if (gateway.publicUrl !== undefined) {
      const link = { workflowId, notification, account: account.name, member: claims.member, now: door.now() };
      result.pageUrl = pageUrl(gateway.publicUrl, link, gateway.secrets);
    }
  }
  return { delivered, press: result };
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

async function faceNow(door: Door, workflowId: string, budgetMs: number): Promise<Face | undefined> {
  if (budgetMs < LEAST_DESCRIBE_MS) return undefined;
  try {
    return faceOf(await describeIncident(door.client, workflowId, budgetMs));
  } catch {
    // The answer is then worded without it: what matters is already with Temporal.
    return undefined;
  }
}

function eventOf(face: Face): GroupEvent {
  if (face.progress === 'Closed') return 'closed';
  if (face.snoozedUntil !== undefined) return 'snoozed';
  return face.progress === 'Processing' ? 'acknowledged' : 'opened';
}
