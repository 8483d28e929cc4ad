import { createCipheriv, createHash, randomBytes, randomUUID } from 'node:crypto';
import { readObject, type Message, type Posted } from './callbacks.ts';
import { checkCard, controlsOf, type Control } from './feishu-card.ts';
import { Feishu, type FeishuOptions, type FeishuSettings } from './feishu.ts';
import type { Stage } from './stage.ts';
import type { SandboxCard } from './world.ts';

export const CARD_CALLBACKS = ['card.action.trigger', 'card.action.trigger_v1'] as const;
export type CardCallback = (typeof CARD_CALLBACKS)[number];

export interface Click {
  /** Who clicks; needs not be one of the sandbox's people. */
  openId: string;
  /** The label, or the place from 0, or a look at the value behind it. */
  action: string | number | ((value: Record<string, unknown>) => boolean);
  /** Of a picker: the label or the value of the chosen option. */
  option?: string;
  /** Of a form: what is written into its field. */
  text?: string;
  /** Default `card.action.trigger`. */
  version?: CardCallback;
}

/** What came back and what the person sees. */
export interface Clicked {
  /** 0: no answer. */
  status: number;
  body: unknown;
  toast?: { type: string; content: string };
  /** The vendor's code shown to the person when the click failed, such as 200341 (no answer within 3 s). */
  error?: string;
}

const CLICK_DEADLINE_MS = 3000;
const CHECK_DEADLINE_MS = 1000;

export function mountFeishu(stage: Stage, options: FeishuOptions = {}): FeishuCallback {
  const { callbackUrl, ...given } = options;
  const settings: FeishuSettings = {
    appId: 'cli_sandbox',
    appSecret: 'sandbox',
    verificationToken: 'sandbox',
    encryptKey: '',
    chats: [{ chatId: 'oc_ops', name: 'Operations' }],
    ...given,
  };
  const feishu = new Feishu(stage, settings);
  stage.app.all('/open-apis/*', (c) => feishu.receive(c));
  if (callbackUrl !== undefined) stage.callbacks.urls.feishu = callbackUrl;
  const { appId, appSecret, verificationToken, encryptKey } = settings;
  stage.accounts.set('feishu.app', (baseUrl) => ({
    appId,
    appSecret,
    verificationToken,
    ...(encryptKey !== '' && { encryptKey }),
    baseUrl,
  }));
  return new FeishuCallback(stage, settings, feishu);
}

/**
 * What Feishu tells us: card clicks and the check of a callback URL.
 * With an encrypt key the body is `{"encrypt":…}` and signed over the raw bytes. Clicks are never repeated.
 *
 * Source  https://open.feishu.cn/document/uAjLw4CM/ukzMukzMukzM/feishu-cards/card-callback-communication,
 *         …/event-subscription-guide/event-subscription-configure-/encrypt-key-encryption-configuration-case
 */
export class FeishuCallback {
  readonly #stage: Stage;
  readonly #settings: FeishuSettings;
  readonly #feishu: Feishu;

  constructor(stage: Stage, settings: FeishuSettings, feishu: Feishu) {
    this.#stage = stage;
    this.#settings = settings;
    this.#feishu = feishu;
  }

  async click(cardId: string, click: Click): Promise<Clicked> {
    const card = this.#stage.world.cards.find(({ id }) => id === cardId);
    if (card?.card === undefined) throw new Error(`sandbox: no card ${cardId}`);
    const control = chosen(card.card, click);
    const url = this.#stage.callbacks.urls.feishu;
    if (url === undefined) return { status: 0, body: undefined, error: '200340' };
    const action = {
      value: control.value,
      tag: control.tag,
      ...optionOf(control, click),
      ...formOf(control, click),
      timezone: 'Asia/Shanghai',
    };
    const message =
      click.version === 'card.action.trigger_v1'
        ? this.#flat(url, card, click.openId, action)
        : this.#event(url, card, click.openId, action);
    const posted = await this.#stage.callbacks.post(message);
    return this.#show(card, posted, click.version === 'card.action.trigger_v1');
  }

  /**
   * Somebody opens a page of the app inside the client, and it asks the platform who they are.
   * @param authorizeUrl where our page sent the browser. @returns where the platform sends it back to.
   */
  signIn(authorizeUrl: string, openId: string): string {
    const { searchParams: query } = new URL(authorizeUrl);
    const back = new URL(query.get('redirect_uri') ?? '');
    if (query.get('client_id') !== this.#settings.appId) throw new Error('sandbox: no app has this client_id');
    back.searchParams.set('code', this.#feishu.consent(openId, query.get('redirect_uri') ?? ''));
    back.searchParams.set('state', query.get('state') ?? '');
    return back.href;
  }

  /** Somebody writes to the bot, alone or in a group. Resolves with our answer to the push. */
  async write(openId: string, text: string, chat?: string): Promise<Posted> {
    const id = this.#feishu.write(openId, chat);
    return this.event('im.message.receive_v1', {
      sender: { sender_id: { open_id: openId }, sender_type: 'user', tenant_key: 'sandbox' },
      message: {
        message_id: id,
        create_time: String(Date.now()),
        chat_id: chat ?? this.#feishu.chatOf(openId),
        chat_type: chat === undefined ? 'p2p' : 'group',
        message_type: 'text',
        content: JSON.stringify({ text }),
      },
    });
  }

  /** An event of envelope 2.0. Source https://open.feishu.cn/document/server-docs/event-subscription-guide/overview */
  async event(type: string, event: object): Promise<Posted> {
    const url = this.#stage.callbacks.urls.feishu;
    if (url === undefined) throw new Error('sandbox: no address for events is entered');
    const { verificationToken, appId, encryptKey } = this.#settings;
    const header = {
      event_id: randomUUID().replaceAll('-', ''),
      event_type: type,
      create_time: String(Date.now()),
      token: verificationToken,
      app_id: appId,
      tenant_key: 'sandbox',
    };
    const body = this.#seal(JSON.stringify({ schema: '2.0', header, event }));
    const message = this.#message(url, type, '', body);
    if (encryptKey !== '') message.headers = headersOf((at, nonce) => sign(at, nonce, encryptKey, body));
    return this.#stage.callbacks.post(message);
  }

  /** The check Feishu makes when an operator saves a callback URL. True when the challenge came back within 1 s. */
  async verifyUrl(): Promise<boolean> {
    const url = this.#stage.callbacks.urls.feishu;
    if (url === undefined) return false;
    const challenge = randomUUID();
    const check = { challenge, token: this.#settings.verificationToken, type: 'url_verification' };
    // UNCONFIRMED: whether this one is signed. Unsigned is the harder case for a receiver.
    const posted = await this.#stage.callbacks.post({
      ...this.#message(url, 'url_verification', 'url_verification', this.#seal(JSON.stringify(check))),
      deadlineMs: CHECK_DEADLINE_MS,
    });
    return posted.status === 200 && readObject(posted.body)?.['challenge'] === challenge;
  }

  #event(url: string, card: SandboxCard, openId: string, action: object): Message {
    const person = {
      tenant_key: 'sandbox',
      user_id: openId.slice(3),
      open_id: openId,
      union_id: `on_${openId.slice(3)}`,
    };
    const header = {
      event_id: randomUUID().replaceAll('-', ''),
      token: this.#settings.verificationToken,
      create_time: String(Date.now() * 1000), // microseconds, here only
      event_type: 'card.action.trigger',
      tenant_key: 'sandbox',
      app_id: this.#settings.appId,
    };
    const context = { open_message_id: card.id, open_chat_id: this.#feishu.chatOf(card.to) };
    const event = { operator: person, token: updateToken(), action, host: 'im_message', context };
    const body = this.#seal(JSON.stringify({ schema: '2.0', header, event }));
    const message = this.#message(url, 'card.action.trigger', card.id, body);
    const { encryptKey } = this.#settings;
    if (encryptKey !== '') message.headers = headersOf((at, nonce) => sign(at, nonce, encryptKey, body));
    return message;
  }

  /** The old form: flat, its `token` is the update token, signed with the verification token by SHA-1. */
  #flat(url: string, card: SandboxCard, openId: string, action: object): Message {
    const body = this.#seal(
      JSON.stringify({
        open_id: openId,
        user_id: openId.slice(3),
        open_message_id: card.id,
        open_chat_id: this.#feishu.chatOf(card.to),
        tenant_key: 'sandbox',
        token: updateToken(),
        action,
      }),
    );
    const message = this.#message(url, 'card.action.trigger_v1', card.id, body);
    message.headers = headersOf((at, nonce) => signFlat(at, nonce, this.#settings.verificationToken, body));
    return message;
  }

  #message(url: string, what: string, about: string, body: string): Message {
    return { vendor: 'feishu', what, about, url, headers: {}, body, deadlineMs: CLICK_DEADLINE_MS };
  }

  #seal(plain: string): string {
    return this.#settings.encryptKey === ''
      ? plain
      : JSON.stringify({ encrypt: encrypt(this.#settings.encryptKey, plain) });
  }

  #show(card: SandboxCard, posted: Posted, isFlat: boolean): Clicked {
    const body = readObject(posted.body);
    const clicked: Clicked = { status: posted.status, body };
    const error = errorOf(posted, body);
    if (error !== undefined || body === undefined) return { ...clicked, error: error ?? '200672' };
    const toast = body['toast'];
    if (!isFlat && isToast(toast)) clicked.toast = toast;
    const redrawn = isFlat ? (Object.keys(body).length > 0 ? body : undefined) : rawCard(body['card']);
    if (redrawn === undefined) return clicked;
    if (checkCard(redrawn, () => true) !== undefined) return { ...clicked, error: '200673' };
    card.card = redrawn;
    card.redraws += 1;
    this.#stage.world.changed('cards');
    return clicked;
  }
}

/** Base64 of IV and AES-256-CBC under SHA-256 of the key. */
export function encrypt(encryptKey: string, plain: string, iv: Buffer = randomBytes(16)): string {
  const cipher = createCipheriv('aes-256-cbc', createHash('sha256').update(encryptKey).digest(), iv);
  return Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final()]).toString('base64');
}

/** `x-lark-signature` of events and of `card.action.trigger`. */
export function sign(timestamp: string, nonce: string, encryptKey: string, body: string): string {
  return createHash('sha256').update(`${timestamp}${nonce}${encryptKey}${body}`).digest('hex');
}

/** `x-lark-signature` of `card.action.trigger_v1`. */
export function signFlat(timestamp: string, nonce: string, verificationToken: string, body: string): string {
  return createHash('sha1').update(`${timestamp}${nonce}${verificationToken}${body}`).digest('hex');
}

function headersOf(signature: (timestamp: string, nonce: string) => string): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = randomUUID();
  return {
    'x-lark-request-timestamp': timestamp,
    'x-lark-request-nonce': nonce,
    'x-lark-signature': signature(timestamp, nonce),
  };
}

function chosen(card: unknown, { action }: Click): Control {
  const controls = controlsOf(card);
  const found =
    typeof action === 'number'
      ? controls[action]
      : controls.find(({ label, value }) => (typeof action === 'string' ? label === action : action(value)));
  if (found !== undefined) return found;
  throw new Error(
    `sandbox: nothing like that to press; the card offers: ${controls.map(({ label }) => label).join(', ')}`,
  );
}

function optionOf({ label, options }: Control, { option }: Click): { option?: string } {
  if (options.length === 0) return {};
  const found = options.find((one) => one.value === option || one.label === option);
  if (found !== undefined) return { option: found.value };
  throw new Error(`sandbox: ${label} offers: ${options.map((one) => one.label).join(', ')}`);
}

function formOf(
  { fields, name }: Control,
  { text = '' }: Click,
): { form_value?: Record<string, string>; name?: string } {
  if (fields.length === 0) return {};
  return { form_value: Object.fromEntries(fields.map((field) => [field, text])), ...(name !== undefined && { name }) };
}

function errorOf(posted: Posted, body: unknown): string | undefined {
  if (posted.failure === 'timeout') return '200341';
  if (posted.failure === 'no connection') return '200342';
  if (posted.status !== 200) return '200671';
  return body === undefined ? '200672' : undefined;
}

function rawCard(card: unknown): unknown {
  if (typeof card !== 'object' || card === null) return undefined;
  return 'type' in card && card.type === 'raw' && 'data' in card ? card.data : {};
}

function isToast(toast: unknown): toast is { type: string; content: string } {
  return typeof toast === 'object' && toast !== null && 'content' in toast && 'type' in toast;
}

function updateToken(): string {
  return `c-${randomBytes(20).toString('hex')}`;
}
