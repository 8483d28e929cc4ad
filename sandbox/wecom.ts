import { randomUUID } from 'node:crypto';
import { readObject } from './callbacks.ts';
import { Refusal, type Manner } from './faults.ts';
import { Frequency } from './frequency.ts';
import type { Incoming, Stage } from './stage.ts';
import { checkTemplateCard, drawTemplateCard, drawWords, isJson } from './wecom-card.ts';
import type { PersonCard, SandboxCard } from './world.ts';

export interface WecomOptions {
  /** Default `wwsandbox`. */
  corpId?: string;
  /** Default 1000002. */
  agentId?: number;
  /** Default `sandbox`. */
  secret?: string;
  /** Of "Receive messages". */
  token?: string;
  aesKey?: string;
  /** Chats that the app has created. Default one, `ops`. */
  chats?: readonly { chatid: string; name: string }[];
  /** Where presses and messages go until `setCallbacks` says otherwise. */
  callbackUrl?: string;
}
export type WecomSettings = Required<Omit<WecomOptions, 'callbackUrl'>>;

export const WECOM_DEFAULTS: WecomSettings = {
  corpId: 'wwsandbox',
  agentId: 1000002,
  secret: 'sandbox',
  token: 'sandbox',
  aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  chats: [{ chatid: 'ops', name: 'Operations' }],
};

/** Paths of ours: the HTTP vendors share one port, and group bots have their own. */
export const WECOM_PATHS = [
  '/cgi-bin/gettoken',
  '/cgi-bin/message/*',
  '/cgi-bin/appchat/*',
  '/cgi-bin/user/*',
  '/cgi-bin/auth/*',
  '/cgi-bin/agent/*',
] as const;

interface Call {
  query: URLSearchParams;
  body: Record<string, unknown>;
}

const TOKEN_SECONDS = 7200;
const CODE_MS = 72 * 3_600_000;
const MAX_TEXT_BYTES = 2048;
/** UNCONFIRMED: the number; the page only says that a code is good for once and for 72 hours. */
const CODE_USED = '40058';

/**
 * WeCom's API: token, members by mobile and mail, messages to members (text, template card) and to chats of the app,
 * one update per `response_code`, sign-in. HTTP 200 and `errcode`.
 *
 * Limits  30 a minute and 1,000 an hour to one member: more is dropped, and the answer is ok. Bodies with `\uXXXX` are
 *         refused (40033).
 * Source  https://developer.work.weixin.qq.com/document/path/90236, …/94888, …/90248, …/91039, …/90312
 */
export class Wecom {
  readonly settings: WecomSettings;
  readonly #stage: Stage;
  readonly #tokens = new Map<string, number>();
  readonly #codes = new Map<string, { card: SandboxCard; until: number }>();
  readonly #signedIn = new Map<string, string>();
  readonly #taskIds = new Map<string, string>();
  readonly #perMember = new Frequency([
    { sends: 30, perMs: 60_000 },
    { sends: 1000, perMs: 3_600_000 },
  ]);
  readonly #table: Readonly<Record<string, { action: string; act: (call: Call) => Record<string, unknown> }>> = {
    'message/send': { action: 'message.send', act: ({ body }) => this.#send(body) },
    'message/update_template_card': { action: 'message.update', act: ({ body }) => this.#update(body) },
    'appchat/send': { action: 'appchat.send', act: ({ body }) => this.#sendToChat(body) },
    'user/getuserid': {
      action: 'user.getuserid',
      act: ({ body }) =>
        this.#find(({ phone }) => phone === `+86${String(body['mobile'])}` || phone === body['mobile']),
    },
    'user/get_userid_by_email': {
      action: 'user.by_email',
      act: ({ body }) => this.#find(({ email }) => email === body['email'] && body['email_type'] === 1),
    },
    'auth/getuserinfo': { action: 'auth.getuserinfo', act: ({ query }) => this.#whoSignedIn(query.get('code') ?? '') },
    'agent/get': {
      action: 'agent.get',
      act: () => ({
        agentid: this.settings.agentId,
        name: 'On call',
        close: 0,
        redirect_domain: 'oncall.example.com',
        home_url: 'https://oncall.example.com/link',
      }),
    },
  };

  constructor(stage: Stage, settings: WecomSettings) {
    this.#stage = stage;
    this.settings = settings;
  }

  async receive(c: Incoming): Promise<Response> {
    const { pathname, searchParams: query } = new URL(c.req.url);
    const path = pathname.replace('/cgi-bin/', '');
    const raw = await c.req.text();
    const body = readObject(raw) ?? {};
    const { touser, chatid } = body;
    const route = path === 'gettoken' ? { action: 'gettoken', act: () => this.#token(query) } : this.#table[path];
    if (route === undefined) return new Response('not found', { status: 404 });
    const to = typeof touser === 'string' ? touser : typeof chatid === 'string' ? chatid : undefined;
    return this.#stage.faults.receive(
      c,
      manner,
      { action: route.action, to },
      () => {
        if (path !== 'gettoken' && (this.#tokens.get(query.get('access_token') ?? '') ?? 0) <= Date.now()) {
          throw new Refusal('40014', 'invalid access_token');
        }
      },
      () => {
        if (/\\u[0-9a-fA-F]{4}/.test(raw)) throw new Refusal('40033', 'invalid charset, \\uXXXX is not allowed');
        return route.act({ query, body });
      },
    );
  }

  /** Somebody opens the app: the code that comes back to us. */
  signIn(userId: string): string {
    const code = randomUUID();
    this.#signedIn.set(code, userId);
    return code;
  }

  /** A code for one update of a card. */
  codeFor(card: SandboxCard): string {
    const code = randomUUID();
    this.#codes.set(code, { card, until: Date.now() + CODE_MS });
    return code;
  }

  #token(query: URLSearchParams): Record<string, unknown> {
    if (query.get('corpid') !== this.settings.corpId) throw new Refusal('40013', 'invalid corpid');
    if (query.get('corpsecret') !== this.settings.secret) throw new Refusal('40001', 'invalid credential');
    const token = randomUUID();
    this.#tokens.set(token, Date.now() + TOKEN_SECONDS * 1000);
    return { access_token: token, expires_in: TOKEN_SECONDS };
  }

  #send(body: Record<string, unknown>): Record<string, unknown> {
    if (body['agentid'] !== this.settings.agentId) throw new Refusal('40056', 'invalid agentid');
    const wanted = String(body['touser']).split('|');
    const known = wanted.filter((id) => this.#people().some(({ ids }) => ids?.wecom === id));
    if (known.length === 0) throw new Refusal('81013', 'user & party & tag all invalid');
    const invalid = wanted.filter((id) => !known.includes(id)).map((id) => id.toLowerCase());
    const message = this.#read(body, ['text', 'textcard', 'template_card']);
    let code: string | undefined;
    for (const to of known) {
      const card: SandboxCard = {
        id: `msg${randomUUID()}`,
        vendor: 'wecom',
        to,
        ...message,
        redraws: 0,
        at: Date.now(),
      };
      const isDropped = this.#stage.limits && this.#perMember.exceeds(to) !== undefined;
      if (!isDropped) this.#put(card);
      if (body['msgtype'] === 'template_card') code = this.codeFor(card);
    }
    return {
      msgid: randomUUID(),
      ...(invalid.length > 0 && { invaliduser: invalid.join('|') }),
      ...(code !== undefined && { response_code: code }),
    };
  }

  #sendToChat(body: Record<string, unknown>): Record<string, unknown> {
    const to = this.settings.chats.find(({ chatid }) => chatid === body['chatid'])?.chatid;
    if (to === undefined) throw new Refusal('86008', 'chat is not created by this app');
    const message = this.#read(body, ['text', 'textcard', 'markdown']);
    this.#put({ id: `msg${randomUUID()}`, vendor: 'wecom', to, ...message, redraws: 0, at: Date.now() });
    return {};
  }

  #read(body: Record<string, unknown>, allowed: string[]): Pick<SandboxCard, 'text' | 'card' | 'face'> {
    const { msgtype } = body;
    if (typeof msgtype !== 'string' || !allowed.includes(msgtype)) throw new Refusal('40008', 'invalid message type');
    const content = body[msgtype];
    if (!isJson(content)) throw new Refusal('40058', `${msgtype} is missing`);
    const of = (name: string, maxBytes: number): string => {
      const value = content[name];
      if (typeof value !== 'string' || value === '') throw new Refusal('44004', `${name} is empty`);
      if (Buffer.byteLength(value) > maxBytes) throw new Refusal('45002', `${name} is too long`);
      return value;
    };
    switch (msgtype) {
      case 'text': {
        const face = drawWords('', of('content', MAX_TEXT_BYTES));
        return face.links.length > 0 ? { card: content, face } : { text: face.lines.join('\n') };
      }
      case 'textcard': {
        const link = { label: of('btntxt', 24), url: of('url', 2048) };
        return { card: content, face: drawWords(of('title', 128), of('description', 512), [link]) };
      }
      default:
        return { card: content, face: this.#draw(content) };
    }
  }

  #draw(card: Record<string, unknown>): ReturnType<typeof drawTemplateCard> {
    const flaw = checkTemplateCard(card);
    if (flaw !== undefined) throw new Refusal('40058', `invalid ${flaw}`);
    const { task_id: taskId } = card;
    if (typeof taskId === 'string') {
      // UNCONFIRMED: the number of the refusal.
      if (this.#taskIds.has(taskId)) throw new Refusal('40058', 'task_id was used before');
      this.#taskIds.set(taskId, taskId);
    }
    return drawTemplateCard(card);
  }

  #update(body: Record<string, unknown>): Record<string, unknown> {
    const { response_code: code, userids, atall, template_card: card } = body;
    const found = typeof code === 'string' ? this.#codes.get(code) : undefined;
    if (found === undefined || found.until < Date.now()) throw new Refusal(CODE_USED, 'invalid response_code');
    const isMeant = atall === 1 || (Array.isArray(userids) && userids.includes(found.card.to));
    if (!isMeant) return { invaliduser: userids };
    if (!isJson(card)) throw new Refusal('40058', 'template_card is missing');
    found.card.face = this.#draw(card);
    found.card.card = card;
    found.card.redraws += 1;
    this.#codes.delete(String(code));
    this.#stage.world.changed('cards');
    return {};
  }

  #find(isMeant: (person: PersonCard) => boolean): Record<string, unknown> {
    const userid = this.#people().find(isMeant)?.ids?.wecom;
    if (userid === undefined) throw new Refusal('46004', 'user not exist');
    return { userid };
  }

  #whoSignedIn(code: string): Record<string, unknown> {
    const userid = this.#signedIn.get(code);
    if (userid === undefined) throw new Refusal('40029', 'invalid code');
    this.#signedIn.delete(code);
    return this.#people().some(({ ids }) => ids?.wecom === userid) ? { userid } : { openid: userid };
  }

  #put(card: SandboxCard): void {
    this.#stage.world.cards.push(card);
    this.#stage.world.changed('cards');
  }

  #people(): readonly PersonCard[] {
    return this.#stage.world.people;
  }
}

const manner: Manner = {
  vendor: 'wecom',
  accept: (body) => Response.json({ errcode: 0, errmsg: 'ok', ...body }),
  refuse: ({ code, message, status }) =>
    Response.json({ errcode: Number(code), errmsg: message }, { status: status ?? 200 }),
  throttle: () => manner.refuse(new Refusal('45009', 'api freq out of limit')),
};
