import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CallbackContract, Happening, HttpRequest, PressResult } from '../../../providers/kit/adapter.ts';
import { CallbackError } from '../../../providers/kit/adapter.ts';
import { createIo } from '../../../providers/kit/http.ts';

/** Takes Twilio's requests at the very address they are signed for, and answers with what the gateway would have found. */
export async function startTwilioReceiver<Account>(
  contract: CallbackContract<Account> | undefined,
  account: Account,
  resultOf: (happening: Happening) => PressResult | undefined,
) {
  if (contract === undefined) throw new Error('this adapter takes no callbacks');
  const happenings: Happening[] = [];
  const refused: number[] = [];
  const take = async (request: HttpRequest, outgoing: ServerResponse): Promise<void> => {
    try {
      const read = (await contract.read(request, account, createIo())).happenings;
      happenings.push(...read);
      const results = read.flatMap((happening) => resultOf(happening) ?? []);
      const { status, body, contentType } = contract.answer(request, account, results);
      outgoing.writeHead(status, { 'content-type': contentType }).end(body);
      await contract.follow?.(request, account, results, createIo());
    } catch (error) {
      const status = error instanceof CallbackError ? error.status : 500;
      refused.push(status);
      outgoing.writeHead(status).end();
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
        url: new URL(`${url}${incoming.url ?? '/'}`),
        receivedAt: Date.now(),
      };
      void take(request, outgoing);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    url,
    happenings,
    refused,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
