import { offeredAt } from '../domain/incident/action.ts';
import type { Face } from '../domain/incident/face.ts';
import { refOf } from '../domain/incident/occurrence.ts';
import type { Button } from '../providers/kit/message.ts';
import type { Locale } from '../domain/locale.ts';
import { mintToken } from '../links/token.ts';
import { wordsFor } from './words.ts';

export const SNOOZE_MINUTES = [15, 30, 120, 240, 720] as const;
const LIFETIME_MS = 30 * 24 * 60 * 60_000;
/** As many people as a menu can show. */
const MOST_CHOICES = 50;

interface Ask {
  face: Face;
  /** `n3`. */
  notification: string;
  account: string;
  /** Null in a group. */
  member: string | null;
  locale: Locale;
  secrets: readonly string[];
  /** Milliseconds since 1970. */
  now: number;
}

/** What a card offers in the incident's present state: nothing once closed, no acknowledging what is acknowledged. */
export function buttonsFor(ask: Ask): Button[] {
  const { face } = ask;
  if (face.progress === 'Closed') return [];
  const { buttons: labels } = wordsFor(ask.locale);

  const buttons: Button[] = [];
  if (face.progress === 'Triggered' || face.snoozedUntil !== undefined) {
    buttons.push({ action: 'acknowledge', label: labels.acknowledge, token: tokenFor(ask, 'acknowledge') });
  }
  const snooze = tokenFor(ask, 'snooze');
  for (const minutes of SNOOZE_MINUTES) {
    buttons.push({ action: 'snooze', label: labels.snooze(minutes), token: snooze, minutes });
  }
  const next = nextLevel(face);
  if (next !== undefined) {
    buttons.push({ action: 'escalate', label: labels.escalate, token: tokenFor(ask, `escalate ${next}`) });
  }
  buttons.push({ action: 'close', label: labels.close, token: tokenFor(ask, 'close') });
  return buttons;
}

/** What a card offers behind a menu, where the platform has forms. */
export function menuFor(
  ask: Ask & { members: ReadonlyMap<string, { id: string; name: string; mailbox?: true }> },
): Button[] {
  if (ask.face.progress === 'Closed') return [];
  const { buttons: labels } = wordsFor(ask.locale);
  const choices = [...ask.members.values()]
    .filter(({ mailbox }) => mailbox !== true)
    .slice(0, MOST_CHOICES)
    .map(({ id, name }) => ({ member: id, name }));
  return [
    { action: 'comment', label: labels.comment, token: tokenFor(ask, 'comment') },
    { action: 'reassign', label: labels.reassign, token: tokenFor(ask, 'reassign'), choices },
  ];
}

/** The level a card escalates to, if there is one. */
export function nextLevel({ level, levels }: Pick<Face, 'level' | 'levels'>): number | undefined {
  return level < levels ? level + 1 : undefined;
}

function tokenFor({ face, notification, account, member, secrets, now }: Ask, action: string): string {
  const { revision } = face;
  const expiresAt = now + LIFETIME_MS;
  return mintToken(
    { purpose: 'button', ...refOf(face), notification, revision, action, account, member, expiresAt },
    secrets,
  );
}

/** What the token of a button asks for; the level of an escalation is the one its card showed. */
export function readButtonAction(action: string): { name: Button['action']; level?: number } | undefined {
  const escalate = /^escalate ([1-9]\d?)$/.exec(action);
  if (escalate) return { name: 'escalate', level: Number(escalate[1]) };
  const name = offeredAt('button', action) ?? offeredAt('menu', action);
  return name === undefined || name === 'escalate' ? undefined : { name };
}
