import { createHmac } from 'node:crypto';

/** What telephone numbers are turned into workflow ids with. */
export interface PhoneKey {
  phoneKey?: string;
  /** Without a key of their own numbers use the last: a new secret comes first, so that it changes no id. */
  secrets: readonly string[];
}

/** @throws RangeError when there is none: with a key that everybody knows, an id would give its number away. */
export function phoneKeyOf({ phoneKey, secrets }: PhoneKey): string {
  const key = phoneKey ?? secrets.at(-1) ?? '';
  if (key === '') throw new RangeError('gateway.secrets is empty: telephone numbers cannot be turned into ids');
  return key;
}

/** Id of the workflow that owns calls to a number: the number itself appears nowhere. */
export function phoneWorkflowId(prefix: string, key: PhoneKey, e164: string): string {
  return `${prefix}.phone-${createHmac('sha256', phoneKeyOf(key)).update(e164).digest('hex').slice(0, 16)}`;
}
