import type { Face } from '../domain/face.ts';
import type { Button, Locale } from '../providers/kit/adapter.ts';
import { mintToken } from '../providers/kit/token.ts';
import { wordsFor } from './words.ts';

export const SNOOZE_MINUTES = [120, 240, 720] as const;
const LIFETIME_MS = 30 * 24 * 60 * 60_000;

/** What a card offers in the incident's present state: nothing once closed, no acknowledging what is acknowledged. */
export function buttonsFor(ask: {
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
}): Button[] {
  const { face, notification, account, member, secrets } = ask;
  if (face.progress === 'Closed') return [];
  const { buttons: labels } = wordsFor(ask.locale);
  const { workflowId, revision } = face;
  const expiresAt = ask.now + LIFETIME_MS;
  const token = (action: Button['action']): string =>
    mintToken({ purpose: 'button', workflowId, notification, revision, action, account, member, expiresAt }, secrets);

  const buttons: Button[] = [];
  if (face.progress === 'Triggered' || face.snoozedUntil !== undefined) {
    buttons.push({ action: 'acknowledge', label: labels.acknowledge, token: token('acknowledge') });
  }
  const snooze = token('snooze');
  for (const minutes of SNOOZE_MINUTES) {
    buttons.push({ action: 'snooze', label: labels.snooze(minutes), token: snooze, minutes });
  }
  buttons.push({ action: 'close', label: labels.close, token: token('close') });
  return buttons;
}
