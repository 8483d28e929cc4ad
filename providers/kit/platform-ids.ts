import { createHash } from 'node:crypto';
import type { Page, Person } from './message.ts';
import { beforeSending } from './before-sending.ts';
import { DeliveryError } from './delivery-error.ts';
import type { Io } from './io.ts';

interface Platform<Account> {
  /** For messages: `slack.app`. */
  adapter: string;
  /** What a person is looked up by, and on which app; undefined when nothing of it is known. */
  addressOf(person: Person, account: Account): unknown[] | undefined;
  /** @returns undefined when nobody is found. */
  lookUp(person: Person, account: Account, io: Io): Promise<string | undefined>;
  /** That nobody was found, and the remedy. */
  notLinked(member: string): string;
  /** How long it is believed that nobody is found. Default 5 minutes. */
  unknownMs?: number;
}

const KNOWN_MS = 6 * 60 * 60_000;
const UNKNOWN_MS = 5 * 60_000;
const MAX_KEPT = 10_000;

/** Who has which id on a platform: as configured, else looked up and kept for the whole process. */
export class PlatformIds<Account> {
  readonly #platform: Platform<Account>;
  readonly #kept = new Map<string, { id: string | undefined; until: number }>();

  constructor(platform: Platform<Account>) {
    this.#platform = platform;
  }

  /** @throws DeliveryError `unreachable` when nobody is found. */
  async of(person: Person, account: Account, io: Io): Promise<string> {
    const id = await this.find(person, account, io);
    if (id !== undefined) return id;
    const why = this.#platform.notLinked(person.member);
    throw new DeliveryError('unreachable', `${this.#platform.adapter}: app not linked: ${why}`);
  }

  /** The same, undefined when nobody is found. @throws DeliveryError when it cannot be asked. */
  async find(person: Person, account: Account, io: Io): Promise<string | undefined> {
    if (person.identity !== undefined) return person.identity;
    const key = this.#keyOf(person, account);
    if (key === undefined) return undefined;
    const kept = this.#kept.get(key);
    if (kept && kept.until > io.now()) return kept.id;
    const { adapter, unknownMs = UNKNOWN_MS } = this.#platform;
    const id = await this.#platform.lookUp(person, account, io).catch((error: unknown) => {
      throw beforeSending(adapter, error, 'looking the person up');
    });
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    this.#kept.set(key, { id, until: io.now() + (id === undefined ? unknownMs : KNOWN_MS) });
    return id;
  }

  /** Sends to somebody; whoever the platform turns away by this id is looked up again next time. */
  async forgetIfRejected<T>(to: Page['to'], account: Account, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      const isGone = error instanceof DeliveryError && error.kind === 'rejected';
      if (isGone && 'person' in to) this.forget(to.person, account);
      throw error;
    }
  }

  forget(person: Person, account: Account): void {
    const key = this.#keyOf(person, account);
    if (key !== undefined) this.#kept.delete(key);
  }

  /** Hashed, so that no address lies about in memory for longer than a request. */
  #keyOf(person: Person, account: Account): string | undefined {
    const address = this.#platform.addressOf(person, account);
    return address && createHash('sha256').update(JSON.stringify(address)).digest('base64');
  }
}
