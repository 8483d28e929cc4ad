import { createAdaptorServer, type HttpBindings, type ServerType } from '@hono/node-server';
import { Hono } from 'hono';
import type { AddressInfo } from 'node:net';
import { Aliyun, type AliyunOptions } from './aliyun.ts';
import { mountBots, type BotOptions } from './bots.ts';
import { Callbacks, type CallbackUrls, type Posted } from './callbacks.ts';
import { mountDingtalk, type DingtalkCallback } from './dingtalk-callback.ts';
import type { DingtalkOptions } from './dingtalk.ts';
import { Faults } from './faults.ts';
import { FeishuCallback, type Click, type Clicked } from './feishu-callback.ts';
import { Feishu, type FeishuOptions } from './feishu.ts';
import { Phones } from './phones.ts';
import { Responder } from './responder.ts';
import { mountSlack, type SlackCallback } from './slack-callback.ts';
import type { SlackOptions } from './slack.ts';
import { Smtp, type SmtpOptions } from './smtp.ts';
import type { Stage, Tap, Tapped } from './stage.ts';
import type { Telegram } from './telegram.ts';
import { mountTeams, type TeamsCallback } from './teams-callback.ts';
import type { TeamsOptions } from './teams.ts';
import type { TencentOptions } from './tencent-template.ts';
import { Tencent } from './tencent.ts';
import { Twilio, type TwilioOptions } from './twilio.ts';
import { Webhook, type WebhookOptions } from './webhook.ts';
import { mountWecom, type WecomCallback } from './wecom-callback.ts';
import type { WecomOptions } from './wecom.ts';
import { World, type PersonCard } from './world.ts';

export type { AliyunOptions } from './aliyun.ts';
export type { BotOptions } from './bots.ts';
export type { CallbackUrls, Posted } from './callbacks.ts';
export type { CardCallback, Click, Clicked } from './feishu-callback.ts';
export type { DingtalkOptions } from './dingtalk.ts';
export type { FeishuOptions } from './feishu.ts';
export type { HeldCall, HeldCard, Patience, Responder, Wanted } from './responder.ts';
export type { SlackOptions } from './slack.ts';
export type { SmtpOptions } from './smtp.ts';
export type { Tap, Tapped } from './stage.ts';
export type { TeamsOptions } from './teams.ts';
export type { TencentOptions } from './tencent-template.ts';
export type { TwilioOptions } from './twilio.ts';
export type { WebhookOptions } from './webhook.ts';
export type { WecomOptions } from './wecom.ts';
export type * from './world.ts';

export interface SandboxOptions {
  people: readonly PersonCard[];
  /** One account for SMS and voice. */
  aliyun?: AliyunOptions;
  /** One account for SMS and voice. */
  tencent?: TencentOptions;
  /** One account for SMS and voice. */
  twilio?: TwilioOptions;
  feishu?: FeishuOptions;
  dingtalk?: DingtalkOptions;
  wecom?: WecomOptions;
  bots?: BotOptions;
  webhook?: WebhookOptions;
  slack?: SlackOptions;
  teams?: TeamsOptions;
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
export interface Endpoints {
  aliyun: string;
  tencent: string;
  twilio: string;
  feishu: string;
  dingtalk: string;
  wecom: string;
  bots: string;
  webhook: string;
  slack: string;
  teams: string;
  smtp: string;
}

/** Every provider imitated on loopback, written from the vendors' pages, with the people they reach. */
export class Sandbox {
  readonly world: World;
  readonly faults: Faults;
  readonly endpoints: Endpoints;
  /** What Feishu does besides carrying presses: people writing to the bot, events, signing in. */
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
  readonly #phones: Phones;
  readonly #callbacks: Callbacks;
  readonly #close: () => Promise<void>;
  readonly #responders = new Map<string, Responder>();

  private constructor(
    stage: Stage,
    endpoints: Endpoints,
    {
      feishu,
      slack,
      teams,
      dingtalk,
      wecom,
      telegram,
    }: {
      feishu: FeishuCallback;
      slack: SlackCallback;
      teams: TeamsCallback;
      dingtalk: DingtalkCallback;
      wecom: WecomCallback;
      telegram: Telegram;
    },
    close: () => Promise<void>,
  ) {
    this.feishu = feishu;
    this.slack = slack;
    this.teams = teams;
    this.dingtalk = dingtalk;
    this.wecom = wecom;
    this.telegram = telegram;
    this.#stage = stage;
    this.world = stage.world;
    this.faults = stage.faults;
    this.endpoints = endpoints;
    this.#phones = stage.phones;
    this.#callbacks = stage.callbacks;
    this.#close = close;
  }

  static async start(options: SandboxOptions): Promise<Sandbox> {
    const world = new World(options.people);
    const callbacks = new Callbacks(world);
    const phones = new Phones(world, callbacks, options.ringMs ?? 60_000, options.talkMs ?? 30_000);
    const stage: Stage = {
      world,
      callbacks,
      phones,
      taps: new Map(),
      replies: new Map(),
      faults: new Faults(world),
      limits: options.limits ?? true,
    };
    const settings = {
      aliyun: {
        accessKeyId: 'sandbox',
        accessKeySecret: 'sandbox',
        templates: {},
        smsReports: true,
        repushScaleMs: [60_000, 300_000, 600_000],
        ...options.aliyun,
      },
      tencent: {
        secretId: 'sandbox',
        secretKey: 'sandbox',
        voiceSdkAppid: '1400000000',
        smsSdkAppId: '1400000001',
        templates: {},
        echoesContext: true,
        repushScaleMs: [60_000, 300_000],
        ...options.tencent,
      },
      twilio: {
        accountSid: `AC${'0'.repeat(32)}`,
        authToken: 'sandbox',
        senders: ['+14155550100'],
        ...options.twilio,
      },
      feishu: {
        appId: 'cli_sandbox',
        appSecret: 'sandbox',
        verificationToken: 'sandbox',
        encryptKey: '',
        chats: [{ chatId: 'oc_ops', name: 'Operations' }],
        ...options.feishu,
      },
      smtp: { user: 'sandbox', password: 'sandbox', ...options.smtp },
    };
    const aliyun = new Aliyun(stage, settings.aliyun);
    const tencent = new Tencent(stage, settings.tencent);
    const twilio = new Twilio(stage, settings.twilio);
    const feishu = new Feishu(stage, settings.feishu);
    const smtp = new Smtp(stage, settings.smtp);

    const app = new Hono<{ Bindings: HttpBindings }>();
    app.post('/', (c) => (c.req.header('x-tc-action') === undefined ? aliyun.receive(c) : tencent.receive(c)));
    const telegram = mountBots(app, stage, options.bots ?? {});
    const webhook = new Webhook(stage, options.webhook);
    app.all('/webhooks/:token', (c) => webhook.receive(c));
    let base = '';
    const slack = mountSlack(app, stage, options.slack ?? {}, () => base);
    const teams = mountTeams(app, stage, options.teams ?? {}, () => base);
    const dingtalk = mountDingtalk(app, stage, options.dingtalk ?? {}, () => base);
    const wecom = mountWecom(app, stage, options.wecom ?? {});
    app.all('/2010-04-01/*', (c) => twilio.receive(c));
    app.all('/open-apis/*', (c) => feishu.receive(c));
    const [http, smtpPort] = await Promise.all([listen(app, options.port ?? 0), smtp.listen()]);
    base = `http://127.0.0.1:${String(http.port)}`;
    const { user, password } = settings.smtp;
    const endpoints = {
      aliyun: base,
      tencent: base,
      twilio: base,
      feishu: base,
      bots: base,
      webhook: `${base}/webhooks/${options.webhook?.token ?? 'sandbox'}`,
      slack: base,
      teams: base,
      dingtalk: base,
      wecom: base,
      smtp: `smtp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${String(smtpPort)}`,
    };
    const imitations = {
      feishu: new FeishuCallback(stage, settings.feishu, feishu),
      slack,
      teams,
      dingtalk,
      wecom,
      telegram,
    };
    const sandbox = new Sandbox(stage, endpoints, imitations, async () => {
      callbacks.close();
      await Promise.all([http.close(), smtp.close()]);
    });
    const { aliyun: a, tencent: t, feishu: f } = options;
    if (a?.callbackUrl !== undefined) sandbox.setCallbacks({ aliyunVoice: a.callbackUrl, aliyunSms: a.callbackUrl });
    if (t?.callbackUrl !== undefined) sandbox.setCallbacks({ tencentVoice: t.callbackUrl });
    if (f?.callbackUrl !== undefined) sandbox.setCallbacks({ feishu: f.callbackUrl });
    return sandbox;
  }

  /** What an operator enters in each vendor's console; what is not named stays. */
  setCallbacks(urls: CallbackUrls): void {
    Object.assign(this.#callbacks.urls, urls);
  }

  /** Presses keys, picking up first. Resolves when our answer to the last callback is there, as do the next three. */
  async press(callId: string, keys: string): Promise<void> {
    await this.#phones.press(callId, keys);
  }

  async answer(callId: string): Promise<void> {
    await this.#phones.answer(callId);
  }

  async hangUp(callId: string): Promise<void> {
    await this.#phones.hangUp(callId);
  }

  /** A machine picks up. */
  async voicemail(callId: string): Promise<void> {
    await this.#phones.voicemail(callId);
  }

  /** Busy. */
  async decline(callId: string): Promise<void> {
    await this.#phones.decline(callId);
  }

  /** The receiver answers a text message, by its id. Resolves with our answer to the vendor's first push. */
  async replyTo(textId: string, words: string): Promise<void> {
    const text = this.world.texts.find(({ id }) => id === textId);
    const carry = text && this.#stage.replies.get(text.vendor);
    if (!carry) throw new Error(`sandbox: there is no text message ${textId} that can be answered`);
    await carry(text, words);
  }

  /** Somebody clicks a card: the vendor calls back, and the card shows what we answered. */
  async click(cardId: string, click: Click): Promise<Clicked> {
    return this.feishu.click(cardId, click);
  }

  /** Somebody presses a control of a card, on whatever platform it stands. */
  async tap(cardId: string, tap: Tap): Promise<Tapped> {
    const card = this.world.cards.find(({ id }) => id === cardId);
    const carry = card && this.#stage.taps.get(card.vendor);
    if (!carry) throw new Error(`sandbox: nothing can be pressed on ${cardId}`);
    return carry(card, tap);
  }

  /** The check Feishu makes of a callback URL; true when it passes. */
  async verifyUrl(): Promise<boolean> {
    return this.feishu.verifyUrl();
  }

  /** The last callback (of a call or card, by id) once more, byte for byte. */
  async redeliver(about?: string): Promise<Posted> {
    return this.#callbacks.redeliver(about);
  }

  /** The one of `people` with this name, always the same object: what was expected once is not expected again. */
  responder(name: string): Responder {
    const person = this.world.people.find((one) => one.name === name);
    if (person === undefined) throw new Error(`sandbox: nobody here is called ${name}`);
    let responder = this.#responders.get(name);
    if (responder === undefined) {
      responder = new Responder(person, this.world, this.#phones, (cardId, click) => this.click(cardId, click));
      this.#responders.set(name, responder);
    }
    return responder;
  }

  /** Hangs up on everybody: no callback leaves after this. */
  async close(): Promise<void> {
    await this.#close();
  }
}

async function listen(
  app: Hono<{ Bindings: HttpBindings }>,
  port: number,
): Promise<{ port: number; close: () => Promise<void> }> {
  const server: ServerType = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}
