import { fields, isName } from '../account/book.ts';

/** Why somebody is sent a code: to prove an address, or to link an account of a chat platform. */
export const CODE_PURPOSES = ['verify', 'link'] as const;
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
}

/** Everything the workflow `member` remembers. Plain data: carried over when a run continues as a new one. */
export interface MemberBook extends Proved {
  codes: OpenCode[];
  /** When codes were asked for, of the last day. */
  askedAt: number[];
}

/** A code on its way to a person; the code itself is in no history. */
export interface OpenCode {
  purpose: CodePurpose;
  digest: string;
  /** The address it went to. */
  kind: 'phone' | 'email';
  address: string;
  /** Link only. Without `identity`: whoever types it in the chat. */
  account?: string;
  identity?: string;
  expiresAt: number;
  triesLeft: number;
}

/** Asks the workflow of a member to send a code. Link: `account`, and `identity` where it is known already. */
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
}

/** `none`: there is no such code open; it was used, has expired, or was tried too often. */
export type Verdict = 'good' | 'wrong' | 'none';

/** A day's codes allow 60 guesses at one in a million. */
export const CODE_LIMITS = { lifetimeMs: 10 * 60_000, tries: 5, sends: 3, perMs: 10 * 60_000, sendsADay: 12 } as const;
const DAY_MS = 24 * 60 * 60_000;
const MOST_IDENTITIES = 50;

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
 * A good code is used up; it proves the address it went to, and links where it was asked for that. What arrives again
 * after it has linked is as good as it was.
 */
export function tryCode(book: MemberBook, tried: Tried, now: number): Verdict {
  const meant = book.codes.filter(
    (code) =>
      code.expiresAt > now &&
      code.purpose === tried.purpose &&
      code.account === tried.account &&
      (code.identity === undefined || code.identity === tried.identity),
  );
  if (meant.length === 0) return isLinked(book, tried) ? 'good' : 'none';
  const good = meant.find(({ digest }) => tried.digests.includes(digest));
  if (!good) {
    for (const code of meant) code.triesLeft -= 1;
    book.codes = book.codes.filter(({ triesLeft }) => triesLeft > 0);
    return 'wrong';
  }
  book.codes = book.codes.filter((code) => code !== good);
  book.verified[good.kind] = good.address;
  if (tried.account !== undefined && tried.identity !== undefined) link(book, tried.account, tried.identity);
  return 'good';
}

export function link(book: MemberBook, account: string, identity: string): void {
  const { [account]: _, ...others } = book.identities;
  const entries: [string, string][] = [...Object.entries(others), [account, identity]];
  book.identities = Object.fromEntries(entries.slice(-MOST_IDENTITIES));
}

/** @param identity only if it is this one. @returns the id that is linked no more. */
export function unlink(book: MemberBook, account: string, identity?: string): string | undefined {
  const { [account]: _, ...others } = book.identities;
  const linked = linkedTo(book, account);
  if (linked === undefined || (identity !== undefined && linked !== identity)) return undefined;
  book.identities = others;
  return linked;
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
  const { digests } = fields(raw);
  const matter = readMatter(raw);
  return matter && Array.isArray(digests) && digests.every(isName) ? { ...matter, digests } : undefined;
}

function readMatter(raw: unknown): Omit<Tried, 'digests'> | undefined {
  const { purpose, account, identity } = fields(raw);
  const known = CODE_PURPOSES.find((one) => one === purpose);
  if (!known || ![account, identity].every((name) => name === undefined || isName(name))) return undefined;
  return { purpose: known, ...(isName(account) && { account }), ...(isName(identity) && { identity }) };
}

function isLinked(book: MemberBook, { purpose, account, identity }: Tried): boolean {
  return purpose === 'link' && account !== undefined && identity !== undefined && linkedTo(book, account) === identity;
}

function linkedTo({ identities }: MemberBook, account: string): string | undefined {
  return Object.hasOwn(identities, account) ? identities[account] : undefined;
}

function isSameMatter(
  one: Pick<OpenCode, 'purpose' | 'account'>,
  other: Pick<OpenCode, 'purpose' | 'account'>,
): boolean {
  return one.purpose === other.purpose && one.account === other.account;
}
