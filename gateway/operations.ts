// What the gateway tells the operator of itself, on a listener of its own: it is nothing for strangers.

import type { Client } from '@temporalio/client';
import { Hono } from 'hono';
import type { ConfigurationInForce } from '../config/configuration.ts';
import type { GatewayMetrics } from './metrics.ts';

const READY_MS = 1000;

/**
 * `/healthz`: the process answers. `/readyz`: 200 while Temporal can be reached, with a line `degraded: …` for each thing
 * to look at. `/metrics`: Prometheus.
 */
export function operationsRoutes({
  client,
  source,
  metrics: { registry },
}: {
  client: Client;
  source: ConfigurationInForce;
  metrics: GatewayMetrics;
}): Hono {
  const app = new Hono();
  app.get('/healthz', (c) => c.text('ok'));
  app.get('/readyz', async (c) => {
    try {
      await client.withDeadline(Date.now() + READY_MS, () => client.workflowService.getSystemInfo({}));
      return c.text(['ready', ...shortcomings(source)].join('\n'));
    } catch {
      return c.text('Temporal cannot be reached', 503);
    }
  });
  app.get('/metrics', async (c) => c.body(await registry.metrics(), 200, { 'content-type': registry.contentType }));
  app.notFound((c) => c.text('Here are /healthz, /readyz and /metrics; all else is at gateway.listen.', 404));
  return app;
}

/** For those who still ask the public address: says where it went, and nothing of the gateway. */
export function movedRoutes(): Hono {
  const app = new Hono();
  for (const path of ['/readyz', '/metrics']) {
    app.get(path, (c) => c.text(`${path} is at the address of gateway.operations, not here.`, 404));
  }
  return app;
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
