import { randomInt, randomUUID } from 'node:crypto';
import { seal, stamp, type BoxSettings } from './box.ts';
import type { Posted } from './callbacks.ts';
import type { Stage, Tap, Tapped } from './stage.ts';
import { isJson } from './wecom-card.ts';
import { Wecom, WECOM_DEFAULTS, WECOM_PATHS, type WecomOptions } from './wecom.ts';
import type { SandboxCard } from './world.ts';

const DEADLINE_MS = 5000;
/** Waits before the two repetitions of a push that got no answer. */
const AGAIN_MS = [1000, 1000];

export function mountWecom(stage: Stage, { callbackUrl, ...options }: WecomOptions = {}): WecomCallback {
  const settings = { ...WECOM_DEFAULTS, ...options };
  const wecom = new Wecom(stage, settings);
  for (const path of WECOM_PATHS) stage.app.all(path, (c) => wecom.receive(c));
  if (callbackUrl !== undefined) stage.callbacks.urls.wecom = callbackUrl;
  const { corpId, agentId, secret, token, aesKey: encodingAesKey } = settings;
  stage.accounts.set('wecom.app', (baseUrl) => ({ corpId, agentId, secret, token, encodingAesKey, baseUrl }));
  return new WecomCallback(stage, wecom);
}

/**
 * What WeCom tells us: presses on cards, messages to the app, the check of the address. All encrypted.
 * Source  https://developer.work.weixin.qq.com/document/path/90238, …/90239, …/90240
 */
export class WecomCallback {
  readonly #stage: Stage;
  readonly #wecom: Wecom;

  constructor(stage: Stage, wecom: Wecom) {
    this.#stage = stage;
    this.#wecom = wecom;
    stage.taps.set('wecom', (card, tap) => this.tap(card, tap));
  }

  async tap(card: SandboxCard, { identity, control, option }: Tap): Promise<Tapped> {
    const controls = card.face?.controls ?? [];
    const found = controls.find(({ id, label }) => id === control || label === control);
    if (found === undefined || !isJson(card.card)) {
      throw new Error(
        `sandbox: nothing like ${control}; the card offers: ${controls.map(({ label }) => label).join(', ')}`,
      );
    }
    const selection = isJson(card.card['button_selection']) ? card.card['button_selection'] : undefined;
    const options = controls.flatMap((each) => each.options ?? []);
    const chosen =
      options.find(({ label, value }) => label === option || value === option)?.value ?? selection?.['selected_id'];
    const selected =
      selection === undefined
        ? ''
        : `<SelectedItems><SelectedItem><QuestionKey>${data(selection['question_key'])}</QuestionKey><OptionIds><OptionId>${data(chosen)}</OptionId></OptionIds></SelectedItem></SelectedItems>`;
    const posted = await this.#push(
      'template_card_event',
      card.id,
      identity,
      `<MsgType>${data('event')}</MsgType><Event>${data('template_card_event')}</Event><EventKey>${data(found.id)}</EventKey>` +
        `<TaskId>${data(card.card['task_id'])}</TaskId><CardType>${data(card.card['card_type'])}</CardType>` +
        `<ResponseCode>${data(this.#wecom.codeFor(card))}</ResponseCode>${selected}`,
    );
    return {
      status: posted.status,
      body: posted.body,
      ...(posted.status !== 200 && { error: posted.failure ?? `status ${String(posted.status)}` }),
    };
  }

  /** Somebody writes to the app. */
  async write(userId: string, text: string): Promise<Posted> {
    return this.#push(
      'text',
      userId,
      userId,
      `<MsgType>${data('text')}</MsgType><Content>${data(text)}</Content><MsgId>${String(randomInt(1, 2 ** 47))}</MsgId>`,
    );
  }

  /** Somebody opens the app, which signs them in; the code that comes back to us. */
  signIn(userId: string): string {
    return this.#wecom.signIn(userId);
  }

  /** The check when an operator saves the address: true when the decrypted `echostr` came back, byte for byte. */
  async verifyUrl(): Promise<boolean> {
    const echo = String(randomInt(2 ** 47));
    const sealed = seal(this.#box(), echo);
    const url = this.#signed(sealed);
    url.searchParams.set('echostr', sealed);
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(DEADLINE_MS) });
    return response.status === 200 && (await response.text()) === echo;
  }

  async #push(what: string, about: string, from: string, inside: string): Promise<Posted> {
    const { corpId, agentId } = this.#wecom.settings;
    const sealed = seal(
      this.#box(),
      `<xml><ToUserName>${data(corpId)}</ToUserName><FromUserName>${data(from)}</FromUserName>` +
        `<CreateTime>${String(Math.floor(Date.now() / 1000))}</CreateTime>${inside}<AgentID>${String(agentId)}</AgentID></xml>`,
    );
    const body = `<xml><ToUserName>${data(corpId)}</ToUserName><AgentID>${data(String(agentId))}</AgentID><Encrypt>${data(sealed)}</Encrypt></xml>`;
    return this.#stage.callbacks.push(
      {
        vendor: 'wecom',
        what,
        about,
        url: this.#signed(sealed).href,
        headers: { 'content-type': 'text/xml' },
        body,
        deadlineMs: DEADLINE_MS,
      },
      ({ status }) => status === 200,
      AGAIN_MS,
    );
  }

  #signed(sealed: string): URL {
    const url = new URL(this.#stage.callbacks.urls.wecom ?? '');
    const timestamp = String(Math.floor(Date.now() / 1000));
    const nonce = randomUUID().slice(0, 10);
    url.searchParams.set('msg_signature', stamp(this.#wecom.settings.token, timestamp, nonce, sealed));
    url.searchParams.set('timestamp', timestamp);
    url.searchParams.set('nonce', nonce);
    return url;
  }

  #box(): BoxSettings {
    const { token, aesKey, corpId } = this.#wecom.settings;
    return { token, aesKey, owner: corpId };
  }
}

function data(value: unknown): string {
  return `<![CDATA[${typeof value === 'string' ? value : ''}]]>`;
}
