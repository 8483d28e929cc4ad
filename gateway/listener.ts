// One address on which an app is served over HTTP, with bounds on time and connections.

import { createServer, type Server } from 'node:http';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Address } from '../config/configuration.ts';

/** A provider sends a push within milliseconds, so a client that needs longer than this is no provider. */
const REQUEST_MS = 15_000;
const HEADERS_MS = 10_000;
/** How often the server looks for connections that are over their time; Node's own 30 s would make it 45 s. */
const LOOK_EVERY_MS = 1000;

const TIME_LIMITS = {
  requestTimeout: REQUEST_MS,
  headersTimeout: HEADERS_MS,
  connectionsCheckingInterval: LOOK_EVERY_MS,
} as const;

/** An address that is listened on. */
export interface Listener {
  url: string;
  port: number;
  /** Takes no connection any more, and ends those that wait for nothing. */
  stop(): void;
  /** Ends every connection. */
  close(): Promise<void>;
}

/**
 * @param maxConnections an idle connection costs some kilobytes; beyond this many the newest are dropped.
 * @throws when the port is taken.
 */
export async function openListener(app: Hono, { host, port }: Address, maxConnections: number): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const options = { fetch: app.fetch, hostname: host, port, createServer, serverOptions: TIME_LIMITS };
    const server = serve(options, (info) => {
      const shown = info.family === 'IPv6' ? `[${info.address}]` : info.address;
      resolve({ url: `http://${shown}:${String(info.port)}`, port: info.port, ...closing(server) });
    }) as Server;
    server.maxConnections = maxConnections;
    server.once('error', reject);
  });
}

function closing(server: Server): Pick<Listener, 'stop' | 'close'> {
  let closed: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    closed ??= new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
      server.closeIdleConnections();
    });
    return closed;
  };
  return {
    stop: () => void stop(),
    async close() {
      const ended = stop();
      server.closeAllConnections();
      await ended;
    },
  };
}
