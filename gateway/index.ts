import type { Client } from '@temporalio/client';
import { Hono } from 'hono';
import type { Logger } from 'pino';
import type { ConfigurationInForce } from '../config/configuration.ts';
import { allEnded } from '../client/talk.ts';
import { Proofs } from '../client/proofs.ts';
import { loadAdapter } from '../providers/registry.ts';
import { prepareCallbacks } from './callbacks/prepare.ts';
import { callbackRoutes } from './callbacks/routes.ts';
import type { Door } from './door.ts';
import { errorName, errorPlace } from './error-name.ts';
import { Intake } from './intake.ts';
import type { OpenIncident } from './incidents/open.ts';
import { incidentRoutes } from './incidents/routes.ts';
import { Askers } from './linking/codes.ts';
import { linkRoutes } from './linking/routes.ts';
import { withLinks } from './linking/members.ts';
import { Looks } from './looks.ts';
import { openListener, type Listener } from './listener.ts';
import { createMetrics } from './metrics.ts';
import { movedRoutes, operationsRoutes } from './operations.ts';
import { pageRoutes } from './pages/incident.ts';
import { createRelay } from './relay.ts';
import { within } from '../client/within.ts';
import { sessionRoutes } from './pages/session.ts';
import { shortRoutes } from './pages/short.ts';
import { Strangers } from './strangers.ts';

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
  /** What the world asks. */
  app: Hono;
  /** What the operator asks: `/metrics`, `/readyz`. */
  operations: Hono;
  /**
   * Listens on `gateway.listen` and `gateway.operations`; port 0 takes any. Where the second is taken the gateway works
   * without it, and logs that. @throws when the first is taken.
   */
  listen(): Promise<{ url: string; port: number; operationsUrl?: string }>;
  /** Stops listening, then waits up to 5 s for Temporal to take what it has not taken yet. */
  close(): Promise<void>;
}

const DRAIN_MS = 5000;
/** An idle connection costs some kilobytes; beyond this many the newest are dropped. */
const MOST_CONNECTIONS = 10_000;
/** Probes and scrapes need a few. */
const MOST_OPERATORS = 100;
const PROVED_BYTES = 64 * 1024 * 1024;
const UNPROVED_BYTES = 16 * 1024 * 1024;

/**
 * The door through which the world answers: provider callbacks, the incident page; beside it, for the operator, readiness
 * and metrics.
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
  const clock = now ?? Date.now;
  const door: Door = {
    source,
    client,
    directory: withLinks(directory, proofs, client),
    logger,
    metrics,
    relay,
    proofs,
    looks: new Looks(client),
    askers: new Askers(),
    strangers: new Strangers({ source, logger, metrics, now: clock }),
    intake: { proved: new Intake(PROVED_BYTES), unproved: new Intake(UNPROVED_BYTES) },
    now: clock,
    load: load ?? loadAdapter,
  };

  const app = new Hono();
  app.use(door.strangers.slow);
  app.route('/', callbackRoutes(door));
  app.route('/', pageRoutes(door));
  app.route('/', shortRoutes(door));
  app.route('/', sessionRoutes(door));
  app.route('/', linkRoutes(door));
  if (open) app.route('/', incidentRoutes(door, open));
  app.route('/', movedRoutes());
  app.get('/healthz', (c) => c.text('ok'));
  app.notFound((c) => c.text('There is nothing here.', 404));
  app.onError((error, c) => {
    logger.error({ error: errorName(error), at: errorPlace(error) }, 'request failed');
    return c.text('Something went wrong here; please try again.', 503);
  });

  const operations = operationsRoutes({ client, source, metrics });

  const listeners: Listener[] = [];
  const closing = new AbortController();
  async function listenForOperator(): Promise<Listener | undefined> {
    const address = source.current.gateway.operations;
    if (!address) return undefined;
    try {
      return await openListener(operations, address, MOST_OPERATORS);
    } catch (error) {
      // People press buttons whether or not anybody measures it.
      const at = `${address.host}:${String(address.port)}`;
      const { code } = error as NodeJS.ErrnoException;
      logger.error({ at, code }, '/metrics and /readyz cannot be had: change gateway.operations');
      return undefined;
    }
  }

  return {
    app,
    operations,
    async listen() {
      // Loading an adapter takes longer than some vendors wait for an answer.
      await Promise.all([...source.current.accounts.values()].map(({ adapter }) => door.load(adapter)));
      const main = await openListener(app, source.current.gateway, MOST_CONNECTIONS);
      listeners.push(main);
      const second = await listenForOperator();
      if (second) listeners.push(second);
      prepareCallbacks(door, closing.signal);
      return { url: main.url, port: main.port, ...(second && { operationsUrl: second.url }) };
    },
    async close() {
      closing.abort();
      for (const listener of listeners) listener.stop();
      await relay.close(DRAIN_MS);
      await within(allEnded(client), DRAIN_MS, undefined);
      await Promise.all(listeners.map((listener) => listener.close()));
    },
  };
}
