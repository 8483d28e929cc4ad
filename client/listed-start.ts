import { isGrpcServiceError, ServiceError, type Client } from '@temporalio/client';
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import type { EscalationState } from '../domain/incident/attributes.ts';
import type { Severity } from '../domain/incident/incident.ts';

// google.rpc.Code
const INVALID_ARGUMENT = 3;
const UNIMPLEMENTED = 12;
const PROBE_MS = 1000;
/**
 * How long a server that lacks the attributes is not tried with them again; a worker may have registered them by then.
 */
const REMEMBERED_MS = 5 * 60_000;

const STATE = defineSearchAttributeKey('EscalationState', 'KEYWORD');
const SEVERITY = defineSearchAttributeKey('IncidentSeverity', 'KEYWORD');

const refusedAt = new WeakMap<Client, number>();
const probed = new WeakMap<Client, Promise<boolean>>();

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
  if (Date.now() - (refusedAt.get(client) ?? -Infinity) < REMEMBERED_MS || !(await keepsAttributes(client))) {
    return start();
  }
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

/**
 * False for Temporal's time-skipping test server, where a refused start leaves half a run behind that keeps the id. It is
 * known by not being able to list attributes; asked once for each client.
 */
function keepsAttributes(client: Client): Promise<boolean> {
  const known = probed.get(client) ?? probe(client);
  probed.set(client, known);
  return known;
}

async function probe(client: Client): Promise<boolean> {
  const { namespace } = client.options;
  try {
    await client.withDeadline(Date.now() + PROBE_MS, () =>
      client.connection.operatorService.listSearchAttributes({ namespace }),
    );
    return true;
  } catch (error) {
    return !(isGrpcServiceError(error) && (error.code as number) === UNIMPLEMENTED);
  }
}

function isUnknownAttribute(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return (
    isGrpcServiceError(cause) && (cause.code as number) === INVALID_ARGUMENT && /search attribute/i.test(cause.message)
  );
}
