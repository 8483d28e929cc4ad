import { OUTCOMES, type Attempt, type Route } from '../delivery.ts';
import { readMeant, type IncidentRef } from '../incident/occurrence.ts';
import { SEVERITIES, type Severity } from '../incident/incident.ts';

/** One incident that wants to be told to one person by telephone. Signal `request` of the phone workflow. */
export interface CallRequest extends IncidentRef {
  notification: string;
  member: string;
  number: string;
  title: string;
  severity: Severity;
  channel?: string;
  /** The level it is about: whoever escalates by a key asks for the one after it. */
  level?: number;
  /** Accounts in order of preference. */
  routes: Route[];
}

/** The incident no longer wants the call. Signal `drop` of the phone workflow. */
export interface CallDrop extends IncidentRef {
  notification: string;
}

/**
 * What a provider told about a call. Signal `callback` of the phone workflow. Matched by `token`, else by `callId`, else
 * as the only call of `account` whose id is not known yet.
 */
export interface CallEvent {
  account: string;
  /** Ours, echoed (Alibaba `out_id`). */
  token?: string;
  /** The provider's id of the call. */
  callId?: string;
  /** All keys pressed so far, such as `1` or `11`. */
  keys?: string;
  /** Present once the call is over. */
  ended?: { outcome: 'answered' | 'unanswered' | 'failed'; reason: string; code?: string };
}

/** Reads what arrived as the signal `request`; undefined when it is none. */
export function readCallRequest(raw: unknown): CallRequest | undefined {
  const given = (raw ?? {}) as Partial<Record<keyof CallRequest, unknown>>;
  const { severity, channel, level, routes } = given;
  const isNamed = (['workflowId', 'notification', 'member', 'number', 'title'] as const).every(
    (key) => typeof given[key] === 'string',
  );
  const isRequest =
    isNamed &&
    SEVERITIES.includes(severity as Severity) &&
    ['string', 'undefined'].includes(typeof channel) &&
    ['number', 'undefined'].includes(typeof level) &&
    Array.isArray(routes) &&
    routes.every(isRoute);
  return isRequest ? { ...(raw as CallRequest), occurrence: readMeant(raw).occurrence } : undefined;
}

/** Reads what arrived as the signal `drop`; undefined when it is none. */
export function readCallDrop(raw: unknown): CallDrop | undefined {
  const { workflowId, notification } = (raw ?? {}) as Partial<Record<keyof CallDrop, unknown>>;
  if (typeof workflowId !== 'string' || typeof notification !== 'string') return undefined;
  return { workflowId, notification, ...readMeant(raw) };
}

/** Reads what arrived as the signal `callback`; undefined when it is none. */
export function readCallEvent(raw: unknown): CallEvent | undefined {
  const given = (raw ?? {}) as Partial<Record<keyof CallEvent, unknown>>;
  const isEvent =
    typeof given.account === 'string' &&
    (['token', 'callId', 'keys'] as const).every((key) => ['string', 'undefined'].includes(typeof given[key])) &&
    (given.ended === undefined || isEnd(given.ended));
  return isEvent ? (raw as CallEvent) : undefined;
}

function isEnd(raw: unknown): boolean {
  const { outcome, reason } = (raw ?? {}) as Partial<Record<'outcome' | 'reason', unknown>>;
  return typeof reason === 'string' && ['answered', 'unanswered', 'failed'].includes(String(outcome));
}

function isRoute(raw: unknown): boolean {
  const { account, adapter } = (raw ?? {}) as Partial<Record<keyof Route, unknown>>;
  return typeof account === 'string' && typeof adapter === 'string';
}

/** The phone workflow's word to an incident. Signal `call` of the incident. */
export interface CallWord {
  /** The occurrence of the incident that wanted the call. */
  occurrence?: string;
  notification: string;
  /** `calling`: a phone rings now, through `attempts` last account. `over`: nothing more will be tried here. */
  phase: 'calling' | 'over';
  attempts: Attempt[];
  /** While `calling`: our token of the call, and how many incidents it announces. */
  call?: { token: string; incidents: number };
}

/** Reads what arrived as the signal `call`; undefined when it is none. */
export function readCallWord(raw: unknown): CallWord | undefined {
  const { notification, phase, attempts, call } = (raw ?? {}) as Partial<Record<keyof CallWord, unknown>>;
  const isWord = typeof notification === 'string' && (phase === 'calling' || phase === 'over');
  if (!isWord || !Array.isArray(attempts) || !attempts.every(isAttempt)) return undefined;
  return { ...readMeant(raw), notification, phase, attempts, ...(isCall(call) && { call }) };
}

function isCall(raw: unknown): raw is NonNullable<CallWord['call']> {
  const { token, incidents } = (raw ?? {}) as Partial<Record<'token' | 'incidents', unknown>>;
  return typeof token === 'string' && typeof incidents === 'number';
}

function isAttempt(raw: unknown): raw is Attempt {
  const { account, adapter, outcome } = (raw ?? {}) as Partial<Record<keyof Attempt, unknown>>;
  return typeof account === 'string' && typeof adapter === 'string' && OUTCOMES.includes(outcome as Attempt['outcome']);
}

/** One phone call, as the channel worker is asked for it. */
export interface CallOrder extends Route {
  /** 15 characters of `0-9 a-z`, told to the provider where it has a field for it. */
  token: string;
  member: string;
  /** Every incident this call announces, the worst first. */
  items: (IncidentRef & Pick<CallRequest, 'notification' | 'number' | 'title' | 'severity' | 'channel' | 'level'>)[];
}

/** Everything that a joined call announces, for the person to read while it rings: the worst first. */
export type CallList = Pick<CallOrder, 'token' | 'member' | 'items'>;

/** A call to be ended while it rings, as the channel worker is asked for it. The activity is named `<adapter>.cancel`. */
export interface CallEnd extends Route {
  token: string;
  callId: string;
}

/** Answer of the channel worker: the provider took it. */
export interface CallPlaced {
  /** The provider's id of the call. */
  callId: string;
}
