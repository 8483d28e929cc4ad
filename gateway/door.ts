import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Configuration } from '../config/configuration.ts';
import type { Directory } from '../config/duty/directory.ts';
import type { Proofs } from '../client/proofs.ts';
import type { AdapterId } from '../domain/media.ts';
import type { Adapter } from '../providers/kit/adapter.ts';
import type { Intake } from './intake.ts';
import type { Askers } from './linking/codes.ts';
import type { Looks } from './looks.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { Relay } from './relay.ts';
import type { Strangers } from './strangers.ts';

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
  looks: Looks;
  strangers: Strangers;
  askers: Askers;
  /** Bodies of those who have proved who they are by a header or an address, and of all others. */
  intake: { proved: Intake; unproved: Intake };
  /** Milliseconds since 1970. */
  now(): number;
  load(adapter: AdapterId): Promise<Adapter<unknown>>;
}
