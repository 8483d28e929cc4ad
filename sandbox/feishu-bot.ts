import { createHmac, randomUUID } from 'node:crypto';
import { readObject } from './callbacks.ts';
import { checkCard } from './feishu-card.ts';
import { Refusal, type Manner } from './faults.ts';
import { Frequency } from './frequency.ts';
import type { Incoming, Stage } from './stage.ts';
import type { CardFace, SandboxCard } from './world.ts';

export interface FeishuBotOptions {
  /** The last segment of its address. Default `sandbox`. */
  token?: string;
  /** Of the signature check; empty (default): switched off. */
  secret?: string;
  /** One of them must be in what is read. Default none. */
  keywords?: readonly string[];
  /** The group it is in. Default `Operations`. */
  chat?: string;
}

type Json = Record<string, unknown>;

const MAX_BYTES = 20 * 1024;
const HOUR_S = 3600;
const COLORS: Record<string, string> = {
  red: '#f54a45',
  orange: '#ff8800',
  yellow: '#ffc60a',
  blue: '#3370ff',
  green: '#34c724',
};

export function mountFeishuBot(stage: Stage, options: FeishuBotOptions = {}): void {
  const settings = { token: 'sandbox', secret: '', keywords: [], chat: 'Operations', ...options };
  const bot = new FeishuBot(stage, settings);
  stage.app.post('/open-apis/bot/v2/hook/:token', (c) => bot.receive(c));
  const { token: webhook, secret, keywords } = settings;
  stage.accounts.set('feishu.bot', (baseUrl) => ({
    webhook,
    ...(secret !== '' && { secret }),
    ...(keywords[0] !== undefined && { keyword: keywords[0] }),
    baseUrl,
  }));
}

/**
 * A custom bot of one Feishu group: HTTP 200 always, `code` decides. Cards open links and call nobody back.
 *
 * Limits  5/s and 100/min, 20 KB a request; sign in the body, good for an hour; keywords.
 * Source  https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
 */
export class FeishuBot {
  readonly #stage: Stage;
  readonly #settings: Required<FeishuBotOptions>;
  readonly #frequency = new Frequency([
    { sends: 5, perMs: 1000 },
    { sends: 100, perMs: 60_000 },
  ]);

  constructor(stage: Stage, settings: Required<FeishuBotOptions>) {
    this.#stage = stage;
    this.#settings = settings;
  }

  async receive(c: Incoming): Promise<Response> {
    const raw = await c.req.text();
    const body = readObject(raw) ?? {};
    const { token, secret, chat } = this.#settings;
    return this.#stage.faults.receive(
      c,
      manner,
      { action: 'hook.send', to: chat },
      () => {
        if (new URL(c.req.url).pathname.split('/').at(-1) !== token) {
          throw new Refusal('19001', 'param invalid: incoming webhook access token invalid');
        }
        if (secret !== '' && !isSigned(body, secret)) {
          throw new Refusal('19021', 'sign match fail or timestamp is not within one hour from current time');
        }
      },
      () => this.#show(body, Buffer.byteLength(raw)),
    );
  }

  #show(body: Json, bytes: number): Json {
    if (bytes > MAX_BYTES) throw new Refusal('19036', 'the request body is over 20 KB');
    const { msg_type: type, card, content } = body;
    if (type !== 'text' && type !== 'interactive') throw new Refusal('19002', 'params error, msg_type need');
    const shown = type === 'text' ? this.#text(content) : this.#card(card);
    const words = [shown.face.title, ...shown.face.lines].join('\n');
    const { keywords, chat } = this.#settings;
    if (keywords.length > 0 && !keywords.some((keyword) => words.includes(keyword))) {
      throw new Refusal('19024', 'Key Words Not Found');
    }
    if (this.#stage.limits && this.#frequency.exceeds('bot') !== undefined) {
      throw new Refusal('11232', 'frequency limited');
    }
    const entry: SandboxCard = {
      id: `hook_${randomUUID()}`,
      vendor: 'feishu',
      to: chat,
      ...shown,
      redraws: 0,
      at: Date.now(),
    };
    this.#stage.world.cards.push(entry);
    this.#stage.world.changed('cards');
    return { StatusCode: 0, StatusMessage: 'success', data: {} };
  }

  #text(content: unknown): { text: string; face: CardFace } {
    const text = isJson(content) ? content['text'] : undefined;
    if (typeof text !== 'string') throw new Refusal('9499', 'Bad Request');
    const mentions: string[] = [];
    const read = text.replace(/<at user_id="([^"]*)">(.*?)<\/at>/g, (_, id: string, name: string) => {
      if (id !== 'all' && !this.#isKnown(id)) return name;
      mentions.push(id);
      return `@${name}`;
    });
    const links = [...read.matchAll(/(?:([^\n]*): )?(https?:\/\/\S+)/g)].map(([, label = '', url = '']) => ({
      label,
      url,
    }));
    return { text: read, face: { title: '', lines: read.split('\n'), mentions, controls: [], links } };
  }

  #card(card: unknown): { card: unknown; face: CardFace } {
    const flaw = checkCard(card, (openId) => this.#isKnown(openId));
    if (!isJson(card) || flaw !== undefined) throw new Refusal('9499', `Bad Request, ${flaw?.text ?? 'card'}`);
    const header = isJson(card['header']) ? card['header'] : {};
    const color = COLORS[String(header['template'])];
    const face: CardFace = {
      title: contentOf(header['title']),
      ...(color !== undefined && { color }),
      lines: [],
      mentions: [],
      controls: [],
      links: [],
    };
    const elements: unknown[] = Array.isArray(card['elements']) ? card['elements'] : [];
    for (const element of elements.filter(isJson)) this.#draw(element, face);
    return { card, face };
  }

  #draw(element: Json, face: CardFace): void {
    const fields: unknown[] = Array.isArray(element['fields']) ? element['fields'] : [];
    const texts = [element['text'], ...fields.filter(isJson).map((field) => field['text'])].filter(isJson);
    for (const { tag, content } of texts) {
      if (typeof content !== 'string') continue;
      face.lines.push(...(tag === 'lark_md' ? this.#markdown(content, face) : content).split('\n'));
    }
    if (element['tag'] === 'markdown' && typeof element['content'] === 'string') {
      face.lines.push(...this.#markdown(element['content'], face).split('\n'));
    }
    const actions: unknown[] = Array.isArray(element['actions']) ? element['actions'] : [];
    for (const action of actions.filter(isJson)) {
      if (typeof action['url'] === 'string') face.links.push({ label: contentOf(action['text']), url: action['url'] });
    }
  }

  #markdown(content: string, face: CardFace): string {
    return content
      .replace(/<at id="?([^">\s]+)"?\s*>(?:[^<]*<\/at>)?/g, (_, id: string) => {
        face.mentions.push(id);
        return `@${id}`;
      })
      .replace(/\[([^\]]*)\]\((https?:[^)]*)\)/g, (_, label: string, url: string) => {
        face.links.push({ label, url });
        return label;
      })
      .replace(/(\*\*|\*|~~)(.+?)\1/g, '$2')
      .replace(/<[^>]+>/g, '');
  }

  #isKnown(id: string): boolean {
    return this.#stage.world.people.some(({ openId }) => openId === id);
  }
}

function isSigned({ timestamp, sign }: Json, secret: string): boolean {
  const seconds = Number(timestamp);
  const expected = createHmac('sha256', `${String(timestamp)}\n${secret}`).digest('base64');
  return Math.abs(Date.now() / 1000 - seconds) <= HOUR_S && sign === expected;
}

function contentOf(text: unknown): string {
  return isJson(text) && typeof text['content'] === 'string' ? text['content'] : '';
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const manner: Manner = {
  vendor: 'feishu',
  accept: (body) => Response.json({ code: 0, msg: 'success', ...body }),
  refuse: ({ code, message, status }) =>
    Response.json({ code: Number(code), msg: message, data: {} }, { status: status ?? 200 }),
  throttle: () => manner.refuse(new Refusal('11232', 'frequency limited')),
};
