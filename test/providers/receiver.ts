import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CallbackContract, Happening, HttpRequest } from '../../providers/kit/adapter.ts';
import { CallbackError } from '../../providers/kit/adapter.ts';
import { createIo } from '../../providers/kit/http.ts';

/** Takes pushes with nothing but the adapter's contract, as the gateway would. */
export async function startReceiver<Account>(contract: CallbackContract<Account> | undefined, account: Account) {
  if (contract === undefined) throw new Error('this adapter takes no callbacks');
  const happenings: Happening[] = [];
  const take = async (request: HttpRequest, outgoing: ServerResponse): Promise<void> => {
    try {
      happenings.push(...(await contract.read(request, account, createIo())).happenings);
      const { status, body, contentType } = contract.answer(request, account, []);
      outgoing.writeHead(status, { 'content-type': contentType }).end(body);
    } catch (error) {
      outgoing.writeHead(error instanceof CallbackError ? error.status : 500).end();
    }
  };
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const request = {
        method: incoming.method ?? '',
        body: Buffer.concat(chunks),
        headers: new Headers(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
        url: new URL(incoming.url ?? '/', 'https://oncall.example.com'),
        receivedAt: Date.now(),
      };
      void take(request, outgoing);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    happenings,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
