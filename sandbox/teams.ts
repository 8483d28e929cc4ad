import { createHash, randomUUID } from 'node:crypto';
import { readObject } from './callbacks.ts';
import { Refusal, type Manner } from './faults.ts';
import { Frequency } from './frequency.ts';
import type { Incoming, Stage } from './stage.ts';
import { asJson, faceOf, flawOf, list, words } from './teams-card.ts';
import type { SandboxCard } from './world.ts';

export interface TeamsOptions {
  /** Default a GUID of zeros and ones. */
  appId?: string;
  /** Default `sandbox`. */
  appPassword?: string;
  /** Default a GUID of twos. */
  tenantId?: string;
  /** Channels and group chats the app is in. Default one channel, `19:ops@thread.tacv2`. */
  chats?: readonly { id: string; name: string; team?: { id: string; name: string } }[];
  /** People who have not got the app, by Entra object id. */
  without?: readonly string[];
  /** Where the bot hears until `setCallbacks` says otherwise. */
  callbackUrl?: string;
}
export type TeamsSettings = Required<Omit<TeamsOptions, 'callbackUrl'>>;

type Json = Record<string, unknown>;

const HOUR_MS = 3_600_000;
const STATUS: Record<string, number> = {
  BotNotInConversationRoster: 403,
  ConversationBlockedByUser: 403,
  BotDisabledByAdmin: 403,
  MessageWritesBlocked: 403,
  BotNotRegistered: 401,
  AuthorizationFailed: 401,
  ConversationNotFound: 404,
  ActivityNotFoundInConversation: 404,
  PreconditionFailed: 412,
  MessageSizeTooBig: 413,
  Throttled: 429,
};

/**
 * The Connector of the Bot Framework and the login before it.
 *
 * Limits  per conversation 7 in 1 s, 8 in 2 s, 60 in 30 s, 1,800 in an hour.
 * Source  https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference,
 *         https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
 */
export class Teams {
  readonly #stage: Stage;
  readonly #settings: TeamsSettings;
  readonly #tokens = new Map<string, number>();
  readonly #perConversation = new Frequency([
    { sends: 7, perMs: 1000 },
    { sends: 8, perMs: 2000 },
    { sends: 60, perMs: 30_000 },
    { sends: 1800, perMs: HOUR_MS },
  ]);
  /** The chats with people, by conversation id. */
  readonly #chats = new Map<string, string>();
  /** In which conversation, with its thread, a message stands. */
  readonly #places = new Map<string, string>();
  #lastId = 0;

  constructor(stage: Stage, settings: TeamsSettings) {
    this.#stage = stage;
    this.#settings = settings;
  }

  /** `/<tenant>/oauth2/v2.0/token` */
  async login(c: Incoming): Promise<Response> {
    const form = Object.fromEntries(new URLSearchParams(await c.req.text()));
    const tenant = new URL(c.req.url).pathname.split('/')[1];
    return this.#stage.faults.receive(
      c,
      loginManner,
      { action: 'oauth2.token' },
      () => {
        if (tenant !== this.#settings.tenantId) throw new Refusal('90002', `Tenant '${String(tenant)}' not found.`);
        if (form['client_id'] !== this.#settings.appId) throw new Refusal('700016', 'Application not found.');
        if (form['client_secret'] !== this.#settings.appPassword)
          throw new Refusal('7000215', 'Invalid client secret.');
        const isOurs = form['grant_type'] === 'client_credentials' && form['scope']?.endsWith('/.default') === true;
        if (!isOurs) throw new Refusal('70011', 'The provided value for the input parameter scope is not valid.');
      },
      () => {
        const token = `eyJ.${randomUUID()}.sandbox`;
        this.#tokens.set(token, Date.now() + HOUR_MS);
        return { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: token };
      },
    );
  }

  /** `/v3/conversations…` */
  async receive(c: Incoming): Promise<Response> {
    const [, , , conversation = '', , activity = ''] = new URL(c.req.url).pathname.split('/').map(decodeURIComponent);
    const body = readObject(await c.req.text()) ?? {};
    const action =
      conversation === '' ? 'conversations.create' : activity === '' ? 'activities.create' : 'activities.update';
    return this.#stage.faults.receive(
      c,
      manner,
      { action, to: conversation === '' ? undefined : conversation },
      () => {
        const token = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
        if ((this.#tokens.get(token) ?? 0) <= Date.now()) throw new Refusal('AuthorizationFailed');
      },
      () => {
        if (action === 'conversations.create') return this.#create(body);
        return action === 'activities.create'
          ? this.#post(conversation, body)
          : this.#update(conversation, activity, body);
      },
    );
  }

  /** The chat between the bot and a person: the same for the same two. */
  chatWith(aadObjectId: string): string {
    const id = `a:1${createHash('sha256').update(`${this.#settings.appId} ${aadObjectId}`).digest('base64url')}`;
    this.#chats.set(id, aadObjectId);
    return id;
  }

  /** The conversation a card stands in, with its thread. */
  placeOf(card: SandboxCard): string {
    return this.#places.get(card.id) ?? '';
  }

  #create(body: Json): Json {
    const { bot, members, channelData, tenantId, isGroup, activity } = body;
    if (asJson(bot)['id'] !== `28:${this.#settings.appId}`) throw new Refusal('BadSyntax', 'the bot is not the caller');
    const tenant = asJson(asJson(channelData)['tenant'])['id'] ?? tenantId;
    if (tenant !== this.#settings.tenantId) throw new Refusal('BadSyntax', 'unknown tenant');
    if (isGroup === true) {
      const channel = words(asJson(asJson(channelData)['channel'])['id']);
      const conversation = this.#group(channel);
      this.#count(conversation);
      const card = this.#show(conversation, asJson(activity));
      const id = `${conversation};messageid=${card.id}`;
      this.#places.set(card.id, id);
      return { id, activityId: card.id };
    }
    const [member] = list(members);
    const aadObjectId = words(member?.['id']);
    if (!this.#stage.world.people.some(({ ids }) => ids?.teams === aadObjectId)) {
      throw new Refusal('BadSyntax', 'Invalid user identity in provided tenant');
    }
    if (this.#settings.without.includes(aadObjectId)) throw new Refusal('BotNotInConversationRoster');
    return { id: this.chatWith(aadObjectId) };
  }

  #post(conversation: string, body: Json): Json {
    const [root = '', thread] = conversation.split(';messageid=');
    const to = this.#chats.get(root) ?? this.#group(root);
    this.#count(root);
    const card = this.#show(to, body);
    this.#places.set(card.id, conversation);
    if (thread !== undefined) card.thread = thread;
    return { id: card.id };
  }

  #update(conversation: string, activity: string, body: Json): Json {
    const card = this.#stage.world.cards.find(({ id, vendor }) => id === activity && vendor === 'teams');
    if (card === undefined) throw new Refusal('ActivityNotFoundInConversation');
    if (this.#places.get(activity) !== conversation) throw new Refusal('ConversationNotFound');
    draw(card, body);
    card.redraws += 1;
    this.#stage.world.changed('cards');
    return { id: activity };
  }

  #group(id: string): string {
    if (this.#settings.chats.some((chat) => chat.id === id)) return id;
    throw new Refusal('ConversationNotFound');
  }

  #count(conversation: string): void {
    if (this.#stage.limits && this.#perConversation.exceeds(conversation) !== undefined) throw new Refusal('Throttled');
  }

  #show(to: string, body: Json): SandboxCard {
    this.#lastId = Math.max(this.#lastId + 1, Date.now());
    const card: SandboxCard = { id: String(this.#lastId), vendor: 'teams', to, redraws: 0, at: Date.now() };
    draw(card, body);
    this.#stage.world.cards.push(card);
    this.#stage.world.changed('cards');
    return card;
  }
}

function draw(card: SandboxCard, body: Json): void {
  if (body['type'] !== 'message') throw new Refusal('BadSyntax', 'not a message');
  const [attachment] = list(body['attachments']);
  if (attachment === undefined) {
    const text = words(body['text']);
    if (text === '') throw new Refusal('BadSyntax', 'nothing to show');
    // As Markdown unless it says otherwise.
    card.text = body['textFormat'] === 'plain' ? text : text.replace(/[*_]/g, '');
    return;
  }
  if (body['text'] !== undefined) throw new Refusal('BadSyntax', 'text beside a card makes two messages');
  if (attachment['contentType'] !== 'application/vnd.microsoft.card.adaptive') throw new Refusal('BadSyntax');
  const content = asJson(attachment['content']);
  const flaw = flawOf(content);
  if (flaw !== undefined) throw new Refusal(flaw);
  card.card = content;
  card.face = faceOf(content);
}

const manner: Manner = {
  vendor: 'teams',
  accept: (body) => Response.json(body, { status: 201 }),
  refuse: ({ code, message, status }) =>
    Response.json({ error: { code, message } }, { status: status ?? STATUS[code] ?? 400 }),
  throttle: (ms) =>
    Response.json(
      { error: { code: 'Throttled', message: 'Too many requests' } },
      { status: 429, headers: { 'retry-after': String(Math.ceil(ms / 1000)) } },
    ),
};

const loginManner: Manner = {
  ...manner,
  accept: (body) => Response.json(body),
  refuse({ code, message, status }) {
    const error = code === '7000215' || code === '7000222' ? 'invalid_client' : 'unauthorized_client';
    const answer = { error, error_description: `AADSTS${code}: ${message}`, error_codes: [Number(code)] };
    return Response.json(answer, { status: status ?? (error === 'invalid_client' ? 401 : 400) });
  },
};
