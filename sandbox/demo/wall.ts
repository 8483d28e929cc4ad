import { createAdaptorServer } from '@hono/node-server';
import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import { SEVERITIES } from '../../domain/incident/incident.ts';
import { PEOPLE } from './configuration.ts';
import type { House } from './house.ts';
import { SEED_FAULT, seedIncident } from './story.ts';
import { WALL_FAULTS } from './wall-faults.ts';
import { isLocal, isOurPage } from './wall-guard.ts';
import { PAGE } from './wall-page.ts';
import { SCRIPT } from './wall-script.ts';
import { STYLE } from './wall-style.ts';
import { snapshot } from './wall-snapshot.ts';
import { IncidentWatch } from './wall-watch.ts';
import type { PersonCard, Vendor } from '../world.ts';

export interface WallOptions {
  house: House;
  /** Default 0: a free one. */
  port?: number;
  /** As a person wrote it, such as `20s`; shown. */
  level: string;
  /** Where a run can be looked at, without the id: `http://127.0.0.1:8233/namespaces/default/workflows`. */
  runsUrl?: string;
  /** The story starts by itself this long after the page is first looked at. Absent: somebody presses the button. */
  storyAfterMs?: number;
}

export interface Wall {
  url: string;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 32 * 1024;
/** Changes within this time are sent to the browser as one, because a storm makes many. */
const TOGETHER_MS = 50;
const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
/** A mail is drawn as a mail program would: no script, nothing loaded, links open outside. */
const MAIL_CSP = [
  'sandbox allow-popups allow-popups-to-escape-sandbox',
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "frame-ancestors 'self'",
].join('; ');

const keys = z.strictObject({ keys: z.string().regex(/^[0-9*#]{1,20}$/) });
const press = z.strictObject({
  person: z.string(),
  /** Behind a Feishu button. */
  value: z.record(z.string(), z.unknown()).optional(),
  /** On a drawn card. */
  control: z.string().optional(),
  option: z.string().optional(),
  text: z.string().max(10_000).optional(),
});
const opening = z.strictObject({
  title: z.string().max(10_000),
  severity: z.enum(SEVERITIES),
  channel: z.string().max(128),
});
const fault = z.strictObject({ fault: z.string().nullable() });

/**
 * The phone wall: every imitated phone, inbox and chat on one page, beside the incident they are about. It can do
 * whatever a responder can, so it answers only to its own page on this machine.
 */
export async function openWall(options: WallOptions): Promise<Wall> {
  const { house } = options;
  const { sandbox } = house;
  const watch = new IncidentWatch(house);
  const audience = new Audience(() => JSON.stringify(snapshot(house, watch.incidents, options)));
  const changed = (): void => {
    audience.tell();
    watch.stir();
  };
  sandbox.world.on('change', changed);
  watch.on('change', () => {
    audience.tell();
  });
  const story = new StoryStarter(options, watch);

  const app = new Hono();
  app.use(async (c, next) => {
    if (!isLocal(c.req.header('host'))) return c.text('The phone wall answers on this machine only.', 403);
    if (c.req.method !== 'GET' && !isOurPage(c.req.raw.headers)) {
      return c.text('Only the page of the phone wall may do that.', 403);
    }
    await next();
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('Referrer-Policy', 'no-referrer');
    c.header('Cache-Control', 'no-store');
    if (!c.res.headers.has('Content-Security-Policy')) c.header('Content-Security-Policy', CSP);
    return undefined;
  });
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (c) => c.json({ error: 'too large' }, 413) }));

  app.get('/', (c) => c.html(PAGE));
  app.get('/wall.css', (c) => c.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get('/wall.js', (c) => c.body(SCRIPT, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
  app.get('/mails/:id', (c) => {
    const mail = sandbox.world.mails.find(({ id }) => id === c.req.param('id'));
    if (!mail) return c.notFound();
    c.header('Content-Security-Policy', MAIL_CSP);
    return c.html(mail.html.replace('<head>', '<head><base target="_blank">'));
  });
  app.get('/events', (c) =>
    streamSSE(c, async (stream) => {
      watch.start();
      story.seen();
      const left = new Promise<void>((resolve) => {
        stream.onAbort(resolve);
      });
      const leave = audience.join((data) => void stream.writeSSE({ data }));
      await left;
      leave();
    }),
  );

  app.post(
    '/calls/:id/answer',
    act((c) => sandbox.phones.answer(idOf(c))),
  );
  app.post(
    '/calls/:id/hang-up',
    act((c) => sandbox.phones.hangUp(idOf(c))),
  );
  app.post(
    '/calls/:id/decline',
    act((c) => sandbox.phones.decline(idOf(c))),
  );
  app.post(
    '/calls/:id/press',
    act(async (c) => sandbox.phones.press(idOf(c), keys.parse(await c.req.json()).keys)),
  );
  app.post(
    '/cards/:id/click',
    act(async (c) => {
      const { person: name, value, control, option, text } = press.parse(await c.req.json());
      const chosen = option === undefined ? {} : { option };
      const person = PEOPLE.find((one) => one.name === name);
      const card = sandbox.world.cards.find(({ id }) => id === idOf(c));
      const { toast, error } =
        control === undefined || !card
          ? await sandbox.feishu.click(idOf(c), {
              openId: person?.openId ?? '',
              action: (offered) => isDeepStrictEqual(offered, value),
              ...chosen,
              ...(text !== undefined && { text }),
            })
          : await sandbox.tap(card.id, {
              identity: identityOn(card.vendor, person),
              control,
              ...chosen,
              ...(text !== undefined && { text }),
            });
      return { toast, error };
    }),
  );
  app.post(
    '/story',
    act(() => story.play()),
  );
  app.post(
    '/incidents',
    act(async (c) => {
      const { title, severity, channel } = opening.parse(await c.req.json());
      return story.open({ id: freshId('incident'), title, severity, channel, source: 'phone wall' });
    }),
  );
  app.post(
    '/faults',
    act(async (c) => {
      const { fault: name } = fault.parse(await c.req.json());
      if (name === null) sandbox.faults.clear();
      else for (const each of WALL_FAULTS[name]?.faults ?? []) sandbox.faults.add(each);
      audience.tell();
    }),
  );

  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    async close() {
      sandbox.world.off('change', changed);
      story.close();
      audience.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await Promise.all([closed, watch.close()]);
    },
  };
}

/** Everybody who looks at the wall; each change is sent to all, those of the same moment as one. */
class Audience {
  readonly #draw: () => string;
  readonly #seats = new Set<(data: string) => void>();
  #pending: NodeJS.Timeout | undefined;

  constructor(draw: () => string) {
    this.#draw = draw;
  }

  join(seat: (data: string) => void): () => void {
    this.#seats.add(seat);
    seat(this.#draw());
    return () => this.#seats.delete(seat);
  }

  tell(): void {
    if (this.#seats.size === 0) return;
    this.#pending ??= setTimeout(() => {
      this.#pending = undefined;
      const data = this.#draw();
      for (const seat of this.#seats) seat(data);
    }, TOGETHER_MS);
  }

  close(): void {
    clearTimeout(this.#pending);
    this.#seats.clear();
  }
}

class StoryStarter {
  readonly #house: House;
  readonly #watch: IncidentWatch;
  readonly #afterMs: number | undefined;
  #waiting: NodeJS.Timeout | undefined;

  constructor({ house, storyAfterMs }: WallOptions, watch: IncidentWatch) {
    this.#house = house;
    this.#watch = watch;
    this.#afterMs = storyAfterMs;
  }

  /** Called when somebody looks at the wall: the story starts by itself a while after the first look. */
  seen(): void {
    if (this.#afterMs === undefined) return;
    this.#waiting ??= setTimeout(() => {
      if (this.#watch.incidents.length === 0) this.play().catch(() => undefined);
    }, this.#afterMs);
  }

  async play(): Promise<{ opened: string }> {
    clearTimeout(this.#waiting);
    const { faults } = this.#house.sandbox;
    if (!faults.waiting.some(({ fault }) => fault === SEED_FAULT)) faults.add(SEED_FAULT);
    return this.open(seedIncident(freshId('db-7')));
  }

  async open(incident: Parameters<House['client']['open']>[0]): Promise<{ opened: string }> {
    const { workflowId } = await this.#house.client.open(incident);
    const { runId } = await this.#house.temporal.workflow.getHandle(workflowId).describe();
    this.#watch.add(workflowId, runId, incident.title ?? '');
    return { opened: workflowId };
  }

  close(): void {
    clearTimeout(this.#waiting);
  }
}

/** Answers with what came of it, or with the reason why not. */
function act(doing: (c: Context) => Promise<unknown>): (c: Context) => Promise<Response> {
  return async (c) => {
    try {
      return c.json({ ...((await doing(c)) as object | undefined) });
    } catch (error) {
      const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
      return c.json({ error: reason.replace(/^sandbox: /, '') }, 400);
    }
  };
}

function idOf(c: Context): string {
  return c.req.param('id') ?? '';
}

function freshId(name: string): string {
  return `${name}-${randomBytes(3).toString('hex')}`;
}

function identityOn(vendor: Vendor, person: PersonCard | undefined): string {
  return person?.ids?.[vendor] ?? person?.openId ?? '';
}
