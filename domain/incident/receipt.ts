import { readOccurrence } from './occurrence.ts';

/** What a provider told about a message after taking it. Signal `receipt` of the incident. */
export interface Receipt {
  /** The occurrence of the incident that the message was about. */
  occurrence?: string;
  /** Notification id, `n1`, … */
  notification: string;
  account: string;
  outcome: 'delivered' | 'failed';
  /** In English, as its adapter says it. */
  reason?: string;
  code?: string;
}

/** Reads the argument of the signal `receipt`; undefined when it does not have our shape. */
export function readReceipt(raw: unknown): Receipt | undefined {
  const given = (raw ?? {}) as Partial<Record<keyof Receipt, unknown>>;
  const { occurrence, notification, account, outcome, reason, code } = given;
  if (typeof notification !== 'string' || typeof account !== 'string') return undefined;
  if (outcome !== 'delivered' && outcome !== 'failed') return undefined;
  const more = { ...(typeof reason === 'string' && { reason }), ...(typeof code === 'string' && { code }) };
  return { ...readOccurrence(occurrence), notification, account, outcome, ...more };
}
