import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { AddressInfo } from 'node:net';

export interface Received {
  headers: Record<string, string>;
  body: string;
  json: unknown;
}

/** Our side of the vendors' callbacks: keeps what came and answers what the test says. */
export async function startReceiver(answer: (received: Received) => Response | Promise<Response>) {
  const received: Received[] = [];
  const waiting: (() => void)[] = [];
  const app = new Hono();
  app.post('/callbacks', async (c) => {
    const body = await c.req.text();
    const one = { headers: c.req.header(), body, json: JSON.parse(body) as unknown };
    received.push(one);
    for (const wake of waiting.splice(0)) wake();
    return answer(one);
  });
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/callbacks`,
    received,
    /** Waits until so many of the callbacks that came satisfy a look. */
    async until(count: number, look: (received: Received) => boolean = () => true): Promise<Received[]> {
      for (;;) {
        const found = received.filter(look);
        if (found.length >= count) return found;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    close: () => {
      if ('closeAllConnections' in server) server.closeAllConnections();
      server.close();
    },
  };
}
