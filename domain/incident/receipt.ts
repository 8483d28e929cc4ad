/** What a provider told about a message after taking it. Signal `receipt` of the incident. */
export interface Receipt {
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
  const { notification, account, outcome, reason, code } = (raw ?? {}) as Partial<Record<keyof Receipt, unknown>>;
  if (typeof notification !== 'string' || typeof account !== 'string') return undefined;
  if (outcome !== 'delivered' && outcome !== 'failed') return undefined;
  const more = { ...(typeof reason === 'string' && { reason }), ...(typeof code === 'string' && { code }) };
  return { notification, account, outcome, ...more };
}
