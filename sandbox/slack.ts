import { randomBytes, randomUUID } from 'node:crypto';
import { readObject } from './callbacks.ts';
import { Refusal, type Manner } from './faults.ts';
import { Frequency } from './frequency.ts';
import { asJson, faceOf, flawOf, isViewGood, list, optionsOf, plain, type SlackMessage } from './slack-card.ts';
import type { Incoming, Stage } from './stage.ts';
import type { SandboxCard } from './world.ts';

export interface SlackOptions {
  /** Default `xoxb-sandbox`. */
  botToken?: string;
  /** Default `sandbox`. */
  signingSecret?: string;
  /** Default `sandbox`, as is the secret. */
  clientId?: string;
  clientSecret?: string;
  /** Default one public channel, `C0OPS`. A private one the app is not in cannot be seen. */
  channels?: readonly { id: string; name: string; isPrivate?: boolean; isMember?: boolean; isArchived?: boolean }[];
  /** What the installed app may do. Default everything ours asks for. */
  scopes?: readonly string[];
  /** After how long an event that was not taken is sent again. Default 1 s, 60 s, 300 s. */
  retryAfterMs?: readonly number[];
  /** Where interactions and events go until `setCallbacks` says otherwise. */
  callbackUrl?: string;
}
export type SlackSettings = Required<Omit<SlackOptions, 'callbackUrl'>>;

export const TEAM = { id: 'T0SANDBOX', name: 'Sandbox' };
export const BOT = { id: 'U0BOT', name: 'oncall' };
const TRIGGER_MS = 3000;

/** A window in front of somebody. */
export interface OpenView {
  card: SandboxCard;
  userId: string;
  view: Record<string, unknown>;
}

type Fields = Record<string, string>;
type Json = Record<string, unknown>;

/**
 * The Web API of Slack: forms in, JSON out, failures as HTTP 200 with `ok: false`.
 *
 * Limits  about one message a second to one channel, short bursts allowed; 50 blocks, 13,200 characters.
 * Source  https://docs.slack.dev/reference/methods, https://docs.slack.dev/apis/web-api/rate-limits
 */
export class Slack {
  readonly #stage: Stage;
  readonly #settings: SlackSettings;
  // One a second, short bursts allowed.
  readonly #perChannel = new Frequency([{ sends: 10, perMs: 10_000 }]);
  readonly #triggers = new Map<string, { userId: string; at: number }>();
  readonly #codes = new Map<string, { userId: string; redirectUri: string }>();
  readonly #userTokens = new Map<string, string>();
  readonly views = new Map<string, OpenView>();
  #lastTs = 0;
  readonly #methods: Record<string, (fields: Fields, token: string) => Json> = {
    'auth.test': () => ({ team: TEAM.name, team_id: TEAM.id, user: BOT.name, user_id: BOT.id, bot_id: 'B0BOT' }),
    'chat.postMessage': (fields) => this.#post(fields),
    'chat.update': (fields) => this.#update(fields),
    'users.lookupByEmail': ({ email }) => this.#lookUp(email ?? ''),
    'conversations.list': (fields) => this.#channels(fields),
    'views.open': (fields) => this.#open(fields),
    'openid.connect.token': (fields) => this.#signIn(fields),
    'openid.connect.userInfo': (_, token) => this.#userInfo(token),
  };

  constructor(stage: Stage, settings: SlackSettings) {
    this.#stage = stage;
    this.#settings = settings;
  }

  /** `/api/<method>` */
  async receive(c: Incoming): Promise<Response> {
    const method = new URL(c.req.url).pathname.slice('/api/'.length);
    const act = this.#methods[method];
    const type = c.req.header('content-type') ?? '';
    const body = await c.req.text();
    const fields: Fields = type.startsWith('application/x-www-form-urlencoded')
      ? Object.fromEntries(new URLSearchParams(body))
      : {};
    const token = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
    return this.#stage.faults.receive(
      c,
      this.#manner,
      { action: method, to: fields['channel'] },
      () => {
        if (act === undefined) throw new Refusal('unknown_method');
        if (method === 'openid.connect.token') this.#knowApp(fields);
        else this.#knowToken(token, method);
      },
      () => {
        if (act === undefined) throw new Refusal('unknown_method');
        return act(fields, token);
      },
    );
  }

  /** `/slack/actions/<user>/<id>`: what is said to the presser alone. */
  async respond(c: Incoming): Promise<Response> {
    const userId = new URL(c.req.url).pathname.split('/').at(-2) ?? '';
    const answered = this.#stage.faults.arrive('slack', 'response_url', userId);
    const said = readObject(await c.req.text());
    if (typeof said?.['text'] !== 'string') {
      answered('no_text');
      return c.json({ ok: false, error: 'no_text' }, 400);
    }
    const message = { text: said['text'], isMarked: true, blocks: [], attachments: [] };
    const face = faceOf(message);
    const text = [face.title, ...face.lines].join('\n');
    const id = `E${randomUUID()}`;
    this.#stage.world.cards.push({ id, vendor: 'slack', to: userId, text, redraws: 0, at: Date.now() });
    this.#stage.world.changed('cards');
    answered('ok');
    return c.text('ok');
  }

  /** A press may open one window within 3 s. */
  trigger(userId: string): string {
    const id = `${String(Date.now())}.${randomBytes(6).toString('hex')}`;
    this.#triggers.set(id, { userId, at: Date.now() });
    return id;
  }

  /** What the browser brings back after somebody signed in. */
  authorize(userId: string, redirectUri: string): string {
    const code = randomUUID();
    this.#codes.set(code, { userId, redirectUri });
    return code;
  }

  channelOf(to: string): string {
    return to.startsWith('U') ? `D${to.slice(1)}` : to;
  }

  #knowToken(token: string, method: string): void {
    if (token === '') throw new Refusal('not_authed');
    if (method === 'openid.connect.userInfo') {
      if (!this.#userTokens.has(token)) throw new Refusal('invalid_auth');
    } else if (token !== this.#settings.botToken) throw new Refusal('invalid_auth');
  }

  #knowApp({ client_id: id, client_secret: secret }: Fields): void {
    if (id !== this.#settings.clientId) throw new Refusal('invalid_client_id');
    if (secret !== this.#settings.clientSecret) throw new Refusal('bad_client_secret');
  }

  #post(fields: Fields): Json {
    const { channel = '', thread_ts: thread } = fields;
    const to = this.#receiver(channel);
    const message = read(fields);
    if (this.#stage.limits && this.#perChannel.exceeds(to) !== undefined) throw new Refusal('ratelimited');
    const inside = this.channelOf(to);
    const ts = this.#nextTs();
    const card: SandboxCard = { id: `${inside}-${ts}`, vendor: 'slack', to, redraws: 0, at: Date.now() };
    show(card, message);
    if (thread !== undefined) card.thread = `${inside}-${thread}`;
    this.#stage.world.cards.push(card);
    this.#stage.world.changed('cards');
    return { channel: inside, ts, message: { type: 'message', user: BOT.id, text: message.text, ts } };
  }

  #update(fields: Fields): Json {
    const { channel = '', ts = '' } = fields;
    const card = this.#stage.world.cards.find(({ id }) => id === `${channel}-${ts}`);
    if (card === undefined) throw new Refusal(channel.startsWith('U') ? 'channel_not_found' : 'message_not_found');
    show(card, read(fields));
    card.redraws += 1;
    this.#stage.world.changed('cards');
    return { channel, ts, text: fields['text'] };
  }

  /** The user or channel meant by an id. */
  #receiver(id: string): string {
    if (id.startsWith('U') || id.startsWith('D')) {
      const userId = `U${id.slice(1)}`;
      if (this.#stage.world.people.some(({ ids }) => ids?.slack === userId)) return userId;
      throw new Refusal('channel_not_found');
    }
    const channel = this.#settings.channels.find((one) => one.id === id);
    if (!channel || (channel.isPrivate && channel.isMember === false)) throw new Refusal('channel_not_found');
    if (channel.isArchived) throw new Refusal('is_archived');
    if (channel.isMember === false && !this.#settings.scopes.includes('chat:write.public')) {
      throw new Refusal('not_in_channel');
    }
    return id;
  }

  #lookUp(email: string): Json {
    const person = this.#stage.world.people.find((one) => one.email === email);
    const id = person?.ids?.slack;
    if (id === undefined) throw new Refusal('users_not_found');
    return { user: { id, team_id: TEAM.id, name: person?.name, deleted: false, profile: { email } } };
  }

  #channels({ types = 'public_channel', exclude_archived: skips, limit = '100', cursor = '' }: Fields): Json {
    const size = Number(limit);
    if (!(size >= 1 && size <= 1000)) throw new Refusal('invalid_limit');
    const seen = this.#settings.channels.filter(
      ({ isPrivate = false, isMember = true, isArchived = false }) =>
        types.split(',').includes(isPrivate ? 'private_channel' : 'public_channel') &&
        !(isPrivate && !isMember) &&
        !(isArchived && skips === 'true'),
    );
    const from = cursor === '' ? 0 : Number(Buffer.from(cursor, 'base64').toString());
    const next = from + size < seen.length ? Buffer.from(String(from + size)).toString('base64') : '';
    const channels = seen
      .slice(from, from + size)
      .map(({ id, name, isPrivate = false }) => ({ id, name, is_private: isPrivate, is_channel: true }));
    return { channels, response_metadata: { next_cursor: next } };
  }

  #open({ trigger_id: triggerId = '', view: written = '' }: Fields): Json {
    const trigger = this.#triggers.get(triggerId);
    if (trigger === undefined) throw new Refusal('invalid_trigger_id');
    this.#triggers.delete(triggerId);
    if (Date.now() - trigger.at > TRIGGER_MS) throw new Refusal('expired_trigger_id');
    const view = readObject(written) ?? {};
    if (!isViewGood(view)) throw new Refusal('invalid_arguments');
    const id = `V${randomBytes(5).toString('hex').toUpperCase()}`;
    const card: SandboxCard = { id, vendor: 'slack', to: trigger.userId, card: view, redraws: 0, at: Date.now() };
    const { userId } = trigger;
    this.views.set(id, { card, userId, view });
    this.showView(card, view);
    this.#stage.world.cards.push(card);
    this.#stage.world.changed('cards');
    return { view: { id, ...view } };
  }

  /** A window as a client draws it: one field and its button, or what it says. */
  showView(card: SandboxCard, view: Json): void {
    const blocks = list(view['blocks']);
    const input = blocks.find(({ type }) => type === 'input');
    const element = asJson(input?.['element']);
    const people = this.#stage.world.people.flatMap(({ name, ids }) =>
      ids?.slack === undefined ? [] : [{ label: name, value: ids.slack }],
    );
    const options = element['type'] === 'multi_users_select' ? people : optionsOf(element);
    const field = element['type'] === 'plain_text_input' ? { takesText: true } : { options };
    card.card = view;
    card.face = {
      title: plain(view['title']),
      lines: blocks.map((block) => plain(block['label']) || plain(block['text'])),
      mentions: [],
      controls: input === undefined ? [] : [{ id: 'submit', label: plain(view['submit']), ...field }],
      links: [],
    };
  }

  #signIn({ code = '', redirect_uri: redirectUri }: Fields): Json {
    const known = this.#codes.get(code);
    if (known === undefined) throw new Refusal('invalid_code');
    if (known.redirectUri !== redirectUri) throw new Refusal('bad_redirect_uri');
    this.#codes.delete(code);
    const token = `xoxp-${randomUUID()}`;
    this.#userTokens.set(token, known.userId);
    return { access_token: token, token_type: 'Bearer', id_token: 'not.used.here' };
  }

  #userInfo(token: string): Json {
    const userId = this.#userTokens.get(token) ?? '';
    const person = this.#stage.world.people.find(({ ids }) => ids?.slack === userId);
    return {
      sub: userId,
      'https://slack.com/user_id': userId,
      'https://slack.com/team_id': userId.startsWith('U9') ? 'T9OTHER' : TEAM.id,
      ...(person?.email !== undefined && { email: person.email, email_verified: true }),
      name: person?.name ?? '',
    };
  }

  /** Seconds and a counter, never the same twice. */
  #nextTs(): string {
    this.#lastTs = Math.max(this.#lastTs + 1, Date.now() * 1000);
    const digits = String(this.#lastTs);
    return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
  }

  readonly #manner: Manner = {
    vendor: 'slack',
    accept: (body) => this.#answer({ ok: true, ...body }, 200),
    refuse: ({ code, status }) => {
      if (code === 'ratelimited') return this.#manner.throttle(1000);
      const scope = code === 'missing_scope' ? { needed: 'chat:write', provided: 'users:read' } : {};
      return this.#answer({ ok: false, error: code, ...scope }, status ?? 200);
    },
    throttle: (ms) => {
      const answer = this.#answer({ ok: false, error: 'ratelimited' }, 429);
      answer.headers.set('retry-after', String(Math.ceil(ms / 1000)));
      return answer;
    },
  };

  #answer(body: Json, status: number): Response {
    const headers = { 'x-oauth-scopes': this.#settings.scopes.join(','), 'x-slack-req-id': randomUUID() };
    return Response.json(body, { status, headers });
  }
}

function read(fields: Fields): SlackMessage {
  const parts = [fields['blocks'], fields['attachments']].map((written) => {
    if (written === undefined) return [];
    try {
      const value: unknown = JSON.parse(written);
      if (Array.isArray(value)) return list(value);
    } catch {
      // The refusal below is the answer.
    }
    throw new Refusal('invalid_blocks_format');
  });
  const [blocks = [], attachments = []] = parts;
  const message = { text: fields['text'] ?? '', isMarked: fields['mrkdwn'] !== 'false', blocks, attachments };
  const flaw = flawOf(message);
  if (flaw !== undefined) throw new Refusal(flaw);
  return message;
}

function show(card: SandboxCard, message: SlackMessage): void {
  const { blocks, attachments } = message;
  card.face = faceOf(message);
  if (blocks.length + attachments.length > 0) card.card = { blocks, attachments };
  else card.text = [card.face.title, ...card.face.lines].join('\n');
}
