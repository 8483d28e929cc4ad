import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinToken, mintToken, readToken, splitToken, type Claims } from '../../../links/token.ts';

const SECRETS = ['s3cret'];
const NOW = 1_800_000_000_000;
const claims: Claims = {
  purpose: 'button',
  workflowId: 'incident-64b1352e376e32c85c56e25b',
  notification: 'n12',
  revision: 7,
  action: 'acknowledge',
  account: 'telegram-ops',
  member: 'primary',
  expiresAt: NOW + 60_000,
};
const piecesOf = (token: string) => {
  const pieces = splitToken(token);
  if (!pieces) throw new Error('no token');
  return pieces;
};

const named = {
  purpose: fc.constant('button' as const),
  workflowId: fc.string({ minLength: 1, maxLength: 140 }),
  notification: fc.nat(100_000).map((n) => `n${n}`),
  revision: fc.nat(1_000_000),
  action: fc.constantFrom('acknowledge', 'snooze', 'close', 'escalate 12', 'comment', 'reassign', ''),
  account: fc.string({ maxLength: 40 }),
  member: fc.option(fc.string({ maxLength: 64 })),
  expiresAt: fc.integer({ min: NOW / 1000, max: 4_000_000_000 }).map((seconds) => seconds * 1000),
};
const anyClaims: fc.Arbitrary<Claims> = fc.oneof(fc.record(named), fc.record({ ...named, occurrence: fc.uuid() }));

/** As 0.1.0 wrote it, before tokens named an occurrence. */
function mintVersion1({
  purpose,
  workflowId,
  notification,
  revision,
  action,
  account,
  member,
  expiresAt,
}: Claims): string {
  const parts = [1, purpose, workflowId, notification, revision, action, account, member, expiresAt / 1000];
  const body = Buffer.from(JSON.stringify(parts)).toString('base64url');
  const mac = createHmac('sha256', 's3cret').update(body).digest().subarray(0, 16);
  return `${body}.${mac.toString('base64url')}`;
}

describe('a token', () => {
  it('of 0.1.0 is good until it expires, whole or in two pieces', () => {
    const token = mintVersion1(claims);
    expect(readToken(token, 'button', SECRETS, NOW)).toEqual(claims);
    expect(readToken(joinToken(piecesOf(token)) ?? '', 'button', SECRETS, NOW)).toEqual(claims);
    expect(readToken(token, 'button', SECRETS, claims.expiresAt + 1)).toBe('expired');
  });

  it('has one spelling: the spare bits of its last character are not for anybody to choose', () => {
    const token = mintToken(claims, SECRETS);
    const alike = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_').map(
      (last) => token.slice(0, -1) + last,
    );
    expect(alike.filter((one) => readToken(one, 'button', SECRETS, NOW) !== 'forged')).toEqual([token]);
  });

  it('whose expiry is no number has expired', () => {
    expect(readToken(mintVersion1({ ...claims, expiresAt: NaN }), 'button', SECRETS, NOW)).toBe('expired');
  });
});

describe('a token in two pieces', () => {
  it('is the same token again, and its own piece fits where 64 bytes must do', () => {
    fc.assert(
      fc.property(anyClaims, (any) => {
        const token = mintToken(any, SECRETS);
        const pieces = piecesOf(token);
        expect(Buffer.byteLength(`${pieces.own}~1440`)).toBeLessThanOrEqual(64);
        expect(joinToken(pieces)).toBe(token);
        expect(readToken(joinToken(pieces) ?? '', 'button', SECRETS, NOW)).toEqual(any);
      }),
    );
  });

  it('shares one piece among the buttons of a message, also after a redraw', () => {
    const drawn = [
      claims,
      { ...claims, action: 'close' },
      { ...claims, action: 'snooze', revision: 8, expiresAt: NOW + 90_000 },
    ].map((each) => piecesOf(mintToken(each, SECRETS)));
    expect(new Set(drawn.map(({ shared }) => shared)).size).toBe(1);
    expect(new Set(drawn.map(({ own }) => own)).size).toBe(3);
  });

  it.each<Partial<Claims>>([
    { workflowId: 'incident-other' },
    { notification: 'n13' },
    { account: 'other' },
    { member: null },
    { member: 'backup' },
  ])('is forged when put together with the piece of another message: %j', (changes) => {
    const { own } = piecesOf(mintToken(claims, SECRETS));
    const { shared } = piecesOf(mintToken({ ...claims, ...changes }, SECRETS));
    expect(readToken(joinToken({ own, shared }) ?? '', 'button', SECRETS, NOW)).toBe('forged');
  });

  it('is forged when any character of the button is another', () => {
    const pieces = piecesOf(mintToken(claims, SECRETS));
    fc.assert(
      fc.property(fc.nat(pieces.own.length - 1), fc.constantFrom('a', '0', '.', '_', ' ', 'Z'), (at, mark) => {
        const own = pieces.own.slice(0, at) + mark + pieces.own.slice(at + 1);
        const read = readToken(joinToken({ ...pieces, own }) ?? '', 'button', SECRETS, NOW);
        // The last character of a signature carries four bits: two spellings of it may be the same bytes.
        if (own !== pieces.own && at < pieces.own.length - 1) expect(read).toBe('forged');
      }),
    );
  });

  it('is nothing where there is none, whatever there is', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (own, shared) => {
        expect(joinToken({ own, shared })).toBeUndefined();
        expect(splitToken(own)).toBeUndefined();
      }),
    );
    expect(splitToken('token-acknowledge')).toBeUndefined();
  });
});
