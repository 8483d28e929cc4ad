import { createHmac, createPublicKey, createSign, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpRequest, PressResult } from '../../../providers/kit/adapter.ts';
import { createIo } from '../../../providers/kit/http.ts';
import { isServiceUrl, teamsAppAccount } from '../../../providers/teams/account.ts';
import { teamsCallback } from '../../../providers/teams/callback.ts';
import { Sandbox } from '../../../sandbox/index.ts';
import { acceptedOf, changed, mutationsOf, takenFrom, type Mutation } from '../mutations.ts';

const io = createIo({ timeoutMs: 5000 });
const app = { appId: 'a1b2c3d4-0000-4000-8000-000000000001', appPassword: 'pass-s3cret', tenantId: 'tenant-1' };
const SUPER = '5c2e8f10-0000-4000-8000-00000000000a';
const WAR = '19:war@thread.v2';
const JSON_TYPE = 'application/json';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await Sandbox.start({
    people: [{ name: 'supervisor', ids: { teams: SUPER } }],
    teams: { ...app, chats: [{ id: WAR, name: 'war' }] },
  });
});
afterAll(() => sandbox.close());

const accountOf = (changes: object = {}) =>
  teamsAppAccount.parse({ ...app, baseUrl: sandbox.endpoints.teams, ...changes });
const account = () => accountOf();

type Json = Record<string, unknown>;
const context = (): Json => sandbox.teams.context(SUPER, WAR);
const invoke = (changes: Json = {}): Json => ({
  ...context(),
  type: 'invoke',
  name: 'adaptiveCard/action',
  value: { action: { type: 'Action.Execute', verb: 'close', data: { v: 1, t: 'button-token' } }, trigger: 'manual' },
  ...changes,
});
const message = (changes: Json = {}): Json => ({ ...context(), type: 'message', text: 'ack', ...changes });
const installed = (changes: Json = {}): Json => ({
  ...context(),
  type: 'installationUpdate',
  action: 'add',
  ...changes,
});
const ORIGINALS = [invoke, message, installed];

function request(body: unknown, authorization = `Bearer ${sandbox.teams.bearer()}`): HttpRequest {
  return {
    method: 'POST',
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    headers: new Headers({ 'content-type': JSON_TYPE, authorization }),
    url: new URL('https://oncall.example.com/callbacks/teams'),
    receivedAt: Date.now(),
  };
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
/** What Microsoft's token says, to be signed by somebody else. */
function parts(changes: { header?: object; claims?: object } = {}) {
  const [header = '', claims = '', signature = ''] = sandbox.teams.bearer(changes).split('.');
  return { header, claims, signature };
}

/** Tokens that are not Microsoft's for us. */
function tokens(): [string, string][] {
  const now = Math.floor(Date.now() / 1000);
  const { header, claims, signature } = parts();
  const kid = String((JSON.parse(Buffer.from(header, 'base64url').toString()) as Json)['kid']);
  const publicKey = createPublicKey({ key: (sandbox.teams.keys[0] ?? {}) as JsonWebKey, format: 'jwk' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const signOwn = (head: object): string => {
    const signed = `${encode(head)}.${claims}`;
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(own.privateKey, 'base64url')}`;
  };
  const hmac = (alg: string, hash: string, secret: string | Buffer): string => {
    const signed = `${encode({ typ: 'JWT', alg, kid })}.${claims}`;
    return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
  };
  const claimed = (changes: object): string => sandbox.teams.bearer({ claims: changes });
  const headed = (changes: object): string => sandbox.teams.bearer({ header: changes });
  const jwk = own.publicKey.export({ format: 'jwk' });
  return [
    ['alg none', `${encode({ alg: 'none', kid })}.${claims}.`],
    ['alg none with the signature', `${encode({ alg: 'none', kid })}.${claims}.${signature}`],
    ['alg None', `${encode({ alg: 'None', kid })}.${claims}.${signature}`],
    ...['RS384', 'RS512', 'PS256', 'ES256', 'HS256', 'EdDSA', '', 7].map((alg): [string, string] => [
      `says ${String(alg)}`,
      headed({ alg }),
    ]),
    ['HS256 by the public key as PEM', hmac('HS256', 'sha256', pem)],
    ['HS256 by the trimmed PEM', hmac('HS256', 'sha256', pem.trim())],
    ['HS256 by the public key as DER', hmac('HS256', 'sha256', der)],
    ['HS512 by the public key', hmac('HS512', 'sha512', pem)],
    [
      'RS256 said, HMAC done',
      `${header}.${claims}.${createHmac('sha256', pem).update(`${header}.${claims}`).digest('base64url')}`,
    ],
    ['another key under a known id', signOwn({ alg: 'RS256', kid })],
    ['another key with itself in the header', signOwn({ alg: 'RS256', kid: 'own', jwk })],
    ['another key under a known id, in the header', signOwn({ alg: 'RS256', kid, jwk })],
    ['keys from elsewhere', signOwn({ alg: 'RS256', kid: 'own', jku: 'http://127.0.0.1:9/keys' })],
    ['a certificate from elsewhere', signOwn({ alg: 'RS256', kid, x5u: 'http://127.0.0.1:9/cert' })],
    ['unknown key id', headed({ kid: 'nobody' })],
    ['no key id', headed({ kid: undefined })],
    ['key id of another kind', headed({ kid: 7 })],
    ['key id as a path', headed({ kid: '../../../dev/null' })],
    ['critical extension', headed({ crit: ['exp'] })],
    ['unsigned', `${header}.${claims}.`],
    ['signature of other claims', `${header}.${parts({ claims: { aud: 'x' } }).claims}.${signature}`],
    ['signature cut', `${header}.${claims}.${signature.slice(0, -8)}`],
    ['signature of nothing', `${header}.${claims}.AAAA`],
    ['not three parts', `${header}.${claims}`],
    ['four parts', `${header}.${claims}.${signature}.x`],
    ['header not JSON', `e30x.${claims}.${signature}`],
    ['empty', ''],
    ['expired', claimed({ exp: now - 301 })],
    ['long expired', claimed({ exp: now - 86_400, nbf: now - 90_000 })],
    ['never expiring', claimed({ exp: undefined })],
    ['expiring in words', claimed({ exp: 'tomorrow' })],
    ['from the future', claimed({ nbf: now + 400 })],
    ...[
      'https://sts.windows.net/tenant-1/',
      'https://api.botframework.us',
      'https://api.botframework.com/',
      '',
      null,
      7,
    ].map((iss): [string, string] => [`issued by ${String(iss)}`, claimed({ iss })]),
    ['issued by nobody', claimed({ iss: undefined })],
    ...['another-app', '', `${app.appId} `, app.appId.toUpperCase(), null, 7, [], ['another-app']].map(
      (aud): [string, string] => [`for ${JSON.stringify(aud)}`, claimed({ aud })],
    ),
    ['for nobody', claimed({ aud: undefined })],
    ...[
      'https://evil.example/',
      'https://smba.trafficmanager.net.evil.example/',
      `${sandbox.teams.serviceUrl}other`,
      '',
      7,
      null,
    ].map((serviceurl): [string, string] => [`service ${String(serviceurl)}`, claimed({ serviceurl })]),
    ['no service', claimed({ serviceurl: undefined })],
  ];
}

/** Bodies that do not agree with a good token, and bodies Teams would never send. */
function bodies(original: (changes?: Json) => Json): [string, unknown][] {
  const good = original();
  const text = JSON.stringify(good);
  const tenant = { tenant: { id: 'tenant-2' } };
  return [
    ...['https://evil.example/', 'http://127.0.0.1:9/', `${sandbox.teams.serviceUrl}x`, '', 7, null, undefined].map(
      (serviceUrl): [string, unknown] => [`body at ${String(serviceUrl)}`, original({ serviceUrl })],
    ),
    ...['webchat', 'emulator', 'directline', 'MSTEAMS', '', 7, undefined].map((channelId): [string, unknown] => [
      `body on ${String(channelId)}`,
      original({ channelId }),
    ]),
    ['another tenant', original({ channelData: tenant })],
    ['another tenant, ours beside it', original({ channelData: tenant, tenantId: app.tenantId })],
    ['no tenant', original({ channelData: {}, conversation: { id: WAR } })],
    ['no conversation', original({ conversation: undefined })],
    ['conversation of another kind', original({ conversation: [] })],
    ['conversation without id', original({ conversation: { id: '', tenantId: app.tenantId } })],
    ['type of another kind', original({ type: 7 })],
    ['from of another kind', original({ from: 'me' })],
    ['members of another kind', original({ membersAdded: 'me' })],
    ['a list', [good]],
    ['text', JSON.stringify(text)],
    ['null', 'null'],
    ['nothing', ''],
    ['a form', new URLSearchParams({ payload: text }).toString()],
    ['base64', Buffer.from(text).toString('base64')],
    ['deep', '['.repeat(5000)],
  ];
}

/** The scheme's name in other letters; a last character whose spare bits say nothing, and one too many. */
const SAME_TOKEN =
  /^authorization (longer|with bit 32 of its (first|second) byte flipped|with bit \d+ of its last byte flipped)$/;

function corpus(): Mutation[] {
  const wrong = tokens();
  return ORIGINALS.flatMap((original) => {
    const good = request(original());
    const bearer = sandbox.teams.bearer();
    return [
      ...wrong.map(([how, token]) => ({ how, request: request(original(), `Bearer ${token}`) })),
      ...bodies(original).map(([how, body]) => ({ how, request: request(body) })),
      // The body is not signed: what was pressed is vouched for by our own token inside. An hour is the token's life.
      ...mutationsOf(good, { signed: ['authorization'], skewMs: 3600_000 + 300_000, signsBody: false }).filter(
        ({ how }) => !SAME_TOKEN.test(how),
      ),
      { how: 'behind a byte order mark', request: changed(good, { body: `\ufeff${JSON.stringify(original())}` }) },
      ...['', 'Basic', `Basic ${bearer}`, `Bearer`, `Bearer  ${bearer}`, bearer, `Token ${bearer}`].map((value) => ({
        how: `authorization ${value.slice(0, 12)}`,
        request: request(original(), value),
      })),
      ...['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/xml'].map((type) => ({
        how: `as ${type}`,
        request: changed(good, { headers: { 'content-type': type } }),
      })),
      { how: 'early', request: changed(good, { receivedAt: Date.now() - 302_000 }) },
    ];
  });
}

const read = (given: HttpRequest, by = account()) => takenFrom(() => teamsCallback.read(given, by, io));

describe('a callback that is not quite what Teams sent', () => {
  it('is never accepted and never breaks anything, in hundreds of kinds', async () => {
    const mutations = corpus();
    expect(mutations.length).toBeGreaterThanOrEqual(300);
    expect(await acceptedOf(mutations, read)).toEqual([]);
  });

  it('while the originals are', async () => {
    for (const original of ORIGINALS) {
      expect(await read(request(original()))).toHaveLength(1);
    }
    const charset = changed(request(message()), { headers: { 'content-type': 'application/json; charset=utf-8' } });
    expect(await read(charset)).toHaveLength(1);
    const soon = { exp: Math.floor(Date.now() / 1000) - 200 };
    for (const claims of [{ aud: `api://${app.appId}` }, { aud: `api://botid-${app.appId}` }, soon]) {
      const accepted = request(message(), `Bearer ${sandbox.teams.bearer({ claims })}`);
      expect(await read(accepted)).toHaveLength(1);
    }
  });

  it('is not ours when the account is another', async () => {
    for (const changes of [{ appId: 'another' }, { tenantId: 'tenant-2' }, { cloud: 'usgov' }]) {
      expect(await read(request(invoke()), accountOf(changes))).toBe(401);
    }
  });

  it('is to be sent again while no keys can be read, because nobody can say that it is forged', async () => {
    const nowhere = accountOf({ openIdUrl: 'http://127.0.0.1:9/nowhere' });
    expect(await read(request(invoke()), nowhere)).toBe(503);
  });

  it('is still known by the last good keys a day later, while newer ones cannot be read', async () => {
    expect(await read(request(invoke()))).toMatchObject([{ kind: 'press' }]);
    const aDayLater = { ...io, now: () => Date.now() + 25 * 60 * 60_000, lasting: () => aDayLater };
    const asked = () => sandbox.world.arrivals.filter(({ action }) => action === 'openidconfiguration').length;
    const before = asked();
    sandbox.faults.add({ vendor: 'teams', action: 'openidconfiguration', effect: { status: 503 } });
    expect(await takenFrom(() => teamsCallback.read(request(invoke()), account(), aDayLater))).toMatchObject([
      { kind: 'press' },
    ]);
    await expect.poll(asked).toBe(before + 1);
  });

  it('does not look for keys as often as forged ones come', async () => {
    const looked = () => sandbox.world.arrivals.filter(({ action }) => action === 'keys').length;
    const before = looked();
    for (let index = 0; index < 50; index += 1) {
      const forged = request(
        invoke(),
        `Bearer ${sandbox.teams.bearer({ header: { kid: `forged-${String(index)}` } })}`,
      );
      expect(await read(forged)).toBe(401);
    }
    expect(looked()).toBe(before);
  });
});

describe('what Teams sends', () => {
  it('is understood, and what is not ours tells nothing', async () => {
    expect(await read(request(invoke()))).toMatchObject([{ kind: 'press', token: 'button-token', identity: SUPER }]);
    const others = [
      invoke({ name: 'task/fetch' }),
      invoke({ value: undefined }),
      invoke({ value: { action: { data: { theirs: 1 } } } }),
      invoke({ value: { action: { data: { v: 2, t: 'x' } } } }),
      invoke({ from: undefined }),
      message({ text: null }),
      message({ text: '   ' }),
      message({ from: undefined }),
      { ...context(), type: 'typing' },
      {
        ...context(),
        type: 'conversationUpdate',
        channelData: { tenant: { id: app.tenantId }, eventType: 'teamRenamed' },
      },
    ];
    for (const other of others) expect(await read(request(other))).toEqual([]);
  });

  it('as an invoke is always answered, even when there is nothing to say', () => {
    const answer = teamsCallback.answer(request(invoke()), account(), []);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ statusCode: 200 });
    const told: PressResult[] = [{ state: 'done', text: 'Recorded.' }];
    expect(JSON.parse(teamsCallback.answer(request(invoke()), account(), told).body)).toEqual({
      statusCode: 200,
      type: 'application/vnd.microsoft.activity.message',
      value: 'Recorded.',
    });
    expect(teamsCallback.answer(request(message()), account(), told).body).toBe('');
  });
});

describe('the address an answer goes to', () => {
  it('is one of Microsoft’s, by https', () => {
    const cloud = teamsAppAccount.parse(app);
    const gcc = teamsAppAccount.parse({ ...app, cloud: 'gcc' });
    expect(isServiceUrl('https://smba.trafficmanager.net/emea/', cloud)).toBe(true);
    expect(isServiceUrl('https://smba.infra.gcc.teams.microsoft.com/teams', gcc)).toBe(true);
    for (const other of [
      'http://smba.trafficmanager.net/emea/',
      'https://smba.trafficmanager.net.evil.example/',
      'https://evil.example/smba.trafficmanager.net',
      'https://smba.trafficmanager.net@evil.example/',
      'https://smba.trafficmanager.net:444/',
      'smba.trafficmanager.net',
      '',
    ]) {
      expect(isServiceUrl(other, cloud), other).toBe(false);
    }
  });
});
