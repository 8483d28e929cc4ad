import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CallbackError,
  type CallbackContract,
  type Happening,
  type HttpAnswer,
  type HttpRequest,
  type PressResult,
} from '../../providers/kit/adapter.ts';
import { createIo } from '../../providers/kit/http.ts';

export type Receiver = Awaited<ReturnType<typeof startReceiver>>;

/**
 * Takes pushes with nothing but the adapter's contract, as the gateway would, and says the rest afterwards.
 * @param result what every press, look and message is answered with. Default: none.
 */
export async function startReceiver<Account>(
  contract: CallbackContract<Account> | undefined,
  account: Account,
  result?: PressResult,
) {
  if (contract === undefined) throw new Error('this adapter takes no callbacks');
  const happenings: Happening[] = [];
  const follows: Promise<void>[] = [];
  const take = async (request: HttpRequest): Promise<HttpAnswer> => {
    const io = createIo();
    const read = await contract.read(request, account, io);
    happenings.push(...read.happenings);
    const results = read.happenings.flatMap(({ kind }) =>
      result && (kind === 'press' || kind === 'refresh' || kind === 'message') ? [result] : [],
    );
    const answer = read.answer ?? contract.answer(request, account, results);
    const following = Promise.resolve(contract.follow?.(request, account, results, io));
    // Whoever does not look at it is not disturbed by it.
    following.catch(() => undefined);
    follows.push(following);
    return answer;
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
      take(request).then(
        ({ status, body, contentType }) => outgoing.writeHead(status, { 'content-type': contentType }).end(body),
        (error: unknown) => outgoing.writeHead(error instanceof CallbackError ? error.status : 500).end(),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    happenings,
    /** From now on. */
    answerWith(given: PressResult) {
      result = given;
    },
    /** Everything that follows the answers has been said; fails as it failed. */
    followed: async () => {
      await Promise.all(follows);
    },
    close: async () => {
      await Promise.allSettled(follows);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
