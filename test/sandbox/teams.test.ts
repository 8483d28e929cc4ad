import { createPublicKey, createVerify, type JsonWebKey } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Sandbox } from '../../sandbox/index.ts';
import { faceOf, flawOf } from '../../sandbox/teams-card.ts';

const SUPER = '5c2e8f10-0000-4000-8000-00000000000a';
let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.start({ people: [{ name: 'supervisor', ids: { teams: SUPER } }] });
});
afterEach(() => sandbox.close());

const card = (...body: object[]) => ({ type: 'AdaptiveCard', version: '1.4', body });
const run = (text: string) => ({ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text }] });
const action = { type: 'Action.Execute', title: 'Press', verb: 'x' };

describe('the imitated Teams', () => {
  it('signs with the key it lists', async () => {
    const [header = '', claims = '', signature = ''] = sandbox.teams.bearer().split('.');
    const { jwks_uri } = (await (
      await fetch(`${sandbox.endpoints.teams}/v1/.well-known/openidconfiguration`)
    ).json()) as { jwks_uri: string };
    const { keys } = (await (await fetch(jwks_uri)).json()) as { keys: (JsonWebKey & { kid: string })[] };
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
    const key = keys.find((one) => one.kid === kid) ?? {};
    const publicKey = createPublicKey({ key, format: 'jwk' });
    const verify = createVerify('RSA-SHA256').update(`${header}.${claims}`);
    expect(verify.verify(publicKey, signature, 'base64url')).toBe(true);
  });

  it('lets nobody post without a token', async () => {
    const response = await fetch(`${sandbox.endpoints.teams}/v3/conversations`, { method: 'POST', body: '{}' });
    expect([response.status, await response.json()]).toMatchObject([401, { error: { code: 'AuthorizationFailed' } }]);
  });

  it.each([
    ['an unknown element', card({ type: 'Magic' }), 'BadSyntax'],
    ['an empty run', card(run('')), 'BadSyntax'],
    ['seven actions', card({ type: 'ActionSet', actions: Array.from({ length: 7 }, () => action) }), 'BadSyntax'],
    ['an action without a title', card({ type: 'ActionSet', actions: [{ ...action, title: '' }] }), 'BadSyntax'],
    ['another version', { ...card(run('x')), version: '2.0' }, 'BadSyntax'],
    ['too much', card(run('x'.repeat(30_000))), 'MessageSizeTooBig'],
    ['what is right', card(run('x'), { type: 'ActionSet', actions: [action] }), undefined],
  ])('finds %s', (_what, given, flaw) => {
    expect(flawOf(given)).toBe(flaw);
  });

  it('reads Markdown in a text block and not in a run, and a mention only with its entity', () => {
    const mention = { type: 'mention', text: '<at>Li</at>', mentioned: { id: SUPER, name: 'Li' } };
    const drawn = card({ type: 'TextBlock', text: '**bold** <at>Li</at>' }, run('**x** <at>Li</at>'));
    expect(faceOf(drawn)).toMatchObject({ lines: ['bold Li', '**x** <at>Li</at>'], mentions: [] });
    expect(faceOf({ ...drawn, msteams: { entities: [mention] } }).mentions).toEqual([SUPER]);
  });
});
