import type { CallDrop, CallEvent, CallRequest } from './call.ts';
import type { Attempt, Route } from '../delivery.ts';
import { isSameIncident } from '../incident/occurrence.ts';
import { adapterFacts, ringMs } from '../media.ts';

/** How much later than the ring time a callback may come. */
export const CALLBACK_MS = 120_000;

/** One incident that wants to be told by telephone. */
export interface Waiting extends CallRequest {
  /** The accounts through which a call was tried for this incident, and what came of it. */
  attempts: Attempt[];
  dropped: boolean;
}

/** One call to the number. */
export interface PhoneCall {
  route: Route;
  /** Our own token of the call, which the provider is told where it has a field for it. */
  token: string;
  /**
   * The provider's id of the call. It is missing until the provider answers, and for ever when that answer was lost.
   */
  callId?: string;
  /** Who is told by this call: a key press acts on exactly these. */
  items: Waiting[];
  /** Accounts to try when this one does not take the call. */
  routes: Route[];
  /** `unknown`: the request left, no answer came, a phone may ring. */
  state: 'placing' | 'unknown' | 'ringing';
  since: number;
  /** Keys that were pressed and mean nothing. */
  odd?: string;
  /** Somebody has pressed a key, so the phone no longer rings. */
  taken?: true;
  /** The provider was asked to end it. */
  ending?: true;
}

/** The call an event is about: by our token, else the provider's id, else the only one whose id we never learnt. */
export function callOf(calls: PhoneCall[], { account, token, callId }: CallEvent, now: number): PhoneCall | undefined {
  if (token !== undefined) return calls.find((call) => call.token === token);
  const named = calls.find((call) => call.callId !== undefined && call.callId === callId);
  if (named) return named;
  const nameless = calls.filter(
    (call) => call.route.account === account && call.callId === undefined && now - call.since <= endsWithin(call),
  );
  return nameless.length === 1 ? nameless[0] : undefined;
}

/** How long a phone may ring, its state being known or not. */
export function ringTime({ route }: PhoneCall): number {
  return ringMs(route.adapter);
}

/** After this time no callback about the call is expected any more. */
export function endsWithin(call: PhoneCall): number {
  return ringTime(call) + CALLBACK_MS;
}

/** Nobody wants it any more. */
export function isUnwanted({ items }: PhoneCall): boolean {
  return items.every(({ dropped }) => dropped);
}

/** It was counted as unknown. */
export function isUnresolved({ items, route }: PhoneCall): boolean {
  const isOpen = ({ account, outcome }: Attempt): boolean => account === route.account && outcome === 'unknown';
  return items.some(({ attempts }) => attempts.some(isOpen));
}

export function isSame(a: CallDrop, b: CallDrop): boolean {
  return isSameIncident(a, b) && a.notification === b.notification;
}

/** The vendor would refuse one more call to this number now. */
export function isWindowFull({ adapter, perReceiver }: Route, placed: number[], now: number): boolean {
  return (perReceiver ?? adapterFacts(adapter).perReceiver).some(
    ({ sends, perMs }) => placed.filter((at) => now - at < perMs).length >= sends,
  );
}
