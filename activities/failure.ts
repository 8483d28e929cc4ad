import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { ErrorKind } from '../domain/delivery.ts';
import { reasonText } from '../domain/words/index.ts';
import { DeliveryError } from '../providers/kit/delivery-error.ts';
import type { FailedAttempt } from './contract.ts';

/** When a provider asks for a longer pause than this, the next account takes over at once. */
const LONGEST_PAUSE_MS = 10_000;
/**
 * The pause before the same message is sent again after a lost answer, at providers that show a repeated message once.
 */
const RESEND_PAUSE_MS = 4000;

/** Kinds after which the same attempt may be made again. Unknown outcomes only where repeating shows it once. */
const RETRYABLE: readonly ErrorKind[] = ['not-sent', 'unavailable', 'rate-limited'];

/**
 * Decides what Temporal does about a failed attempt; nothing else does.
 * @param earlier attempts the server has already repeated, for the workflow, which never sees them.
 */
export function toFailure(
  error: unknown,
  { repeatSafe, earlier }: { repeatSafe: boolean; earlier: FailedAttempt[] },
): ApplicationFailure {
  const attempt = failedAttempt(error);
  const pauseMs = error instanceof DeliveryError ? error.retryAfterMs : undefined;
  const isRetryable =
    (RETRYABLE.includes(attempt.kind) && (pauseMs ?? 0) <= LONGEST_PAUSE_MS) ||
    (repeatSafe && attempt.kind === 'unknown-outcome');
  const failure = ApplicationFailure.create({
    message: reasonText(attempt.reason, { locale: 'en' }),
    type: attempt.kind,
    nonRetryable: !isRetryable,
    details: [attempt, earlier],
    category: ApplicationFailureCategory.BENIGN,
    ...(pauseMs !== undefined && isRetryable && { nextRetryDelay: Math.max(pauseMs, 1) }),
    ...(attempt.kind === 'unknown-outcome' && isRetryable && { nextRetryDelay: RESEND_PAUSE_MS }),
  });
  return withoutStack(failure);
}

/** A refusal of a provider is no defect of ours, so the stack is left out: it would only fill the history. */
export function withoutStack(failure: ApplicationFailure): ApplicationFailure {
  failure.stack = '';
  return failure;
}

/** Anything that is no {@link DeliveryError} is a defect of ours: its text may hold an address, so it stays in the log. */
export function failedAttempt(error: unknown): FailedAttempt {
  if (error instanceof DeliveryError) {
    const { kind, reason, providerCode } = error;
    return { kind, reason, ...(providerCode !== undefined && { code: providerCode }) };
  }
  return { kind: 'unknown-outcome', reason: { key: 'adapter-failed' } };
}
