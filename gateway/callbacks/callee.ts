import { setTimeout as sleep } from 'node:timers/promises';
import { talk } from '../../client/talk.ts';
import { PHONE } from '../../domain/messages.ts';
import type { Member } from '../../config/configuration.ts';
import type { CallEvent, CallList } from '../../domain/phone/call.ts';
import type { Keys } from '../../domain/delivery.ts';
import { KEYS, type KeyAction } from '../../domain/phone/keys.ts';
import type { IncidentRef } from '../../domain/incident/occurrence.ts';
import type { IncidentView } from '../../domain/incident/view.ts';
import type { Happening, PressResult } from '../../providers/kit/adapter.ts';
import { keysText, speechAbout } from '../../templates/voice.ts';
import { wordsFor, type Words } from '../../templates/words.ts';
import { keyActionText } from '../../templates/key-action.ts';
import type { Door } from '../door.ts';
import type { Look } from '../looks.ts';
import { readerFor } from '../reader.ts';
import type { Delivered } from '../relay.ts';

/** Incidents of one call whose state is asked for, at once. */
const MOST_ASKED = 8;
/** With less time left, a question would be cut off before its answer. */
const LEAST_MS = 30;
/** Between two looks at an incident to which the word of the phone's workflow is still on its way. */
const LOOK_AGAIN_MS = 40;

/**
 * What the callee hears of their key, or what the call announces once more: from the workflow of the number, and then
 * from the incidents themselves, as far as the time reaches.
 */
export async function answerCallee(
  { event, say }: Extract<Happening, { kind: 'call' }>,
  { account, workflowId, delivered }: { account: string; workflowId: string; delivered: Delivered },
  door: Door,
  budget: () => number,
): Promise<PressResult> {
  const keys = door.source.current.accounts.get(account)?.keys ?? KEYS;
  const action = actionOfKeys(event.keys ?? '', keys);
  const announced =
    delivered === 'done' ? await announcedBy({ ...event, account }, workflowId, door, budget()) : undefined;
  const member = announced && (await door.directory.member(announced.member).catch(() => undefined));
  const { press, voice } = wordsFor(member?.locale ?? 'en');
  if (delivered === 'refused') return { state: 'refused', ...(action && { action }), text: press.refused };
  if (delivered === 'gone') return { state: 'closed', ...(action && { action }), text: voice.callOver };
  if (delivered === 'unconfirmed') {
    return { state: 'unconfirmed', ...(action && { action }), text: voice.pressAgain };
  }
  if (say === 'announcement' || !action) {
    const locale = member?.locale ?? 'en';
    const announcement = announced && speechAbout(announced.items, locale).announcement;
    const text = [say === 'announcement' ? announcement : voice.noSuchKey, keysText(locale, keys)];
    return { state: 'done', text: text.filter(Boolean).join(' ') };
  }
  return { state: 'done', action, text: await outcomeOf(action, announced, member, door, budget) };
}

/** One key, however often. */
function actionOfKeys(pressed: string, keys: Keys): KeyAction['do'] | undefined {
  const [key = ''] = pressed;
  return [...pressed].every((other) => other === key) ? keys[key] : undefined;
}

async function announcedBy(
  event: CallEvent,
  workflowId: string,
  { client }: Door,
  withinMs: number,
): Promise<CallList | undefined> {
  if (withinMs < LEAST_MS) return undefined;
  try {
    // An answer of nothing arrives as null.
    return (await talk(client, { withinMs }).ask(PHONE, workflowId, 'announced', event)) ?? undefined;
  } catch {
    // The workflow of the number does not know this call, or does not answer. The key itself is already with Temporal.
    return undefined;
  }
}

/** Each sentence once; with several of them, which incident each is about. */
async function outcomeOf(
  action: KeyAction['do'],
  announced: CallList | undefined,
  member: Member | undefined,
  door: Door,
  budget: () => number,
): Promise<string> {
  const words: Words = wordsFor(member?.locale ?? 'en');
  if (!announced || !member) return words.page.recorded;
  const sentences = await Promise.all(
    announced.items.slice(0, MOST_ASKED).map(async (item) => {
      const sentence = await outcomeOfKey({ ...item, action }, member, door, budget);
      return { number: item.number, sentence };
    }),
  );
  const distinct = [...new Set(sentences.map(({ sentence }) => sentence))];
  if (distinct.length === 1) return distinct[0] ?? words.page.recorded;
  return sentences.map(({ number, sentence }) => `${[...number].join(' ')}: ${sentence}`).join(' ');
}

/** What one incident says came of it; looked at again while the action is on its way there. */
export async function outcomeOfKey(
  { action, level, ...ref }: IncidentRef & { action: KeyAction['do']; level?: number | undefined },
  member: Member,
  door: Door,
  budget: () => number,
): Promise<string> {
  const further = level === undefined ? undefined : level + 1;
  let seen: Partial<Look> = {};
  while (budget() >= LEAST_MS) {
    try {
      seen = await door.looks.at(ref, budget());
    } catch {
      break;
    }
    if (seen.newer || (seen.view && isSettled(seen.view, action, further))) break;
    await sleep(Math.min(LOOK_AGAIN_MS, Math.max(budget(), 0)));
  }
  const { view, newer } = seen;
  return keyActionText(
    {
      action,
      member: member.id,
      ...(further !== undefined && { level: further }),
      ...(view && { view }),
      ...(newer && { newer: newer.number }),
    },
    readerFor(member, door),
  );
}

function isSettled(view: IncidentView, action: KeyAction['do'], level: number | undefined): boolean {
  if (view.progress === 'Closed') return true;
  if (action === 'acknowledge') return view.progress === 'Processing';
  return level === undefined || view.level >= level || level > view.levels;
}
