import { randomUUID } from 'node:crypto';
import { readObject, type Posted } from './callbacks.ts';
import { Refusal, type Manner } from './faults.ts';
import { Frequency } from './frequency.ts';
import type { Incoming, Stage, Tap, Tapped } from './stage.ts';
import { readHtml } from './telegram-html.ts';
import type { CardFace, SandboxCard } from './world.ts';

export interface TelegramOptions {
  /** Default `1:sandbox`. */
  token?: string;
  /** Default `oncall_bot`. */
  username?: string;
  /** Groups the bot is in. Default one, `-1001`. */
  chats?: readonly { id: number; title: string; upgradedTo?: number }[];
  /** `secret_token` of the webhook until `setWebhook` sets another. Default `sandbox-w3Kx9Zr7Qm2Vt4`. */
  secretToken?: string;
  /** Until an update that was not taken comes again. */
  repushMs?: readonly number[];
}

type Json = Record<string, unknown>;

const TEXT_MAX = 4096;
const DATA_MAX_BYTES = 64;
const NOTE_MAX = 200;
const DEADLINE_MS = 10_000;

export function mountTelegram(stage: Stage, options: TelegramOptions = {}): Telegram {
  const settings = {
    token: '1:sandbox',
    username: 'oncall_bot',
    chats: [{ id: -1001, title: 'Operations' }],
    secretToken: 'sandbox-w3Kx9Zr7Qm2Vt4',
    repushMs: [],
    ...options,
  };
  const telegram = new Telegram(stage, settings);
  stage.app.post('/:bot{bot[^/]*:[^/]*}/:method', (c) => telegram.receive(c));
  const { token, secretToken } = settings;
  stage.accounts.set('telegram.bot', (baseUrl) => ({ token, secretToken, baseUrl }));
  return telegram;
}

/**
 * The Bot API for one bot: sending, editing, answering presses, the webhook. `error_code` is also the HTTP status.
 * People have an id of their chat with the bot in `ids.telegram`. Updates are repeated until they are taken.
 *
 * Limits  1/s to one chat, 20/min to one group; text 4,096 characters, callback_data 64 bytes.
 * Source  https://core.telegram.org/bots/api, https://core.telegram.org/bots/faq
 */
export class Telegram {
  readonly #stage: Stage;
  readonly #settings: Required<TelegramOptions>;
  readonly #perChat = new Frequency([{ sends: 1, perMs: 1000 }]);
  readonly #perGroup = new Frequency([{ sends: 20, perMs: 60_000 }]);
  /** What a press brought up, by its id. */
  readonly #notes = new Map<string, { type: string; content: string }>();
  #webhook: { url: string; secret: string } | undefined;
  #messageId = 100;
  #updateId = 5000;

  constructor(stage: Stage, settings: Required<TelegramOptions>) {
    this.#stage = stage;
    this.#settings = settings;
    stage.taps.set('telegram', (card, tap) => this.#press(card, tap));
  }

  async receive(c: Incoming): Promise<Response> {
    const [, bot = '', method = ''] = new URL(c.req.url).pathname.split('/');
    const body = readObject(await c.req.text()) ?? {};
    const to =
      typeof body['chat_id'] === 'string' || typeof body['chat_id'] === 'number' ? String(body['chat_id']) : undefined;
    return this.#stage.faults.receive(
      c,
      manner,
      { action: method, to },
      () => {
        if (!/^bot\d+:[\w-]+$/.test(bot)) throw new Refusal('404', 'Not Found');
        if (bot !== `bot${this.#settings.token}`) throw new Refusal('401', 'Unauthorized');
      },
      () => ({ result: this.#act(method, body) }),
    );
  }

  /** Somebody writes to the bot; in a group, when `chat` says so. Resolves with our answer. */
  async write(identity: string, text: string, chat?: string): Promise<Posted> {
    const id = Number(identity);
    const group = this.#settings.chats.find((one) => String(one.id) === chat);
    const where = group ? { id: group.id, type: 'supergroup', title: group.title } : { id, type: 'private' };
    const message = { message_id: this.#next(), date: now(), chat: where, from: userOf(id), text };
    return this.#push({ message }, `message ${identity}`);
  }

  /** The bot is added to a group, or put out of it. */
  async member(chat: { id: number; title: string }, status: 'member' | 'left' | 'kicked'): Promise<Posted> {
    const my_chat_member = {
      chat: { ...chat, type: 'supergroup' },
      from: userOf(1),
      date: now(),
      old_chat_member: { status: 'left' },
      new_chat_member: { status },
    };
    return this.#push({ my_chat_member }, `member ${String(chat.id)}`);
  }

  #act(method: string, body: Json): unknown {
    switch (method) {
      case 'getMe':
        return { id: 1, is_bot: true, first_name: 'On call', username: this.#settings.username };
      case 'sendMessage':
        return this.#send(body);
      case 'editMessageText':
        return this.#edit(body);
      case 'answerCallbackQuery':
        return this.#note(body);
      case 'setWebhook': {
        const { url, secret_token: secret } = body;
        this.#webhook = { url: String(url), secret: typeof secret === 'string' ? secret : '' };
        return true;
      }
      case 'getWebhookInfo':
        return { url: this.#url() ?? '', has_custom_certificate: false, pending_update_count: 0 };
      default:
        throw new Refusal('404', 'Not Found');
    }
  }

  #send(body: Json): Json {
    const chat = this.#chatOf(body['chat_id']);
    const drawn = this.#draw(body);
    if (this.#stage.limits) {
      const key = String(chat.id);
      if (this.#perChat.exceeds(key)) throw new Refusal('429', 'Too Many Requests: retry after 1');
      if (chat.id < 0 && this.#perGroup.exceeds(key)) throw new Refusal('429', 'Too Many Requests: retry after 40');
    }
    const card: SandboxCard = {
      id: `${String(chat.id)}/${String(this.#next())}`,
      vendor: 'telegram',
      to: String(chat.id),
      ...drawn,
      ...this.#threadOf(chat.id, body['reply_parameters']),
      redraws: 0,
      at: Date.now(),
    };
    this.#stage.world.cards.push(card);
    this.#stage.world.changed('cards');
    return this.#messageOf(card, chat);
  }

  #threadOf(chat: number, reply: unknown): { thread?: string } {
    if (!isJson(reply)) return {};
    const above = `${String(chat)}/${String(reply['message_id'])}`;
    if (this.#stage.world.cards.some(({ id }) => id === above)) return { thread: above };
    if (reply['allow_sending_without_reply'] === true) return {};
    throw new Refusal('400', 'Bad Request: message to be replied not found');
  }

  #edit(body: Json): Json {
    const chat = this.#chatOf(body['chat_id']);
    const id = `${String(chat.id)}/${String(body['message_id'])}`;
    const card = this.#stage.world.cards.find((one) => one.id === id);
    if (!card) throw new Refusal('400', 'Bad Request: message to edit not found');
    const drawn = this.#draw(body);
    if (JSON.stringify(drawn) === JSON.stringify({ card: card.card, face: card.face })) {
      throw new Refusal(
        '400',
        'Bad Request: message is not modified: specified new message content and reply markup are exactly the same',
      );
    }
    Object.assign(card, drawn);
    card.redraws += 1;
    this.#stage.world.changed('cards');
    return this.#messageOf(card, chat);
  }

  #note(body: Json): boolean {
    const { callback_query_id: id, text, show_alert: isAlert } = body;
    if (typeof id !== 'string' || !this.#notes.has(id)) {
      throw new Refusal('400', 'Bad Request: query is too old and response timeout expired or query ID is invalid');
    }
    if (typeof text === 'string' && text.length > NOTE_MAX) throw new Refusal('400', 'Bad Request: MESSAGE_TOO_LONG');
    this.#notes.set(id, { type: isAlert === true ? 'alert' : 'note', content: typeof text === 'string' ? text : '' });
    return true;
  }

  #chatOf(given: unknown): { id: number; type: string; title?: string } {
    const id = Number(given);
    const group = this.#settings.chats.find((one) => one.id === id || one.upgradedTo === id);
    if (group?.upgradedTo !== undefined && group.upgradedTo !== id) {
      throw new Refusal('400', `Bad Request: group chat was upgraded to a supergroup chat ${String(group.upgradedTo)}`);
    }
    if (group) return { id, type: 'supergroup', title: group.title };
    const person = this.#stage.world.people.find(({ ids }) => ids?.telegram === String(given));
    if (person) return { id, type: 'private' };
    throw new Refusal('400', 'Bad Request: chat not found');
  }

  #draw(body: Json): { card: unknown; face: CardFace } {
    const { text, parse_mode: mode, reply_markup: markup } = body;
    if (typeof text !== 'string' || text.trim() === '') throw new Refusal('400', 'Bad Request: message text is empty');
    const read = mode === 'HTML' ? readHtml(text) : { text, links: [] };
    if (typeof read === 'string') throw new Refusal('400', `Bad Request: can't parse entities: ${read}`);
    if (read.text.length > TEXT_MAX) throw new Refusal('400', 'Bad Request: message is too long');
    const face: CardFace = { title: '', lines: read.text.split('\n'), mentions: [], controls: [], links: [] };
    for (const [, name = ''] of read.text.matchAll(/(?<!\w)(@[A-Za-z]\w{4,31})/g)) face.mentions.push(name);
    for (const { label, url } of read.links) {
      const user = /^tg:\/\/user\?id=(\d+)$/.exec(url)?.[1];
      if (user === undefined) face.links.push({ label, url });
      else if (this.#stage.world.people.some(({ ids }) => ids?.telegram === user)) face.mentions.push(user);
    }
    for (const [, label = '', url = ''] of mode === 'HTML' ? [] : text.matchAll(/(?:([^\n]*): )?(https?:\/\/\S+)/g)) {
      face.links.push({ label, url });
    }
    this.#keyboard(markup, face);
    return { card: { text, ...(isJson(markup) && { reply_markup: markup }) }, face };
  }

  #keyboard(markup: unknown, face: CardFace): void {
    const rows = isJson(markup) && Array.isArray(markup['inline_keyboard']) ? markup['inline_keyboard'] : [];
    for (const button of (rows as unknown[]).flat().filter(isJson)) {
      const { text, url, callback_data: data } = button;
      if (typeof text !== 'string' || text === '') throw new Refusal('400', 'Bad Request: BUTTON_INVALID');
      if (typeof url === 'string') {
        if (!URL.canParse(url) || !new URL(url).hostname.includes('.')) {
          throw new Refusal('400', 'Bad Request: BUTTON_URL_INVALID');
        }
        face.links.push({ label: text, url });
      } else {
        const bytes = typeof data === 'string' ? Buffer.byteLength(data) : 0;
        if (typeof data !== 'string' || bytes < 1 || bytes > DATA_MAX_BYTES) {
          throw new Refusal('400', 'Bad Request: BUTTON_DATA_INVALID');
        }
        face.controls.push({ id: data, label: text });
      }
    }
  }

  #messageOf({ id, card }: SandboxCard, chat: Json): Json {
    const content = isJson(card) ? card : {};
    return { message_id: Number(id.split('/')[1]), date: now(), chat, from: userOf(1, true), ...content };
  }

  async #press(card: SandboxCard, { identity, control }: Tap): Promise<Tapped> {
    const found = card.face?.controls.find(({ id, label }) => id === control || label === control);
    // A picture that was drawn again meanwhile can still be pressed as it was.
    const data = found?.id ?? control;
    const id = randomUUID();
    this.#notes.set(id, { type: '', content: '' });
    const message = this.#messageOf(card, {
      id: Number(card.to),
      type: Number(card.to) < 0 ? 'supergroup' : 'private',
    });
    const posted = await this.#push(
      { callback_query: { id, from: userOf(Number(identity)), message, chat_instance: '1', data } },
      card.id,
    );
    const body = readObject(posted.body);
    if (posted.status === 200 && body?.['method'] === 'answerCallbackQuery') this.#note(body);
    const note = this.#notes.get(id);
    return {
      status: posted.status,
      body,
      ...(note !== undefined && note.type !== '' && { toast: note }),
      ...(posted.status !== 200 && { error: 'no answer' }),
    };
  }

  async #push(update: Json, about: string): Promise<Posted> {
    const url = this.#url();
    if (url === undefined) return { status: 0, body: '', failure: 'no connection' };
    const what = Object.keys(update)[0] ?? '';
    this.#updateId += 1;
    const message = {
      vendor: 'telegram' as const,
      what,
      about,
      url,
      headers: { 'x-telegram-bot-api-secret-token': this.#webhook?.secret ?? this.#settings.secretToken },
      body: JSON.stringify({ update_id: this.#updateId, ...update }),
      deadlineMs: DEADLINE_MS,
    };
    const isTaken = ({ status }: Posted): boolean => status >= 200 && status < 300;
    const posted = await this.#stage.callbacks.push(message, isTaken, this.#settings.repushMs);
    this.#obey(posted);
    return posted;
  }

  /** A webhook may answer with a call of the API. */
  #obey(posted: Posted): void {
    const body = readObject(posted.body);
    if (body?.['method'] === 'sendMessage') this.#send(body);
  }

  #url(): string | undefined {
    return this.#webhook?.url ?? this.#stage.callbacks.urls.telegram;
  }

  #next(): number {
    this.#messageId += 1;
    return this.#messageId;
  }
}

function userOf(id: number, isBot = false): Json {
  return { id, is_bot: isBot, first_name: 'Somebody' };
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const manner: Manner = {
  vendor: 'telegram',
  accept: (body) => Response.json({ ok: true, ...body }),
  refuse({ code, message, status }) {
    const seconds = /retry after (\d+)/.exec(message)?.[1];
    const chat = /upgraded to a supergroup chat (-\d+)/.exec(message)?.[1];
    const parameters = {
      ...(seconds !== undefined && { retry_after: Number(seconds) }),
      ...(chat !== undefined && { migrate_to_chat_id: Number(chat) }),
    };
    const answer = { ok: false, error_code: Number(code), description: message.replace(/ -\d+$/, ''), parameters };
    return Response.json(answer, { status: status ?? Number(code) });
  },
  throttle: (ms) => manner.refuse(new Refusal('429', `Too Many Requests: retry after ${String(Math.ceil(ms / 1000))}`)),
};
