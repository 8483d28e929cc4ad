import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { House } from '../../sandbox/demo/house.ts';
import { openTestHouse } from '../e2e/house.ts';
import { freshPrefix } from '../server.ts';

const TOKEN = 'k3Zt9-token-of-the-incident-service';
const prefix = freshPrefix();
const ids = ['one', 'two'].map((name) => `${prefix}-${name}`) as [string, string];
const [one, two] = ids;
let house: House;

beforeAll(async () => {
  house = await openTestHouse({
    prefix,
    sandbox: { limits: false },
    edit: (yaml) => yaml.replace('\naccounts:', `\n  incidentTokens: [${TOKEN}]\naccounts:`),
  });
  for (const id of ids)
    await house.client.open({ id, title: 'db-7 is down', severity: 'Critical', channel: 'payments' });
});
afterAll(async () => {
  for (const id of ids) await house.client.close(id, { by: { name: 'test' } });
  await house.close();
});

let serial = 0;

/** What https://www.standardwebhooks.com puts into headers; `content` is what is signed after id and time. */
function signed(content: string, id = `msg_${String((serial += 1))}`): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', TOKEN).update(`${id}.${timestamp}.${content}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

async function post(path: string, body: string, headers: Record<string, string>) {
  const answer = await fetch(`${house.gatewayUrl}${path}`, { method: 'POST', headers, body });
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
}

async function done(id: string, kind: string): Promise<number> {
  const { timeline } = await house.client.describe(id);
  return timeline.filter((record) => record.kind === kind).length;
}

it('what was signed as an incident, or for no path at all, acts on nothing', async () => {
  const body = JSON.stringify({ id: one, title: 'db-7 is down', text: 'taken over' });
  const headers = signed(body);
  expect(await post('/incidents', body, headers)).toMatchObject({ status: 200 });
  for (const action of ['acknowledge', 'comment', 'close']) {
    expect(await post(`/incidents/${one}/${action}`, body, headers)).toEqual({
      status: 403,
      json: {
        error: `sign the method and the path before the body: <id>.<timestamp>.POST /incidents/${one}/${action}.<body>`,
      },
    });
  }
  expect((await house.client.describe(one)).progress).toBe('Triggered');
});

it('a signed action counts for the incident and the action that it was signed for, and for no other', async () => {
  const body = JSON.stringify({ text: 'looking' });
  const path = `/incidents/${one}/comment`;
  const headers = signed(`POST ${path}.${body}`);
  expect(await post(path, body, headers)).toMatchObject({ status: 200 });
  expect((await post(`/incidents/${two}/comment`, body, headers)).status).toBe(401);
  expect((await post(`/incidents/${one}/close`, body, headers)).status).toBe(401);
  // As it is: senders send again what was not answered.
  expect(await post(path, body, headers)).toMatchObject({ status: 200 });
  expect(await done(one, 'commented')).toBe(1);
  expect(await done(two, 'commented')).toBe(0);
});

it('an id that has been used for one path does nothing at another', async () => {
  const id = 'msg_used';
  const incident = JSON.stringify({ id: two, title: 'db-7 is down' });
  expect(await post('/incidents', incident, signed(incident, id))).toMatchObject({ status: 200 });
  const path = `/incidents/${two}/acknowledge`;
  expect(await post(path, '{}', signed(`POST ${path}.{}`, id))).toEqual({
    status: 409,
    json: { error: 'this webhook-id was used for another path; give each request its own' },
  });
  expect((await house.client.describe(two)).progress).toBe('Triggered');
});

it('an incident is never refused for an id, because somebody has to be paged', async () => {
  const path = `/incidents/${two}/comment`;
  const body = JSON.stringify({ text: 'first' });
  expect(await post(path, body, signed(`POST ${path}.${body}`, 'msg_first'))).toMatchObject({ status: 200 });
  const incident = JSON.stringify({ id: two, title: 'db-7 is still down' });
  expect(await post('/incidents', incident, signed(incident, 'msg_first'))).toMatchObject({ status: 200 });
});
