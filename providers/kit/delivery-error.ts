import type { ErrorKind } from '../../domain/delivery.ts';
import type { Reason } from '../../domain/reason.ts';
import { reasonText } from '../../domain/words/index.ts';

/**
 * What a provider said, in our words, which name the thing and the remedy, never an address or a secret. A sentence of an
 * adapter is shown in Chinese when `domain/words/phrases.ts` knows its phrases.
 */
export class DeliveryError extends Error {
  override name = 'DeliveryError';
  readonly kind: ErrorKind;
  readonly reason: Reason;
  /** The provider's own code. */
  readonly providerCode?: string;
  /** `rate-limited` only. */
  readonly retryAfterMs?: number;

  constructor(kind: ErrorKind, reason: Reason, details: { providerCode?: string; retryAfterMs?: number } = {}) {
    super(reasonText(reason, { locale: 'en' }));
    this.kind = kind;
    this.reason = reason;
    if (details.providerCode !== undefined) this.providerCode = details.providerCode;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
  }
}
