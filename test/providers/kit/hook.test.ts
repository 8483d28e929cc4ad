import { describe, expect, it } from 'vitest';
import { DeliveryError } from '../../../providers/kit/delivery-error.ts';
import { outsideBlocks, statusError } from '../../../providers/kit/hook.ts';
import { retryAfter } from '../../../providers/kit/refusal.ts';
import { failureOf } from '../failure.ts';

describe('a bot that a vendor has blocked', () => {
  const url = new URL('https://bots.example.com/blocked');
  const limited = (retryAfterMs: number) => async () => {
    throw new DeliveryError('rate-limited', 'too many', { retryAfterMs });
  };

  it('is left alone until the block is over, and others are not', async () => {
    let now = 0;
    let sent = 0;
    const send = async () => {
      sent += 1;
    };
    const attempt = (address: URL, how: () => Promise<void>) =>
      outsideBlocks('x.bot', address, { now: () => now }, how);
    await failureOf(attempt(url, limited(600_000)));
    now = 400_000;
    expect(await failureOf(attempt(url, send))).toMatchObject({ kind: 'rate-limited', retryAfterMs: 200_000 });
    expect(sent).toBe(0);
    await attempt(new URL('https://bots.example.com/other'), send);
    now = 600_000;
    await attempt(url, send);
    expect(sent).toBe(2);
  });

  it('is asked again at once after a short pause', async () => {
    await failureOf(outsideBlocks('x.bot', url, { now: () => 0 }, limited(1000)));
    await outsideBlocks('x.bot', url, { now: () => 0 }, async () => undefined);
  });
});

describe('an answer that only has a status', () => {
  const reply = (status: number, headers: Record<string, string> = {}) =>
    statusError('x.bot', { status, headers: new Headers(headers), body: undefined, text: '' }, 'check webhook');

  it.each([
    [429, 'rate-limited'],
    [500, 'unavailable'],
    [404, 'unauthorized'],
    [200, 'unknown-outcome'],
  ])('%i is %s', (status, kind) => {
    expect(reply(status).kind).toBe(kind);
  });

  it('says when to come back', () => {
    expect(reply(429, { 'retry-after': '30' }).retryAfterMs).toBe(30_000);
    expect(retryAfter(new Headers({ 'retry-after': 'soon' }))).toBeUndefined();
  });
});
