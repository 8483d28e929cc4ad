import { createAdaptorServer, type ServerType } from '@hono/node-server';
import type { AddressInfo } from 'node:net';
import type { Stage } from './stage.ts';

/** Opens the port of the HTTP vendors on loopback. @param port 0: a free one. */
export async function listen(
  { fetch }: Stage['app'],
  port: number,
): Promise<{ address: string; close: () => Promise<void> }> {
  const server: ServerType = createAdaptorServer({ fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    address: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}
