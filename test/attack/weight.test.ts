import { afterAll, beforeAll, expect, it } from 'vitest';
import type { House } from '../../sandbox/demo/house.ts';
import { openTestHouse } from '../e2e/house.ts';
import { freshPrefix } from '../server.ts';

const TOKEN = 'token-of-the-incident-service';
const prefix = freshPrefix();
const id = `${prefix}-heavy`;
let house: House;

beforeAll(async () => {
  house = await openTestHouse({
    prefix,
    sandbox: { limits: false },
    edit: (yaml) => yaml.replace('\naccounts:', `\n  incidentTokens: [${TOKEN}]\naccounts:`),
  });
  await house.client.open({ id, title: 'db-7 is down', severity: 'Critical', channel: 'payments' });
});
afterAll(async () => {
  await house.client.close(id, { by: { name: 'test' } });
  await house.close();
});

async function act(action: string, argument: object): Promise<{ status: number; json: unknown }> {
  const answer = await fetch(`${house.gatewayUrl}/incidents/${id}/${action}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify(argument),
  });
  return { status: answer.status, json: await answer.json() };
}

async function historyBytes(): Promise<number> {
  const { historySize } = await house.temporal.workflow.getHandle(`incident-${id}`).describe();
  return historySize ?? 0;
}

it('whoever may act cannot fill the history of an incident until the server ends it', async () => {
  expect(await act('comment', { text: 'looking', padding: 'x'.repeat(64 * 1024) })).toEqual({
    status: 413,
    json: { error: 'larger than 32 KiB' },
  });

  const before = await historyBytes();
  for (let n = 0; n < 10; n += 1) {
    const padded = { text: `looking ${String(n)}`, padding: 'x'.repeat(30 * 1024), by: { name: 'x'.repeat(900) } };
    expect(await act('comment', padded)).toMatchObject({ status: 200 });
  }
  const comments = async () => (await house.client.describe(id)).timeline.filter(({ kind }) => kind === 'commented');
  await expect.poll(async () => (await comments()).length).toBe(10);
  // 300 KiB were sent.
  expect((await historyBytes()) - before).toBeLessThan(100 * 1024);
});

it('labels of a revision weigh no more than those of an incident, also before planning has answered', async () => {
  const labels = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`label-${String(n)}`, 'x'.repeat(100)]));
  expect(await act('revise', { labels })).toMatchObject({ status: 200 });
  await expect.poll(async () => Object.keys((await house.client.describe(id)).incident.labels).length).toBe(50);
});
