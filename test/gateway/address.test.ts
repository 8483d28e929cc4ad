import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { addressOf } from '../../gateway/address.ts';

/** What a request from `remote` is taken to come from. */
async function seen(remote: string, forwarded?: string, trusted?: readonly string[]): Promise<string> {
  const app = new Hono().get('/', (c) => c.text(addressOf(c, trusted) ?? 'nowhere'));
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  const answer = await app.request('/', { headers }, { incoming: { socket: { remoteAddress: remote } } });
  return answer.text();
}

describe('the address of a stranger', () => {
  it('is that of the connection, whatever the stranger writes', async () => {
    expect(await seen('203.0.113.7', '198.51.100.1')).toBe('203.0.113.7');
    expect(await seen('203.0.113.7', '198.51.100.1', ['10.0.0.0/8'])).toBe('203.0.113.7');
  });

  it('is what the proxy heard, behind a proxy of ours, and not what the stranger wrote before it', async () => {
    expect(await seen('10.1.2.3', '198.51.100.1, 203.0.113.7', ['10.0.0.0/8'])).toBe('203.0.113.7');
    expect(await seen('10.1.2.3', '198.51.100.1, 203.0.113.7, 10.9.9.9', ['10.0.0.0/8'])).toBe('203.0.113.7');
    expect(await seen('::ffff:10.1.2.3', '203.0.113.7:4711', ['10.1.2.3'])).toBe('203.0.113.7');
  });

  it('is that of the proxy where it does not say whom it heard', async () => {
    expect(await seen('10.1.2.3', undefined, ['10.0.0.0/8'])).toBe('10.1.2.3');
    expect(await seen('10.1.2.3', 'unknown', ['10.0.0.0/8'])).toBe('10.1.2.3');
  });

  it('is the network of one customer in IPv6, where each has more addresses than anybody counts', async () => {
    expect(await seen('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(await seen('2001:db8:1:2:ffff::1')).toBe('2001:db8:1:2::/64');
    expect(await seen('fd00::1', '[2001:db8::9]:443', ['fd00::/8'])).toBe('2001:db8:0:0::/64');
  });

  it('is unknown where something else serves the app', async () => {
    const app = new Hono().get('/', (c) => c.text(addressOf(c) ?? 'nowhere'));
    expect(await (await app.request('/')).text()).toBe('nowhere');
  });
});
