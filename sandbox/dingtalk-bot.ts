import { createHmac, randomUUID } from 'node:crypto';
import { readObject } from './callbacks.ts';
import { Refusal, type Manner } from './faults.ts';
import { Frequency } from './frequency.ts';
import { renderMarkdown } from './markdown.ts';
import type { Incoming, Stage } from './stage.ts';
import type { CardFace, SandboxCard } from './world.ts';

export interface DingtalkBotOptions {
  /** `access_token`. Default `sandbox`. */
  token?: string;
  /** Of signing; empty (default): switched off. */
  secret?: string;
  /** One of them must be in what is read. Default none. */
  keywords?: readonly string[];
  /** The group it is in. Default `Operations`. */
  chat?: string;
}

type Json = Record<string, unknown>;

const MAX_BYTES = 20_000;
const HOUR_MS = 3_600_000;
const BLOCK_MS = 10 * 60_000;

export function mountDingtalkBot(stage: Stage, options: DingtalkBotOptions = {}): void {
  const settings = { token: 'sandbox', secret: '', keywords: [], chat: 'Operations', ...options };
  const bot = new DingtalkBot(stage, settings);
  stage.app.post('/robot/send', (c) => bot.receive(c));
  const { token: webhook, secret, keywords } = settings;
  stage.accounts.set('dingtalk.bot', (baseUrl) => ({
    webhook,
    ...(secret !== '' && { secret }),
    ...(keywords[0] !== undefined && { keyword: keywords[0] }),
    baseUrl,
  }));
}

/**
 * A custom bot of one DingTalk group: HTTP 200 always, `errcode` decides.
 * A mention needs its place in `at` and `@…` in the text, and has no effect in cards.
 *
 * Limits  20/min, then blocked for 10 min; 20,000 bytes; sign in the query, good for an hour; keywords.
 * Source  https://open.dingtalk.com/document/orgapp/custom-robot-access
 */
export class DingtalkBot {
  readonly #stage: Stage;
  readonly #settings: Required<DingtalkBotOptions>;
  readonly #frequency = new Frequency([{ sends: 20, perMs: 60_000 }]);
  #blockedUntil = 0;

  constructor(stage: Stage, settings: Required<DingtalkBotOptions>) {
    this.#stage = stage;
    this.#settings = settings;
  }

  async receive(c: Incoming): Promise<Response> {
    const raw = await c.req.text();
    const query = new URL(c.req.url).searchParams;
    const { token, secret, chat } = this.#settings;
    return this.#stage.faults.receive(
      c,
      manner,
      { action: 'robot.send', to: chat },
      () => {
        if (query.get('access_token') !== token) throw new Refusal('300001', 'token is not exist');
        if (secret !== '') verifySign(query, secret);
        if (!(c.req.header('content-type') ?? '').startsWith('application/json')) {
          throw new Refusal('43004', '无效的HTTP HEADER Content-Type');
        }
      },
      () => this.#show(readObject(raw), Buffer.byteLength(raw)),
    );
  }

  #show(body: Json | undefined, bytes: number): Json {
    if (body?.['msgtype'] === undefined) throw new Refusal('40035', '缺少参数 json');
    if (bytes > MAX_BYTES) throw new Refusal('40035', 'the message is over 20000 bytes');
    const face = this.#draw(body);
    const { keywords, chat } = this.#settings;
    const words = [face.title, ...face.lines].join('\n');
    if (keywords.length > 0 && !keywords.some((keyword) => words.includes(keyword))) {
      throw new Refusal('310000', 'keywords not in content, more: [https://ding-doc.dingtalk.com]');
    }
    this.#limit();
    const entry: SandboxCard = {
      id: `robot_${randomUUID()}`,
      vendor: 'dingtalk',
      to: chat,
      card: body,
      face,
      redraws: 0,
      at: Date.now(),
    };
    this.#stage.world.cards.push(entry);
    this.#stage.world.changed('cards');
    return {};
  }

  #limit(): void {
    if (!this.#stage.limits) return;
    if (Date.now() >= this.#blockedUntil && this.#frequency.exceeds('bot') === undefined) return;
    this.#blockedUntil = Math.max(this.#blockedUntil, Date.now() + BLOCK_MS);
    throw new Refusal('130101', 'send too fast, exceed 20 times per minute');
  }

  #draw(body: Json): CardFace {
    const type = body['msgtype'];
    const part = body[String(type)];
    const given = isJson(part) ? part : {};
    const at = isJson(body['at']) ? body['at'] : {};
    switch (type) {
      case 'text': {
        const content = textOf(given, 'content');
        const links = [...content.matchAll(/(?:([^\n]*): )?(https?:\/\/\S+)/g)].map(([, label = '', url = '']) => ({
          label,
          url,
        }));
        return { title: '', lines: content.split('\n'), mentions: this.#mentions(at, content), controls: [], links };
      }
      case 'markdown': {
        const text = textOf(given, 'text');
        const drawn = renderMarkdown(text);
        return { title: textOf(given, 'title'), ...drawn, mentions: this.#mentions(at, text), controls: [] };
      }
      case 'actionCard': {
        const { lines, links, ...rest } = renderMarkdown(textOf(given, 'text'));
        const buttons: unknown[] = Array.isArray(given['btns'])
          ? given['btns']
          : [{ title: textOf(given, 'singleTitle'), actionURL: textOf(given, 'singleURL') }];
        const opens = buttons.filter(isJson).map((button) => ({
          label: textOf(button, 'title'),
          url: textOf(button, 'actionURL'),
        }));
        return {
          title: textOf(given, 'title'),
          ...rest,
          lines,
          mentions: [],
          controls: [],
          links: [...links, ...opens],
        };
      }
      default:
        throw new Refusal('400105', '不支持的消息类型');
    }
  }

  /** Whom it reaches, by their userid where they have one here. */
  #mentions(at: Json, text: string): string[] {
    const named = (key: string): string[] => {
      const list: unknown[] = Array.isArray(at[key]) ? at[key] : [];
      return list.filter((id): id is string => typeof id === 'string' && text.includes(`@${id}`));
    };
    const { people } = this.#stage.world;
    return [
      ...(at['isAtAll'] === true ? ['all'] : []),
      ...named('atMobiles').flatMap((mobile) => {
        const person = people.find(({ phone }) => phone === `+86${mobile}`);
        return person ? [person.ids?.dingtalk ?? mobile] : [];
      }),
      ...named('atUserIds').filter((id) => people.some(({ ids }) => ids?.dingtalk === id)),
    ];
  }
}

function verifySign(query: URLSearchParams, secret: string): void {
  const timestamp = query.get('timestamp') ?? '';
  const expected = createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64');
  if (!(Math.abs(Date.now() - Number(timestamp)) <= HOUR_MS)) throw new Refusal('310000', 'invalid timestamp');
  if (query.get('sign') !== expected) throw new Refusal('310000', 'sign not match');
}

function textOf(part: Json, key: string): string {
  const text = part[key];
  if (typeof text !== 'string' || text === '') throw new Refusal('40035', `缺少参数 ${key}`);
  return text;
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const manner: Manner = {
  vendor: 'dingtalk',
  accept: (body) => Response.json({ errcode: 0, errmsg: 'ok', ...body }),
  refuse: ({ code, message, status }) =>
    Response.json({ errcode: Number(code), errmsg: message }, { status: status ?? 200 }),
  throttle: () => manner.refuse(new Refusal('130101', 'send too fast, exceed 20 times per minute')),
};
