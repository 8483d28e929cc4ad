import { beforeSending } from './before-sending.ts';
import { DeliveryError } from './delivery-error.ts';
import type { Io } from './io.ts';

/** A platform's token, and how long it lives from when it was asked for. */
export interface Granted {
  value: string;
  expiresInMs: number;
}

interface Kind<Account> {
  /** For messages: `feishu.app`. */
  adapter: string;
  /** Accounts with the same key share a token. */
  keyOf(account: Account): string;
  request(account: Account, io: Io): Promise<Granted>;
  isRefused(error: DeliveryError): boolean;
}

const RENEW_BEFORE_MS = 5 * 60_000;

/** The tokens of the accounts of one adapter, for the whole process. */
export class AccessTokens<Account> {
  readonly #kind: Kind<Account>;
  readonly #kept = new Map<string, { value: string; expiresAt: number }>();
  readonly #underWay = new Map<string, Promise<string>>();

  constructor(kind: Kind<Account>) {
    this.#kind = kind;
  }

  /**
   * One request with a token. When the token is refused it is renewed and the request made once more: it was turned away
   * at the door, so nothing is sent twice.
   * @throws DeliveryError
   */
  async use<Answer>(account: Account, io: Io, ask: (token: string) => Promise<Answer>): Promise<Answer> {
    const token = await this.#current(account, io);
    try {
      return await ask(token);
    } catch (error) {
      if (!(error instanceof DeliveryError) || !this.#kind.isRefused(error)) throw error;
      if (this.#kept.get(this.#kind.keyOf(account))?.value === token) this.forget(account);
      return await ask(await this.#current(account, io));
    }
  }

  /**
   * Asks for a token; callers at the same time share one request.
   * @throws DeliveryError never `unknown-outcome`: without a token nothing was sent to anybody.
   */
  renew(account: Account, io: Io): Promise<string> {
    const key = this.#kind.keyOf(account);
    const pending = this.#underWay.get(key) ?? this.#ask(account, io).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, pending);
    return pending;
  }

  forget(account: Account): void {
    this.#kept.delete(this.#kind.keyOf(account));
  }

  async #current(account: Account, io: Io): Promise<string> {
    const key = this.#kind.keyOf(account);
    const kept = this.#kept.get(key);
    if (kept && kept.expiresAt - io.now() > RENEW_BEFORE_MS) return kept.value;
    // The caller whose request is shared may be cancelled before the answer comes; the others then ask by themselves.
    return this.#underWay.get(key)?.catch(() => this.renew(account, io)) ?? this.renew(account, io);
  }

  async #ask(account: Account, io: Io): Promise<string> {
    const askedAt = io.now();
    try {
      const { value, expiresInMs } = await this.#kind.request(account, io);
      this.#kept.set(this.#kind.keyOf(account), { value, expiresAt: askedAt + expiresInMs });
      return value;
    } catch (error) {
      throw beforeSending(this.#kind.adapter, error, 'no token');
    }
  }
}
