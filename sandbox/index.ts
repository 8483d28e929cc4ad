import { Hono } from 'hono';
import { ADAPTER_IDS, type AdapterId } from '../domain/media.ts';
import { Callbacks, type CallbackUrls, type Posted } from './callbacks.ts';
import type { DingtalkCallback } from './dingtalk-callback.ts';
import { Faults } from './faults.ts';
import type { FeishuCallback } from './feishu-callback.ts';
import { mountAll, type ImitationOptions, type Imitations } from './imitations.ts';
import { Phones } from './phones.ts';
import { Responder } from './responder.ts';
import { listen } from './shared-port.ts';
import type { SlackCallback } from './slack-callback.ts';
import { Smtp, type SmtpOptions } from './smtp.ts';
import type { Stage, Tap, Tapped } from './stage.ts';
import type { TeamsCallback } from './teams-callback.ts';
import type { Telegram } from './telegram.ts';
import type { WecomCallback } from './wecom-callback.ts';
import { World, type PersonCard } from './world.ts';

export type { CallbackUrls, Posted } from './callbacks.ts';
export type { CardCallback, Click, Clicked } from './feishu-callback.ts';
export type { ImitationOptions } from './imitations.ts';
export type { HeldCall, HeldCard, Patience, Responder, Wanted } from './responder.ts';
export type { SmtpOptions } from './smtp.ts';
export type { Tap, Tapped } from './stage.ts';
export type * from './world.ts';

export interface SandboxOptions extends ImitationOptions {
  people: readonly PersonCard[];
  smtp?: SmtpOptions;
  /** Of the HTTP vendors together. Default 0: a free one. */
  port?: number;
  /** How long an unanswered phone rings before the vendor reports no answer. Default 60,000. */
  ringMs?: number;
  /** How long an answered call goes on when nobody presses a key or hangs up. Default 30,000. */
  talkMs?: number;
  /** Whether the vendors' frequency limits are enforced. Default true. */
  limits?: boolean;
}

/** What goes into the `baseUrl` or `url` of an account. The HTTP vendors share one port: their requests tell them apart. */
export type Endpoints = Record<keyof ImitationOptions | 'smtp', string>;

/**
 * Every provider imitated on loopback, written from the vendors' pages, with the people they reach.
 *
 * @example
 * ```ts
 * import { Sandbox } from 'temporal-escalations/sandbox';
 *
 * const sandbox = await Sandbox.start({ people: [{ name: 'primary', phone: '+8613800000001' }] });
 * const account = { adapter: 'aliyun.sms', ...sandbox.accounts['aliyun.sms'] }; // goes into `escalations.yaml`
 * console.log(JSON.stringify({ accounts: { texts: account } }));
 * const { text } = await sandbox.responder('primary').expectText('db-7 is down');
 * console.log(text);
 * await sandbox.close();
 * ```
 */
export class Sandbox {
  readonly world: World;
  readonly faults: Faults;
  /** The telephones of the people: pick up, press keys, hang up. */
  readonly phones: Phones;
  readonly endpoints: Endpoints;
  /** What stands in `escalations.yaml` for an account at this sandbox, without `adapter`. */
  readonly accounts: Readonly<Record<AdapterId, Record<string, unknown>>>;
  /** What Feishu does besides answering: presses on cards, people writing to the bot, events, signing in. */
  readonly feishu: FeishuCallback;
  /** What happens in the organisation on DingTalk. */
  readonly dingtalk: DingtalkCallback;
  /** What happens in the corporation on WeCom. */
  readonly wecom: WecomCallback;
  /** What Slack does besides carrying presses: people writing to the bot, events, signing in. */
  readonly slack: SlackCallback;
  /** The same of Teams. */
  readonly teams: TeamsCallback;
  /** What Telegram does besides carrying presses: people writing to the bot, groups it enters and leaves. */
  readonly telegram: Telegram;
  readonly #stage: Stage;
  readonly #close: () => Promise<void>;
  readonly #responders = new Map<string, Responder>();

  private constructor(stage: Stage, imitations: Imitations, endpoints: Endpoints, close: () => Promise<void>) {
    this.#stage = stage;
    this.#close = close;
    this.world = stage.world;
    this.faults = stage.faults;
    this.phones = stage.phones;
    this.endpoints = endpoints;
    this.accounts = Object.fromEntries(
      ADAPTER_IDS.map((id) => [id, stage.accounts.get(id)?.(stage.base()) ?? {}]),
    ) as Sandbox['accounts'];
    this.feishu = imitations.feishu;
    this.slack = imitations.slack;
    this.teams = imitations.teams;
    this.dingtalk = imitations.dingtalk;
    this.wecom = imitations.wecom;
    this.telegram = imitations.telegram;
  }

  static async start(options: SandboxOptions): Promise<Sandbox> {
    const world = new World(options.people);
    const callbacks = new Callbacks(world);
    let base = '';
    const stage: Stage = {
      app: new Hono(),
      base: () => base,
      accounts: new Map(),
      world,
      callbacks,
      phones: new Phones(world, callbacks, options.ringMs ?? 60_000, options.talkMs ?? 30_000),
      taps: new Map(),
      replies: new Map(),
      faults: new Faults(world),
      limits: options.limits ?? true,
    };
    const imitations = mountAll(stage, options);
    const mails = new Smtp(stage, options.smtp);
    const [http, smtp] = await Promise.all([listen(stage.app, options.port ?? 0), mails.listen()]);
    base = http.address;
    const shared = Object.fromEntries(Object.keys(imitations).map((name) => [name, base]));
    const webhook = `${base}/webhooks/${options.webhook?.token ?? 'sandbox'}`;
    const endpoints = { ...(shared as Endpoints), webhook, smtp };
    return new Sandbox(stage, imitations, endpoints, async () => {
      callbacks.close();
      await Promise.all([http.close(), mails.close()]);
    });
  }

  /** What an operator enters in each vendor's console; what is not named stays. */
  setCallbacks(urls: CallbackUrls): void {
    Object.assign(this.#stage.callbacks.urls, urls);
  }

  /** The receiver answers a text message, by its id. Resolves with our answer to the vendor's first push. */
  async replyTo(textId: string, words: string): Promise<void> {
    const text = this.world.texts.find(({ id }) => id === textId);
    const carry = text && this.#stage.replies.get(text.vendor);
    if (!carry) throw new Error(`sandbox: there is no text message ${textId} that can be answered`);
    await carry(text, words);
  }

  /** Somebody presses a control of a card: the platform calls us back, and the card shows what we answered. */
  async tap(cardId: string, tap: Tap): Promise<Tapped> {
    const card = this.world.cards.find(({ id }) => id === cardId);
    const carry = card && this.#stage.taps.get(card.vendor);
    if (!carry) throw new Error(`sandbox: nothing can be pressed on ${cardId}`);
    return carry(card, tap);
  }

  /** The last callback (of a call or card, by id) once more, byte for byte. */
  async redeliver(about?: string): Promise<Posted> {
    return this.#stage.callbacks.redeliver(about);
  }

  /** The one of `people` with this name, always the same object: what was expected once is not expected again. */
  responder(name: string): Responder {
    const person = this.world.people.find((one) => one.name === name);
    if (person === undefined) throw new Error(`sandbox: nobody here is called ${name}`);
    let responder = this.#responders.get(name);
    if (responder === undefined) {
      responder = new Responder(person, this.world, this.phones, (cardId, click) => this.feishu.click(cardId, click));
      this.#responders.set(name, responder);
    }
    return responder;
  }

  /** Hangs up on everybody: no callback leaves after this. */
  async close(): Promise<void> {
    await this.#close();
  }
}
