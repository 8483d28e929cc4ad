import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { warnings } from '../../../config/lint/warnings.ts';
import { complaint, parse, sample } from '../sample.ts';

const TOKEN = 'k3Zt9-token-of-grafana';
const DIGEST = createHash('sha256').update(TOKEN).digest('hex');
const NOW = Date.parse('2026-11-20T08:00:00Z');
const gateway = (rest: string) => ({ 1: `gateway: { secrets: [pK3xZ7vQ9mT4wB6n], ${rest} }` });
const tokens = (written: string) => gateway(`tokens: { grafana: { ${written} } }`);

describe('a token of the file', () => {
  it('brings no rule and may redirect levels, where nothing else is said', () => {
    const { tokens: known } = parse(sample(tokens(`token: ${TOKEN}, scopes: [open]`))).gateway;
    expect(known).toEqual([
      {
        name: 'grafana',
        secret: TOKEN,
        sha256: DIGEST,
        scopes: ['open'],
        inlineRules: false,
        labelsRedirect: true,
        rate: { sends: 20, perMs: 2000 },
      },
    ]);
  });

  it('may stand there as a digest, which nothing can be signed with', () => {
    const written = tokens(`sha256: ${DIGEST.toUpperCase()}, scopes: [read], expires: 2027-01-31, rate: 5/1m`);
    const [token] = parse(sample(written)).gateway.tokens;
    expect(token).toMatchObject({
      sha256: DIGEST,
      expiresAt: Date.parse('2027-01-31'),
      rate: { sends: 5, perMs: 60_000 },
    });
    expect(token?.secret).toBeUndefined();
  });

  it.each([
    ['scopes: [open]', 'gateway.tokens.grafana.token: has neither `token` nor `sha256`; give one'],
    [`token: ${TOKEN}, sha256: ${DIGEST}, scopes: [open]`, 'gateway.tokens.grafana.token: has both; give one'],
    [`sha256: ${TOKEN}, scopes: [open]`, 'gateway.tokens.grafana.sha256: must be 64 hex digits'],
    [`token: ${TOKEN}`, 'gateway.tokens.grafana.scopes'],
    [`token: ${TOKEN}, scopes: [open], channels: [payment]`, 'no channel is called "payment"; known: payments'],
    [`token: ${TOKEN}, scopes: [open], expires: 31.1.2027`, 'write a date such as 2027-01-31'],
    [`token: ${TOKEN}, scopes: [open], expires: 2027-02-31T08:00`, 'write a date such as 2027-01-31'],
    [`token: ${TOKEN}, scopes: [open], rate: 100`, 'gateway.tokens.grafana.rate'],
  ])('written as { %s } is refused with what to write', (written, message) => {
    expect(complaint(tokens(written))).toContain(message);
  });

  it('can be signed with by twenty services, because a stranger makes the gateway try them all', () => {
    const entries = (count: number) =>
      Array.from({ length: count }, (_, n) => `s${n}: { token: ${TOKEN}-${n}, scopes: [open] }`).join(', ');
    expect(parse(sample(gateway(`tokens: { ${entries(20)} }`))).gateway.tokens).toHaveLength(20);
    expect(complaint(gateway(`tokens: { ${entries(21)} }`))).toContain(
      'gateway.tokens: has 21 tokens to sign with, each of which is tried; at most 20, the others as sha256',
    );
  });

  it('is that of one service alone', () => {
    const both = `a: { token: ${TOKEN}, scopes: [open] }, b: { sha256: ${DIGEST}, scopes: [open] }`;
    expect(complaint(gateway(`tokens: { ${both} }`))).toContain(
      'gateway.tokens.b: is the token of a too; give each its own',
    );
  });

  it('is warned of when it is over, soon will be, or is one of the old ones', () => {
    const about = (changed: Record<number, string>) =>
      warnings(parse(sample(changed)), NOW).filter(
        (sentence) => sentence.startsWith('gateway.') && sentence.includes('oken'),
      );
    expect(about(tokens(`token: ${TOKEN}, scopes: [open], expires: 2027-01-31`))).toEqual([]);
    expect(about(tokens(`token: ${TOKEN}, scopes: [open], expires: 2026-11-30`))).toEqual([
      'gateway.tokens.grafana expires on 2026-11-30T00:00:00.000Z: make a new one with `escalations token new`',
    ]);
    expect(about(tokens(`token: ${TOKEN}, scopes: [open], expires: 2026-11-01`))).toEqual([
      'gateway.tokens.grafana has expired on 2026-11-01T00:00:00.000Z and is refused: make a new one with `escalations token new`',
    ]);
    expect(about(gateway(`incidentTokens: [${TOKEN}]`))).toEqual([
      'gateway.incidentTokens is old: each of them may open every incident and act on it, without a name. Move it to gateway.tokens, such as { grafana: { token: …, scopes: [open, act] } }',
    ]);
  });
});
