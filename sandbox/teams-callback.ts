import { createSign, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { readObject, type Posted } from './callbacks.ts';
import type { Manner } from './faults.ts';
import type { Incoming, Stage, Tap, Tapped } from './stage.ts';
import { asJson, controlsOf, faceOf, flawOf, words, type Control } from './teams-card.ts';
import { Teams, type TeamsOptions, type TeamsSettings } from './teams.ts';
import type { SandboxCard } from './world.ts';

type Json = Record<string, unknown>;

/** Bot Service gives up after ten seconds or so. */
const DEADLINE_MS = 10_000;
const ISSUER = 'https://api.botframework.com';

/** The Connector, the login and the list of keys. */
export function mountTeams(stage: Stage, { callbackUrl, ...options }: TeamsOptions = {}): TeamsCallback {
  const { app, base } = stage;
  const settings: TeamsSettings = {
    appId: '00000000-0000-0000-0000-111111111111',
    appPassword: 'sandbox',
    tenantId: '22222222-2222-2222-2222-222222222222',
    chats: [{ id: '19:ops@thread.tacv2', name: 'ops', team: { id: '19:team@thread.tacv2', name: 'SRE' } }],
    without: [],
    ...options,
  };
  const teams = new Teams(stage, settings);
  const callback = new TeamsCallback(stage, settings, teams, base);
  app.post('/:tenant/oauth2/v2.0/token', (c) => teams.login(c));
  app.all('/v3/conversations/*', (c) => teams.receive(c));
  app.post('/v3/conversations', (c) => teams.receive(c));
  const list = (action: string, shown: () => Json) => (c: Incoming) =>
    stage.faults.receive(c, listManner, { action }, () => undefined, shown);
  app.get(
    '/v1/.well-known/openidconfiguration',
    list('openidconfiguration', () => ({ issuer: ISSUER, jwks_uri: `${base()}/v1/.well-known/keys` })),
  );
  app.get(
    '/v1/.well-known/keys',
    list('keys', () => ({ keys: callback.keys })),
  );
  if (callbackUrl !== undefined) stage.callbacks.urls.teams = callbackUrl;
  stage.taps.set('teams', (card, tap) => callback.tap(card, tap));
  const { appId, appPassword, tenantId } = settings;
  stage.accounts.set('teams.app', (baseUrl) => ({ appId, appPassword, tenantId, baseUrl }));
  return callback;
}

/**
 * What a bot hears: presses as `invoke`, words as `message`, comings and goings; each with a token that Microsoft signs.
 *
 * Source  https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication,
 *         https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model
 */
export class TeamsCallback {
  readonly #stage: Stage;
  readonly #settings: TeamsSettings;
  readonly #teams: Teams;
  readonly #base: () => string;
  #signing: { kid: string; privateKey: KeyObject } | undefined;
  readonly #keys: Json[] = [];

  constructor(stage: Stage, settings: TeamsSettings, teams: Teams, base: () => string) {
    this.#stage = stage;
    this.#settings = settings;
    this.#teams = teams;
    this.#base = base;
  }

  /** As listed: with the channels each key speaks for. */
  get keys(): readonly Json[] {
    // Made when first asked for: it takes a while, and few sandboxes need one.
    if (this.#signing === undefined) this.rotate();
    return this.#keys;
  }

  /** Signs with a new key from now on; the old ones stay listed. */
  rotate(): { kid: string; privateKey: KeyObject } {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const kid = randomUUID();
    this.#keys.push({ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', endorsements: ['msteams', 'webchat'] });
    this.#signing = { kid, privateKey };
    return this.#signing;
  }

  /** The bearer token of a push; what is given replaces what Microsoft would say. */
  bearer(changes: { header?: object; claims?: object } = {}): string {
    const now = Math.floor(Date.now() / 1000);
    const { kid, privateKey } = this.#signing ?? this.rotate();
    const header = { typ: 'JWT', alg: 'RS256', kid, x5t: kid, ...changes.header };
    const claims = {
      serviceurl: this.serviceUrl,
      nbf: now,
      exp: now + 3600,
      iss: ISSUER,
      aud: this.#settings.appId,
      ...changes.claims,
    };
    const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const signature = createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url');
    return `${signed}.${signature}`;
  }

  get serviceUrl(): string {
    return `${this.#base()}/`;
  }

  async tap(card: SandboxCard, tap: Tap): Promise<Tapped> {
    const { action, field } = chosen(asJson(card.card), tap);
    const input = field && { [field.id]: field.takesText ? (tap.text ?? '') : pick(field.options, tap.option) };
    const data = { ...asJson(action['data']), ...(action['associatedInputs'] === 'none' ? {} : input) };
    const posted = await this.#post('adaptiveCard/action', card.id, {
      ...this.#context(tap.identity, this.#teams.placeOf(card)),
      type: 'invoke',
      name: 'adaptiveCard/action',
      replyToId: card.id,
      value: { action: { type: 'Action.Execute', id: null, verb: action['verb'], data }, trigger: 'manual' },
    });
    return this.#show(card, posted);
  }

  /** A client that is too old for `Action.Execute` sends the same as a message. */
  async submit(card: SandboxCard, tap: Tap): Promise<Posted> {
    const { action } = chosen(asJson(card.card), tap);
    const context = this.#context(tap.identity, this.#teams.placeOf(card));
    return this.#post('message', card.id, { ...context, type: 'message', replyToId: card.id, value: action['data'] });
  }

  /** Somebody writes to the bot: in their own chat with it, or with its name in a channel or group chat. */
  async say(aadObjectId: string, text: string, chat?: string): Promise<Posted> {
    if (chat === undefined) {
      return this.event({ ...this.#context(aadObjectId, this.#teams.chatWith(aadObjectId)), type: 'message', text });
    }
    const bot = { type: 'mention', text: '<at>On call</at>', mentioned: { id: this.#bot, name: 'On call' } };
    const thread = chat.endsWith('@thread.tacv2') ? `${chat};messageid=${String(Date.now())}` : chat;
    const context = this.#context(aadObjectId, thread);
    return this.event({ ...context, type: 'message', text: `<at>On call</at>&nbsp;${text}`, entities: [bot] });
  }

  /** Any activity, told as Microsoft tells it. */
  async event(activity: Json): Promise<Posted> {
    return this.#post(words(activity['type']), '', activity);
  }

  /** The app comes to a chat or leaves it. */
  async membership(chat: string, change: 'membersAdded' | 'membersRemoved'): Promise<Posted> {
    return this.event({
      ...this.#context('', chat),
      type: 'conversationUpdate',
      [change]: [{ id: this.#bot }],
    });
  }

  /** What every activity says about where it is and who did it. */
  context(aadObjectId: string, conversation: string): Json {
    return this.#context(aadObjectId, conversation);
  }

  get #bot(): string {
    return `28:${this.#settings.appId}`;
  }

  #context(aadObjectId: string, conversation: string): Json {
    const [root = ''] = conversation.split(';');
    const chat = this.#settings.chats.find(({ id }) => id === root);
    const { tenantId } = this.#settings;
    const kind = chat === undefined ? 'personal' : root.endsWith('@thread.tacv2') ? 'channel' : 'groupChat';
    return {
      id: randomUUID(),
      timestamp: new Date().toISOString(),
      channelId: 'msteams',
      serviceUrl: this.serviceUrl,
      from: { id: `29:1${aadObjectId}`, aadObjectId, name: aadObjectId },
      recipient: { id: this.#bot, name: 'On call' },
      conversation: { id: conversation, conversationType: kind, tenantId, isGroup: kind !== 'personal' },
      channelData: {
        tenant: { id: tenantId },
        ...(kind === 'channel' && { channel: { id: root, name: chat?.name }, team: chat?.team }),
      },
    };
  }

  async #post(what: string, about: string, activity: Json): Promise<Posted> {
    return this.#stage.callbacks.post({
      vendor: 'teams',
      what,
      about,
      url: this.#stage.callbacks.urls.teams ?? 'http://127.0.0.1:9/',
      headers: { authorization: `Bearer ${this.bearer()}` },
      body: JSON.stringify(activity),
      deadlineMs: DEADLINE_MS,
    });
  }

  /** Only the presser sees the card of the answer; in a group everybody else sees what was posted. */
  #show(card: SandboxCard, posted: Posted): Tapped {
    const body = readObject(posted.body);
    const tapped: Tapped = { status: posted.status, body };
    if (posted.failure !== undefined) return { ...tapped, error: posted.failure };
    const { statusCode, type, value } = body ?? {};
    if (posted.status !== 200 || statusCode !== 200) return { ...tapped, error: 'Something went wrong' };
    if (type === 'application/vnd.microsoft.activity.message') {
      return words(value) === '' ? tapped : { ...tapped, toast: { type: 'info', content: words(value) } };
    }
    const flaw = type === 'application/vnd.microsoft.card.adaptive' ? flawOf(asJson(value)) : 'BadSyntax';
    if (flaw !== undefined) return { ...tapped, error: flaw };
    if (this.#stage.world.people.some(({ ids }) => ids?.teams === card.to)) {
      card.card = asJson(value);
      card.face = faceOf(asJson(value));
      this.#stage.world.changed('cards');
    }
    return tapped;
  }
}

const listManner: Manner = {
  vendor: 'teams',
  accept: (body) => Response.json(body),
  refuse: ({ status = 503 }) => new Response(null, { status }),
  throttle: () => new Response(null, { status: 429 }),
};

function chosen(card: Json, { control }: Tap): Control {
  const controls = controlsOf(card);
  const found = controls.find(({ label, action }) => label === control || action['verb'] === control);
  if (found !== undefined) return found;
  throw new Error(
    `sandbox: nothing like that to press; the card offers: ${controls.map(({ label }) => label).join(', ')}`,
  );
}

/** Several choices go as one string; one goes as it is. */
function pick(options: { label: string; value: string }[], given = ''): string {
  return options.find(({ label, value }) => label === given || value === given)?.value ?? given;
}
