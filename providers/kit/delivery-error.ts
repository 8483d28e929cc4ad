import type { ErrorKind } from '../../domain/delivery.ts';

/** What a provider said, in our words. The message names the thing and the remedy, never an address or a secret. */
export class DeliveryError extends Error {
  override name = 'DeliveryError';
  readonly kind: ErrorKind;
  /** The provider's own code. */
  readonly providerCode?: string;
  /** `rate-limited` only. */
  readonly retryAfterMs?: number;

  constructor(kind: ErrorKind, message: string, details: { providerCode?: string; retryAfterMs?: number } = {}) {
    super(message);
    this.kind = kind;
    if (details.providerCode !== undefined) this.providerCode = details.providerCode;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
  }
}
