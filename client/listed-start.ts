import { isGrpcServiceError, ServiceError, type Client } from '@temporalio/client';
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import type { EscalationState } from '../domain/incident/attributes.ts';
import type { Severity } from '../domain/incident/incident.ts';

const INVALID_ARGUMENT = 3;
/** A server that lacks the attributes is not asked again before; a worker may have registered them by then. */
const REMEMBERED_MS = 5 * 60_000;

const STATE = defineSearchAttributeKey('EscalationState', 'KEYWORD');
const SEVERITY = defineSearchAttributeKey('IncidentSeverity', 'KEYWORD');

const refusedAt = new WeakMap<Client, number>();

/**
 * Starts an incident so that lists show it at once, also while no worker is up: with the search attributes that say how
 * it stands. A server that does not know them refuses the start; it is then repeated without, because a page matters
 * more than a list.
 */
export async function startListed<T>(
  client: Client,
  { severity, state }: { severity: Severity; state: EscalationState },
  start: (typedSearchAttributes?: SearchAttributePair[]) => Promise<T>,
): Promise<T> {
  if (Date.now() - (refusedAt.get(client) ?? -Infinity) < REMEMBERED_MS) return start();
  try {
    return await start([
      { key: STATE, value: state },
      { key: SEVERITY, value: severity },
    ]);
  } catch (error) {
    if (!isUnknownAttribute(error)) throw error;
    refusedAt.set(client, Date.now());
    return start();
  }
}

function isUnknownAttribute(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return (
    isGrpcServiceError(cause) && (cause.code as number) === INVALID_ARGUMENT && /search attribute/i.test(cause.message)
  );
}
