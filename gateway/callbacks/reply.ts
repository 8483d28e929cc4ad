import { WorkflowNotFoundError } from '@temporalio/client';
import { talk } from '../../client/talk.ts';
import { faceOf, type Face } from '../../domain/incident/face.ts';
import { cut } from '../../domain/incident/incident.ts';
import { KEYS, type KeyAction } from '../../domain/phone/keys.ts';
import type { Outcome } from '../../domain/delivery.ts';
import type { IncidentView } from '../../domain/incident/view.ts';
import type { Reply, ReplyCode } from '../../domain/phone/reply-code.ts';
import type { Account } from '../../config/configuration.ts';
import type { Happening, PressResult } from '../../providers/kit/adapter.ts';
import type { Locale } from '../../domain/locale.ts';
import { phoneWorkflowId } from '../../links/phone-id.ts';

import { say } from '../../templates/press.ts';
import { wordsFor } from '../../templates/words.ts';
import { outcomeOfKey } from './callee.ts';
import type { Door } from '../door.ts';
import type { Delivered } from '../relay.ts';
import { PHONE } from '../../domain/messages.ts';

/** Incidents whose state is asked for when an answer does not say which. */
const MOST_ASKED = 12;
const LISTED = 5;
const LONGEST_TITLE = 60;
/** A text with one of these has left, as far as anybody knows. */
const LEFT: ReadonlySet<Outcome> = new Set(['accepted', 'delivered', 'unknown', 'late']);
/** `1`, `1 4821`, `1-4821`, `14821`: the key, and the code if there is one. */
const ANSWER = /^\D*([12])(?:\D*(\d{4}))?\D*$/;

/**
 * Somebody answered a text: told to the workflow of their number, which knows what the code is about. Without a code it
 * acts when exactly one incident can be meant, and that is the one of the last text: nothing signs who sent an answer, and
 * whoever answers the last text means its incident. Whoever has no code of ours changes nothing.
 */
export async function takeReply(
  { from, text, eventId }: Extract<Happening, { kind: 'reply' }>,
  account: Account,
  door: Door,
  budget: () => number,
): Promise<{ delivered: Delivered | 'ignored'; press: PressResult }> {
  const { prefix, gateway } = door.source.current;
  const workflowId = phoneWorkflowId(prefix, gateway, from);
  const phone = await phoneNow(workflowId, door, budget);
  const ignored = (text: string) => ({ delivered: 'ignored', press: { state: 'done', text } }) as const;
  const [, key = '', written] = ANSWER.exec(text.normalize('NFKC')) ?? [];
  const action = KEYS[key];

  if (phone === 'unknown') return ignored(say(undefined, (words) => words.voice.noOpenIncident));
  const codes = phone === 'unreachable' ? [] : phone.codes;
  const locale = await localeOf(codes, door);
  if (!action) return ignored(say(locale, (words) => words.voice.replyHelp));
  const nothingOpen = say(locale, (words) => words.voice.noOpenIncident);

  if (written !== undefined && codes.some(({ refused }) => refused)) {
    door.strangers.note('reply-code');
    return ignored(say(locale, (words) => words.voice.tooManyWrongCodes));
  }
  const tell = (argument: Reply) => {
    const message = { contract: PHONE, workflowId, signal: 'reply' as const, argument, key: `reply ${argument.key}` };
    return door.relay.tell(message, budget());
  };
  const about = { key: `${account.name}/${eventId}`, ...(written !== undefined && { written: true as const }) };

  let meant = codes.find(({ code }) => code === written);
  if (!meant && phone !== 'unreachable') {
    const open = await stillOpen(codes, door, budget);
    if (written !== undefined) {
      door.strangers.note('reply-code');
      // The number's workflow counts it, so that a restart of the gateway does not begin anew.
      void tell({ code: written, action, ...about });
    }
    const [only, ...others] = open;
    if (!only) return ignored(nothingOpen);
    if (written !== undefined || others.length > 0 || !isOfLastText(only, codes)) return ignored(listed(open, locale));
    meant = only.code;
  }
  const code = meant?.code ?? written;
  const unconfirmed = {
    state: 'unconfirmed',
    action,
    text: say(locale, (words) => words.voice.replyAgain),
  } as const;
  // Nobody can say now which incident is meant, and nothing was handed over.
  if (code === undefined) return { delivered: 'ignored', press: unconfirmed };

  const delivered = await tell({ code, action, ...about });
  if (delivered === 'refused') {
    return { delivered, press: { state: 'refused', action, text: say(locale, (words) => words.press.refused) } };
  }
  if (delivered === 'gone') return { delivered, press: { state: 'closed', action, text: nothingOpen } };
  if (delivered === 'unconfirmed' || !meant) return { delivered, press: unconfirmed };
  return { delivered, press: { state: 'done', action, text: await outcome(action, meant, door, budget) } };
}

async function outcome(action: KeyAction['do'], meant: ReplyCode, door: Door, budget: () => number): Promise<string> {
  const member = await door.directory.member(meant.member).catch(() => undefined);
  return member
    ? outcomeOfKey({ action, ...meant }, member, door, budget)
    : say(undefined, (words) => words.page.recorded);
}

/** The codes that are out at a number; `unknown`: we never wrote to it, or not for a day. */
async function phoneNow(
  workflowId: string,
  { client }: Door,
  budget: () => number,
): Promise<{ codes: ReplyCode[] } | 'unknown' | 'unreachable'> {
  try {
    const codes = await talk(client, { withinMs: budget() / 2 }).ask(PHONE, workflowId, 'codes');
    return codes.length > 0 ? { codes } : 'unknown';
  } catch (error) {
    return error instanceof WorkflowNotFoundError ? 'unknown' : 'unreachable';
  }
}

/** Several people may share a phone, so an answer counts as that of the person to whom the latest text was sent. */
async function localeOf(codes: readonly ReplyCode[], { directory }: Door): Promise<Locale | undefined> {
  const latest = codes.at(-1);
  return latest && (await directory.member(latest.member).catch(() => undefined))?.locale;
}

interface Open {
  code: ReplyCode;
  /** Absent when it could not be asked. */
  face?: Face;
  /** Others have been texted about it since. */
  isOld?: boolean;
}

/** It is the latest text of this number, and nobody else has been texted about its incident in a later round. */
function isOfLastText({ code, isOld }: Open, codes: readonly ReplyCode[]): boolean {
  return code === codes.at(-1) && !isOld;
}

/**
 * Somebody else has been texted about it since. People who are told in one round are texted at the same moment, so that
 * each of them counts as the last.
 */
function isOldFor(member: string, { notifications }: IncidentView): boolean {
  const texts = notifications.filter(
    ({ medium, attempts }) => medium === 'sms' || attempts.some((attempt) => attempt.medium === 'sms'),
  );
  const last = texts.findLastIndex(({ attempts }) =>
    attempts.some(({ medium, outcome }) => medium === 'sms' && LEFT.has(outcome)),
  );
  const { level, round } = texts[last] ?? {};
  return !texts.some(
    (one, index) => one.to === member && (index >= last || (one.level === level && one.round === round)),
  );
}

/** The newest come first. An incident whose state cannot be read now is taken to be open. */
async function stillOpen(codes: readonly ReplyCode[], door: Door, budget: () => number): Promise<Open[]> {
  const asked = codes.slice(-MOST_ASKED).reverse();
  const found = await Promise.all(
    asked.map(async (code): Promise<Open[]> => {
      try {
        const { view, newer } = await door.looks.at(code, Math.max(budget() / 2, 1));
        if (newer || view.progress === 'Closed') return [];
        return [{ code, face: faceOf(view), isOld: isOldFor(code.member, view) }];
      } catch (error) {
        return error instanceof WorkflowNotFoundError ? [] : [{ code }];
      }
    }),
  );
  return found.flat();
}

function listed(open: readonly Open[], locale: Locale | undefined): string {
  const { voice } = wordsFor(locale ?? 'en');
  const lines = open
    .slice(0, LISTED)
    .map(({ code, face }) =>
      voice.replyLine(code.code, face?.number ?? '', cut(face?.incident.title ?? '', LONGEST_TITLE)),
    );
  return [voice.whichIncident, ...lines, ...(open.length > LISTED ? ['…'] : [])].join('\n');
}
