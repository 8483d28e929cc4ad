import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Callbacks } from './callbacks.ts';
import type { Faults } from './faults.ts';
import type { Phones } from './phones.ts';
import type { World } from './world.ts';

/** What every imitation works with. */
export interface Stage {
  world: World;
  faults: Faults;
  phones: Phones;
  callbacks: Callbacks;
  /** Whether the vendors' frequency limits are enforced. */
  limits: boolean;
}

export type Incoming = Context<{ Bindings: HttpBindings }>;
