import { createServer, type Server } from 'node:http';
import { serve } from '@hono/node-server';
import type { Client } from '@temporalio/client';
import { Hono } from 'hono';
import type { Logger } from 'pino';
import type { ConfigurationInForce } from '../config/configuration.ts';
import { allEnded } from '../client/talk.ts';
import { Proofs } from '../client/proofs.ts';
import { loadAdapter } from '../providers/registry.ts';
import { callbackRoutes } from './callbacks/routes.ts';
import type { Door } from './door.ts';
import { errorName, errorPlace } from './error-name.ts';
import { Intake } from './intake.ts';
import { incidentRoutes, type OpenIncident } from './incidents.ts';
import { linkRoutes } from './linking/routes.ts';
import { withLinks } from './linking/members.ts';
import { Looks } from './looks.ts';
import { createMetrics } from './metrics.ts';
import { pageRoutes } from './pages/incident.ts';
import { createRelay } from './relay.ts';
import { within } from '../client/within.ts';
import { shortRoutes } from './pages/short.ts';

export interface GatewayOptions {
  /** Read anew for each request: put a reloaded configuration in its place. */
  source: ConfigurationInForce;
  client: Client;
  directory: Door['directory'];
  logger: Logger;
  /** Milliseconds since 1970. Default: the machine's clock. */
  now?: () => number;
  /** Opens incidents that are posted here; absent: none are taken. */
  open?: OpenIncident;
  /** Default: the registry. */
  load?: Door['load'];
}

export interface Gateway {
  app: Hono;
  /** Listens on `gateway.listen`; port 0 takes any. @throws when the port is taken. */
  listen(): Promise<{ url: string; port: number }>;
  /** Stops listening, then waits up to 5 s for Temporal to take what it has not taken yet. */
  close(): Promise<void>;
}

/**
 * Sentences about what is wrong while every page and press still works. The gateway stays ready: draining all gateways
 * for a slip in a file would leave none.
 */
function* shortcomings({ current, refusal, heldBack = [] }: ConfigurationInForce): Generator<string> {
  if (refusal) {
    const since = new Date(refusal.sinceAt).toISOString();
    yield `degraded: the configuration file has been refused since ${since}; the one before it (${current.hash}) is in force, see the log`;
  }
  for (const sentence of heldBack) yield `degraded: ${sentence}`;
}

const DRAIN_MS = 5000;
const READY_MS = 1000;
/** A provider sends a push within milliseconds, so a client that needs longer than this is no provider. */
const REQUEST_MS = 15_000;
const HEADERS_MS = 10_000;
/** How often the server looks for connections that are over their time; Node's own 30 s would make it 45 s. */
const LOOK_EVERY_MS = 1000;
/** An idle connection costs some kilobytes; beyond this many the newest are dropped. */
const MOST_CONNECTIONS = 10_000;
const PROVED_BYTES = 64 * 1024 * 1024;
const UNPROVED_BYTES = 16 * 1024 * 1024;

const TIME_LIMITS = {
  requestTimeout: REQUEST_MS,
  headersTimeout: HEADERS_MS,
  connectionsCheckingInterval: LOOK_EVERY_MS,
} as const;

/**
 * The door through which the world answers: provider callbacks, the incident page, health and metrics.
 *
 * @example
 * ```ts
 * import { Client, Connection } from '@temporalio/client';
 * import { pino } from 'pino';
 * import { ConfigurationSource, EscalationClient, yamlDirectory } from 'temporal-escalations';
 * import { createGateway } from 'temporal-escalations/gateway';
 *
 * const source = await ConfigurationSource.open('escalations.yaml');
 * const client = new Client({ connection: await Connection.connect() });
 * const escalations = new EscalationClient({ client, taskQueue: source.current.prefix });
 * const gateway = createGateway({
 *   source,
 *   client,
 *   directory: yamlDirectory(source),
 *   logger: pino(),
 *   open: (incident, options) => escalations.open(incident, options),
 * });
 * const { url } = await gateway.listen();
 * console.log(`callbacks and pages at ${url}`);
 * ```
 */
export function createGateway({ source, client, directory, logger, now, load, open }: GatewayOptions): Gateway {
  const metrics = createMetrics({ source, pending: () => relay.pending() });
  const relay = createRelay({ client, logger, metrics });
  const proofs = new Proofs(source);
  const door: Door = {
    source,
    client,
    directory: withLinks(directory, proofs, client),
    logger,
    metrics,
    relay,
    proofs,
    looks: new Looks(client),
    intake: { proved: new Intake(PROVED_BYTES), unproved: new Intake(UNPROVED_BYTES) },
    now: now ?? Date.now,
    load: load ?? loadAdapter,
  };

  const app = new Hono();
  app.route('/', callbackRoutes(door));
  app.route('/', pageRoutes(door));
  app.route('/', shortRoutes(door));
  app.route('/', linkRoutes(door));
  if (open) app.route('/', incidentRoutes(door, open));
  app.get('/healthz', (c) => c.text('ok'));
  app.get('/readyz', async (c) => {
    try {
      await client.withDeadline(Date.now() + READY_MS, () => client.workflowService.getSystemInfo({}));
      return c.text(['ready', ...shortcomings(source)].join('\n'));
    } catch {
      return c.text('Temporal cannot be reached', 503);
    }
  });
  app.get('/metrics', async (c) =>
    c.body(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType }),
  );
  app.notFound((c) => c.text('There is nothing here.', 404));
  app.onError((error, c) => {
    logger.error({ error: errorName(error), at: errorPlace(error) }, 'request failed');
    return c.text('Something went wrong here; please try again.', 503);
  });

  let server: Server | undefined;
  return {
    app,
    async listen() {
      // Loading an adapter takes longer than some vendors wait for an answer.
      await Promise.all([...source.current.accounts.values()].map(({ adapter }) => door.load(adapter)));
      const { host, port } = source.current.gateway;
      return new Promise((resolve, reject) => {
        server = serve({ fetch: app.fetch, hostname: host, port, createServer, serverOptions: TIME_LIMITS }, (info) => {
          const shown = info.family === 'IPv6' ? `[${info.address}]` : info.address;
          resolve({ url: `http://${shown}:${String(info.port)}`, port: info.port });
        }) as Server;
        server.maxConnections = MOST_CONNECTIONS;
        server.once('error', reject);
      });
    },
    async close() {
      const closed = new Promise<void>((resolve) => {
        if (server?.listening)
          server.close(() => {
            resolve();
          });
        else resolve();
      });
      server?.closeIdleConnections();
      await relay.close(DRAIN_MS);
      await within(allEnded(client), DRAIN_MS, undefined);
      server?.closeAllConnections();
      await closed;
    },
  };
}
