import { randomUUID } from 'node:crypto';
import { readObject } from './callbacks.ts';
import { Refusal, type Manner } from './faults.ts';
import { Frequency } from './frequency.ts';
import type { Incoming, Stage } from './stage.ts';
import type { CardFace, SandboxCard } from './world.ts';

export interface SlackBotOptions {
  /** What follows `/services/`. Default `T0/B0/sandbox`. */
  path?: string;
  /** The channel it is bound to. Default `#operations`. */
  chat?: string;
}

type Json = Record<string, unknown>;

const LIMITS = { header: 150, section: 3000, fields: 10, field: 2000, blocks: 50, together: 13_200, text: 40_000 };

export function mountSlackBot(stage: Stage, options: SlackBotOptions = {}): void {
  const settings = { path: 'T0/B0/sandbox', chat: '#operations', ...options };
  const bot = new SlackBot(stage, settings);
  stage.app.post('/services/*', (c) => bot.receive(c));
  stage.accounts.set('slack.bot', (baseUrl) => ({ webhook: settings.path, baseUrl }));
}

/**
 * An incoming webhook of one Slack channel: a status and one word of plain text; nothing can be pressed or changed.
 * Mentions work in mrkdwn, and notify only from the message itself, not from its attachments.
 *
 * Limits  1/s with Retry-After; those of blocks.
 * Source  https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, …/reference/block-kit/blocks
 */
export class SlackBot {
  readonly #stage: Stage;
  readonly #settings: Required<SlackBotOptions>;
  readonly #frequency = new Frequency([{ sends: 1, perMs: 1000 }]);

  constructor(stage: Stage, settings: Required<SlackBotOptions>) {
    this.#stage = stage;
    this.#settings = settings;
  }

  async receive(c: Incoming): Promise<Response> {
    const raw = await c.req.text();
    const { path, chat } = this.#settings;
    const [given, wanted] = [new URL(c.req.url).pathname.replace(/^\/services\//, ''), path];
    return this.#stage.faults.receive(
      c,
      manner,
      { action: 'webhook', to: chat },
      () => {
        if (given.split('/')[0] !== wanted.split('/')[0]) throw new Refusal('no_team', undefined, 404);
        if (given !== wanted) throw new Refusal('no_service', undefined, 404);
      },
      () => this.#show(readObject(raw)),
    );
  }

  #show(body: Json | undefined): Json {
    if (body === undefined) throw new Refusal('invalid_payload', undefined, 400);
    const face = this.#draw(body);
    if (this.#stage.limits && this.#frequency.exceeds('channel') !== undefined) {
      throw new Refusal('rate_limited', undefined, 429);
    }
    const entry: SandboxCard = {
      id: `hook_${randomUUID()}`,
      vendor: 'slack',
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

  #draw({ text, blocks, attachments }: Json): CardFace {
    const face: CardFace = { title: '', lines: [], mentions: [], controls: [], links: [] };
    const above = listOf(blocks);
    const below = listOf(attachments);
    if (above.length + below.length === 0) {
      if (typeof text !== 'string' || text === '') throw new Refusal('no_text', undefined, 400);
      if (text.length > LIMITS.text) throw new Refusal('invalid_payload', undefined, 400);
      face.lines = this.#mrkdwn(text, face).split('\n');
      return face;
    }
    const all = [...above, ...below.flatMap((attachment) => listOf(attachment['blocks']))];
    if (all.length > LIMITS.blocks || JSON.stringify(all).length > LIMITS.together) throw invalidBlocks();
    for (const block of above) this.#block(block, face);
    const silent: CardFace = { ...face, mentions: [] };
    for (const attachment of below) {
      if (typeof attachment['color'] === 'string') face.color = attachment['color'];
      for (const block of listOf(attachment['blocks'])) this.#block(block, silent);
    }
    return face;
  }

  #block({ type, text, fields }: Json, face: CardFace): void {
    if (type === 'header') {
      face.title = this.#text(text, LIMITS.header, face);
      return;
    }
    if (type !== 'section' || (!isJson(text) && listOf(fields).length === 0)) throw invalidBlocks();
    if (isJson(text)) face.lines.push(...this.#text(text, LIMITS.section, face).split('\n'));
    if (listOf(fields).length > LIMITS.fields) throw invalidBlocks();
    for (const field of listOf(fields)) face.lines.push(this.#text(field, LIMITS.field, face));
  }

  #text(text: unknown, most: number, face: CardFace): string {
    if (!isJson(text) || typeof text['text'] !== 'string') throw invalidBlocks();
    const { type, text: words } = text;
    if (words === '' || typeof words !== 'string' || words.length > most) throw invalidBlocks();
    if (type !== 'plain_text' && type !== 'mrkdwn') throw invalidBlocks();
    return type === 'mrkdwn' ? this.#mrkdwn(words, face) : words;
  }

  #mrkdwn(text: string, face: CardFace): string {
    return text
      .replace(/^(?:&gt;|>)\s?/gm, '')
      .replace(/<([^<>]+)>/g, (_, inner: string) => this.#angle(inner, face))
      .replace(/(?<![^\s\u200b(])([*_~`])(?![\s\u200b])([^\n]+?)(?<![\s\u200b])\1(?!\w)/g, '$2')
      .replace(/:[\w+'-]+:/g, '☺')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');
  }

  #angle(inner: string, face: CardFace): string {
    const [target = '', label] = inner.split('|');
    const user = /^@([UW]\w+)$/.exec(target)?.[1];
    if (user !== undefined) {
      if (this.#stage.world.people.some(({ ids }) => ids?.slack === user)) face.mentions.push(user);
      return `@${user}`;
    }
    if (/^!(channel|here|everyone)$/.test(target)) {
      face.mentions.push('all');
      return `@${target.slice(1)}`;
    }
    if (/^https?:/.test(target)) face.links.push({ label: label ?? target, url: target });
    return label ?? target;
  }
}

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isJson) : [];
}

function invalidBlocks(): Refusal {
  return new Refusal('invalid_blocks', undefined, 400);
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const manner: Manner = {
  vendor: 'slack',
  accept: () => new Response('ok'),
  refuse: ({ code, status }) =>
    new Response(code, { status: status ?? 400, headers: status === 429 ? { 'retry-after': '1' } : {} }),
  throttle: (ms) =>
    new Response('rate_limited', { status: 429, headers: { 'retry-after': String(Math.ceil(ms / 1000)) } }),
};
