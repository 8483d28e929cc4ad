import { randomUUID } from 'node:crypto';
import { readObject } from './callbacks.ts';
import { Refusal, type Manner } from './faults.ts';
import { Frequency } from './frequency.ts';
import type { Incoming, Stage } from './stage.ts';
import type { CardFace, SandboxCard } from './world.ts';

export interface WecomBotOptions {
  /** Default `sandbox`. */
  key?: string;
  /** The group it is in. Default `Operations`. */
  chat?: string;
}

type Json = Record<string, unknown>;

const MARKDOWN_MAX_BYTES = 4096;
const TEXT_MAX_BYTES = 2048;
const COLORS: Record<string, string> = { info: '#00b042', comment: '#9aa0a6', warning: '#ff6b00' };

export function mountWecomBot(stage: Stage, options: WecomBotOptions = {}): void {
  const settings = { key: 'sandbox', chat: 'Operations', ...options };
  const bot = new WecomBot(stage, settings);
  stage.app.post('/cgi-bin/webhook/send', (c) => bot.receive(c));
  stage.accounts.set('wecom.bot', (baseUrl) => ({ webhook: settings.key, baseUrl }));
}

/**
 * A message push of one WeCom group: HTTP 200 always, `errcode` decides.
 * `<@userid>` mentions in texts and Markdown, phone numbers and everybody only by the lists of a text.
 *
 * Limits  20/min; text 2,048 bytes, Markdown 4,096 bytes.
 * Source  https://developer.work.weixin.qq.com/document/path/99110
 */
export class WecomBot {
  readonly #stage: Stage;
  readonly #settings: Required<WecomBotOptions>;
  readonly #frequency = new Frequency([{ sends: 20, perMs: 60_000 }]);

  constructor(stage: Stage, settings: Required<WecomBotOptions>) {
    this.#stage = stage;
    this.#settings = settings;
  }

  async receive(c: Incoming): Promise<Response> {
    const raw = await c.req.text();
    const { key, chat } = this.#settings;
    return this.#stage.faults.receive(
      c,
      manner,
      { action: 'webhook.send', to: chat },
      () => {
        if (new URL(c.req.url).searchParams.get('key') !== key) {
          throw new Refusal('93000', 'invalid webhook url, hint: [1]');
        }
        if (/\\u[0-9a-f]{4}/i.test(raw)) throw new Refusal('40033', 'invalid charset. not support \\uXXXX');
      },
      () => this.#show(readObject(raw) ?? {}),
    );
  }

  #show(body: Json): Json {
    const type = body['msgtype'];
    const part = body[String(type)];
    if ((type !== 'text' && type !== 'markdown') || !isJson(part)) throw new Refusal('40008', 'invalid message type');
    const content = part['content'];
    if (typeof content !== 'string' || content === '') throw new Refusal('44004', 'text content is empty');
    const max = type === 'text' ? TEXT_MAX_BYTES : MARKDOWN_MAX_BYTES;
    if (Buffer.byteLength(content) > max) throw new Refusal('93000', `content exceed max length ${String(max)}`);
    if (this.#stage.limits && this.#frequency.exceeds('bot') !== undefined) {
      throw new Refusal('45009', 'api freq out of limit');
    }
    const entry: SandboxCard = {
      id: `push_${randomUUID()}`,
      vendor: 'wecom',
      to: this.#settings.chat,
      card: body,
      face: type === 'text' ? this.#text(content, part) : this.#markdown(content),
      redraws: 0,
      at: Date.now(),
    };
    this.#stage.world.cards.push(entry);
    this.#stage.world.changed('cards');
    return {};
  }

  #text(content: string, { mentioned_list: users, mentioned_mobile_list: mobiles }: Json): CardFace {
    const face: CardFace = { title: '', lines: [], mentions: [], controls: [], links: [] };
    face.lines = this.#inline(content, face).split('\n');
    const { people } = this.#stage.world;
    for (const id of listOf(users)) {
      if (id === '@all') face.mentions.push('all');
      else if (people.some(({ ids }) => ids?.wecom === id)) face.mentions.push(id);
    }
    for (const mobile of listOf(mobiles)) {
      const person = people.find(({ phone }) => phone === `+86${mobile}`);
      if (mobile === '@all') face.mentions.push('all');
      else if (person) face.mentions.push(person.ids?.wecom ?? mobile);
    }
    for (const [, label = '', url = ''] of content.matchAll(/(?:([^\n]*): )?(https?:\/\/\S+)/g)) {
      face.links.push({ label, url });
    }
    return face;
  }

  #markdown(content: string): CardFace {
    const face: CardFace = { title: '', lines: [], mentions: [], controls: [], links: [] };
    const color = COLORS[/<font color="(info|comment|warning)">/.exec(content)?.[1] ?? ''];
    if (color !== undefined) face.color = color;
    face.lines = content.split('\n').map((line) =>
      this.#inline(line, face)
        .replace(/^(#{1,6} |>\s?)/, '')
        .replace(/<font color="(?:info|comment|warning)">|<\/font>/g, '')
        .replace(/\[([^\]]*)\]\(([^)]*)\)/g, (_, label: string, url: string) => {
          face.links.push({ label, url });
          return label;
        })
        .replace(/(\*\*|`)(.+?)\1/g, '$2'),
    );
    return face;
  }

  #inline(text: string, face: CardFace): string {
    return text.replace(/<@([^>]+)>/g, (whole, id: string) => {
      if (!this.#stage.world.people.some(({ ids }) => ids?.wecom === id)) return whole;
      face.mentions.push(id);
      return `@${id}`;
    });
  }
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const manner: Manner = {
  vendor: 'wecom',
  accept: (body) => Response.json({ errcode: 0, errmsg: 'ok', ...body }),
  refuse: ({ code, message, status }) =>
    Response.json({ errcode: Number(code), errmsg: message }, { status: status ?? 200 }),
  throttle: () => manner.refuse(new Refusal('45009', 'api freq out of limit')),
};
