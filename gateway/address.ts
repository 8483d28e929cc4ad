import { isIP } from 'node:net';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import ipaddr from 'ipaddr.js';

/**
 * From where a request came: an IPv4 address, or the /64 network of an IPv6 address, which one customer has for
 * themselves. Behind a proxy of ours the one before it, as `X-Forwarded-For` says; that header is believed of nobody else.
 * Undefined where the app is served by something else than our listener.
 * @param trustedProxies addresses and networks, such as `10.0.0.0/8`.
 */
export function addressOf(c: Context, trustedProxies: readonly string[] = []): string | undefined {
  const remote = remoteOf(c);
  if (remote === undefined) return undefined;
  const isOurs = (address: Address): boolean => trustedProxies.some((network) => isWithin(address, network));
  let known = remote;
  // Every proxy appends whom it heard: what stands before the first one that is not ours was written by strangers.
  for (const part of (c.req.header('x-forwarded-for') ?? '').split(',').reverse()) {
    const before = parsed(part.trim());
    if (!isOurs(known) || before === undefined) break;
    known = before;
  }
  if (known.kind() === 'ipv4') return known.toString();
  const network = (known as ipaddr.IPv6).parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

function remoteOf(c: Context): Address | undefined {
  try {
    return parsed(getConnInfo(c).remote.address ?? '');
  } catch {
    return undefined;
  }
}

/** Without the port that some proxies append. IPv4 that a socket for both writes as IPv6 is IPv4. */
function parsed(written: string): Address | undefined {
  const bare = /^\[(.+)\](?::\d+)?$/.exec(written)?.[1] ?? /^([\d.]+):\d+$/.exec(written)?.[1] ?? written;
  return isIP(bare) === 0 ? undefined : ipaddr.process(bare);
}

function isWithin(address: Address, network: string): boolean {
  const [base = '', bits] = network.split('/');
  const block = ipaddr.process(base);
  if (block.kind() !== address.kind()) return false;
  return address.match(block, bits === undefined ? block.toByteArray().length * 8 : Number(bits));
}
