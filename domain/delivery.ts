import type { Reason } from './reason.ts';

/**
 * What became of telling one person or group.
 * `answered` is not acknowledged, `delivered` is not read, voicemail is nobody.
 */
export const OUTCOMES = [
  'pending', // planned or under way
  'accepted', // the provider took it
  'delivered', // the provider says it arrived
  'answered', // a call was picked up (reasons: hung up, machine)
  'unanswered', // busy, no answer
  'failed', // the provider took it and could not deliver
  'rejected', // the provider refused this person, address, text or account
  'unreachable', // no address, not linked, no device
  'expired', // waited too long in a queue
  'unknown', // the request left and no answer came
  'suppressed', // cancelled before it started
  'late', // went out although somebody had just acknowledged
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/**
 * Why a provider did not take it. A closed set: adapters say what happened, `activities/failure.ts` decides what
 * Temporal does about it, `domain/incident/pursuit.ts` what is tried next.
 */
export const ERROR_KINDS = [
  'rejected', // this person or address: another medium
  'unreachable', // we have no address for this person here
  'refused', // this text or template: plain text once, then the next account
  'unauthorized', // credentials: next account, and the operator hears
  'exhausted', // money or monthly quota: next account, and the operator hears
  'rate-limited', // again after `retryAfterMs`
  'unavailable', // the provider answered that it cannot now
  'not-sent', // nothing left this machine
  'unknown-outcome', // it left and no answer came: it may have happened
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** Where something can be sent: an account and the adapter that speaks for it. */
export interface Route {
  account: string;
  adapter: string;
  /**
   * What the vendor takes per receiving address, for accounts whose contract differs from the adapter's own windows.
   */
  perReceiver?: readonly Window[];
  /** Calls: what each key does, where it is not 1 and 2. */
  keys?: Keys;
}

/** What a key on a telephone does. */
export type Keys = Readonly<Record<string, 'acknowledge' | 'escalate'>>;

/** How many sends one address takes in how long. */
export interface Window {
  sends: number;
  perMs: number;
}

/** One try of one notification through one account. */
export interface Attempt extends Route {
  medium: string;
  outcome: Outcome;
  /** What happened and what to do about it. Never an address, a secret or a text. */
  reason?: Reason;
  /** The provider's own code. */
  code?: string;
  /** Why it was not taken, in our words; absent when it was. */
  kind?: ErrorKind | 'expired';
  /** ISO 8601. */
  at: string;
}

/** What a worker that dies leaves behind: its request may have left. */
export const LOST_WITH_WORKER = { kind: 'unknown-outcome', reason: { key: 'worker-lost' } } as const;

/** The provider's own ids of a sent message, by which it can be redrawn. They mean nothing to us. */
export type Handle = Record<string, string>;

/** What a failed attempt means for the person. */
export const OUTCOME_OF: Record<ErrorKind, Outcome> = {
  rejected: 'rejected',
  unreachable: 'unreachable',
  refused: 'rejected',
  unauthorized: 'rejected',
  exhausted: 'rejected',
  'rate-limited': 'rejected',
  unavailable: 'failed',
  'not-sent': 'failed',
  'unknown-outcome': 'unknown',
};
