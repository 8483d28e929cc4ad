import { lookup as resolve, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { DeliveryError } from './delivery-error.ts';

/** Whether an address is one of the public internet: not this machine, not the local network, not reserved. */
export function isPublic(address: string): boolean {
  // `process` reads ::ffff:127.0.0.1 as the IPv4 address it is.
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';
}

/** A host that is written as an address is never looked up. @throws DeliveryError */
export function refusePrivateHost({ hostname, host }: URL): void {
  const bare = hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(bare) && !isPublic(bare)) throw notPublic(host);
}

/**
 * A DNS lookup that refuses a name with any address that is not public. The connection itself uses it, so that a name
 * cannot resolve to another address between check and connection.
 * @param ask for tests.
 */
export function publicLookup(ask: typeof resolve = resolve): LookupFunction {
  return (hostname, options, callback) => {
    ask(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) {
        callback(error, '', 0);
        return;
      }
      const [first] = addresses;
      if (!first || !addresses.every(({ address }) => isPublic(address))) callback(notPublic(hostname), '', 0);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function notPublic(host: string): DeliveryError {
  return new DeliveryError('unauthorized', `${host} is a private address; set allowPrivate: true if that is meant`);
}
