import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createNetServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createIo } from '../../../providers/kit/http.ts';
import { failureOf } from '../failure.ts';

const open: (Server | NetServer)[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) {
    if ('closeAllConnections' in server) server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

async function listen(server: Server | NetServer): Promise<string> {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  open.push(server);
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}
const serve = (listener: RequestListener): Promise<string> => listen(createServer(listener));

describe('the network as adapters see it', () => {
  it('sends JSON and reads JSON, whatever the status', async () => {
    const base = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.writeHead(418, { 'x-left': '3' });
        response.end(JSON.stringify({ type: request.headers['content-type'], body: Buffer.concat(chunks).toString() }));
      });
    });
    const reply = await createIo().http({ method: 'POST', url: `${base}/x`, json: { title: '数据库' } });
    expect(reply.status).toBe(418);
    expect(reply.headers.get('x-left')).toBe('3');
    expect(reply.body).toEqual({ type: 'application/json; charset=utf-8', body: '{"title":"数据库"}' });
  });

  it('may be given what is left of a budget, which is no whole number of milliseconds', async () => {
    const base = await serve((_request, response) => response.end('{}'));
    expect((await createIo({ timeoutMs: 997.3 }).http({ method: 'GET', url: base })).status).toBe(200);
  });

  it('has no body to offer when the answer is not JSON', async () => {
    const base = await serve((_request, response) => response.end('<html>gateway</html>'));
    expect((await createIo().http({ method: 'GET', url: base })).body).toBeUndefined();
  });

  it('knows that nothing was sent when nobody listens', async () => {
    const base = await serve((_request, response) => response.end());
    const server = open.pop();
    await new Promise((done) => server?.close(done));
    const error = await failureOf(createIo().http({ method: 'POST', url: `${base}/bot123:secret/send`, json: {} }));
    expect(error.kind).toBe('not-sent');
    expect(error.message).toMatch(/^127\.0\.0\.1:\d+: ECONNREFUSED/);
  });

  it('knows that nothing was sent when the name does not resolve', async () => {
    const error = await failureOf(createIo().http({ method: 'GET', url: 'http://nobody.invalid/' }));
    expect(error.kind).toBe('not-sent');
  });

  it('knows that nothing was sent when the connection never stands', async () => {
    // A TLS hello that is never answered: connected, but no request can leave.
    const sockets: Socket[] = [];
    const base = await listen(createNetServer((socket) => sockets.push(socket.on('error', () => undefined))));
    const error = await failureOf(
      createIo({ timeoutMs: 200 }).http({ method: 'POST', url: base.replace('http:', 'https:'), json: {} }),
    );
    for (const socket of sockets) socket.destroy();
    expect(error.kind).toBe('not-sent');
    expect(error.message).toContain('200 ms');
  });

  it('cannot know the outcome when the line is cut after the request left', async () => {
    const base = await serve((request) => {
      request.on('end', () => request.socket.destroy()).resume();
    });
    const error = await failureOf(createIo().http({ method: 'POST', url: `${base}/send?key=s3cret`, json: {} }));
    expect(error.kind).toBe('unknown-outcome');
    expect(error.message).not.toContain('s3cret');
  });

  it('cannot know the outcome when no answer comes in time', async () => {
    const base = await serve(() => undefined);
    const error = await failureOf(createIo({ timeoutMs: 100 }).http({ method: 'POST', url: base, json: {} }));
    expect(error.kind).toBe('unknown-outcome');
    expect(error.message).toContain('no answer within 100 ms');
  });

  it('stops waiting when the worker stops', async () => {
    const stop = new AbortController();
    const base = await serve(() => {
      stop.abort();
    });
    const error = await failureOf(createIo({ signal: stop.signal }).http({ method: 'POST', url: base, json: {} }));
    expect(error.kind).toBe('unknown-outcome');
    expect(error.message).toContain('stopped');
  });

  it('never follows a redirect with our credentials', async () => {
    const seen: string[] = [];
    const base = await serve((request, response) => {
      seen.push(request.url ?? '');
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    const error = await failureOf(createIo().http({ method: 'POST', url: `${base}/send`, json: {} }));
    expect(error).toMatchObject({ kind: 'unavailable', providerCode: '302' });
    expect(seen).toEqual(['/send']);
  });

  it('gives up on an answer that does not end', async () => {
    const base = await serve((_request, response) => response.end('x'.repeat(1024 * 1024 + 1)));
    expect((await failureOf(createIo().http({ method: 'GET', url: base }))).kind).toBe('unknown-outcome');
  });

  it('does not repeat a request by itself', async () => {
    let arrivals = 0;
    const base = await serve((request) => {
      arrivals += 1;
      request.socket.destroy();
    });
    await failureOf(createIo().http({ method: 'GET', url: base }));
    expect(arrivals).toBe(1);
  });
});
