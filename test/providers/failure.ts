import { DeliveryError } from '../../providers/kit/delivery-error.ts';

/** What it was refused with; fails when it was not. */
export async function failureOf(promise: Promise<unknown>): Promise<DeliveryError> {
  const error = await promise.then(
    () => 'it succeeded',
    (reason: unknown) => reason,
  );
  if (error instanceof DeliveryError) return error;
  throw new Error('expected a DeliveryError', { cause: error });
}
