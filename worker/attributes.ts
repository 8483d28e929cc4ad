import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { SEARCH_ATTRIBUTES } from '../domain/incident/attributes.ts';

/** Numbers of temporal.api.enums.v1.IndexedValueType. */
export const TYPES = { Keyword: 2, Int: 3 } as const;

/**
 * How long a server takes at most until every part of it knows a new attribute. An attribute written earlier would fail
 * the workflow task, and the page would hang.
 */
const SPREADING_MS = 15_000;
const RPC_MS = 3000;

type Name = keyof typeof SEARCH_ATTRIBUTES;
const NAMES = Object.keys(SEARCH_ATTRIBUTES) as Name[];

/**
 * Registers the attributes this server lacks, one by one: a namespace may have room for some of them. A server that
 * refuses still pages: what it refused is left out, and the operator is told the command.
 * @returns the attributes that may be written by now, asked anew each time.
 */
export async function registerAttributes(
  connection: NativeConnection,
  namespace: string,
  logger: Logger,
): Promise<() => readonly string[]> {
  let known: readonly Name[] = [];
  const registered: Name[] = [];
  let refusal: unknown;
  try {
    const types = await listTypes(connection, namespace);
    // One of another type would fail the workflow task as well; it is not registered over.
    known = NAMES.filter((name) => types[name] === TYPES[SEARCH_ATTRIBUTES[name]]);
    for (const name of NAMES.filter((one) => types[one] === undefined)) {
      try {
        await register(connection, namespace, name);
        registered.push(name);
      } catch (error) {
        refusal = error;
      }
    }
  } catch (error) {
    refusal = error;
  }
  const missing = NAMES.filter((name) => !known.includes(name) && !registered.includes(name));
  if (missing.length > 0) {
    const commands = missing.map(
      (name) =>
        `temporal operator search-attribute create -n ${namespace} --name ${name} --type ${SEARCH_ATTRIBUTES[name]}`,
    );
    const reason = refusal instanceof Error ? refusal.message : 'another type';
    logger.warn(
      { missing, commands, reason },
      'search attributes could not be registered: lists show less, pages go out',
    );
  }
  const spreadAt = Date.now() + SPREADING_MS;
  return () => (Date.now() < spreadAt ? known : [...known, ...registered]);
}

async function register(connection: NativeConnection, namespace: string, name: Name): Promise<void> {
  const searchAttributes = { [name]: TYPES[SEARCH_ATTRIBUTES[name]] };
  await connection.withDeadline(Date.now() + RPC_MS, () =>
    connection.operatorService.addSearchAttributes({ namespace, searchAttributes }),
  );
}

/** What the server has, by name. */
async function listTypes(connection: NativeConnection, namespace: string): Promise<Record<string, number | undefined>> {
  const { customAttributes } = await connection.withDeadline(Date.now() + RPC_MS, () =>
    connection.operatorService.listSearchAttributes({ namespace }),
  );
  return customAttributes;
}
