// Codes that somebody asks for, and tries: bounded by who does, beside the bounds that each member has.

import { askMember } from '../../client/long-lived.ts';
import type { Member } from '../../config/configuration.ts';
import type { CodeSent, Tried, Verdict } from '../../domain/member/book.ts';
import { triedCode } from '../../links/digest.ts';
import type { Door } from '../door.ts';
import { Tally } from '../tally.ts';

/** Somebody who wants an account of a chat platform to be theirs, or to sign in. */
export interface Asker {
  /** Absent: a browser that is to be signed in. */
  account?: string;
  /** Of the platform, which has proved it; of a browser, the session that is to begin. */
  identity: string;
  /** Absent where the platform's push tells of them. */
  address?: string | undefined;
}

const HOUR_MS = 60 * 60_000;
/** Each code is a text or a mail to somebody who may not have asked for it. */
const MOST_ASKED = 5;
/** A whole office may link its accounts on one morning. */
const MOST_ASKED_PER_ADDRESS = 60;
/** With a million codes, ten guesses a day find one within a lifetime at best. */
const MOST_WRONG = 10;
const MOST_KEYS = 10_000;

/** In this process alone: several gateways allow as many times more. */
export class Askers {
  readonly #asked = new Tally({ perMs: HOUR_MS, mostKeys: MOST_KEYS });
  readonly #askedFrom = new Tally({ perMs: HOUR_MS, mostKeys: MOST_KEYS });
  readonly #wrong = new Tally({ perMs: 24 * HOUR_MS, mostKeys: MOST_KEYS });

  /** Counts what is asked for, whether or not there is such a member. */
  mayAsk(asker: Asker, now: number): boolean {
    const { address } = asker;
    const isWithin =
      this.#asked.count(keyOf(asker), now) < MOST_ASKED &&
      (address === undefined || this.#askedFrom.count(address, now) < MOST_ASKED_PER_ADDRESS);
    if (!isWithin) return false;
    this.#asked.add(keyOf(asker), now);
    if (address !== undefined) this.#askedFrom.add(address, now);
    return true;
  }

  mayTry(asker: Asker, now: number): boolean {
    return this.#wrong.count(keyOf(asker), now) < MOST_WRONG;
  }

  wasWrong(asker: Asker, now: number): void {
    this.#wrong.add(keyOf(asker), now);
  }
}

/** Sends a code by which an account is linked to the member, or a browser signed in. @throws when Temporal does not answer in time. */
export async function sendCode(door: Door, asker: Asker, member: Member, withinMs: number): Promise<CodeSent> {
  return askMember(whom(door, member), 'requestCode', matterOf(asker), withinMs);
}

/**
 * Tries what was written, and links the account or signs the browser in where it is the code. After too many wrong ones it is none, right or
 * wrong, until the next day. @throws when Temporal does not answer in time.
 */
export async function tryCode(
  door: Door,
  { asker, member, code, browser }: { asker: Asker; member: Member; code: string; browser?: string },
  withinMs: number,
): Promise<Verdict> {
  const now = door.now();
  if (!door.askers.mayTry(asker, now)) return 'none';
  const { secrets } = door.source.current.gateway;
  const tried: Tried = triedCode(member.id, code, secrets, {
    ...matterOf(asker),
    ...(browser !== undefined && { browser }),
  });
  const verdict = await askMember(whom(door, member), 'tryCode', tried, withinMs);
  if (verdict !== 'good') door.askers.wasWrong(asker, now);
  return verdict;
}

function matterOf({ account, identity }: Asker): Omit<Tried, 'digests'> {
  return account === undefined ? { purpose: 'session', identity } : { purpose: 'link', account, identity };
}

function whom({ client, source }: Door, member: Member) {
  return { client, prefix: source.current.prefix, member: member.id };
}

function keyOf({ account, identity }: Asker): string {
  return JSON.stringify([account, identity]);
}
