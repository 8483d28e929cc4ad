// Listens for callbacks during the trial of an account, where no gateway does.

import { createServer } from 'node:http';
import type { Account, Configuration } from '../../config/configuration.ts';
import { CallbackError, type Happening, type HttpRequest } from '../../providers/kit/adapter.ts';
import { createIo } from '../../providers/kit/http.ts';
import { loadAdapter } from '../../providers/registry.ts';

/** What a provider tells about one account, while this program stands where the gateway would. */
export interface Listening extends AsyncIterable<Happening> {
  close(): void;
}

/**
 * Takes the place of a gateway for a minute, to hear what one account's provider tells; nothing becomes of it.
 * @returns `deaf`: this provider calls nobody back, or does not know where. `taken`: a gateway listens there already.
 */
export async function hear(
  { name, adapter, settings }: Account,
  { gateway: { host, port, publicUrl } }: Configuration,
): Promise<Listening | 'deaf' | 'taken'> {
  const contract = (await loadAdapter(adapter)).callback;
  if (!contract || publicUrl === undefined) return 'deaf';
  const heard: Happening[] = [];
  let wake: () => void = () => undefined;
  const take = async (request: HttpRequest): Promise<{ status: number; body: string; type: string }> => {
    try {
      const read = await contract.read(request, settings, createIo());
      heard.push(...read.happenings);
      wake();
      const answer = read.answer ?? contract.answer(request, settings, []);
      return { status: answer.status, body: answer.body, type: answer.contentType };
    } catch (error) {
      return { status: error instanceof CallbackError ? error.status : 400, body: '', type: 'text/plain' };
    }
  };
  const server = createServer((incoming, outgoing) => {
    const { pathname, search } = new URL(incoming.url ?? '/', 'http://gateway');
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      if (pathname.split('/')[2] !== name) {
        outgoing.writeHead(404).end();
        return;
      }
      void take({
        method: incoming.method ?? '',
        body: Buffer.concat(chunks),
        headers: new Headers(Object.entries(incoming.headers).map(([key, value]) => [key, String(value)])),
        url: new URL(`${publicUrl}${pathname}${search}`),
        receivedAt: Date.now(),
      }).then(({ status, body, type }) => outgoing.writeHead(status, { 'content-type': type }).end(body));
    });
  });
  const isListening = await new Promise<boolean>((resolve) => {
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, host, () => {
      resolve(true);
    });
  });
  if (!isListening) return 'taken';
  return {
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const next = heard.shift();
        if (next) yield next;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
