import { fields, isName } from '../account/book.ts';

/**
 * A browser in which a member has signed in: what its cookie names. A cookie whose session is not in the member's list
 * signs nobody in, so taking it from the list is all that signing out takes.
 */
export interface Session {
  id: string;
  /** Milliseconds since 1970. */
  since: number;
  /** What kind of browser, such as `Safari, iPhone`. */
  browser: string;
}

export type NewSession = Omit<Session, 'since'>;

/** Browsers of one member; beyond it the one that signed in longest ago is signed out. */
export const MOST_SESSIONS = 10;
/** For as long a browser stays signed in. */
export const SESSION_MS = 30 * 24 * 60 * 60_000;

export function isOpen({ since }: Session, now: number): boolean {
  return now - since < SESSION_MS;
}

/** @returns the list with this browser in it. Asked again it stays as it is, because people press twice. */
export function withSession(sessions: readonly Session[], { id, browser }: NewSession, now: number): Session[] {
  if (sessions.some((one) => one.id === id)) return [...sessions];
  return [...sessions.filter((one) => isOpen(one, now)), { id, browser, since: now }].slice(-MOST_SESSIONS);
}

/** @param id absent: no browser stays signed in. */
export function withoutSession(sessions: readonly Session[], id?: string): Session[] {
  return id === undefined ? [] : sessions.filter((one) => one.id !== id);
}

/** Reads what arrived as the update `signIn`; undefined when it is none. */
export function readNewSession(raw: unknown): NewSession | undefined {
  const { id, browser } = fields(raw);
  return isName(id) && isName(browser) ? { id, browser } : undefined;
}

/** Reads what arrived as the signal `signOut`, without `session` for all; undefined when it is none. */
export function readSignOut(raw: unknown): { session?: string } | undefined {
  const { session } = fields(raw);
  if (session === undefined) return {};
  return isName(session) ? { session } : undefined;
}
