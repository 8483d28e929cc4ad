import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { PEOPLE } from '../sandbox/demo/configuration.ts';
import { openHouse, type House } from '../sandbox/demo/house.ts';
import type { Engine } from '../sandbox/engine/start-server.ts';
import type { SandboxCard } from '../sandbox/index.ts';
import { processorMs } from './processor.ts';
import { percentiles, row } from './statistics.ts';

const PER_SECOND = 50;
const ROUNDS = 2;
const A_ROUND = 500;
const SLACK_ID = PEOPLE[0].ids.slack;

/**
 * Signed presses on as many Slack cards, through the gateway's HTTP port: until the signal is durable, and until the
 * presser is answered. Next to them, in turn, bare signals to as many bare workflows. They come at their times whatever
 * became of those before, and each waits from the time when it was due.
 */
export async function callbacks(engine: Engine): Promise<void> {
  const count = ROUNDS * A_ROUND;
  const house = await openHouse({
    address: engine.address,
    prefix: 'pressed',
    maxCachedWorkflows: 2 * count,
    sandbox: { limits: false },
    edit: withSlack,
  });
  house.sandbox.setCallbacks({ slack: `${house.gatewayUrl}/callbacks/slack-hq` });
  const listeners = await startListeners(house, engine.address, count);
  try {
    const cards = await openIncidents(house, count);
    const durable = watchSignals(house);
    const times = { bare: [] as number[], durable: [] as number[], answered: [] as number[] };
    let unconfirmed = 0;
    const used = { server: 0, own: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const from = round * A_ROUND;
      const bare = (n: number) => house.temporal.workflow.getHandle(`listener-${from + n}`).signal('tell');
      times.bare.push(...(await atRate(bare)).map(({ ms }) => ms));

      const pressed = cards.slice(from, from + A_ROUND);
      const before = [processorMs(engine.pid), processorMs(process.pid)] as const;
      const presses = await atRate(async (n) => {
        const tap = { identity: SLACK_ID, control: 'press:acknowledge' };
        const { status } = await house.sandbox.tap(pressed[n]?.card.id ?? '', tap);
        if (status !== 200) unconfirmed += 1;
      });
      used.server += processorMs(engine.pid) - before[0];
      used.own += processorMs(process.pid) - before[1];
      times.answered.push(...presses.map(({ ms }) => ms));
      for (const [n, { workflowId }] of pressed.entries()) {
        // What was not confirmed in time is told again.
        while (!durable.has(workflowId)) await sleep(50);
        times.durable.push((durable.get(workflowId) ?? NaN) - (presses[n]?.dueAt ?? NaN));
      }
    }
    const floor = percentiles(times.bare);
    console.log(`\ncallbacks, ${PER_SECOND} a second, ${count} each`);
    console.log(row('floor: bare signal → durable', floor));
    console.log(row('press → signal durable', percentiles(times.durable), floor));
    console.log(row('press → answered', percentiles(times.answered), floor));
    const [serverMs, ownMs] = [used.server, used.own].map((ms) => (ms / count).toFixed(1));
    console.log(
      `${serverMs} + ${ownMs} ms of processor a press: server + gateway, worker, client and provider; ` +
        `${unconfirmed} answered before it was known that they were durable`,
    );
  } finally {
    await listeners.stop();
    await house.close();
  }
}

interface Timed {
  dueAt: number;
  ms: number;
}

async function atRate(begin: (n: number) => Promise<void>): Promise<Timed[]> {
  const startAt = performance.now();
  const begun: Promise<Timed>[] = [];
  for (let n = 0; n < A_ROUND; n += 1) {
    const planned = startAt + (n * 1000) / PER_SECOND;
    await sleep(planned - performance.now());
    // A timer may be early by a part of a millisecond; what is late has waited.
    const dueAt = Math.min(planned, performance.now());
    begun.push(begin(n).then(() => ({ dueAt, ms: performance.now() - dueAt })));
  }
  return Promise.all(begun);
}

interface Pressable {
  card: SandboxCard;
  workflowId: string;
}

/** Every card is shown, and its incident knows that it is. */
async function openIncidents({ client, sandbox }: House, count: number): Promise<Pressable[]> {
  const rule = { levels: [{ to: { members: ['primary'] }, by: { default: ['slack-hq'] }, escalateAfter: '1h' }] };
  const opened: Pressable[] = [];
  for (let from = 0; from < count; from += 50) {
    const ids = Array.from({ length: 50 }, (_, n) => `pressed-${from + n}`);
    const started = await Promise.all(ids.map((id) => client.open({ id, title: `${id} is down` }, { rule })));
    for (const [n, { workflowId }] of started.entries()) {
      const id = ids[n] ?? '';
      while ((await client.describe(id)).notifications[0]?.outcome !== 'accepted') await sleep(50);
      const card = sandbox.world.cards.find(({ face }) => face?.title.endsWith(`${id} is down`));
      if (!card) throw new Error(`${id} has no card`);
      opened.push({ card, workflowId });
    }
  }
  return opened;
}

/** When Temporal answered that it has a signal, by workflow. */
function watchSignals({ temporal }: House): ReadonlyMap<string, number> {
  const { workflowService } = temporal.connection;
  const signal = workflowService.signalWorkflowExecution.bind(workflowService);
  const durable = new Map<string, number>();
  Object.assign(workflowService, {
    async signalWorkflowExecution(request: Parameters<typeof signal>[0]) {
      const answer = await signal(request);
      durable.set(request.workflowExecution?.workflowId ?? '', performance.now());
      return answer;
    },
  });
  return durable;
}

async function startListeners({ temporal }: House, address: string, count: number): Promise<{ stop(): Promise<void> }> {
  const taskQueue = 'listeners';
  const connection = await NativeConnection.connect({ address });
  const workflowsPath = fileURLToPath(new URL('./listener.ts', import.meta.url));
  const worker = await Worker.create({ connection, taskQueue, workflowsPath, maxCachedWorkflows: count });
  const run = worker.run();
  for (let from = 0; from < count; from += 50) {
    const ids = Array.from({ length: 50 }, (_, n) => `listener-${from + n}`);
    await Promise.all(ids.map((workflowId) => temporal.workflow.start('listener', { workflowId, taskQueue })));
  }
  return {
    async stop() {
      worker.shutdown();
      await run;
      await connection.close();
    },
  };
}

function withSlack(yaml: string): string {
  const base = /baseUrl: (http:\S+)/.exec(yaml)?.[1] ?? '';
  const account = `{ adapter: slack.app, botToken: xoxb-sandbox, signingSecret: sandbox, teamId: T0SANDBOX, baseUrl: '${base}', perSecond: 10000, perReceiver: [] }`;
  return yaml
    .replace('\nmedia:\n', `\n  slack-hq: ${account}\nmedia:\n`)
    .replace('identities: { feishu: ou_primary }', `identities: { feishu: ou_primary, slack: ${SLACK_ID} }`);
}
