import { lookup as resolve, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { DeliveryError } from './delivery-error.ts';

/** Anybody's address on the internet: not this machine, not a neighbour, not reserved. */
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
 * For the moment of connecting, so that a name which answered well when it was checked cannot answer otherwise now. One
 * address that is not public spoils the name.
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
