import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { House } from '../../sandbox/demo/house.ts';
import { openTestHouse } from '../e2e/house.ts';

let house: House;

beforeAll(async () => {
  house = await openTestHouse({ worker: false });
});
afterAll(() => house.close());

async function asked(url: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(url);
  return { status: answer.status, text: await answer.text() };
}

it.each(['/metrics', '/readyz'])(
  'a stranger at the public address learns nothing from %s but where it went',
  async (path) => {
    const { status, text } = await asked(`${house.gatewayUrl}${path}`);
    expect({ status, text }).toEqual({
      status: 404,
      text: `${path} is at the address of gateway.operations, not here.`,
    });
  },
);

it('the operator finds metrics and readiness at the address of their own, and nothing else', async () => {
  expect(await asked(`${house.operationsUrl}/readyz`)).toEqual({ status: 200, text: 'ready' });
  expect((await asked(`${house.operationsUrl}/metrics`)).text).toContain('escalations_gateway_pending_signals 0');
  expect((await asked(`${house.operationsUrl}/incidents`)).status).toBe(404);
});

it('both addresses say that the process answers', async () => {
  expect(await asked(`${house.gatewayUrl}/healthz`)).toEqual({ status: 200, text: 'ok' });
  expect(await asked(`${house.operationsUrl}/healthz`)).toEqual({ status: 200, text: 'ok' });
});

it('people can press although another program has the operator’s port, and the log says so', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  onTestFinished(() => void squatter.close());
  const at = `127.0.0.1:${String((squatter.address() as AddressInfo).port)}`;
  const lines: string[] = [];
  const crowded = await openTestHouse({
    worker: false,
    edit: (yaml) => yaml.replace(/operations: \S+/, `operations: ${at}`),
    logger: pino({ base: null }, { write: (line: string) => void lines.push(line) }),
  });
  onTestFinished(() => crowded.close());

  expect(await asked(`${crowded.gatewayUrl}/healthz`)).toEqual({ status: 200, text: 'ok' });
  expect(lines.join('')).toContain(`"at":"${at}","code":"EADDRINUSE"`);
});
