import type { Client, Connection } from '@temporalio/client';
import type { NativeConnectionOptions } from '@temporalio/worker';
import type { Command } from 'commander';
import { grpcCode } from '../client/grpc-code.ts';
import { CommandError } from './command-error.ts';

export interface ConnectionFlags {
  address?: string;
  namespace?: string;
  profile?: string;
}

/** Where Temporal is: flags, else the environment, else the profile, else a server on this machine. */
export interface Target {
  address: string;
  namespace: string;
  /** With TLS and keys: never printed. */
  connection: NativeConnectionOptions;
}

const CONNECT_MS = 5000;

export function withConnection(command: Command): Command {
  return command
    .option('--address <host:port>', 'Temporal server (default: TEMPORAL_ADDRESS, the profile, 127.0.0.1:7233)')
    .option('--namespace <name>', 'Temporal namespace (default: TEMPORAL_NAMESPACE, the profile, default)')
    .option('--profile <name>', 'profile of temporal.toml');
}

/** @throws CommandError when the profile cannot be used. */
export async function targetOf({ address, namespace, profile }: ConnectionFlags): Promise<Target> {
  const { loadClientConnectConfig } = await import('@temporalio/envconfig');
  let loaded;
  try {
    loaded = loadClientConnectConfig(profile === undefined ? {} : { profile });
  } catch (error) {
    throw new CommandError(`the Temporal profile cannot be used: ${(error as Error).message}`);
  }
  const at = address || loaded.connectionOptions.address || '127.0.0.1:7233';
  return {
    address: at,
    namespace: namespace || loaded.namespace || 'default',
    connection: { ...loaded.connectionOptions, address: at },
  };
}

/** @throws CommandError that names the address and the remedy, when nobody answers within `withinMs`. */
export async function reach({ address, connection }: Target, withinMs = CONNECT_MS): Promise<Connection> {
  const { Connection } = await import('@temporalio/client');
  try {
    return await Connection.connect({ ...connection, connectTimeout: withinMs });
  } catch {
    throw unreachable(address);
  }
}

/** @throws CommandError in the words of a person who can do something about it. */
export async function withClient<T>(flags: ConnectionFlags, use: (client: Client) => Promise<T>): Promise<T> {
  const { Client } = await import('@temporalio/client');
  const target = await targetOf(flags);
  const connection = await reach(target);
  try {
    return await use(new Client({ connection, namespace: target.namespace }));
  } catch (error) {
    throw explained(error, target);
  } finally {
    await connection.close();
  }
}

// google.rpc.Code
const CANCELLED = 1;
const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

/** Whether the server is up and no worker has answered in time. */
export function isUnanswered(error: unknown): boolean {
  const code = grpcCode(error);
  // The server may give up just before our own deadline and answers CANCELLED then; nobody else cancels.
  return code === DEADLINE_EXCEEDED || code === CANCELLED || code === FAILED_PRECONDITION;
}

/** The server itself is away for the moment. */
export function isAway(error: unknown): boolean {
  return grpcCode(error) === UNAVAILABLE;
}

export function isNotFound(error: unknown): boolean {
  return grpcCode(error) === NOT_FOUND || (error instanceof Error && error.name === 'WorkflowNotFoundError');
}

export function explained(error: unknown, { address, namespace }: Pick<Target, 'address' | 'namespace'>): unknown {
  if (isUnanswered(error)) {
    return new CommandError('no worker answers: start one with `escalations worker`, or see `escalations doctor`');
  }
  if (error instanceof Error && error.name === 'NamespaceNotFoundError') return noNamespace(namespace, address);
  switch (grpcCode(error)) {
    case UNAVAILABLE:
      return unreachable(address);
    case PERMISSION_DENIED:
    case UNAUTHENTICATED:
      return new CommandError(
        `Temporal at ${address} refuses these credentials: check the profile or TEMPORAL_API_KEY`,
      );
    default:
      return error;
  }
}

export function noNamespace(namespace: string, address: string): CommandError {
  return new CommandError(
    `${address} has no namespace ${namespace}: name another with --namespace, or create it with ` +
      `\`temporal operator namespace create -n ${namespace}\``,
  );
}

function unreachable(address: string): CommandError {
  return new CommandError(
    `Temporal cannot be reached at ${address}: start it, or name another server with --address, TEMPORAL_ADDRESS or --profile`,
  );
}
