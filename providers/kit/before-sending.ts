import { DeliveryError } from './delivery-error.ts';

/**
 * Translates the error of a request that prepares a message. A lost answer to it means `not-sent`, because the message
 * itself has not left; a refused request says nothing about the text of the message.
 */
export function beforeSending(adapter: string, error: unknown, what: string): unknown {
  if (!(error instanceof DeliveryError)) return new DeliveryError('not-sent', `${adapter}: ${what}: unreadable answer`);
  const details = error.providerCode === undefined ? {} : { providerCode: error.providerCode };
  if (error.kind === 'unknown-outcome') {
    return new DeliveryError('not-sent', `${adapter}: ${what}: ${error.message}`, details);
  }
  if (error.kind === 'refused') return new DeliveryError('unauthorized', `${error.message}: ${what}`, details);
  return error;
}
