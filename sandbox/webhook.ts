import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { Refusal, type Manner } from './faults.ts';
import type { Incoming, Stage } from './stage.ts';
import type { CardFace } from './world.ts';

export interface WebhookOptions {
  /** Last piece of the address it answers at. Default `sandbox`. */
  token?: string;
  /** `whsec_…`; absent: whoever comes is believed. */
  secret?: string;
  /** Headers that have to come with a request. */
  headers?: Record<string, string>;
}

type Json = Record<string, unknown>;

/** How old or new a message may be. */
const TOLERANCE_S = 5 * 60;

export function mountWebhook(stage: Stage, options: WebhookOptions = {}): void {
  const webhook = new Webhook(stage, options);
  stage.app.all('/webhooks/:token', (c) => webhook.receive(c));
  const { token = 'sandbox', secret, headers } = options;
  stage.accounts.set('webhook.bot', (baseUrl) => ({
    webhook: `${baseUrl}/webhooks/${token}`,
    ...(secret !== undefined && { secret }),
    ...(headers && { headers }),
    allowPrivate: true,
  }));
}

/**
 * An HTTP service of somebody's own that takes webhooks as Standard Webhooks asks of receivers: the signature first,
 * then nothing twice.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#verifying-webhook-authenticity
 */
export class Webhook {
  readonly #stage: Stage;
  readonly #settings: WebhookOptions;
  readonly #seen = new Set<string>();

  constructor(stage: Stage, settings: WebhookOptions) {
    this.#stage = stage;
    this.#settings = settings;
  }

  async receive(c: Incoming): Promise<Response> {
    const raw = await c.req.text();
    const token = new URL(c.req.url).pathname.split('/').at(-1) ?? '';
    return this.#stage.faults.receive(
      c,
      manner,
      { action: c.req.method, to: token },
      () => {
        this.#authenticate(c, token, raw);
      },
      () => {
        if (c.req.method === 'POST') this.#keep(c.req.header('webhook-id') ?? '', token, raw);
        return {};
      },
    );
  }

  #authenticate(c: Incoming, token: string, raw: string): void {
    const { secret, headers = {} } = this.#settings;
    if (token !== (this.#settings.token ?? 'sandbox')) throw new Refusal('not found', '', 404);
    for (const [name, value] of Object.entries(headers)) {
      if (c.req.header(name) !== value) throw new Refusal('unauthorized', '', 401);
    }
    if (c.req.method !== 'POST' || secret === undefined) return;
    const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((part) => c.req.header(`webhook-${part}`));
    if (id === undefined || timestamp === undefined || signatures === undefined) {
      throw new Refusal('not signed', '', 401);
    }
    if (!/^\d+$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_S) {
      throw new Refusal('stale', '', 401);
    }
    const hmac = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'));
    const expected = hmac.update([id, timestamp, raw].join('.'), 'utf8').digest();
    const isSigned = signatures.split(' ').some((signature) => {
      const [version, given = ''] = signature.split(',');
      const bytes = Buffer.from(given, 'base64');
      return version === 'v1' && bytes.length === expected.length && timingSafeEqual(bytes, expected);
    });
    if (!isSigned) throw new Refusal('forged', '', 401);
  }

  #keep(id: string, to: string, raw: string): void {
    let body: unknown;
    try {
      body = JSON.parse(raw);
    } catch {
      throw new Refusal('no JSON', '', 400);
    }
    if (id !== '' && this.#seen.has(id)) return;
    this.#seen.add(id);
    const { world } = this.#stage;
    const entry = { id: id || randomUUID(), vendor: 'webhook' as const, to, card: body, face: faceOf(body) };
    world.cards.push({ ...entry, redraws: 0, at: Date.now() });
    world.changed('cards');
  }
}

/** What a person would see of a body, in a log. */
function faceOf(body: unknown): CardFace {
  const { type, event_type: eventType } = asObject(body);
  const lines: string[] = [];
  const links: CardFace['links'] = [];
  for (const [path, value] of leavesOf(body, '')) {
    if (/^https?:\/\//.test(value)) links.push({ label: path, url: value });
    else if (value !== '' && value !== 'null') lines.push(`${path}: ${value}`);
  }
  const title = [type, eventType].find((name) => typeof name === 'string') ?? 'POST';
  return { title, lines, mentions: [], controls: [], links };
}

function leavesOf(value: unknown, path: string): [path: string, value: string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [[path, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, path === '' ? key : `${path}.${key}`));
}

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

const manner: Manner = {
  vendor: 'webhook',
  accept: () => new Response(null, { status: 204 }),
  refuse: ({ code, status }) => Response.json({ error: code }, { status: status ?? 400 }),
  throttle: (ms) => new Response(null, { status: 429, headers: { 'retry-after': String(Math.ceil(ms / 1000)) } }),
};
