import { createHash, randomUUID } from 'node:crypto';
import { readObject } from './callbacks.ts';
import { checkCard, isShared } from './feishu-card.ts';
import { Refusal, type Manner } from './faults.ts';
import { Frequency } from './frequency.ts';
import type { Incoming, Stage } from './stage.ts';
import type { PersonCard, SandboxCard } from './world.ts';

export interface FeishuOptions {
  /** Default `cli_sandbox`. */
  appId?: string;
  /** Default `sandbox`. */
  appSecret?: string;
  /** Default `sandbox`. */
  verificationToken?: string;
  /** Callbacks are encrypted and signed with it; empty (default): neither, as with the vendor. */
  encryptKey?: string;
  /** Groups the bot is in. Default one, `oc_ops`. */
  chats?: readonly { chatId: string; name: string }[];
  /** Where card callbacks go until `setCallbacks` says otherwise. */
  callbackUrl?: string;
}

export type FeishuSettings = Required<Omit<FeishuOptions, 'callbackUrl'>>;

const HOUR_MS = 3_600_000;
const TOKEN_MS = 2 * HOUR_MS;
const TOKEN_KEPT_MS = HOUR_MS / 2;
const CARD_MAX_BYTES = 30 * 1024;
const TEXT_MAX_BYTES = 150 * 1024;

/** One call of the open platform: path, and the word used in `world.arrivals` and faults. */
interface Route {
  method: string;
  path: RegExp;
  action: string;
  act(call: Call): Record<string, unknown>;
}

interface Call {
  query: URLSearchParams;
  body: Record<string, unknown>;
  /** The last segment of the path. */
  id: string;
  bearer: string;
}

const AUTHORIZE = '/open-apis/authen/v1/authorize';
/** Calls that the app's own token does not speak for. */
const OPEN = ['tenant_access_token', 'oauth.token', 'user_info'];

/**
 * Feishu open platform: tenant token, im/v1 messages (create, patch), users by e-mail or mobile, chats.
 * Errors are HTTP 400 (429 for the rate limit) with `code` other than 0. The same `uuid` within an hour shows one message.
 *
 * Limits  50 requests/s and 1000 sends/min per app, 5 sends/s to one receiver, 5 updates/s of one message; card 30 KB.
 * Source  https://open.feishu.cn/document/server-docs/im-v1/message/create, …/im-v1/message-card/patch,
 *         …/authentication-management/access-token/tenant_access_token_internal, …/contact-v3/user/batch_get_id
 */
export class Feishu {
  readonly #stage: Stage;
  readonly #settings: FeishuSettings;
  readonly #tokens = new Map<string, number>();
  readonly #shown = new Map<string, { card: SandboxCard; at: number }>();
  /** What people wrote to the bot. */
  readonly #written = new Map<string, { to: string }>();
  readonly #codes = new Map<string, { openId: string; redirectUri: string }>();
  readonly #users = new Map<string, string>();
  readonly #perApp = new Frequency([{ sends: 50, perMs: 1000 }]);
  readonly #sendsPerApp = new Frequency([{ sends: 1000, perMs: 60_000 }]);
  readonly #perReceiver = new Frequency([{ sends: 5, perMs: 1000 }]);
  readonly #perMessage = new Frequency([{ sends: 5, perMs: 1000 }]);
  readonly #routes: readonly Route[] = [
    {
      method: 'POST',
      path: /^\/open-apis\/auth\/v3\/tenant_access_token\/internal$/,
      action: 'tenant_access_token',
      act: ({ body }) => this.#token(body),
    },
    {
      method: 'POST',
      path: /^\/open-apis\/im\/v1\/messages$/,
      action: 'messages.create',
      act: (call) => this.#create(call),
    },
    {
      method: 'POST',
      path: /^\/open-apis\/im\/v1\/messages\/\w+\/reply$/,
      action: 'messages.reply',
      act: (call) => this.#reply(call),
    },
    {
      method: 'PATCH',
      path: /^\/open-apis\/im\/v1\/messages\/\w+$/,
      action: 'messages.patch',
      act: (call) => this.#patch(call),
    },
    {
      method: 'POST',
      path: /^\/open-apis\/contact\/v3\/users\/batch_get_id$/,
      action: 'users.batch_get_id',
      act: (call) => this.#lookUp(call),
    },
    {
      method: 'POST',
      path: /^\/open-apis\/authen\/v2\/oauth\/token$/,
      action: 'oauth.token',
      act: ({ body }) => this.#userToken(body),
    },
    {
      method: 'GET',
      path: /^\/open-apis\/authen\/v1\/user_info$/,
      action: 'user_info',
      act: ({ bearer }) => this.#userInfo(bearer),
    },
    {
      method: 'GET',
      path: /^\/open-apis\/im\/v1\/chats$/,
      action: 'chats.list',
      act: ({ query }) => this.#chats(query),
    },
  ];

  constructor(stage: Stage, settings: FeishuSettings) {
    this.#stage = stage;
    this.#settings = settings;
  }

  async receive(c: Incoming): Promise<Response> {
    const { pathname, searchParams: query } = new URL(c.req.url);
    if (pathname === AUTHORIZE) return this.#authorize(query, c.req.header('cookie') ?? '');
    const route = this.#routes.find(({ method, path }) => method === c.req.method && path.test(pathname));
    if (route === undefined) return new Response('404 page not found', { status: 404 });
    const body = readObject(await c.req.text()) ?? {};
    const first = /^\/open-apis\/im\/v1\/messages\/(\w+)\/reply$/.exec(pathname)?.[1];
    const to = typeof body['receive_id'] === 'string' ? body['receive_id'] : undefined;
    const id = first ?? pathname.split('/').at(-1) ?? '';
    return this.#stage.faults.receive(
      c,
      manner,
      { action: route.action, to },
      () => {
        if (!OPEN.includes(route.action)) this.#authenticate(c.req.header('authorization') ?? '');
      },
      () => {
        if (this.#stage.limits && this.#perApp.exceeds('app') !== undefined) throw new Refusal('99991400', TOO_MANY);
        const bearer = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
        return route.act({ query, body, id, bearer });
      },
    );
  }

  /** A person writes to the bot. @returns the message's id. */
  write(openId: string, chat = ''): string {
    const id = `om_${randomUUID().replaceAll('-', '')}`;
    this.#written.set(id, { to: chat || openId });
    return id;
  }

  /** The chat a message is in: a group, or the one between the bot and a person. */
  chatOf(to: string): string {
    return to.startsWith('oc_') ? to : `oc_${createHash('md5').update(to).digest('hex')}`;
  }

  #authenticate(authorization: string): void {
    const token = /^Bearer (.+)$/.exec(authorization)?.[1];
    if (token === undefined) throw new Refusal('99991661', 'Missing access token for authorization.');
    const expiresAt = this.#tokens.get(token);
    if (expiresAt === undefined || expiresAt <= Date.now()) {
      throw new Refusal('99991663', 'Invalid access token for authorization. Please make a test with token attached.');
    }
  }

  #token(body: Record<string, unknown>): Record<string, unknown> {
    if (body['app_id'] !== this.#settings.appId || body['app_secret'] !== this.#settings.appSecret) {
      throw new Refusal('99991543', 'app_id or app_secret is invalid');
    }
    const now = Date.now();
    let [token, expiresAt] = [...this.#tokens].at(-1) ?? ['', 0];
    if (expiresAt - now <= TOKEN_KEPT_MS) {
      token = `t-${randomUUID()}`;
      expiresAt = now + TOKEN_MS;
      this.#tokens.set(token, expiresAt);
    }
    return { tenant_access_token: token, expire: Math.floor((expiresAt - now) / 1000) };
  }

  /**
   * Somebody opens a page of the app inside the client, who asks the platform who they are.
   * @returns the code for `oauth/token`, good once.
   */
  consent(openId: string, redirectUri: string): string {
    const code = randomUUID();
    this.#codes.set(code, { openId, redirectUri });
    return code;
  }

  /**
   * The page that says who somebody is: whoever is signed in, by the cookie `feishu_session`, is sent back at once.
   * Source https://open.feishu.cn/document/authentication-management/access-token/obtain-oauth-code
   */
  #authorize(query: URLSearchParams, cookies: string): Response {
    const [openId, redirect] = [/feishu_session=(\w+)/.exec(cookies)?.[1], query.get('redirect_uri') ?? ''];
    if (openId === undefined) return new Response('Sign in first.', { status: 401 });
    if (query.get('client_id') !== this.#settings.appId || query.get('response_type') !== 'code') {
      return new Response('The app or the request is unknown.', { status: 400 });
    }
    const back = new URL(redirect);
    back.searchParams.set('code', this.consent(openId, redirect));
    back.searchParams.set('state', query.get('state') ?? '');
    return Response.redirect(back.href, 302);
  }

  /** Source https://open.feishu.cn/document/authentication-management/access-token/get-user-access-token */
  #userToken(body: Record<string, unknown>): Record<string, unknown> {
    const { grant_type: grant, client_id: id, client_secret: secret, code, redirect_uri: redirect } = body;
    const given = typeof code === 'string' ? this.#codes.get(code) : undefined;
    if (grant !== 'authorization_code' || given === undefined) throw new Refusal('20003', 'invalid authorization code');
    if (id !== this.#settings.appId || secret !== this.#settings.appSecret) {
      throw new Refusal('20002', 'client secret is invalid');
    }
    if (redirect !== given.redirectUri) throw new Refusal('20071', 'redirect_uri mismatch');
    this.#codes.delete(String(code));
    const token = `u-${randomUUID()}`;
    this.#users.set(token, given.openId);
    return { access_token: token, token_type: 'Bearer', expires_in: 7200 };
  }

  #userInfo(bearer: string): Record<string, unknown> {
    const openId = this.#users.get(bearer);
    if (openId === undefined) throw new Refusal('20005', 'invalid access token');
    const person = this.#people().find((one) => one.openId === openId);
    return {
      data: {
        open_id: openId,
        name: person?.name ?? 'Guest',
        ...(person?.email !== undefined && { email: person.email }),
        ...(person?.enterpriseEmail !== undefined && { enterprise_email: person.enterpriseEmail }),
        ...(person?.phone !== undefined && { mobile: person.phone }),
      },
    };
  }

  #create({ query, body }: Call): Record<string, unknown> {
    const { receive_id: receiver } = body;
    if (typeof receiver !== 'string') {
      throw new Refusal('230001', 'Your request contains an invalid request parameter.');
    }
    return this.#show(body, () => ({ to: this.#receiver(query.get('receive_id_type') ?? '', receiver) }));
  }

  /** Source https://open.feishu.cn/document/server-docs/im-v1/message/reply */
  #reply({ id, body }: Call): Record<string, unknown> {
    const first = this.#stage.world.cards.find((shown) => shown.id === id) ?? this.#written.get(id);
    if (first === undefined) throw new Refusal('230001', 'message_id is invalid.');
    return this.#show(body, () => ({ to: first.to, ...(body['reply_in_thread'] === true && { thread: id }) }));
  }

  #show(body: Record<string, unknown>, place: () => { to: string; thread?: string }): Record<string, unknown> {
    const { msg_type: type, content, uuid } = body;
    if (typeof content !== 'string' || (type !== 'text' && type !== 'interactive')) {
      throw new Refusal('230001', 'Your request contains an invalid request parameter.');
    }
    if (uuid !== undefined && (typeof uuid !== 'string' || uuid.length > 50)) {
      throw new Refusal('230001', 'Your request contains an invalid request parameter, ext=uuid');
    }
    const { to, thread } = place();
    const shown = typeof uuid === 'string' ? this.#shown.get(uuid) : undefined;
    if (shown !== undefined && Date.now() - shown.at < HOUR_MS) return this.#message(shown.card);
    const read = this.#read(type, content);
    if (this.#stage.limits) {
      if (this.#sendsPerApp.exceeds('app') !== undefined) throw new Refusal('99991400', TOO_MANY);
      if (this.#perReceiver.exceeds(to) !== undefined)
        throw new Refusal('230020', 'This operation triggers the frequency limit.');
    }
    const card: SandboxCard = {
      id: `om_${randomUUID().replaceAll('-', '')}`,
      vendor: 'feishu',
      to,
      ...read,
      ...(thread !== undefined && { thread }),
      redraws: 0,
      at: Date.now(),
    };
    this.#stage.world.cards.push(card);
    this.#stage.world.changed('cards');
    if (typeof uuid === 'string') this.#shown.set(uuid, { card, at: card.at });
    return this.#message(card);
  }

  #patch({ id, body }: Call): Record<string, unknown> {
    const card = this.#stage.world.cards.find((shown) => shown.id === id);
    const content = body['content'];
    if (card === undefined || typeof content !== 'string')
      throw new Refusal('230001', 'message_id or content is invalid.');
    if (card.card === undefined) throw new Refusal('230001', 'This message is NOT a card.');
    const { card: redrawn } = this.#read('interactive', content);
    if (!isShared(card.card) || !isShared(redrawn)) {
      throw new Refusal('230001', 'config.update_multi must be true before and after the update.');
    }
    if (this.#stage.limits && this.#perMessage.exceeds(id) !== undefined) {
      throw new Refusal('230020', 'This operation triggers the frequency limit.');
    }
    card.card = redrawn;
    card.redraws += 1;
    this.#stage.world.changed('cards');
    return { data: {} };
  }

  #read(type: string, content: string): { text?: string; card?: unknown } {
    const value = readObject(content);
    if (type === 'text') {
      if (Buffer.byteLength(content) > TEXT_MAX_BYTES) throw new Refusal('230025', 'The message is too long.');
      if (typeof value?.['text'] !== 'string') throw new Refusal('230001', 'content is not {"text":"…"}.');
      return { text: value['text'] };
    }
    if (Buffer.byteLength(content) > CARD_MAX_BYTES)
      throw new Refusal('230025', 'The length of the card is over 30 KB.');
    const flaw = checkCard(value, (openId) => this.#people().some((person) => person.openId === openId));
    if (flaw !== undefined) {
      throw new Refusal('230099', `Failed to create card content, ext=ErrCode: ${flaw.code}; ErrMsg: ${flaw.text};`);
    }
    return { card: value };
  }

  /** The open_id or chat_id meant. */
  #receiver(type: string, id: string): string {
    if (type === 'chat_id') {
      if (!id.startsWith('oc_')) throw new Refusal('230034', 'The receive_id is invalid.');
      if (this.#settings.chats.some(({ chatId }) => chatId === id)) return id;
      throw new Refusal('230002', 'The bot can not be outside the group.');
    }
    if (type !== 'open_id' && type !== 'email') throw new Refusal('230001', 'receive_id_type is not supported.');
    if (type === 'open_id' && !id.startsWith('ou_')) throw new Refusal('230034', 'The receive_id is invalid.');
    const openId = this.#people().find((person) => (type === 'email' ? person.email : person.openId) === id)?.openId;
    if (openId === undefined) throw new Refusal('230013', 'The bot has no availability to this user.');
    return openId;
  }

  #message({ id, to, at }: SandboxCard): Record<string, unknown> {
    return {
      data: {
        message_id: id,
        chat_id: this.chatOf(to),
        create_time: String(at),
        update_time: String(at),
        deleted: false,
        updated: false,
        sender: { id: this.#settings.appId, id_type: 'app_id', sender_type: 'app' },
      },
    };
  }

  #lookUp({ query, body }: Call): Record<string, unknown> {
    const lists = [body['emails'] ?? [], body['mobiles'] ?? []];
    if (query.get('user_id_type') !== 'open_id' || !lists.every((list) => Array.isArray(list) && list.length <= 50)) {
      throw new Refusal('40001', 'param error');
    }
    const [emails, mobiles] = lists as [unknown[], unknown[]];
    const entry = (key: string, value: unknown, person: PersonCard | undefined): Record<string, unknown> => ({
      [key]: value,
      ...(person?.openId !== undefined && { user_id: person.openId }),
    });
    const byMobile = (mobile: unknown): PersonCard | undefined =>
      this.#people().find(({ phone }) => phone !== undefined && (phone === mobile || phone === `+86${String(mobile)}`));
    return {
      data: {
        user_list: [
          ...emails.map((email) =>
            entry(
              'email',
              email,
              this.#people().find((person) => person.email === email),
            ),
          ),
          ...mobiles.map((mobile) => entry('mobile', mobile, byMobile(mobile))),
        ],
      },
    };
  }

  #chats(query: URLSearchParams): Record<string, unknown> {
    const size = Number(query.get('page_size') ?? 20);
    const from = Number(query.get('page_token') ?? 0);
    if (!(size >= 1 && size <= 100)) throw new Refusal('230001', 'page_size is 1 to 100.');
    const { chats } = this.#settings;
    const items = chats
      .slice(from, from + size)
      .map(({ chatId, name }) => ({ chat_id: chatId, name, external: false, chat_status: 'normal' }));
    const more = from + size < chats.length;
    return { data: { items, has_more: more, page_token: more ? String(from + size) : '' } };
  }

  #people(): readonly PersonCard[] {
    return this.#stage.world.people;
  }
}

const TOO_MANY = 'request trigger frequency limit';
const TOO_MANY_STATUS: Record<string, number> = { 99991400: 429, 99991403: 429 };

const manner: Manner = {
  vendor: 'feishu',
  accept: (body) => Response.json({ code: 0, msg: 'success', ...body }),
  refuse({ code, message, status }) {
    const answer = { code: Number(code), msg: message, error: { log_id: randomUUID() } };
    const headers: Record<string, string> =
      code === '99991400' ? { 'x-ogw-ratelimit-limit': '50', 'x-ogw-ratelimit-reset': '1' } : {};
    return Response.json(answer, { status: status ?? TOO_MANY_STATUS[code] ?? 400, headers });
  },
  throttle(ms) {
    const answer = manner.refuse(new Refusal('99991400', TOO_MANY));
    answer.headers.set('x-ogw-ratelimit-reset', String(Math.ceil(ms / 1000)));
    return answer;
  },
};
