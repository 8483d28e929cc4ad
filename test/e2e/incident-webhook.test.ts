import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { House } from '../../sandbox/demo/house.ts';
import { freshPrefix } from '../server.ts';
import { openTestHouse } from './house.ts';

const TOKEN = 'token-of-the-incident-service';
const prefix = freshPrefix();
let house: House;
let serial = 0;
const opened: string[] = [];

beforeAll(async () => {
  house = await openTestHouse({
    prefix,
    sandbox: { limits: false },
    edit: (yaml) => yaml.replace('\naccounts:', `\n  incidentTokens: [another-token-of-nobody, ${TOKEN}]\naccounts:`),
  });
});
afterAll(async () => {
  for (const id of opened) await house.client.close(id, { by: { name: 'test' } }).catch(() => undefined);
  await house.close();
});

function incident(changes: object = {}): { id: string } & Record<string, unknown> {
  serial += 1;
  const id = `${prefix}-${String(serial)}`;
  opened.push(id);
  return { id, title: `db-${String(serial)} is down`, severity: 'Critical', channel: 'payments', ...changes };
}

async function post(
  path: string,
  body: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` },
) {
  const answer = await fetch(`${house.gatewayUrl}${path}`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, json: await answer.json() };
}

describe('an incident that is posted', () => {
  it('pages people, is revised when it comes again, and stays closed once it is', async () => {
    const one = incident();
    const workflowId = `incident-${one.id}`;
    expect(await post('/incidents', one)).toMatchObject({
      status: 200,
      json: { id: one.id, result: 'started', workflowId },
    });
    await house.sandbox.responder('primary').expectCard(String(one['title']));
    expect(await post('/incidents', { ...one, title: 'worse' })).toMatchObject({ json: { result: 'revised' } });
    expect((await house.client.describe(one.id)).incident.title).toBe('worse');
    expect(await post(`/incidents/${one.id}/close`, { source: 'recovered' })).toMatchObject({ status: 200 });
    await house.client.result(one.id);
    expect((await post('/incidents', one)).json).toMatchObject({ result: 'already-closed' });
    expect(await post(`/incidents/${one.id}/close`, '')).toMatchObject({ status: 404, json: { result: 'gone' } });
    const { timeline } = await house.client.describe(one.id);
    expect(timeline.find(({ kind }) => kind === 'closed')?.text).toBe('by webhook (recovered)');
  });

  it('may name its rule, and come with others', async () => {
    const [one, two, unusable] = [incident({ severity: 'Info' }), incident(), incident({ id: 'no good/id' })];
    const { status, json } = await post('/incidents', [{ incident: one, rule: 'payments/P1' }, two, unusable]);
    expect(status).toBe(200);
    expect(json).toMatchObject([
      { id: one.id, result: 'started' },
      { id: two.id, result: 'started' },
      { id: 'no good/id', error: expect.any(String) as string },
    ]);
    expect((await house.client.describe(one.id)).rule).toBe('payments/P1');
  });

  it.each<[string, unknown, number]>([
    ['nothing', '', 400],
    ['no JSON', '{', 400],
    ['no incident', {}, 400],
    ['an empty list', [], 400],
    ['101 at once', Array.from({ length: 101 }, () => ({ id: 'x' })), 400],
  ])('is refused when there is %s', async (_, body, status) => {
    expect((await post('/incidents', body)).status).toBe(status);
  });
});

describe('whoever posts', () => {
  const now = (): string => String(Math.floor(Date.now() / 1000));
  function signed(body: string, { timestamp = now(), secret = TOKEN, id = 'msg_1' } = {}): Record<string, string> {
    const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
    return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,AAAA v1,${signature}` };
  }

  it('may sign instead of showing the token', async () => {
    const body = JSON.stringify(incident());
    expect(await post('/incidents', body, signed(body))).toMatchObject({ status: 200, json: { result: 'started' } });
  });

  it('is turned away without a good token or signature', async () => {
    const body = JSON.stringify(incident());
    const old = String(Math.floor(Date.now() / 1000) - 301);
    for (const headers of [
      {},
      { authorization: 'Bearer ' },
      { authorization: `Bearer ${TOKEN}x` },
      { authorization: `Basic ${TOKEN}` },
      signed(`${body} `),
      signed(body, { secret: 'another-secret-altogether' }),
      signed(body, { timestamp: old }),
      signed(body, { timestamp: 'NaN' }),
    ] as Record<string, string>[]) {
      expect(await post('/incidents', body, headers)).toEqual({
        status: 401,
        json: { error: 'the token is not good' },
      });
      expect((await post('/incidents/x/close', '', headers)).status).toBe(401);
    }
  });

  it('hears of an action that does not exist, or lacks something', async () => {
    expect((await post('/incidents/x/explode', {})).status).toBe(404);
    expect(await post('/incidents/x/snooze', {})).toMatchObject({ status: 400 });
    expect((await post(`/incidents/${prefix}-unknown/acknowledge`, {})).status).toBe(404);
  });

  it('acts once for one key', async () => {
    const one = incident();
    await post('/incidents', one);
    const headers = { authorization: `Bearer ${TOKEN}`, 'idempotency-key': 'k1' };
    for (let times = 0; times < 2; times += 1) {
      expect((await post(`/incidents/${one.id}/comment`, { text: 'hello' }, headers)).status).toBe(200);
    }
    const { timeline } = await house.client.describe(one.id);
    expect(timeline.filter(({ kind }) => kind === 'commented')).toHaveLength(1);
  });

  it('acts once for one signature, whatever is written beside it', async () => {
    const one = incident();
    await post('/incidents', one);
    const body = JSON.stringify({ text: 'signed once' });
    for (const key of ['k2', 'k3']) {
      const path = `/incidents/${one.id}/comment`;
      const headers = { ...signed(`POST ${path}.${body}`, { id: 'msg_2' }), 'idempotency-key': key };
      expect((await post(path, body, headers)).status).toBe(200);
    }
    const { timeline } = await house.client.describe(one.id);
    expect(timeline.filter(({ kind }) => kind === 'commented')).toHaveLength(1);
  });
});

// Last, for the connection does not outlive it.
it('takes no more than a megabyte', async () => {
  expect((await post('/incidents', `"${'x'.repeat(1024 * 1024)}"`)).status).toBe(413);
});
