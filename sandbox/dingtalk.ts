import { createHash, randomUUID } from 'node:crypto';
import { readObject } from './callbacks.ts';
import { checkVariables, drawMarkdown, drawTemplate, ONCALL_TEMPLATE, type CardTemplate } from './dingtalk-card.ts';
import { Refusal, type Manner } from './faults.ts';
import { Frequency } from './frequency.ts';
import type { Incoming, Stage } from './stage.ts';
import type { PersonCard, SandboxCard } from './world.ts';

export interface DingtalkOptions {
  /** Default `dingsandboxcorp`. */
  corpId?: string;
  /** Default `dingsandbox`. */
  clientId?: string;
  /** Default `sandbox`. */
  clientSecret?: string;
  /** Of the event subscription. */
  token?: string;
  aesKey?: string;
  /** Groups the bot is in. Default one, `cidOps==`. */
  chats?: readonly { openConversationId: string; name: string }[];
  /** Published card templates. Default one, `oncall.schema`. */
  templates?: Readonly<Record<string, CardTemplate>>;
  /** Where events and messages go until `setCallbacks` says otherwise. */
  callbackUrl?: string;
}
export type DingtalkSettings = Required<Omit<DingtalkOptions, 'callbackUrl'>>;

export const DINGTALK_DEFAULTS: DingtalkSettings = {
  corpId: 'dingsandboxcorp',
  clientId: 'dingsandbox',
  clientSecret: 'sandbox',
  token: 'sandbox',
  aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  chats: [{ openConversationId: 'cidOps==', name: 'Operations' }],
  templates: { 'oncall.schema': ONCALL_TEMPLATE },
};

/** Paths of ours: the HTTP vendors share one port. */
export const DINGTALK_PATHS = [
  '/v1.0/oauth2/*',
  '/v1.0/contact/*',
  '/v1.0/card/*',
  '/v1.0/robot/*',
  '/v1.0/im/*',
  '/topapi/*',
  '/robot/sendBySession',
] as const;

/** A delivered card, with what only some see of it. */
export interface Delivered {
  card: SandboxCard;
  template: CardTemplate;
  routeKey: string;
  all: Record<string, string>;
  own: Map<string, Record<string, string>>;
}

interface Call {
  query: URLSearchParams;
  body: Record<string, unknown>;
  token: string;
}
interface Route {
  method: string;
  path: string;
  action: string;
  /** Needs no token. */
  open?: true;
  act(call: Call): Record<string, unknown>;
}

const TOKEN_SECONDS = 7200;
const MAX_MESSAGE_BYTES = 15_000;

/**
 * DingTalk's open platform: token, people by mobile, cards (createAndDeliver, update, registered callbacks), messages of
 * the bot, groups, sign-in. `api.` errors are HTTP 400, 403 or 500 with { code, message, requestid }; `oapi.` answers 200
 * with `errcode`. An `outTrackId` makes one card.
 *
 * Limits  20 requests a second and API; 1 KB a variable; 15,000 bytes a message.
 * Source  https://open.dingtalk.com/document/development/create-and-deliver-cards,
 *         …/robot-message-type, …/obtain-the-access-token-of-an-internal-app, …/orgapp/query-users-by-phone-number
 */
export class Dingtalk {
  readonly settings: DingtalkSettings;
  readonly delivered = new Map<string, Delivered>();
  readonly routes = new Map<string, { url: string; secret: string }>();
  readonly #stage: Stage;
  readonly #tokens = new Map<string, number>();
  /** Tokens of people who signed in. */
  readonly #signedIn = new Map<string, PersonCard>();
  /** Of conversations that may be answered in. */
  readonly #sessions = new Map<string, string>();
  readonly #perApi = new Frequency([{ sends: 20, perMs: 1000 }]);
  readonly #table: readonly Route[] = [
    {
      method: 'POST',
      path: '/v1.0/oauth2/accessToken',
      action: 'accessToken',
      open: true,
      act: ({ body }) => this.#token(body),
    },
    {
      method: 'POST',
      path: '/v1.0/oauth2/userAccessToken',
      action: 'userAccessToken',
      open: true,
      act: ({ body }) => this.#userToken(body),
    },
    { method: 'GET', path: '/v1.0/contact/users/me', action: 'users.me', open: true, act: (call) => this.#me(call) },
    {
      method: 'POST',
      path: '/v1.0/card/callbacks/register',
      action: 'card.register',
      act: ({ body }) => this.#register(body),
    },
    {
      method: 'POST',
      path: '/v1.0/card/instances/createAndDeliver',
      action: 'card.create',
      act: ({ body }) => this.#create(body),
    },
    { method: 'PUT', path: '/v1.0/card/instances', action: 'card.update', act: ({ body }) => this.#update(body) },
    {
      method: 'POST',
      path: '/v1.0/robot/oToMessages/batchSend',
      action: 'robot.person',
      act: ({ body }) => this.#tellPeople(body),
    },
    {
      method: 'POST',
      path: '/v1.0/robot/groupMessages/send',
      action: 'robot.group',
      act: ({ body }) => this.#tellGroup(body),
    },
    { method: 'POST', path: '/v1.0/robot/groups/query', action: 'robot.groups', act: ({ body }) => this.#groups(body) },
    {
      method: 'POST',
      path: '/v1.0/im/sceneGroups/query',
      action: 'group.query',
      act: ({ body }) => ({ title: this.#group(body['openConversationId']).name }),
    },
    {
      method: 'POST',
      path: '/topapi/v2/user/getbymobile',
      action: 'user.getbymobile',
      act: ({ body }) => ({ result: { userid: this.#byMobile(body['mobile']) } }),
    },
    {
      method: 'POST',
      path: '/topapi/user/getbyunionid',
      action: 'user.getbyunionid',
      act: ({ body }) => ({ result: { contact_type: 0, userid: this.#byUnionId(body['unionid']) } }),
    },
    {
      method: 'POST',
      path: '/robot/sendBySession',
      action: 'robot.session',
      open: true,
      act: (call) => this.#answerSession(call),
    },
  ];

  constructor(stage: Stage, settings: DingtalkSettings) {
    this.#stage = stage;
    this.settings = settings;
  }

  async receive(c: Incoming): Promise<Response> {
    const { pathname, searchParams: query } = new URL(c.req.url);
    const route = this.#table.find(({ method, path }) => method === c.req.method && path === pathname);
    if (route === undefined) return new Response('not found', { status: 404 });
    const body = readObject(await c.req.text()) ?? {};
    const isLegacy = !pathname.startsWith('/v1.0/');
    const token = (isLegacy ? query.get('access_token') : c.req.header('x-acs-dingtalk-access-token')) ?? '';
    const to = body['openConversationId'] ?? body['openSpaceId'];
    return this.#stage.faults.receive(
      c,
      isLegacy ? legacyManner : manner,
      { action: route.action, to: typeof to === 'string' ? to : undefined },
      () => {
        if (route.open !== true && (this.#tokens.get(token) ?? 0) <= Date.now()) {
          throw isLegacy
            ? new Refusal('40014', '不合法的access_token')
            : new Refusal('InvalidAuthentication', '不合法的access_token');
        }
      },
      () => {
        if (this.#stage.limits && this.#perApi.exceeds(route.action) !== undefined) {
          throw isLegacy
            ? new Refusal('88', 'ding talk error[subcode=90018,submsg=api freq out of limit]')
            : new Refusal('Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', '请求过于频繁');
        }
        return route.act({ query, body, token });
      },
    );
  }

  /** Somebody may be answered in this conversation for a while. */
  openSession(to: string): string {
    const session = randomUUID();
    this.#sessions.set(session, to);
    return session;
  }

  /** Somebody signs in on DingTalk's own page: what comes back to us is this code. */
  signIn(userId: string): string {
    const person = this.#people().find(({ ids }) => ids?.dingtalk === userId);
    if (person === undefined) throw new Error(`sandbox: nobody in the organisation is ${userId}`);
    const code = `code-${randomUUID()}`;
    this.#signedIn.set(code, person);
    return code;
  }

  #token(body: Record<string, unknown>): Record<string, unknown> {
    const { clientId, clientSecret } = this.settings;
    if (body['appKey'] !== clientId || body['appSecret'] !== clientSecret) {
      throw new Refusal('invalidClientIdOrSecret', '无效的clientId或者clientSecret');
    }
    const token = randomUUID().replaceAll('-', '');
    this.#tokens.set(token, Date.now() + TOKEN_SECONDS * 1000);
    return { accessToken: token, expireIn: TOKEN_SECONDS };
  }

  #userToken({ clientId, clientSecret, code, grantType }: Record<string, unknown>): Record<string, unknown> {
    const person = typeof code === 'string' ? this.#signedIn.get(code) : undefined;
    const isOurs = clientId === this.settings.clientId && clientSecret === this.settings.clientSecret;
    if (!isOurs || person === undefined || grantType !== 'authorization_code') {
      throw new Refusal('invalidParameter.authCode.notFound', '不合法的临时授权码');
    }
    this.#signedIn.delete(code as string);
    const accessToken = randomUUID().replaceAll('-', '');
    this.#signedIn.set(accessToken, person);
    return { accessToken, refreshToken: randomUUID(), expireIn: TOKEN_SECONDS, corpId: this.settings.corpId };
  }

  #me({ token }: Call): Record<string, unknown> {
    const person = this.#signedIn.get(token);
    if (person === undefined) throw new Refusal('InvalidAuthentication', '不合法的access_token');
    const [, stateCode = '86', mobile = ''] = /^\+(86)(\d+)$/.exec(person.phone ?? '') ?? [];
    return { nick: person.name, unionId: unionIdOf(person), openId: randomUUID(), mobile, stateCode };
  }

  #register(body: Record<string, unknown>): Record<string, unknown> {
    const { callbackRouteKey: key, callbackUrl: url, apiSecret: secret, forceUpdate } = body;
    if (typeof key !== 'string' || key === '' || typeof url !== 'string' || !URL.canParse(url)) {
      throw new Refusal('param.callbackUrlInvalid', 'callbackUrl');
    }
    const known = this.routes.get(key);
    if (known === undefined || forceUpdate === true) {
      this.routes.set(key, { url, secret: typeof secret === 'string' && secret !== '' ? secret : randomUUID() });
    }
    const route = this.routes.get(key);
    return { success: true, result: { callbackUrl: route?.url, apiSecret: route?.secret } };
  }

  #create(body: Record<string, unknown>): Record<string, unknown> {
    const { cardTemplateId, outTrackId, callbackType, callbackRouteKey, openSpaceId } = body;
    if (typeof cardTemplateId !== 'string' || cardTemplateId === '') {
      throw new Refusal('param.cardTemplateIdEmpty', 'cardTemplateId is empty');
    }
    const template = this.settings.templates[cardTemplateId];
    if (template === undefined) throw new Refusal('param.templateNotExist', 'the template does not exist');
    if (typeof outTrackId !== 'string' || outTrackId === '' || outTrackId.length > 64) {
      throw new Refusal('param.outTrackIdInvalid', 'outTrackId');
    }
    const all = variablesIn(body['cardData']);
    if (all === undefined || Object.keys(all).length === 0) throw new Refusal('param.cardPublicDataEmpty', 'cardData');
    if (callbackType !== 'HTTP') throw new Refusal('param.callbackTypeInvalid', 'callbackType');
    if (typeof callbackRouteKey !== 'string' || !this.routes.has(callbackRouteKey)) {
      throw new Refusal('param.callbackRouteKeyInvalid', 'callbackRouteKey is not registered');
    }
    const to = this.#place(openSpaceId, body);
    const known = this.delivered.get(outTrackId);
    if (known === undefined) {
      const card: SandboxCard = { id: outTrackId, vendor: 'dingtalk', to, card: all, redraws: 0, at: Date.now() };
      const one: Delivered = { card, template, routeKey: callbackRouteKey, all, own: new Map() };
      this.delivered.set(outTrackId, one);
      this.show(one, false);
      const at = mentionsIn(body['imGroupOpenDeliverModel']);
      if (card.face) card.face.mentions = [...new Set([...card.face.mentions, ...at])];
      this.#stage.world.cards.push(card);
      this.#stage.world.changed('cards');
    }
    return {
      success: true,
      result: {
        outTrackId,
        deliverResults: [{ spaceType: 'IM', spaceId: openSpaceId, success: true, carrierId: outTrackId, errorMsg: '' }],
      },
    };
  }

  /** The person or group meant by an open space, and whether the bot may show something there. */
  #place(openSpaceId: unknown, body: Record<string, unknown>): string {
    const [, kind, id] = /^dtv1\.card\/\/(IM_GROUP|IM_ROBOT)\.(.+)$/.exec(String(openSpaceId)) ?? [];
    if (id === undefined) throw new Refusal('param.openSpaceIdInvalid', 'openSpaceId');
    const model = body[kind === 'IM_GROUP' ? 'imGroupOpenDeliverModel' : 'imRobotOpenDeliverModel'];
    if (typeof model !== 'object' || model === null) throw new Refusal('param.openDeliverModelEmpty', 'model');
    if ((model as Record<string, unknown>)['robotCode'] !== this.settings.clientId) {
      throw new Refusal('invalidParameter.robotCode.notFound', 'robotCode');
    }
    for (const userId of mentionsIn(model)) {
      if (userId !== 'all') this.#person(userId);
    }
    if (kind === 'IM_GROUP') return this.#group(id).openConversationId;
    return this.#person(id);
  }

  #update(body: Record<string, unknown>): Record<string, unknown> {
    const { outTrackId, cardData, privateData, cardUpdateOptions } = body;
    const one = typeof outTrackId === 'string' ? this.delivered.get(outTrackId) : undefined;
    if (one === undefined) throw new Refusal('param.cardNotExist', 'the card does not exist');
    const options = (cardUpdateOptions ?? {}) as Record<string, unknown>;
    this.apply(one, {
      all: variablesIn(cardData),
      own: Object.entries((privateData ?? {}) as Record<string, unknown>),
      byKey: options['updateCardDataByKey'] === true,
      ownByKey: options['updatePrivateDataByKey'] === true,
    });
    return { success: true, result: true };
  }

  /** New values for a card; without "by key" what is not named becomes empty. */
  apply(
    one: Delivered,
    change: { all: Record<string, string> | undefined; own: [string, unknown][]; byKey: boolean; ownByKey: boolean },
  ): void {
    if (change.all !== undefined) one.all = change.byKey ? { ...one.all, ...change.all } : change.all;
    for (const [userId, data] of change.own) {
      const values = variablesIn(data) ?? {};
      one.own.set(userId, change.ownByKey ? { ...one.own.get(userId), ...values } : values);
    }
    this.show(one, true);
  }

  show(one: Delivered, isRedraw: boolean): void {
    const { card, template, all, own } = one;
    card.card = all;
    card.face = drawTemplate(template, all, own.get(card.to));
    if (!isRedraw) return;
    card.redraws += 1;
    this.#stage.world.changed('cards');
  }

  #tellPeople(body: Record<string, unknown>): Record<string, unknown> {
    const { userIds } = body;
    if (!Array.isArray(userIds) || userIds.length === 0 || userIds.length > 20) {
      throw new Refusal('invalidParameter.userIds', 'userIds');
    }
    const known = userIds.filter((id) => this.#people().some(({ ids }) => ids?.dingtalk === id)) as string[];
    const message = this.#message(body);
    for (const userId of known) this.#put(userId, message);
    return {
      processQueryKey: randomUUID(),
      invalidStaffIdList: userIds.filter((id) => !known.includes(id as string)),
      flowControlledStaffIdList: [],
    };
  }

  #tellGroup(body: Record<string, unknown>): Record<string, unknown> {
    const { openConversationId } = this.#group(body['openConversationId']);
    this.#put(openConversationId, this.#message(body));
    return { processQueryKey: randomUUID() };
  }

  #message({ robotCode, msgKey, msgParam }: Record<string, unknown>): Pick<SandboxCard, 'text' | 'card' | 'face'> {
    if (robotCode !== this.settings.clientId) throw new Refusal('invalidParameter.robotCode.notFound', 'robotCode');
    const param = typeof msgParam === 'string' ? readObject(msgParam) : undefined;
    if (param === undefined || Buffer.byteLength(String(msgParam)) > MAX_MESSAGE_BYTES) {
      throw new Refusal('invalidParameter.msgParam', 'msgParam');
    }
    const of = (name: string): string => {
      const value = param[name];
      if (typeof value !== 'string' || value === '') throw new Refusal('invalidParameter.msgParam', name);
      return value;
    };
    switch (msgKey) {
      case 'sampleText':
        return { text: of('content') };
      case 'sampleMarkdown':
        return { card: param, face: drawMarkdown(of('title'), of('text')) };
      case 'sampleActionCard': {
        const face = drawMarkdown(of('title'), of('text'));
        face.links.push({ label: of('singleTitle'), url: of('singleURL') });
        return { card: param, face };
      }
      default:
        throw new Refusal('invalidParameter.msgKey', 'msgKey');
    }
  }

  #put(to: string, message: Pick<SandboxCard, 'text' | 'card' | 'face'>): void {
    this.#stage.world.cards.push({
      id: `msg${randomUUID()}`,
      vendor: 'dingtalk',
      to,
      ...message,
      redraws: 0,
      at: Date.now(),
    });
    this.#stage.world.changed('cards');
  }

  #answerSession({ query, body }: Call): Record<string, unknown> {
    const to = this.#sessions.get(query.get('session') ?? '');
    if (to === undefined) throw new Refusal('300001', 'session 不存在');
    const text = (body['text'] as Record<string, unknown> | undefined)?.['content'];
    if (body['msgtype'] !== 'text' || typeof text !== 'string') throw new Refusal('400105', 'unsupported msgtype');
    this.#put(to, { text });
    return {};
  }

  #groups({ pageNumber, pageSize }: Record<string, unknown>): Record<string, unknown> {
    const from = (Number(pageNumber) - 1) * Number(pageSize);
    const ids = this.settings.chats.map(({ openConversationId }) => openConversationId);
    return {
      openConversationIds: ids.slice(from, from + Number(pageSize)),
      hasMore: from + Number(pageSize) < ids.length,
    };
  }

  #group(id: unknown): { openConversationId: string; name: string } {
    const found = this.settings.chats.find(({ openConversationId }) => openConversationId === id);
    if (found === undefined) throw new Refusal('invalid.openConversationId', 'the bot is not in this group');
    return found;
  }

  #person(id: string): string {
    if (this.#people().some(({ ids }) => ids?.dingtalk === id)) return id;
    throw new Refusal('param.userIdNotExist', 'the user does not exist');
  }

  #byMobile(mobile: unknown): string {
    const found = this.#people().find(({ phone }) => phone === `+86${String(mobile)}` || phone === mobile);
    if (found?.ids?.dingtalk === undefined) throw new Refusal('60121', '找不到该用户');
    return found.ids.dingtalk;
  }

  #byUnionId(unionId: unknown): string {
    const found = this.#people().find((person) => unionIdOf(person) === unionId);
    if (found?.ids?.dingtalk === undefined) throw new Refusal('60121', '找不到该用户');
    return found.ids.dingtalk;
  }

  #people(): readonly PersonCard[] {
    return this.#stage.world.people;
  }
}

function unionIdOf({ ids }: PersonCard): string {
  return createHash('sha256')
    .update(`union ${ids?.dingtalk ?? ''}`)
    .digest('base64url');
}

function variablesIn(data: unknown): Record<string, string> | undefined {
  if (data === undefined) return undefined;
  const values = (data as Record<string, unknown>)['cardParamMap'];
  const flaw = checkVariables(values);
  if (flaw !== undefined) throw new Refusal('param.cardDataInvalid', flaw);
  return values as Record<string, string>;
}

/** Ids in `atUserIds`. */
function mentionsIn(model: unknown): string[] {
  const at = typeof model === 'object' && model !== null ? (model as Record<string, unknown>)['atUserIds'] : undefined;
  return Object.keys((at ?? {}) as Record<string, string>).map((id) => (id === '@ALL' ? 'all' : id));
}

const STATUS = (code: string): number => {
  if (code.startsWith('Forbidden')) return 403;
  return code === 'system.busy' ? 500 : 400;
};

const manner: Manner = {
  vendor: 'dingtalk',
  accept: (body) => Response.json(body),
  refuse: ({ code, message, status }) =>
    Response.json({ code, message, requestid: randomUUID() }, { status: status ?? STATUS(code) }),
  throttle: () => manner.refuse(new Refusal('Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', '请求过于频繁')),
};

const legacyManner: Manner = {
  vendor: 'dingtalk',
  accept: (body) => Response.json({ errcode: 0, errmsg: 'ok', ...body, request_id: randomUUID() }),
  refuse: ({ code, message, status }) =>
    Response.json({ errcode: Number(code), errmsg: message }, { status: status ?? 200 }),
  throttle: () => legacyManner.refuse(new Refusal('88', 'ding talk error[subcode=90018,submsg=api freq out of limit]')),
};
