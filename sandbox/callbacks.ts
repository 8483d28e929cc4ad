import { instant, type Fault, type Outgoing, type World } from './world.ts';

/** Full URLs, as an operator enters them in each vendor's console. A vendor without a URL calls nobody back. */
export interface CallbackUrls {
  /** VoiceReport and VoiceCallReport. */
  aliyunVoice?: string;
  /** SmsReport and SmsUp. */
  aliyunSms?: string;
  tencentVoice?: string;
  /** Texts that people send. What becomes of our own calls and texts is told where each of them asks for it. */
  twilioSms?: string;
  /** Receipts and answers of receivers. */
  tencentSms?: string;
  /** Card callbacks and the URL check. */
  feishu?: string;
  /** Updates, until `setWebhook` names another. */
  telegram?: string;
  /** Events and messages of the app; presses go where the app has registered. */
  dingtalk?: string;
  wecom?: string;
  /** Presses, windows and events. */
  slack?: string;
  /** Everything a bot hears. */
  teams?: string;
}

/** One request a vendor makes to us, kept byte for byte so that it can be made again. */
export interface Message {
  vendor: Fault['vendor'];
  what: string;
  /** The call or card it is about. */
  about: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  deadlineMs: number;
}

/** `status` 0: no answer, and `failure` says why. */
export interface Posted {
  status: number;
  body: string;
  failure?: 'timeout' | 'no connection';
}

/** Makes the vendors' requests to us: deadlines, repeated pushes, redelivery. */
export class Callbacks {
  readonly urls: CallbackUrls = {};
  readonly #world: World;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #inFlight = new Set<AbortController>();
  readonly #last = new Map<string, Message>();
  #latest: Message | undefined;
  #closed = false;

  constructor(world: World) {
    this.#world = world;
  }

  async post(message: Message, attempt = 1): Promise<Posted> {
    this.#latest = message;
    this.#last.set(message.about, message);
    const outgoing: Outgoing = {
      at: instant(),
      vendor: message.vendor,
      what: message.what,
      attempt,
      answer: 'pending',
    };
    this.#world.callbacks.push(outgoing);
    const posted = await this.#request(message);
    outgoing.answer = posted.failure ?? String(posted.status);
    this.#world.changed('callbacks');
    return posted;
  }

  /**
   * Posts, and posts again `againAfterMs[n]` after each answer that is not `accepted`.
   * Resolves with the first answer; the repetitions go on by themselves.
   */
  async push(
    message: Message,
    accepted: (posted: Posted) => boolean,
    againAfterMs: readonly number[],
    attempt = 1,
  ): Promise<Posted> {
    const posted = await this.post(message, attempt);
    const [waitMs, ...rest] = againAfterMs;
    if (waitMs !== undefined && !accepted(posted)) {
      this.after(waitMs, () => this.push(message, accepted, rest, attempt + 1));
    }
    return posted;
  }

  /** The last callback about this call or card (default: the last of all) once more, byte for byte. */
  async redeliver(about?: string): Promise<Posted> {
    const message = about === undefined ? this.#latest : this.#last.get(about);
    if (message === undefined) throw new Error('sandbox: there was no callback to deliver again');
    return this.post(message);
  }

  /** Runs something later, unless the sandbox is closed by then. Returns its cancellation. */
  after(ms: number, run: () => unknown): () => void {
    if (this.#closed) return () => undefined;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void run();
    }, ms);
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const controller of this.#inFlight) controller.abort();
  }

  async #request(message: Message): Promise<Posted> {
    if (this.#closed) return { status: 0, body: '', failure: 'no connection' };
    const controller = new AbortController();
    const deadline = setTimeout(() => {
      controller.abort();
    }, message.deadlineMs);
    this.#inFlight.add(controller);
    try {
      const response = await fetch(message.url, {
        method: 'POST',
        // A connection that was kept would be the one that a gateway closes when it is restarted.
        headers: { 'content-type': 'application/json; charset=utf-8', connection: 'close', ...message.headers },
        body: message.body,
        redirect: 'manual',
        signal: controller.signal,
      });
      return { status: response.status, body: await response.text() };
    } catch {
      return { status: 0, body: '', failure: controller.signal.aborted ? 'timeout' : 'no connection' };
    } finally {
      clearTimeout(deadline);
      this.#inFlight.delete(controller);
    }
  }
}

/** A vendor's look at an answer: the JSON object in it, or nothing. */
export function readObject(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
