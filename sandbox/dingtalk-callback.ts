import { createHmac, randomUUID } from 'node:crypto';
import { seal, stamp, unseal, type BoxSettings } from './box.ts';
import { readObject, type Message, type Posted } from './callbacks.ts';
import { Dingtalk, DINGTALK_DEFAULTS, DINGTALK_PATHS, type Delivered, type DingtalkOptions } from './dingtalk.ts';
import type { Stage, Tap, Tapped } from './stage.ts';
import type { SandboxCard } from './world.ts';

const PRESS_DEADLINE_MS = 2000;
const EVENT_DEADLINE_MS = 1500;

export function mountDingtalk(stage: Stage, { callbackUrl, ...options }: DingtalkOptions = {}): DingtalkCallback {
  const settings = { ...DINGTALK_DEFAULTS, ...options };
  const dingtalk = new Dingtalk(stage, settings);
  for (const path of DINGTALK_PATHS) stage.app.all(path, (c) => dingtalk.receive(c));
  if (callbackUrl !== undefined) stage.callbacks.urls.dingtalk = callbackUrl;
  const { corpId, clientId, clientSecret, token, aesKey, templates } = settings;
  stage.accounts.set('dingtalk.app', (baseUrl) => ({
    ...{ corpId, clientId, clientSecret, token, aesKey },
    cardTemplateId: Object.keys(templates)[0],
    callbackSecret: 'sandbox-w3Kx9Zr7Qm2Vt4',
    baseUrl,
  }));
  return new DingtalkCallback(stage, dingtalk, stage.base);
}

/**
 * What DingTalk tells us: presses (signed over the time alone), events (encrypted), messages to the bot.
 * Source  https://open.dingtalk.com/document/development/event-callback-card, …/orgapp/push-events,
 *         …/orgapp/receive-message
 */
export class DingtalkCallback {
  readonly #stage: Stage;
  readonly #dingtalk: Dingtalk;
  readonly #base: () => string;

  constructor(stage: Stage, dingtalk: Dingtalk, base: () => string) {
    this.#stage = stage;
    this.#dingtalk = dingtalk;
    this.#base = base;
    stage.taps.set('dingtalk', (card, tap) => this.tap(card, tap));
  }

  async tap(card: SandboxCard, { identity, control, text }: Tap): Promise<Tapped> {
    const one = this.#dingtalk.delivered.get(card.id);
    const route = one && this.#dingtalk.routes.get(one.routeKey);
    if (one === undefined || route === undefined) throw new Error('sandbox: this message has no buttons');
    const offered = card.face?.controls.find(({ id, label }) => id === control || label === control);
    const button = one.template.buttons.find(({ actionId }) => actionId === offered?.id);
    if (button === undefined) {
      const labels = card.face?.controls.map(({ label }) => label).join(', ') ?? '';
      throw new Error(`sandbox: nothing like ${control} to press; the card offers: ${labels}`);
    }
    const params = Object.fromEntries(
      Object.entries(button.params).map(([name, variable]) => [name, one.all[variable] ?? '']),
    );
    const pressed = {
      actionIds: [button.actionId],
      params: { ...params, ...(button.takesText && { text: text ?? '' }) },
    };
    const timestamp = String(Date.now());
    const posted = await this.#stage.callbacks.post({
      ...this.#message(route.url, 'actionCallback', card.id, PRESS_DEADLINE_MS),
      headers: {
        'x-ddpaas-signature-timestamp': timestamp,
        'x-ddpaas-signature': createHmac('sha256', route.secret).update(timestamp).digest('base64'),
      },
      body: JSON.stringify({
        type: 'actionCallback',
        outTrackId: card.id,
        corpId: this.#dingtalk.settings.corpId,
        userId: identity,
        userIdType: 1,
        content: JSON.stringify({ cardPrivateData: pressed }),
      }),
    });
    return this.#show(one, identity, posted);
  }

  #show(one: Delivered, userId: string, posted: Posted): Tapped {
    const body = readObject(posted.body);
    const tapped: Tapped = { status: posted.status, body };
    if (posted.failure !== undefined || posted.status !== 200 || body === undefined) {
      return { ...tapped, error: posted.failure ?? `status ${String(posted.status)}` };
    }
    const { cardData, userPrivateData, cardUpdateOptions } = body;
    const options = (cardUpdateOptions ?? {}) as Record<string, unknown>;
    const own = (userPrivateData as { cardParamMap?: Record<string, string> } | undefined)?.cardParamMap ?? {};
    this.#dingtalk.apply(one, {
      all: (cardData as { cardParamMap?: Record<string, string> } | undefined)?.cardParamMap,
      own: [[userId, { cardParamMap: own }]],
      byKey: options['updateCardDataByKey'] === true,
      ownByKey: options['updatePrivateDataByKey'] === true,
    });
    // There is no toast on this platform: the words stand in the presser's own copy of the card.
    const note = own[one.template.note];
    return note === undefined || note === '' ? tapped : { ...tapped, toast: { type: 'info', content: note } };
  }

  /** Somebody signs in on DingTalk's own page; the code that comes back to us. */
  signIn(userId: string): string {
    return this.#dingtalk.signIn(userId);
  }

  /** The check when an operator saves the address of the event subscription: one event, and its answer. */
  async verifyUrl(): Promise<boolean> {
    return this.event({ EventType: 'check_url' });
  }

  /** Something happened in the organisation. True when we said `success`, encrypted, in time. */
  async event(payload: Record<string, unknown>): Promise<boolean> {
    const box = this.#box();
    const timestamp = String(Date.now());
    const nonce = randomUUID().slice(0, 8);
    const encrypt = seal(box, JSON.stringify(payload));
    const signature = stamp(box.token, timestamp, nonce, encrypt);
    const url = new URL(this.#url());
    url.search = new URLSearchParams({ msg_signature: signature, signature, timestamp, nonce }).toString();
    const posted = await this.#stage.callbacks.post({
      ...this.#message(url.href, String(payload['EventType']), 'event', EVENT_DEADLINE_MS),
      body: JSON.stringify({ encrypt }),
    });
    const answer = readObject(posted.body);
    const said = (name: string): string => {
      const value = answer?.[name];
      return typeof value === 'string' ? value : '';
    };
    return (
      posted.status === 200 &&
      said('msg_signature') === stamp(box.token, said('timeStamp'), said('nonce'), said('encrypt')) &&
      unseal(box, said('encrypt')) === 'success'
    );
  }

  /** Somebody writes to the bot, alone or in a group. */
  async write(userId: string, text: string, chat?: string): Promise<Posted> {
    const { clientSecret, corpId, clientId } = this.#dingtalk.settings;
    const timestamp = String(Date.now());
    const session = this.#dingtalk.openSession(chat ?? userId);
    const sign = createHmac('sha256', clientSecret).update(`${timestamp}\n${clientSecret}`).digest('base64');
    return this.#stage.callbacks.post({
      ...this.#message(this.#url(), 'robot message', userId, PRESS_DEADLINE_MS),
      headers: { timestamp, sign },
      body: JSON.stringify({
        conversationId: chat ?? `cid${userId}`,
        conversationType: chat === undefined ? '1' : '2',
        chatbotCorpId: corpId,
        robotCode: clientId,
        msgId: `msg${randomUUID()}`,
        senderNick: userId,
        senderStaffId: userId,
        senderId: `$:LWCP_v1:$${randomUUID()}`,
        sessionWebhook: `${this.#base()}/robot/sendBySession?session=${session}`,
        sessionWebhookExpiredTime: Date.now() + 3_600_000,
        createAt: Date.now(),
        msgtype: 'text',
        text: { content: ` ${text}` },
      }),
    });
  }

  #box(): BoxSettings {
    const { token, aesKey, clientId } = this.#dingtalk.settings;
    return { token, aesKey, owner: clientId };
  }

  #url(): string {
    const url = this.#stage.callbacks.urls.dingtalk;
    if (url === undefined) throw new Error('sandbox: no address is entered for the events of DingTalk');
    return url;
  }

  #message(url: string, what: string, about: string, deadlineMs: number): Message {
    return { vendor: 'dingtalk', what, about, url, headers: {}, body: '', deadlineMs };
  }
}
