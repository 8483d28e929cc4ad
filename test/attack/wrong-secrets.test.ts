import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { House } from '../../sandbox/demo/house.ts';
import { openTestHouse } from '../e2e/house.ts';
import { freshPrefix } from '../server.ts';

const TOKEN = 'x4Kd9vTq7Wm2ZrLp5Bn8';
const GUESS = 'g4Rk7vWq2XmZ9LpT5Bn8';
/** The gateway believes this test what it says of the address it speaks for. */
const PROXY = '127.0.0.1';
const prefix = freshPrefix();
const opened: string[] = [];
const lines: string[] = [];
let house: House;

beforeAll(async () => {
  house = await openTestHouse({
    prefix,
    sandbox: { limits: false },
    logger: pino({ base: null }, { write: (line: string) => void lines.push(line) }),
    edit: (yaml) =>
      yaml.replace('\naccounts:', `\n  incidentTokens: [${TOKEN}]\n  trustedProxies: [${PROXY}]\naccounts:`),
  });
});
afterAll(async () => {
  for (const id of opened) await house.client.close(id, { by: { name: 'test' } }).catch(() => undefined);
  await house.close();
});

let customers = 0;
/** An address that has done nothing yet. */
function freshAddress(): string {
  customers += 1;
  return `203.0.113.${String(customers)}`;
}

function ask(path: string, from: string, init: RequestInit = {}): Promise<Response> {
  const { headers, ...more } = init;
  return fetch(`${house.gatewayUrl}${path}`, {
    ...more,
    headers: { 'x-forwarded-for': from, ...(headers as Record<string, string>) },
  });
}
const post = (token: string, from: string, id = `${prefix}-x`) =>
  ask('/incidents', from, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ id, title: 'db-7 is down', channel: 'payments' }),
  });

async function counted(secret: string): Promise<number> {
  const text = await (await fetch(`${house.operationsUrl}/metrics`)).text();
  return Number(new RegExp(`wrong_secrets_total\\{secret="${secret}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
}

describe.each([
  { secret: 'token', show: (from: string) => post(GUESS, from), status: 401 },
  {
    secret: 'signature',
    show: (from: string) =>
      ask('/incidents', from, {
        method: 'POST',
        headers: {
          'webhook-id': '1',
          'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
          'webhook-signature': `v1,${GUESS}`,
        },
        body: '{}',
      }),
    status: 401,
  },
  {
    secret: 'callback',
    show: (from: string) => ask(`/callbacks/aliyun-voice/${GUESS}`, from, { method: 'POST', body: '[]' }),
    status: 401,
  },
  {
    secret: 'callback',
    show: (from: string) =>
      ask('/callbacks/feishu-cn', from, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ type: 'url_verification', challenge: 'c', token: GUESS }),
      }),
    status: 401,
  },
  { secret: 'link', show: (from: string) => ask(`/i/${GUESS}.${GUESS}`, from), status: 404 },
  { secret: 'link', show: (from: string) => ask('/s/7QK2MD.primary.abcdefghijklmnop', from), status: 404 },
])('a wrong $secret', ({ secret, show, status }) => {
  it('is refused, counted, and logged with the address and without its value', async () => {
    const [before, from] = [await counted(secret), freshAddress()];
    expect((await show(from)).status).toBe(status);
    expect(await counted(secret)).toBe(before + 1);
    expect(lines.filter((line) => line.includes(`"address":"${from}"`))).toHaveLength(1);
    expect(lines.join('')).toContain(
      `"secret":"${secret}","address":"${from}","wrong":1,"msg":"a wrong secret was shown"`,
    );
    expect(lines.join('')).not.toContain(GUESS);
  });
});

it('whoever guesses one after the other waits longer each time', async () => {
  const from = freshAddress();
  for (let n = 0; n < 9; n += 1) expect((await post(GUESS, from)).status).toBe(401);
  const askedAt = performance.now();
  expect((await post(GUESS, from)).status).toBe(401);
  // The tenth: 100 ms after five free ones, twice as long each time.
  expect(performance.now() - askedAt).toBeGreaterThan(1500);
});

it('whoever guesses many at once is sent away, and a right token behind the same address never waits for them', async () => {
  const from = freshAddress();
  const id = `${prefix}-neighbour`;
  opened.push(id);
  for (let n = 0; n < 8; n += 1) await post(GUESS, from);
  const answered: string[] = [];
  const guesses = Array.from({ length: 60 }, async () => {
    const { status, headers } = await post(GUESS, from);
    answered.push(`${String(status)} ${headers.get('retry-after') ?? ''}`);
  });
  await expect.poll(() => answered.filter((one) => one === '429 5').length).toBeGreaterThan(20);

  expect((await post(TOKEN, from, id)).status).toBe(200);
  // The others are still being held back.
  expect(answered.length).toBeLessThan(60);
  await house.sandbox.responder('primary').expectCard('db-7 is down');
  await Promise.all(guesses);
  expect(answered.filter((one) => one.startsWith('401')).length).toBeGreaterThanOrEqual(20);
});

it('a thousand guesses fill no log', async () => {
  const from = freshAddress();
  let left = 1000;
  const guess = async (): Promise<void> => {
    for (; left > 0;) {
      left -= 1;
      await post(GUESS, from);
    }
  };
  await Promise.all(Array.from({ length: 50 }, guess));
  const told = lines.filter((line) => line.includes(`"address":"${from}"`)).map((line) => JSON.parse(line) as object);
  expect(told).toMatchObject([{ wrong: 1 }, { wrong: 10 }, { wrong: 100 }, { wrong: 1000 }]);
});

it('who writes another address into the request is not believed, unless it is a proxy of ours', async () => {
  const stranger = await openTestHouse({
    worker: false,
    logger: pino({ base: null }, { write: (line: string) => void lines.push(line) }),
  });
  try {
    await fetch(`${stranger.gatewayUrl}/i/forged`, { headers: { 'x-forwarded-for': '192.0.2.55' } });
    expect(lines.at(-1)).toContain('"address":"127.0.0.1"');
  } finally {
    await stranger.close();
  }
});
