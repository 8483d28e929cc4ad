import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { lookup as resolve } from 'node:dns';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from '../../../providers/kit/message.ts';
import { createIo } from '../../../providers/kit/http.ts';
import { isPublic, publicLookup } from '../../../providers/kit/public-address.ts';
import { webhookBotAccount } from '../../../providers/webhook/account.ts';
import { readAnswer, webhookBot } from '../../../providers/webhook/bot.ts';
import { fill } from '../../../providers/webhook/fill.ts';
import { signedHeaders } from '../../../providers/webhook/signature.ts';
import { Sandbox } from '../../../sandbox/index.ts';
import { groupDelivery, HOSTILE } from '../bots/hostile.ts';
import { face, supervisor } from '../delivery.ts';
import { failureOf } from '../failure.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const io = createIo({ timeoutMs: 5000 });

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.start({
    people: [],
    webhook: { token: 'hook-s3cret', secret: SECRET, headers: { 'x-api-key': 'key-s3cret' } },
  });
});
afterEach(() => sandbox.close());

const accountOf = (changes: object = {}) =>
  webhookBotAccount.parse({
    webhook: sandbox.endpoints.webhook,
    secret: SECRET,
    headers: { 'x-api-key': 'key-s3cret' },
    allowPrivate: true,
    ...changes,
  });
const send = (delivery: Page, changes: object = {}) => webhookBot.send(delivery, accountOf(changes), io);
const taken = (): unknown => sandbox.world.cards.at(-1)?.card;

const acknowledged: Partial<Page> = {
  event: 'acknowledged',
  face: {
    ...face,
    rule: 'payments/P1',
    progress: 'Processing',
    acknowledgedBy: { member: 'supervisor' },
    acknowledgedAt: '2026-11-21T02:05:00.000Z',
  },
  responders: [supervisor],
};

describe('the signature of a webhook', () => {
  it('is that of the published example', () => {
    // https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/javascript/src/index.test.ts
    const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', now: 1614265330_000, body: '{"test": 2432232314}' };
    expect(signedHeaders(message, SECRET)).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is believed by a receiver that checks it, and another secret is not', async () => {
    expect(await send(groupDelivery())).toEqual({ outcome: 'accepted' });
    const wrong = await failureOf(send(groupDelivery(), { secret: 'whsec_plJ3nmyCDGBKInavdOK15jsgVNbZ2Rx7' }));
    expect(wrong).toMatchObject({ kind: 'unauthorized', providerCode: '401' });
    expect(wrong.message).toContain('check headers and secret');
    expect(wrong.message).not.toContain('s3cret');
  });
});

describe('what a webhook says', () => {
  it('tells of the incident with types a program can use, and names the responders', async () => {
    await send(groupDelivery(acknowledged));
    expect(taken()).toMatchObject({
      type: 'incident.acknowledged',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      data: {
        event: 'acknowledged',
        by: { member: 'supervisor', name: 'Supervisor', email: 'supervisor@example.com' },
        incident: {
          id: '42',
          number: '7QK2MD',
          severity: 'Critical',
          labels: { service: 'db' },
          level: 1,
          exhausted: false,
          snoozedUntil: null,
          pageUrl: 'https://oncall.example.com/i/page-token',
          responders: [{ member: 'supervisor', name: 'Supervisor', email: 'supervisor@example.com' }],
        },
        text: { subject: '[Critical] db-7 is down' },
      },
    });
    expect(JSON.stringify(taken())).not.toContain(supervisor.phone);
  });

  it('carries any text as those characters', async () => {
    const { incident } = face;
    await send(groupDelivery({ face: { ...face, incident: { ...incident, title: HOSTILE } } }), {
      body: { title: '{{data.incident.title}}', line: 'x {{data.incident.title}}' },
    });
    expect(taken()).toEqual({ title: HOSTILE, line: `x ${HOSTILE}` });
  });

  it('fills a body of one’s own and keeps numbers, lists and objects what they are', async () => {
    await send(groupDelivery(acknowledged), {
      body: {
        level: '{{data.incident.level}}',
        who: '{{ data.incident.responders.0.email }}',
        all: ['{{data.incident.labels}}', 7, null],
        words: 'level {{data.incident.level}} of {{data.incident.levels}}',
        unknown: '{{data.incident.colour}}',
        nothing: '{{data.incident.snoozedUntil}}',
      },
    });
    expect(taken()).toEqual({
      level: 1,
      who: 'supervisor@example.com',
      all: [{ service: 'db' }, 7, null],
      words: 'level 1 of 2',
      unknown: '{{data.incident.colour}}',
      nothing: null,
    });
  });

  it('reaches no further than what it was given', () => {
    for (const path of ['a.constructor', 'a.__proto__', 'a.length.x', 'b.0']) {
      expect(fill(`{{${path}}}`, { a: { x: 1 }, b: '0' })).toBe(`{{${path}}}`);
    }
  });
});

describe('a receiver written for Flashduty', () => {
  it('finds every field of the envelope, with the type it has there', async () => {
    await send(groupDelivery(acknowledged), { preset: 'flashduty' });
    expect(shape(taken())).toEqual({
      event_id: 'string',
      event_time: 'number',
      event_type: 'string',
      person: { person_id: 'number', person_name: 'string', email: 'string' },
      incident: {
        ...Object.fromEntries(
          [
            ...['account_name', 'incident_id', 'num', 'title', 'description', 'impact', 'root_cause', 'resolution'],
            ...['incident_severity', 'incident_status', 'progress', 'channel_name', 'dedup_key', 'equals_md5'],
            ...['group_method', 'detail_url'],
          ].map((name) => [name, 'string']),
        ),
        ...Object.fromEntries(
          [
            ...['account_id', 'created_at', 'updated_at', 'start_time', 'last_time', 'end_time', 'ack_time'],
            ...['close_time', 'snoozed_before', 'creator_id', 'alert_cnt', 'channel_id', 'data_source_id'],
          ].map((name) => [name, 'number']),
        ),
        labels: { service: 'string' },
        fields: {},
        creator: {},
        closer: {},
        responders: [
          {
            person_id: 'number',
            person_name: 'string',
            email: 'string',
            assigned_at: 'number',
            acknowledged_at: 'number',
          },
        ],
        responder_ids: ['number'],
        assigned_to: {
          id: 'string',
          type: 'string',
          assigned_at: 'number',
          escalate_rule_id: 'string',
          escalate_rule_name: 'string',
          layer_idx: 'number',
        },
      },
    });
    expect(taken()).toMatchObject({
      event_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      event_type: 'i_ack',
      person: { person_name: 'Supervisor', email: 'supervisor@example.com' },
      incident: {
        progress: 'Processing',
        ack_time: Date.parse('2026-11-21T02:05:00Z') / 1000,
        assigned_to: { type: 'assign', escalate_rule_name: 'payments/P1', layer_idx: 0 },
        channel_id: 0,
      },
    });
  });

  it.each([
    ['opened', {}, 'i_new'],
    ['opened', { round: 2 }, 'i_assign'],
    ['opened', { level: 2 }, 'i_assign'],
    ['closed', { progress: 'Closed' }, 'i_rslv'],
    ['reopened', {}, 'i_reopen'],
  ] as const)('is told %s %j as %s', async (event, changes, type) => {
    await send(groupDelivery({ event, face: { ...face, ...changes } }), { preset: 'flashduty' });
    expect(taken()).toMatchObject({ event_type: type });
    for (const id of JSON.stringify(taken()).matchAll(/_ids?":\[?(\d+)/g)) {
      expect(Number.isSafeInteger(Number(id[1]))).toBe(true);
    }
  });
});

describe('a receiver that does not answer well', () => {
  it('is asked once more when no answer came, and keeps what it got twice once', async () => {
    sandbox.faults.add({ vendor: 'webhook', effect: { dropAnswer: true } });
    expect(await send(groupDelivery())).toEqual({ outcome: 'accepted' });
    expect(sandbox.world.arrivals).toHaveLength(2);
    expect(sandbox.world.cards).toHaveLength(1);
  });

  it('is not asked a third time', async () => {
    sandbox.faults.add({ vendor: 'webhook', times: 3, effect: { dropAnswer: true } });
    expect(await failureOf(send(groupDelivery()))).toMatchObject({ kind: 'unknown-outcome' });
    expect(sandbox.world.arrivals).toHaveLength(2);
  });

  it('has as long as the account says', async () => {
    sandbox.faults.add({ vendor: 'webhook', times: 2, effect: { delayMs: 3000 } });
    const error = await failureOf(send(groupDelivery(), { timeoutMs: 100 }));
    expect(error.kind).toBe('unknown-outcome');
    expect(error.message).toContain('no answer within 100 ms');
  });

  it.each([
    [400, 'refused', 'does not understand the body'],
    [401, 'unauthorized', 'check headers and secret'],
    [403, 'unauthorized', 'list of addresses'],
    [404, 'unauthorized', 'check webhook'],
    [410, 'unauthorized', 'closed for good'],
    [413, 'refused', 'shorter body'],
    [422, 'refused', 'does not understand the body'],
    [429, 'rate-limited', 'too many'],
    [500, 'unavailable', 'failed'],
    [503, 'unavailable', 'failed'],
  ])('that answers %i is %s: %s', async (status, kind, words) => {
    const error = await failureOf(
      Promise.resolve().then(() => {
        readAnswer({ status, headers: new Headers(), body: undefined, text: '' });
      }),
    );
    expect(error).toMatchObject({ kind, providerCode: String(status) });
    expect(error.message).toContain(words);
  });

  it('is not followed elsewhere', async () => {
    const server = createServer((_, answer) => answer.writeHead(307, { location: sandbox.endpoints.webhook }).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const webhook = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/x`;
    expect(await failureOf(send(groupDelivery(), { webhook }))).toMatchObject({ kind: 'unavailable' });
    expect(sandbox.world.arrivals).toEqual([]);
    server.close();
  });
});

describe('an address in the own network', () => {
  it.each(['127.0.0.1', '127.1', '2130706433', '[::1]', '[::ffff:127.0.0.1]'])(
    'is not connected to as %s unless that is meant',
    async (host) => {
      const { port } = new URL(sandbox.endpoints.webhook);
      const webhook = `http://${host}:${port}/webhooks/hook-s3cret`;
      const error = await failureOf(send(groupDelivery(), { webhook, allowPrivate: false }));
      expect(error.message).toMatch(/is a private address; set allowPrivate: true/);
      expect(error.kind).toBe('unauthorized');
      expect(sandbox.world.arrivals).toEqual([]);
    },
  );

  it('is not connected to by a name either', async () => {
    // Names are looked up by few threads, which other look-ups may keep waiting.
    const patient = createIo({ timeoutMs: 15_000 });
    const url = sandbox.endpoints.webhook.replace('127.0.0.1', 'localhost');
    const error = await failureOf(patient.http({ method: 'POST', url, text: '{}', publicOnly: true }));
    expect(error.message).toMatch(/is a private address; set allowPrivate: true/);
    expect(sandbox.world.arrivals).toEqual([]);
  });

  it.each(['10.1.2.3', '192.168.0.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', 'fc00::1', '64:ff9b::a00:1', 'x'])(
    '%s is private',
    (address) => {
      expect(isPublic(address)).toBe(false);
    },
  );

  it('is no matter where the name leads nowhere at all', async () => {
    const ask = ((_: string, __: object, answer: (error: Error) => void) => {
      answer(new Error('ENOTFOUND'));
    }) as unknown as typeof resolve;
    const error = await new Promise((done) => {
      publicLookup(ask)('nobody.example.com', {}, done);
    });
    expect(error).toMatchObject({ message: 'ENOTFOUND' });
  });

  it('is found out at the moment of connecting, whatever the name answered before', async () => {
    const answers = [['93.184.216.34'], ['127.0.0.1'], ['93.184.216.34', '10.0.0.1']];
    const ask = ((_: string, __: object, answer: (error: null, found: object[]) => void) => {
      answer(
        null,
        (answers.shift() ?? []).map((address) => ({ address, family: 4 })),
      );
    }) as unknown as typeof resolve;
    const lookUp = publicLookup(ask);
    const outcome = () =>
      new Promise((done) => {
        lookUp('rebinding.example.com', {}, (error, address) => {
          done(error?.message ?? address);
        });
      });
    expect(await outcome()).toBe('93.184.216.34');
    expect(await outcome()).toContain('private address');
    expect(await outcome()).toContain('private address');
    expect(await outcome()).toContain('private address');
  });
});

describe('an account of webhook.bot', () => {
  const complaint = (changes: object): string =>
    webhookBotAccount.safeParse({ webhook: 'https://hooks.example.com/x', ...changes }).error?.message ?? '';

  it('may not forge what speaks for the sender, or make two headers of one', () => {
    expect(complaint({ headers: { 'Webhook-Signature': 'v1,x' } })).toContain('set by the sender');
    expect(complaint({ headers: { Host: 'x' } })).toContain('set by the sender');
    expect(complaint({ headers: { 'x-a': 'b\r\nhost: c' } })).toContain('printable ASCII');
  });

  it('hears of names in the body that nothing has', () => {
    expect(complaint({ body: { a: ['{{date.incident}}'] } })).toContain('{{…}} may begin with type, timestamp, data');
    expect(complaint({ preset: 'flashduty', body: '{{incident.title}}' })).toBe('');
  });
});

/** Types in place of values. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]));
}
