import { afterEach, beforeEach } from 'vitest';
import type { z } from 'zod';
import type { MessageAdapter } from '../../../providers/kit/adapter.ts';
import { createIo } from '../../../providers/kit/http.ts';
import type { Page } from '../../../providers/kit/message.ts';
import { Sandbox, type SandboxCard, type SandboxOptions } from '../../../sandbox/index.ts';

export const io = createIo({ timeoutMs: 5000 });

/** The bot of a group whose platform is imitated anew for each test. */
export interface Bot<Account> {
  readonly sandbox: Sandbox;
  /** From here on the platform takes no more than it says. */
  withLimits: () => Promise<void>;
  accountOf: (changes?: object) => Account;
  send: (delivery: Page, changes?: object) => ReturnType<MessageAdapter<Account>['send']>;
  /** What was posted last. */
  last: () => SandboxCard | undefined;
}

/**
 * @param imitated what the platform knows: its people, and the bot's secrets.
 * @param written the account as it stands in the file, but for its address, `endpoint` of the sandbox.
 */
export function openBot<Schema extends z.ZodType>(
  adapter: MessageAdapter<z.output<Schema>>,
  schema: Schema,
  imitated: Omit<SandboxOptions, 'limits'>,
  { endpoint, ...written }: { endpoint: keyof Sandbox['endpoints'] } & Record<string, unknown>,
): Bot<z.output<Schema>> {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.start({ ...imitated, limits: false });
  });
  afterEach(() => sandbox.close());
  const accountOf = (changes: object = {}): z.output<Schema> =>
    schema.parse({ ...written, baseUrl: sandbox.endpoints[endpoint], ...changes });
  return {
    get sandbox() {
      return sandbox;
    },
    async withLimits() {
      await sandbox.close();
      sandbox = await Sandbox.start({ ...imitated, limits: true });
    },
    accountOf,
    send: (delivery, changes) => adapter.send(delivery, accountOf(changes), io),
    last: () => sandbox.world.cards.at(-1),
  };
}
