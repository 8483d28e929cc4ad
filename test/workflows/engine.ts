import { Context } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { createChannel } from '../../activities/channel.ts';
import { createPlanning } from '../../activities/plan.ts';
import { yamlDirectory } from '../../config/duty/directory.ts';
import { parseConfiguration } from '../../config/load.ts';
import { ConfigurationSource } from '../../config/watch.ts';
import { adapterFacts } from '../../domain/media.ts';
import type { MessageAdapter } from '../../providers/kit/adapter.ts';
import { DeliveryError } from '../../providers/kit/delivery-error.ts';
import { workflowBundle } from '../server.ts';
import { createTimeSkippingEnvironment } from '../time-skipping.ts';

/** One message as an account was asked for it. */
export interface Sent {
  workflowId: string;
  /** When the workflow asked for it, by the server's clock. */
  at: number;
  /** As the message says it. */
  level: number;
  round: number;
  member: string;
  medium: string;
}

/**
 * The real workflow, planning and channel activities on a server with its own clock; in place of the adapters for
 * messages one that answers at once. A round costs a fraction of what it costs in a whole house.
 */
export interface Engine {
  /** Its clock stands still but in {@link Engine.skipping}, whatever is awaited. */
  client: Client;
  sent: Sent[];
  /** Time that nobody needs is skipped until this has ended. */
  skipping<T>(ends: () => Promise<T>): Promise<T>;
  /** A Worker more, until the engine is closed. */
  work(options: WorkerOptions): Promise<void>;
  close(): Promise<void>;
}

/** @param isRefused says whether a provider cannot reach this member by that medium. Default: it can. */
export async function openEngine(
  yaml: string,
  isRefused: (member: string, medium: string) => boolean = () => false,
): Promise<Engine> {
  const source = ConfigurationSource.fixed(parseConfiguration(yaml, { file: 'escalations.yaml', env: {} }));
  const bundle = await workflowBundle();
  const environment = await createTimeSkippingEnvironment();
  const { testService } = environment.connection;
  if (!testService) throw new TypeError('a server that skips time has a service for that');
  const sent: Sent[] = [];
  const running: { worker: Worker; run: Promise<void> }[] = [];
  const work = async (options: WorkerOptions): Promise<void> => {
    const worker = await Worker.create({ connection: environment.nativeConnection, ...options });
    running.push({ worker, run: worker.run() });
  };

  const directory = yamlDirectory(source);
  const { prefix, accounts } = source.current;
  for (const account of accounts.values()) {
    const adapter = recorder(account.adapter, sent, isRefused);
    const activities = createChannel({ source, directory, account, adapter });
    await work({ taskQueue: `${prefix}.${account.name}`, activities });
  }
  await work({
    taskQueue: prefix,
    workflowBundle: bundle,
    activities: createPlanning({ source, directory, attributes: () => [] }),
  });

  return {
    // The environment's own client unlocks the clock for each result that is awaited. Of two awaited at once the second
    // unlocks what is not locked, and the server then keeps locks of its own for ever.
    client: new Client({ connection: environment.connection }),
    sent,
    async skipping(ends) {
      await testService.unlockTimeSkipping({});
      try {
        return await ends();
      } finally {
        await testService.lockTimeSkipping({});
      }
    },
    work,
    async close() {
      for (const { worker } of running) worker.shutdown();
      await Promise.all(running.map(({ run }) => run));
      await environment.teardown();
    },
  };
}

/** Takes everything, or refuses it, and writes it down. */
function recorder(
  id: string,
  sent: Sent[],
  isRefused: (member: string, medium: string) => boolean,
): MessageAdapter<unknown> {
  const { medium } = adapterFacts(id);
  return {
    id,
    form: 'message',
    async send({ face: { workflowId, level, round }, to }) {
      const { scheduledTimestampMs: at } = Context.current().info;
      const member = 'person' in to ? to.person.member : to.chat;
      sent.push({ workflowId, at, level, round, member, medium });
      if (isRefused(member, medium)) throw new DeliveryError('rejected', `${id}: cannot reach ${member}`);
      return { outcome: 'accepted' };
    },
  };
}
