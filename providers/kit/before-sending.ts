import { DeliveryError } from './delivery-error.ts';

/** What a failed preparation means for the message: a lost answer is no lost message, a refused request no refused text. */
export function beforeSending(adapter: string, error: unknown, what: string): unknown {
  if (!(error instanceof DeliveryError)) return new DeliveryError('not-sent', `${adapter}: ${what}: unreadable answer`);
  const details = error.providerCode === undefined ? {} : { providerCode: error.providerCode };
  if (error.kind === 'unknown-outcome') {
    return new DeliveryError('not-sent', `${adapter}: ${what}: ${error.message}`, details);
  }
  if (error.kind === 'refused') return new DeliveryError('unauthorized', `${error.message}: ${what}`, details);
  return error;
}
