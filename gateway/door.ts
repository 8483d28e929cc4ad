import { talk } from '../client/talk.ts';
import { INCIDENT } from '../domain/messages.ts';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Configuration } from '../config/configuration.ts';
import type { Directory } from '../config/duty/directory.ts';
import type { Proofs } from '../client/proofs.ts';
import type { AdapterId } from '../domain/media.ts';
import type { IncidentView } from '../domain/incident/view.ts';
import type { Adapter } from '../providers/kit/adapter.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { Relay } from './relay.ts';

/** What every route of the gateway works with. */
export interface Door {
  /** Read anew for each request: a reload replaces it. */
  source: { readonly current: Configuration };
  client: Client;
  directory: Pick<Directory, 'member' | 'findByIdentity'>;
  logger: Logger;
  metrics: GatewayMetrics;
  relay: Relay;
  proofs: Proofs;
  /** Milliseconds since 1970. */
  now(): number;
  load(adapter: AdapterId): Promise<Adapter<unknown>>;
}

/**
 * What the incident looks like now, every signal before it included. Works on closed incidents too, as long as they
 * are kept. @throws when no worker or server answers in time; WorkflowNotFoundError when there is no such incident.
 */
export function describeIncident(client: Client, workflowId: string, budgetMs: number): Promise<IncidentView> {
  return talk(client, { withinMs: budgetMs }).ask(INCIDENT, workflowId, 'describe');
}
