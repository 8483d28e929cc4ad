import { createHmac } from 'node:crypto';

/** Id of the workflow that owns calls to a number: the number itself appears nowhere. */
export function phoneWorkflowId(prefix: string, secret: string, e164: string): string {
  return `${prefix}.phone-${createHmac('sha256', secret).update(e164).digest('hex').slice(0, 16)}`;
}
