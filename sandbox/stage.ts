// What all imitations share, and what a person does to a card.

import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type { AdapterId } from '../domain/media.ts';
import type { Callbacks } from './callbacks.ts';
import type { Faults } from './faults.ts';
import type { Phones } from './phones.ts';
import type { SandboxCard, SandboxText, Vendor, World } from './world.ts';

/** Somebody presses a control of a drawn card. */
export interface Tap {
  /** The platform's id of who presses; needs not be one of the sandbox's people. */
  identity: string;
  /** `id` or `label` of the control. */
  control: string;
  /** Of a menu: the label or the value of the choice. */
  option?: string;
  /** For a form field. */
  text?: string;
}

/** What came back from us and what the presser sees of it. */
export interface Tapped {
  /** 0: no answer. */
  status: number;
  body: unknown;
  toast?: { type: string; content: string };
  /** What the platform shows when the press failed. */
  error?: string;
}

/** What all imitations share: port, people, phones, callbacks and faults. */
export interface Stage {
  /** The HTTP port that imitations share: their requests tell them apart. */
  app: Hono<{ Bindings: HttpBindings }>;
  /** Address of that port, known once it listens. */
  base: () => string;
  /** What stands in `escalations.yaml` for an account at this sandbox; an imitation enters itself. */
  accounts: Map<AdapterId, (baseUrl: string) => Record<string, unknown>>;
  world: World;
  faults: Faults;
  phones: Phones;
  callbacks: Callbacks;
  /** How each chat platform carries a press to us; an imitation enters itself. */
  taps: Map<Vendor, (card: SandboxCard, tap: Tap) => Promise<Tapped>>;
  /** How each vendor carries an answer to a text message to us; an imitation enters itself. */
  replies: Map<Vendor, (text: SandboxText, words: string) => Promise<unknown>>;
  /** Whether the vendors' frequency limits are enforced. */
  limits: boolean;
}

export type Incoming = Context<{ Bindings: HttpBindings }>;
