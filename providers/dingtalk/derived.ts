import { createHash, createHmac } from 'node:crypto';
import type { DingtalkAppAccount } from './account.ts';

/** What DingTalk signs presses with: chosen by us when the address is registered, the same in every process. */
export function cardSecretOf({ clientSecret, callbackSecret }: DingtalkAppAccount): string {
  return createHmac('sha256', clientSecret).update(`card callbacks ${callbackSecret}`).digest('base64url');
}

/** Name of a registered address. Each address has its own: two deployments of one app leave each other's alone. */
export function routeKeyOf(callbackUrl: string): string {
  return `escalations-${createHash('sha256').update(callbackUrl).digest('hex').slice(0, 24)}`;
}

/** Names a card for ever: the same for every attempt to send it, and to be guessed by nobody. 43 characters. */
export function outTrackIdOf(key: string, { clientSecret }: DingtalkAppAccount): string {
  return createHmac('sha256', clientSecret).update(`card ${key}`).digest('base64url');
}
