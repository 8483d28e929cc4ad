import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { SEARCH_ATTRIBUTES } from '../domain/incident/attributes.ts';

/** Numbers of temporal.api.enums.v1.IndexedValueType. */
export const TYPES = { Keyword: 2, Int: 3 } as const;

/** A server takes this long at most until every part of it knows a new attribute; written earlier, a page would hang. */
const SPREADING_MS = 15_000;
const RPC_MS = 3000;

type Name = keyof typeof SEARCH_ATTRIBUTES;

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
  const names = Object.keys(SEARCH_ATTRIBUTES) as Name[];
  let known: Name[] = [];
  try {
    known = await listKnown(connection, namespace);
    const missing = names.filter((name) => !known.includes(name));
    if (missing.length === 0) return () => known;
    const searchAttributes = Object.fromEntries(missing.map((name) => [name, TYPES[SEARCH_ATTRIBUTES[name]]]));
    await connection.withDeadline(Date.now() + RPC_MS, () =>
      connection.operatorService.addSearchAttributes({ namespace, searchAttributes }),
    );
    const spreadAt = Date.now() + SPREADING_MS;
    return () => (Date.now() < spreadAt ? known : names);
  } catch (error) {
    const missing = names.filter((name) => !known.includes(name));
    const commands = missing.map(
      (name) =>
        `temporal operator search-attribute create -n ${namespace} --name ${name} --type ${SEARCH_ATTRIBUTES[name]}`,
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
async function listKnown(connection: NativeConnection, namespace: string): Promise<Name[]> {
  const { customAttributes } = await connection.withDeadline(Date.now() + RPC_MS, () =>
    connection.operatorService.listSearchAttributes({ namespace }),
  );
  const types = customAttributes as Record<string, number>;
  return (Object.keys(SEARCH_ATTRIBUTES) as Name[]).filter((name) => types[name] === TYPES[SEARCH_ATTRIBUTES[name]]);
}
