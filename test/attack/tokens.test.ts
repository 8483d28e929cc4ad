import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { House } from '../../sandbox/demo/house.ts';
import { openTestHouse } from '../e2e/house.ts';
import { freshPrefix } from '../server.ts';

const TOKENS = {
  grafana: 'gW3r8-token-of-grafana',
  reader: 'rT7q2-token-of-the-reader',
  storage: 'sD5k1-token-of-storage',
  expired: 'eX9m4-token-that-is-over',
  slow: 'zL2p6-token-of-the-slow-one',
  flood: 'fN8v3-token-of-the-flood',
  old: 'oB4c7-token-without-a-name',
};
type Name = keyof typeof TOKENS;

const prefix = freshPrefix();
const opened: string[] = [];
let house: House;
let serial = 0;

beforeAll(async () => {
  const digest = createHash('sha256').update(TOKENS.reader).digest('hex');
  const tokens = `
  incidentTokens: [${TOKENS.old}]
  tokens:
    grafana: { token: ${TOKENS.grafana}, scopes: [open, act, read] }
    reader: { sha256: ${digest}, scopes: [read] }
    storage:
      { token: ${TOKENS.storage}, scopes: [open, act], channels: [storage], labelsRedirect: false, inlineRules: true }
    expired: { token: ${TOKENS.expired}, scopes: [open, act, read], expires: 2026-01-31 }
    slow: { token: ${TOKENS.slow}, scopes: [open], rate: 4/1h }
    flood: { token: ${TOKENS.flood}, scopes: [open] }
`;
  house = await openTestHouse({
    prefix,
    sandbox: { limits: false },
    edit: (yaml) => yaml.replace('\naccounts:', `${tokens}\naccounts:`),
    channels: `  storage:
    rules:
      - name: P1
        levels: [{ to: { members: [backup] }, by: { default: [feishu-cn] } }]
  closed:
    labelsRedirect: false
    rules:
      - name: P1
        levels: [{ to: { members: [primary] }, by: { default: [feishu-cn] } }]
`,
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

async function ask(as: Name, path: string, body?: unknown) {
  const answer = await fetch(`${house.gatewayUrl}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${TOKENS[as]}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const wait = answer.headers.get('retry-after');
  return {
    status: answer.status,
    json: await answer.json(),
    ...(wait !== null && { wait: Number(wait) }),
  };
}

const refused = (status: number, error: string) => ({ status, json: { error } });
const refusedOne = (status: number, id: string, error: string) => ({ status, json: { id, error } });

async function planned(id: string) {
  await expect.poll(async () => (await house.client.describe(id)).notifications.length).toBeGreaterThan(0);
  return house.client.describe(id);
}

describe('a token', () => {
  it('does what its scopes say, and hears which one is missing', async () => {
    const one = incident();
    expect(await ask('reader', '/incidents', one)).toEqual(refused(403, 'the token reader lacks the scope open'));
    expect(await ask('grafana', '/incidents', one)).toMatchObject({ status: 200 });
    expect(await ask('reader', `/incidents/${one.id}/close`, {})).toEqual(
      refused(403, 'the token reader lacks the scope act'),
    );
    expect(await ask('slow', `/incidents/${one.id}`)).toEqual(refused(403, 'the token slow lacks the scope read'));
    expect(await ask('old', `/incidents/${one.id}`)).toEqual(refused(403, 'this token lacks the scope read'));
    // The file knows the digest of this one alone.
    expect(await ask('reader', `/incidents/${one.id}`)).toMatchObject({
      status: 200,
      json: { incident: { id: one.id, source: 'grafana' }, progress: 'Triggered' },
    });
    expect(await ask('reader', `/incidents/${one.id}-not`)).toEqual(refused(404, 'there is no such incident'));
  });

  it('that has expired is refused as one that never was', async () => {
    const never = await fetch(`${house.gatewayUrl}/incidents`, {
      headers: { authorization: 'Bearer x' },
      method: 'POST',
    });
    const over = await ask('expired', '/incidents', incident());
    expect(over).toEqual({ status: never.status, json: await never.json() });
    expect(over.status).toBe(401);
  });

  it('is who acted where the request names nobody, and stands beside whom it names', async () => {
    const one = incident();
    await ask('grafana', '/incidents', one);
    await ask('grafana', `/incidents/${one.id}/comment`, { text: 'looking' });
    await ask('grafana', `/incidents/${one.id}/acknowledge`, { by: { member: 'backup' } });
    await ask('old', `/incidents/${one.id}/comment`, { text: 'looking too' });
    const records = async () => {
      const { timeline } = await house.client.describe(one.id);
      return timeline.flatMap(({ kind, by, via }) => (via === undefined ? [] : [{ kind, by, via }]));
    };
    await expect.poll(records).toEqual([
      { kind: 'commented', by: { name: 'grafana' }, via: 'webhook' },
      { kind: 'acknowledged', by: { member: 'backup' }, via: 'webhook grafana' },
      { kind: 'commented', by: { name: 'webhook' }, via: 'webhook' },
    ]);
  });

  it('does not use up the keys of another', async () => {
    const one = incident();
    await ask('grafana', '/incidents', one);
    await ask('grafana', `/incidents/${one.id}/comment`, { text: 'of grafana', key: 'k1' });
    await ask('old', `/incidents/${one.id}/comment`, { text: 'of the old one', key: 'k1' });
    await ask('grafana', `/incidents/${one.id}/comment`, { text: 'of grafana again', key: 'k1' });
    const { timeline } = await house.client.describe(one.id);
    expect(timeline.flatMap(({ kind, text }) => (kind === 'commented' ? [text] : []))).toHaveLength(2);
  });
});

describe('a token for one channel', () => {
  const notFor = (channel: string) => `the token storage is for storage, not for the channel ${channel}`;

  it('opens, revises and acts on incidents of it alone', async () => {
    const theirs = incident();
    await ask('grafana', '/incidents', theirs);
    for (const one of [incident(), incident({ channel: undefined })]) {
      const { id, channel = 'default' } = one as { id: string; channel?: string };
      expect(await ask('storage', '/incidents', one)).toEqual(refusedOne(403, id, notFor(channel)));
    }
    // The id is taken, whatever channel is written beside it.
    expect(await ask('storage', '/incidents', { ...theirs, channel: 'storage', title: 'never mind' })).toEqual(
      refusedOne(403, theirs.id, notFor('payments')),
    );
    expect(await ask('storage', `/incidents/${theirs.id}/close`, {})).toEqual(refused(403, notFor('payments')));
    const view = await house.client.describe(theirs.id);
    expect([view.progress, view.incident.title]).toEqual(['Triggered', theirs['title']]);

    const ours = incident({ channel: 'storage' });
    expect(await ask('storage', '/incidents', ours)).toMatchObject({ status: 200, json: { result: 'started' } });
    expect(await ask('storage', '/incidents', ours)).toMatchObject({ status: 200, json: { result: 'revised' } });
    expect(await ask('storage', `/incidents/${ours.id}/close`, {})).toMatchObject({ status: 200 });
  });

  it('pages all the same without the rule and the labels it may not bring', async () => {
    const one = incident({ channel: 'storage', labels: { layer_person_reset_0_emails: 'supervisor', host: 'nas-1' } });
    expect(await ask('storage', '/incidents', { incident: one, rule: 'payments/P1' })).toMatchObject({
      status: 200,
      json: {
        result: 'started',
        note: 'the rule was left out: the token storage is not for the channel payments; labels that redirect a level were left out: the token storage may not bring them',
      },
    });
    const { rule, responders, incident: known } = await planned(one.id);
    expect(rule).toBe('storage/P1');
    expect(responders.map(({ member }) => member)).toEqual(['backup']);
    expect(known.labels).toEqual({ host: 'nas-1' });
    await ask('storage', `/incidents/${one.id}/revise`, { labels: { ...(one['labels'] as object), host: 'nas-2' } });
    expect((await house.client.describe(one.id)).incident.labels).toEqual({ host: 'nas-2' });
  });
});

describe('a rule written out', () => {
  const rule = (changes: object) => ({
    levels: [{ to: { members: ['backup'] }, by: { default: ['feishu-cn'] }, ...changes }],
  });

  it('is followed where the token may bring one, and left out where not', async () => {
    const [may, not] = [incident({ channel: 'storage' }), incident()];
    expect(await ask('storage', '/incidents', { incident: may, rule: rule({}) })).toMatchObject({ status: 200 });
    expect(await ask('grafana', '/incidents', { incident: not, rule: rule({}) })).toMatchObject({
      status: 200,
      json: { note: 'the rule was left out: the token grafana may not bring one that is written out' },
    });
    expect([(await planned(may.id)).rule, (await planned(not.id)).rule]).toEqual(['inline', 'payments/P1']);
  });

  it('costs no more than a rule should', async () => {
    const [heavy, long] = [incident({ channel: 'storage' }), incident({ channel: 'storage' })];
    const levels = Array.from({ length: 20 }, () => rule({ repeat: { every: '30s', times: 6 } }).levels[0]);
    await ask('storage', '/incidents', {
      incident: heavy,
      rule: { levels, startOver: { every: '1m', times: 100 } },
    });
    const { rule: followed, timeline } = await planned(heavy.id);
    expect(followed).toBe('storage/P1');
    expect(timeline.map(({ text }) => text).join('\n')).toContain(
      'would tell somebody up to 12120 times; at most 2000, or put it into the file',
    );
    expect(
      await ask('storage', '/incidents', { incident: long, rule: rule({ to: { members: ['x'.repeat(20_000)] } }) }),
    ).toMatchObject({ status: 200, json: { note: 'the rule was left out: it is larger than 16 KiB' } });
  });
});

it('labels redirect no level of a channel that takes none', async () => {
  const one = incident({ channel: 'closed', labels: { layer_person_reset_0_emails: 'supervisor' } });
  await ask('grafana', '/incidents', one);
  const { responders, timeline } = await planned(one.id);
  expect(responders.map(({ member }) => member)).toEqual(['primary']);
  expect(timeline.map(({ text }) => text)).toContain('labels that redirect a level: the channel closed takes none');
});

it('an incident of another prefix cannot be touched', async () => {
  const other = await openTestHouse({ sandbox: { limits: false }, gateway: false });
  const theirs = { id: `${prefix}-theirs`, title: 'of the other team', severity: 'Warning', channel: 'payments' };
  try {
    await other.client.open(theirs);
    for (const as of ['grafana', 'old'] as const) {
      expect(await ask(as, '/incidents', { ...theirs, title: 'never mind', severity: 'Critical' })).toEqual(
        refusedOne(403, theirs.id, 'the id is that of an incident of another gateway: give yours an id of its own'),
      );
      expect(await ask(as, `/incidents/${theirs.id}/close`, {})).toMatchObject({ status: 404 });
    }
    expect(await ask('grafana', `/incidents/${theirs.id}`)).toMatchObject({ status: 404 });
    const { progress, incident: known } = await other.client.describe(theirs.id);
    expect([progress, known.title, known.severity]).toEqual(['Triggered', theirs.title, 'Warning']);
  } finally {
    await other.client.close(theirs.id, { by: { name: 'test' } });
    await other.close();
  }
});

describe('how much a token may do', () => {
  it('is bounded, with a last part for Criticals, and says when there is more', async () => {
    const open = (severity: string) => ask('slow', '/incidents', incident({ severity }));
    for (let n = 0; n < 3; n += 1) expect((await open('Info')).status).toBe(200);
    const late = await open('Info');
    const error = `more than this token may do: please send it again in ${String(late.wait)} s`;
    expect(late).toMatchObject({ status: 429, json: { id: opened.at(-1), error } });
    expect(late.wait).toBeGreaterThan(800);
    expect((await open('Critical')).status).toBe(200);
    expect((await open('Critical')).status).toBe(429);
    // Another token does not notice.
    expect((await ask('grafana', '/incidents', incident())).status).toBe(200);
  });
});
