/** What the workflow `account` keeps about one account, because it must outlive every process. */
export interface AccountBook {
  /** Platform id to member: who pressed a button. */
  members: Record<string, string>;
  /** Groups that events have told of. */
  chats: KnownChat[];
  /** How many messages were sent or redrawn, by the months in which the vendor counts. */
  sends: { month: string; count: number };
}

/** A platform id and whose it is. */
export interface IdentityEntry {
  identity: string;
  member: string;
}

export interface KnownChat {
  chat: string;
  name?: string;
  /** The app was removed from the group, or the group was dissolved. */
  gone?: true;
  at: number;
}

export interface ChatChange {
  chat: string;
  change: 'joined' | 'renamed' | 'left';
  name?: string;
}

const BOUNDS = { members: 5000, chats: 500 } as const;

export function emptyAccount(): AccountBook {
  return { members: {}, chats: [], sends: { month: '', count: 0 } };
}

/**
 * An id belongs to one member and a member has one id, so that an account that was replaced can act for nobody.
 * @returns the member the id belonged to before, if that was another one.
 */
export function enterIdentity(book: AccountBook, identity: string, member: string): string | undefined {
  const before = ownerOf(book, identity);
  const others = Object.entries(book.members).filter(([id, owner]) => id !== identity && owner !== member);
  const entries: [string, string][] = [...others, [identity, member]];
  book.members = Object.fromEntries(entries.slice(-BOUNDS.members));
  return before === member ? undefined : before;
}

export function removeIdentity(book: AccountBook, identity: string, member: string): void {
  const { [identity]: _, ...others } = book.members;
  if (ownerOf(book, identity) === member) book.members = others;
}

export function ownerOf({ members }: AccountBook, identity: string): string | undefined {
  return Object.hasOwn(members, identity) ? members[identity] : undefined;
}

/** Keeps the newest when there are too many. */
export function noteChat(book: AccountBook, { chat, change, name }: ChatChange, now: number): void {
  const known = book.chats.find((one) => one.chat === chat);
  const called = name ?? known?.name;
  const entry: KnownChat = {
    chat,
    at: now,
    ...(called !== undefined && { name: called }),
    ...(change === 'left' && { gone: true }),
  };
  book.chats = [...book.chats.filter((one) => one.chat !== chat), entry].slice(-BOUNDS.chats);
}

/** Forgets the counts of months that are over, because no quota depends on them any more. */
export function countSends(book: AccountBook, { month, count }: AccountBook['sends']): void {
  if (month < book.sends.month) return;
  book.sends = { month, count: count + (book.sends.month === month ? book.sends.count : 0) };
}

/** The vendors that have monthly quotas begin a month at midnight in China. */
export function quotaMonth(now: number): string {
  return new Date(now + 8 * 60 * 60_000).toISOString().slice(0, 7);
}

/** What is left of a monthly quota decides what still goes out. */
export function mayUseQuota(
  { quota, used }: { quota: number; used: number },
  what: { critical: boolean; redraw: boolean; isOver: boolean },
): boolean {
  const left = quota - used;
  if (what.redraw) return what.isOver || left >= quota / 5;
  return what.critical || left > quota / 10;
}

/** Reads the argument of a signal; undefined when it does not have our shape. */
export function readEntry(raw: unknown): IdentityEntry | undefined {
  const { identity, member } = fields(raw);
  return isName(identity) && isName(member) ? { identity, member } : undefined;
}

export function readChatChange(raw: unknown): ChatChange | undefined {
  const { chat, change, name } = fields(raw);
  if (!isName(chat) || (change !== 'joined' && change !== 'renamed' && change !== 'left')) return undefined;
  return { chat, change, ...(typeof name === 'string' && name !== '' && { name: name.slice(0, 200) }) };
}

export function readSends(raw: unknown): AccountBook['sends'] | undefined {
  const { month, count } = fields(raw);
  const isGood =
    typeof month === 'string' && /^\d{4}-\d\d$/.test(month) && Number.isInteger(count) && Number(count) > 0;
  return isGood ? { month, count: Number(count) } : undefined;
}

export function fields(raw: unknown): Record<string, unknown> {
  return typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>) : {};
}

export function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 300;
}
