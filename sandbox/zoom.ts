import { randomUUID } from 'node:crypto';
import { Refusal, type Manner } from './faults.ts';
import type { Incoming, Stage } from './stage.ts';
import type { CardFace, SandboxCard } from './world.ts';

export interface ZoomOptions {
  /** The last segment of the endpoint. Default `sandbox`. */
  id?: string;
  /** Default `sandbox`. */
  verificationToken?: string;
  /** The channel it is connected to. Default `Operations`. */
  chat?: string;
}

type Json = Record<string, unknown>;

export function mountZoom(stage: Stage, options: ZoomOptions = {}): void {
  const settings = { id: 'sandbox', verificationToken: 'sandbox', chat: 'Operations', ...options };
  const zoom = new Zoom(stage, settings);
  stage.app.post('/chat/webhooks/incomingwebhook/:id', (c) => zoom.receive(c));
  const { id: webhook, verificationToken: verifyToken } = settings;
  stage.accounts.set('zoom.bot', (baseUrl) => ({ webhook, verifyToken, baseUrl }));
}

/**
 * One connection of Zoom's Incoming Webhook app: status codes decide, nothing can be pressed or changed.
 * A jid mentions only in Markdown, which is switched on for the whole message.
 *
 * Source  https://developers.zoom.us/docs/team-chat/customizing-messages/
 *         UNCONFIRMED: bodies of refusals, limits, mentions.
 */
export class Zoom {
  readonly #stage: Stage;
  readonly #settings: Required<ZoomOptions>;

  constructor(stage: Stage, settings: Required<ZoomOptions>) {
    this.#stage = stage;
    this.#settings = settings;
  }

  async receive(c: Incoming): Promise<Response> {
    const raw = await c.req.text();
    const { pathname, searchParams } = new URL(c.req.url);
    const { id, verificationToken, chat } = this.#settings;
    return this.#stage.faults.receive(
      c,
      manner,
      { action: 'incomingwebhook', to: chat },
      () => {
        if (pathname.split('/').at(-1) !== id) throw new Refusal('not_found', 'No such connection', 404);
        if (c.req.header('authorization') !== verificationToken) {
          throw new Refusal('unauthorized', 'Invalid Verification Token', 401);
        }
      },
      () => this.#show(searchParams.get('format') ?? 'message', raw),
    );
  }

  #show(format: string, raw: string): Json {
    const body = parse(raw);
    const face = format === 'full' && isJson(body) ? this.#full(body) : plainFace(format, body);
    const entry: SandboxCard = {
      id: `inc_${randomUUID()}`,
      vendor: 'zoom',
      to: this.#settings.chat,
      card: body,
      face,
      redraws: 0,
      at: Date.now(),
    };
    this.#stage.world.cards.push(entry);
    this.#stage.world.changed('cards');
    return {};
  }

  #full({ head, body, is_markdown_support: isMarkdown }: Json): CardFace {
    if (!isJson(head) || typeof head['text'] !== 'string' || !Array.isArray(body)) throw malformed();
    const face: CardFace = { title: '', lines: [], mentions: [], controls: [], links: [] };
    const read = (text: unknown): string => {
      if (typeof text !== 'string') throw malformed();
      return isMarkdown === true ? this.#markdown(text, face) : text;
    };
    face.title = read(head['text']);
    if (isJson(head['sub_head'])) face.lines.push(read(head['sub_head']['text']));
    const draw = (elements: unknown[]): void => {
      for (const element of elements) {
        if (!isJson(element)) throw malformed();
        if (typeof element['sidebar_color'] === 'string') face.color = element['sidebar_color'];
        if (Array.isArray(element['sections'])) draw(element['sections']);
        if (element['type'] === 'message') {
          const text = read(element['text']);
          face.lines.push(...text.split('\n'));
          if (typeof element['link'] === 'string') face.links.push({ label: text, url: element['link'] });
        }
        const items: unknown[] = Array.isArray(element['items']) ? element['items'] : [];
        for (const item of items.filter(isJson)) face.lines.push(`${read(item['key'])}: ${read(item['value'])}`);
      }
    };
    draw(body);
    return face;
  }

  #markdown(text: string, face: CardFace): string {
    return text
      .replace(/^(?:#{1,6} |>\s?)/gm, '')
      .replace(/<!([^|>]+)\|([^>]*)>/g, (_, jid: string, name: string) => {
        const known = this.#stage.world.people.find(({ ids }) => `${ids?.zoom ?? ''}@xmpp.zoom.us` === jid);
        if (known) face.mentions.push(known.ids?.zoom ?? jid);
        if (jid === 'all') face.mentions.push('all');
        return `@${name}`;
      })
      .replace(/<(https?:[^|>]+)(?:\|([^>]*))?>/g, (_, url: string, label?: string) => {
        face.links.push({ label: label ?? url, url });
        return label ?? url;
      })
      .replace(/(?<![^\s\u200b(])([*_~`])(?![\s\u200b])([^\n]+?)(?<![\s\u200b])\1(?!\w)/g, '$2');
  }
}

function plainFace(format: string, body: unknown): CardFace {
  if (format !== 'message' || typeof body !== 'string' || body === '') throw malformed();
  const links = [...body.matchAll(/(?:([^\n]*): )?(https?:\/\/\S+)/g)].map(([, label = '', url = '']) => ({
    label,
    url,
  }));
  return { title: '', lines: body.split('\n'), mentions: [], controls: [], links };
}

function parse(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    throw malformed();
  }
}

function malformed(): Refusal {
  return new Refusal('bad_request', 'Invalid message body', 400);
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const manner: Manner = {
  vendor: 'zoom',
  accept: () => new Response(''),
  refuse: ({ message, status }) => Response.json({ status: false, message }, { status: status ?? 400 }),
  throttle: (ms) => new Response('', { status: 429, headers: { 'retry-after': String(Math.ceil(ms / 1000)) } }),
};
