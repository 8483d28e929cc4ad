import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { House } from '../../sandbox/demo/house.ts';
import { openTestHouse } from '../e2e/house.ts';
import { freshPrefix } from '../server.ts';

const TOKEN = 'token-of-the-incident-service';
const prefix = freshPrefix();
const opened: string[] = [];
let house: House;

beforeAll(async () => {
  house = await openTestHouse({
    prefix,
    sandbox: { limits: false },
    edit: (yaml) => yaml.replace('\naccounts:', `\n  incidentTokens: [${TOKEN}]\naccounts:`),
  });
});
afterAll(async () => {
  for (const id of opened) await house.client.close(id, { by: { name: 'test' } }).catch(() => undefined);
  await house.close();
});

/** A post that announces `announced` bytes and sends `sent` of them. */
async function halfSent(headers: string[], announced: number, sent: number, path = '/incidents'): Promise<Socket> {
  const { port } = new URL(house.gatewayUrl);
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  const head = [`POST ${path} HTTP/1.1`, 'host: x', `content-length: ${String(announced)}`, ...headers];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  if (sent > 0) socket.write('x'.repeat(sent));
  return socket;
}

async function answerOn(socket: Socket): Promise<string> {
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  return bytes.toString().split('\r\n')[0] ?? '';
}

const fresh = (): string[] => [
  'webhook-id: 1',
  `webhook-timestamp: ${String(Math.floor(Date.now() / 1000))}`,
  'webhook-signature: v1,bm8=',
];

it('a wrong token is refused before its body is there', async () => {
  const socket = await halfSent(['authorization: Bearer nobody'], 900_000, 1000);
  expect(await answerOn(socket)).toBe('HTTP/1.1 401 Unauthorized');
  socket.destroy();
});

it('half-sent bodies are bounded in sum: the oldest is given up, and what comes whole still counts', async () => {
  const kept: Socket[] = [];
  try {
    // 16 of a megabyte fill the share of those who have proved nothing.
    for (let n = 0; n < 16; n += 1) kept.push(await halfSent(fresh(), 1024 * 1024, 1024 * 1024 - 1));
    const answers = kept.map(answerOn);
    kept.push(await halfSent(fresh(), 1024 * 1024, 1024 * 1024 - 1));
    expect(await Promise.race(answers)).toBe('HTTP/1.1 503 Service Unavailable');

    const signed = fresh().map((header) => header.split(': ') as [string, string]);
    const unsigned = await fetch(`${house.gatewayUrl}/incidents`, { method: 'POST', headers: signed, body: '{}' });
    expect(unsigned.status).toBe(401);

    const id = `${prefix}-flood`;
    opened.push(id);
    const answer = await fetch(`${house.gatewayUrl}/incidents`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ id, title: 'db-7 is down', channel: 'payments' }),
    });
    expect(answer.status).toBe(200);
    await house.sandbox.responder('primary').expectCard('db-7 is down');
  } finally {
    for (const socket of kept) socket.destroy();
  }
});

it('a body larger than a push may be is refused by what it announces', async () => {
  const socket = await halfSent([], 300_000, 10, '/callbacks/feishu-cn');
  expect(await answerOn(socket)).toBe('HTTP/1.1 413 Payload Too Large');
  socket.destroy();
});
