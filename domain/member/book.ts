import { fields, isName } from '../account/book.ts';
import { withoutSession, withSession, type NewSession, type Session } from './session.ts';

/** Why somebody is sent a code: to prove an address, to link an account of a chat platform, or to sign in a browser. */
export const CODE_PURPOSES = ['verify', 'link', 'session'] as const;
export type CodePurpose = (typeof CODE_PURPOSES)[number];

/** Where a code goes. */
export const CODE_MEDIA = ['sms', 'email', 'voice'] as const;
export type CodeMedium = (typeof CODE_MEDIA)[number];

/** A platform id of a member, by account or by platform. */
export interface LinkedIdentity {
  account: string;
  identity: string;
}

/** What a member has proved: read by whoever sends, kept by the workflow `member`. */
export interface Proved {
  /** Platform ids by account, or by platform. */
  identities: Record<string, string>;
  /** Digests of the addresses that were verified: another address is unverified again. */
  verified: { phone?: string; email?: string };
  /** Browsers that are signed in. Absent in what an older run or worker has written. */
  sessions?: Session[];
}

/** Everything the workflow `member` remembers. Plain data: carried over when a run continues as a new one. */
export interface MemberBook extends Proved {
  codes: OpenCode[];
  /** When codes were asked for, of the last day. */
  askedAt: number[];
  /** What the member is still to be told. Absent in what an older run has written. */
  untold?: Notice[];
}

/**
 * A change of what is linked, which the member hears of by everything that reaches them. `identity` is the id that is
 * theirs no more, and is told too.
 */
export type Notice =
  { kind: 'linked'; account: string; identity?: string } | { kind: 'unlinked'; account: string; identity: string };

/** A code on its way to a person; the code itself is in no history. */
export interface OpenCode {
  purpose: CodePurpose;
  digest: string;
  /** The address it went to. */
  kind: 'phone' | 'email';
  address: string;
  /** Link only. */
  account?: string;
  /** Link: the platform's id; without it whoever types the code in the chat. Session: the session that is to begin. */
  identity?: string;
  expiresAt: number;
  triesLeft: number;
}

/**
 * Asks the workflow of a member to send a code. Link: `account`, and `identity` where it is known already. Session: the
 * session's id as `identity`.
 */
export interface CodeAsked {
  purpose: CodePurpose;
  /** Absent: e-mail, else a text message. */
  medium?: CodeMedium;
  account?: string;
  identity?: string;
}

/** Where the code went, or why none was sent. */
export type CodeSent = { sent: CodeMedium } | { refused: string };

/** A code as somebody has typed it: one digest for each secret. */
export interface Tried {
  purpose: CodePurpose;
  digests: string[];
  account?: string;
  identity?: string;
  /** Session only: what kind of browser. */
  browser?: string;
}

/** `none`: there is no such code open; it was used, has expired, or was tried too often. */
export type Verdict = 'good' | 'wrong' | 'none';

/** A day's codes allow 60 guesses at one in a million. */
export const CODE_LIMITS = { lifetimeMs: 10 * 60_000, tries: 5, sends: 3, perMs: 10 * 60_000, sendsADay: 12 } as const;
const DAY_MS = 24 * 60 * 60_000;
const MOST_IDENTITIES = 50;
const MOST_UNTOLD = 20;

export function emptyBook(): MemberBook {
  return { identities: {}, verified: {}, codes: [], askedAt: [] };
}

/** Counts a request for a code. @returns why there is none now, otherwise nothing. */
export function askForCode(book: MemberBook, now: number): string | undefined {
  book.askedAt = book.askedAt.filter((at) => now - at < DAY_MS);
  if (book.askedAt.length >= CODE_LIMITS.sendsADay) return 'too many codes were asked for: try again tomorrow';
  const lately = book.askedAt.filter((at) => now - at < CODE_LIMITS.perMs);
  if (lately.length >= CODE_LIMITS.sends) return 'too many codes were asked for: try again in ten minutes';
  book.askedAt.push(now);
  return undefined;
}

/** A code has left. One of the same purpose and account takes the place of the one before. */
export function openCode(book: MemberBook, code: Omit<OpenCode, 'expiresAt' | 'triesLeft'>, now: number): void {
  const { lifetimeMs: lifetime, tries } = CODE_LIMITS;
  const kept = book.codes.filter((one) => one.expiresAt > now && !isSameMatter(one, code));
  book.codes = [...kept, { ...code, expiresAt: now + lifetime, triesLeft: tries }];
}

/**
 * A good code is used up; it proves the address it went to, and links or signs in where it was asked for that. What
 * arrives again after it has done so is as good as it was.
 */
export function tryCode(book: MemberBook, tried: Tried, now: number): Verdict {
  const meant = book.codes.filter(
    (code) =>
      code.expiresAt > now &&
      code.purpose === tried.purpose &&
      code.account === tried.account &&
      (code.identity === undefined || code.identity === tried.identity),
  );
  if (meant.length === 0) return isDone(book, tried) ? 'good' : 'none';
  const good = meant.find(({ digest }) => tried.digests.includes(digest));
  if (!good) {
    for (const code of meant) code.triesLeft -= 1;
    book.codes = book.codes.filter(({ triesLeft }) => triesLeft > 0);
    return 'wrong';
  }
  book.codes = book.codes.filter((code) => code !== good);
  book.verified[good.kind] = good.address;
  const { purpose, account, identity, browser = '' } = tried;
  if (purpose === 'session' && identity !== undefined) signIn(book, { id: identity, browser }, now);
  if (purpose === 'link' && account !== undefined && identity !== undefined) link(book, account, identity);
  return 'good';
}

/** Why a link cannot be made without a code: there is another one, which only the member may replace. */
export function refuseLink(book: MemberBook, { account, identity }: LinkedIdentity): string | undefined {
  const linked = linkedTo(book, account);
  return linked === undefined || linked === identity
    ? undefined
    : 'another id is linked there already: the member replaces it with a code, or it is unlinked first';
}

/** Where it replaces another id, no browser stays signed in. */
export function link(book: MemberBook, account: string, identity: string): void {
  const before = linkedTo(book, account);
  const { [account]: _, ...others } = book.identities;
  const entries: [string, string][] = [...Object.entries(others), [account, identity]];
  book.identities = Object.fromEntries(entries.slice(-MOST_IDENTITIES));
  if (before !== undefined && before !== identity) signOut(book);
}

/**
 * No browser stays signed in: the linked id may have been another person's.
 * @param identity only if it is this one.
 * @returns the id that is linked no more.
 */
export function unlink(book: MemberBook, account: string, identity?: string): string | undefined {
  const { [account]: _, ...others } = book.identities;
  const linked = linkedTo(book, account);
  if (linked === undefined || (identity !== undefined && linked !== identity)) return undefined;
  book.identities = others;
  signOut(book);
  return linked;
}

export function signIn(book: MemberBook, session: NewSession, now: number): void {
  book.sessions = withSession(book.sessions ?? [], session, now);
}

/** @param id absent: everywhere. */
export function signOut(book: MemberBook, id?: string): void {
  book.sessions = withoutSession(book.sessions ?? [], id);
}

/** The oldest give way when there are too many to tell. */
export function tellLater(book: MemberBook, notice: Notice): void {
  book.untold = [...(book.untold ?? []), notice].slice(-MOST_UNTOLD);
}

/** Reads what arrived as the update `link` or the signal `disown`; undefined when it is none. */
export function readLink(raw: unknown): LinkedIdentity | undefined {
  const { account, identity } = fields(raw);
  return isName(account) && isName(identity) ? { account, identity } : undefined;
}

/** Reads what arrived as the update `unlink`; undefined when it is none. */
export function readUnlink(raw: unknown): { account: string } | undefined {
  const { account } = fields(raw);
  return isName(account) ? { account } : undefined;
}

/** Reads what arrived as the update `requestCode`; undefined when it is none. */
export function readCodeAsked(raw: unknown): CodeAsked | undefined {
  const { medium } = fields(raw);
  const matter = readMatter(raw);
  const sentBy = CODE_MEDIA.find((one) => one === medium);
  if (!matter || sentBy !== medium) return undefined;
  return { ...matter, ...(sentBy && { medium: sentBy }) };
}

/** Reads what arrived as the update `tryCode`; undefined when it is none. */
export function readTried(raw: unknown): Tried | undefined {
  const { digests, browser } = fields(raw);
  const matter = readMatter(raw);
  if (!matter || !Array.isArray(digests) || !digests.every(isName)) return undefined;
  return { ...matter, digests, ...(isName(browser) && { browser }) };
}

function readMatter(raw: unknown): Omit<Tried, 'digests'> | undefined {
  const { purpose, account, identity } = fields(raw);
  const known = CODE_PURPOSES.find((one) => one === purpose);
  if (!known || ![account, identity].every((name) => name === undefined || isName(name))) return undefined;
  return { purpose: known, ...(isName(account) && { account }), ...(isName(identity) && { identity }) };
}

function isDone(book: MemberBook, { purpose, account, identity }: Tried): boolean {
  if (identity === undefined) return false;
  if (purpose === 'session') return book.sessions?.some(({ id }) => id === identity) === true;
  return purpose === 'link' && account !== undefined && linkedTo(book, account) === identity;
}

export function linkedTo({ identities }: MemberBook, account: string): string | undefined {
  return Object.hasOwn(identities, account) ? identities[account] : undefined;
}

function isSameMatter(
  one: Pick<OpenCode, 'purpose' | 'account'>,
  other: Pick<OpenCode, 'purpose' | 'account'>,
): boolean {
  return one.purpose === other.purpose && one.account === other.account;
}
