import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';

// The two of temporal.api.enums.v1.IndexedValueType that we use.
const KEYWORD = 2;
const INT = 3;

/** What lists and filters in the Web UI can show of an incident. */
export const ATTRIBUTES: Readonly<Record<string, { type: number; cli: string }>> = {
  IncidentNumber: { type: KEYWORD, cli: 'Keyword' },
  IncidentSeverity: { type: KEYWORD, cli: 'Keyword' },
  IncidentProgress: { type: KEYWORD, cli: 'Keyword' },
  IncidentChannel: { type: KEYWORD, cli: 'Keyword' },
  EscalationRule: { type: KEYWORD, cli: 'Keyword' },
  EscalationLevel: { type: INT, cli: 'Int' },
};

/** A server takes this long at most until every part of it knows a new attribute; written earlier, a page would hang. */
const SPREADING_MS = 15_000;
const RPC_MS = 3000;

/**
 * Registers the attributes this server lacks. A server that refuses still pages: those are left out, and the operator
 * is told the command.
 * @returns the attributes that may be written by now, asked anew each time.
 */
export async function registerAttributes(
  connection: NativeConnection,
  namespace: string,
  logger: Logger,
): Promise<() => readonly string[]> {
  const names = Object.keys(ATTRIBUTES);
  let known: string[] = [];
  try {
    known = await listKnown(connection, namespace);
    const missing = names.filter((name) => !known.includes(name));
    if (missing.length === 0) return () => known;
    const searchAttributes = Object.fromEntries(missing.map((name) => [name, ATTRIBUTES[name]?.type ?? 0]));
    await connection.withDeadline(Date.now() + RPC_MS, () =>
      connection.operatorService.addSearchAttributes({ namespace, searchAttributes }),
    );
    const spreadAt = Date.now() + SPREADING_MS;
    return () => (Date.now() < spreadAt ? known : names);
  } catch (error) {
    const missing = names.filter((name) => !known.includes(name));
    const commands = missing.map(
      (name) =>
        `temporal operator search-attribute create -n ${namespace} --name ${name} --type ${ATTRIBUTES[name]?.cli ?? ''}`,
    );
    const reason = error instanceof Error ? error.message : 'unknown';
    logger.warn(
      { missing, commands, reason },
      'search attributes could not be registered: lists show less, pages go out',
    );
    return () => known;
  }
}

/** Ours that the server has, with the type we write: one of another type would fail the workflow task as well. */
async function listKnown(connection: NativeConnection, namespace: string): Promise<string[]> {
  const { customAttributes } = await connection.withDeadline(Date.now() + RPC_MS, () =>
    connection.operatorService.listSearchAttributes({ namespace }),
  );
  return Object.entries(ATTRIBUTES)
    .filter(([name, { type }]) => (customAttributes as Record<string, number>)[name] === type)
    .map(([name]) => name);
}
