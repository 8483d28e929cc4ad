import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../domain/incident/attributes.ts';
import { phoneWorkflowId } from '../links/phone-id.ts';
import { PEOPLE } from '../sandbox/demo/configuration.ts';
import { openHouse, type House } from '../sandbox/demo/house.ts';
import { startServer } from '../sandbox/engine/start-server.ts';
import { costOf } from './actions.ts';
import { Arrivals } from './arrivals.ts';
import { callbacks } from './callbacks.ts';
import { core } from './core.ts';
import { processorMs } from './processor.ts';
import { phones } from './phones.ts';
import { percentiles, row } from './statistics.ts';
import { wording } from './wording.ts';

/**
 * Our time against the engine's floor, in one run on one server: start → the request arrives at the provider.
 * `npm run bench`, or `npm run bench -- 20 50` for fewer samples and a smaller burst; `npm run bench -- core`
 * for what needs no provider, `npm run bench -- callbacks` for what comes back from one, `npm run bench -- wording` and
 * `npm run bench -- phones` for what needs no engine.
 */
const [samples = 100, burst = 300] = process.argv.slice(2).map(Number);

if (process.argv[2] === 'wording') {
  await wording();
  process.exit();
}
if (process.argv[2] === 'phones') {
  await phones();
  process.exit();
}

Runtime.install({ logger: new DefaultLogger('ERROR') });
const engine = await startServer({ searchAttributes: SEARCH_ATTRIBUTES });
console.log(`Temporal: ${engine.how}`);
const only = process.argv[2];
// First: the memory of a process that has done nothing else yet.
if (only !== 'callbacks') await core(engine);
if (only !== 'core') await callbacks(engine);
if (only === 'core' || only === 'callbacks') {
  await engine.stop();
  process.exit();
}

const people = Array.from({ length: samples + burst + 10 }, (_, index) => ({
  name: `m${index}`,
  phone: `+86139${String(index).padStart(8, '0')}`,
  email: `m${index}@example.com`,
  openId: `ou_m${index}`,
}));
const house = await openHouse({
  address: engine.address,
  escalateAfter: '1s',
  sandbox: { people: [...PEOPLE, ...people], limits: false },
  edit: (yaml) =>
    yaml
      // The vendors' limits are not what is measured here.
      .replaceAll(/^( +)adapter: .*$/gm, '$&\n$1perSecond: 10000')
      .replace(
        /^members:$/m,
        `members:\n${people.map(({ name, phone, email, openId }) => `  ${name}: { name: ${name}, phone: '${phone}', email: ${email}, identities: { feishu: ${openId} } }`).join('\n')}`,
      ),
});
const floorWorkers = await startFloor(engine.address);
const sink = await openSink();

try {
  await run();
} finally {
  await floorWorkers.stop();
  sink.close();
  await house.close();
  await engine.stop();
}

async function run(): Promise<void> {
  const floor = { start: (id: string) => startFloorWorkflow(house, id), arrivals: sink.arrivals };
  const message = ours('feishu-cn', 'messages');
  const voice = ours('voice', 'IvrCall');
  for (const way of [floor, message, voice]) await oneByOne(way, 5, 'warm'); // compile, connect, fetch tokens

  const times: Record<'floor' | 'message' | 'voice', number[]> = { floor: [], message: [], voice: [] };
  // In turn, so that whatever else the machine does hits all alike.
  for (let n = 0; n < samples; n += 10) {
    times.floor.push(...(await oneByOne(floor, 10, `f${n}`)));
    times.message.push(...(await oneByOne(message, 10, `m${n}`)));
    times.voice.push(...(await oneByOne(voice, 10, `v${n}`)));
  }
  const least = percentiles(times.floor);
  console.log(`\nstart → request at the provider, one by one, ${samples} each`);
  console.log(row('floor: bare workflow, one activity', least));
  console.log(row('message (card)', percentiles(times.message), least));
  console.log(row('voice, through the phone workflow', percentiles(times.voice), least));

  console.log(`\nburst of ${burst} starts: until the last request arrived`);
  const bursts = { floor: [] as Burst[], message: [] as Burst[] };
  for (const round of [1, 2]) {
    bursts.floor.push(await burstOf(floor, `bf${round}`));
    bursts.message.push(await burstOf(message, `bm${round}`));
  }
  const best = ({ floor, message }: typeof bursts) =>
    [floor, message].map((all) => Math.max(...all.map(({ rate }) => rate)));
  const [floorRate = NaN, messageRate = NaN] = best(bursts);
  for (const [name, all] of Object.entries(bursts)) {
    const each = all.map(
      ({ rate, serverMs, ownMs }) => `${rate.toFixed(1)} (${serverMs.toFixed(1)} + ${ownMs.toFixed(1)})`,
    );
    console.log(
      `${name.padEnd(8)} ${each.join(' and ')} a second (ms of processor a page: server + worker, client and provider)`,
    );
  }
  console.log(`message  ${(messageRate / floorRate).toFixed(2)} × floor`);

  await acknowledging();
  await cost();
}

interface Way {
  /** Begins a page. */
  start(id: string): Promise<unknown>;
  arrivals: Arrivals;
}

async function oneByOne(way: Way, count: number, name: string): Promise<number[]> {
  const { arrivals } = way;
  const times: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const seen = arrivals.count();
    const startedAt = instant();
    await way.start(`${name}-${n}`);
    while (arrivals.count() <= seen) await arrivals.next();
    times.push(arrivals.nth(seen) - startedAt);
  }
  return times;
}

interface Burst {
  /** Pages a second. */
  rate: number;
  /** Processor time a page. */
  serverMs: number;
  ownMs: number;
}

async function burstOf(way: Way, name: string): Promise<Burst> {
  const { arrivals } = way;
  const seen = arrivals.count();
  const before = [processorMs(engine.pid), processorMs(process.pid)] as const;
  const startedAt = instant();
  await Promise.all(Array.from({ length: burst }, (_, n) => way.start(`${name}-${n}`)));
  while (arrivals.count() < seen + burst) await arrivals.next();
  return {
    rate: (burst * 1000) / (arrivals.nth(seen + burst - 1) - startedAt),
    serverMs: (processorMs(engine.pid) - before[0]) / burst,
    ownMs: (processorMs(process.pid) - before[1]) / burst,
  };
}

/** One incident for one member by one medium; what arrives at the imitated vendor counts. Nobody is told twice. */
function ours(medium: string, action: string): Way {
  const { arrivals: seen } = house.sandbox.world;
  const arrivals = new Arrivals();
  let read = 0;
  let told = 0;
  house.sandbox.world.on('change', () => {
    for (; read < seen.length; read += 1) {
      const arrival = seen[read];
      if (arrival?.action.startsWith(action)) arrivals.add(arrival.at);
    }
  });
  return {
    start: (id) => {
      const member = `m${told % people.length}`;
      told += 1;
      const rule = { levels: [{ to: { members: [member] }, by: { default: [medium] }, escalateAfter: '1h' }] };
      return house.client.open({ id: `${medium}-${id}`, title: 'db-7 is down' }, { rule });
    },
    arrivals,
  };
}

/** An acknowledgment, from the call of the client to the view that shows it; and to the signal that is durable. */
async function acknowledging(): Promise<void> {
  const rule = { levels: [{ to: { members: ['m0'] }, by: { default: ['email'] }, escalateAfter: '1h' }] };
  const update: number[] = [];
  const signal: number[] = [];
  for (let n = 0; n < samples; n += 1) {
    for (const [times, act] of [
      [update, (id: string) => house.client.acknowledge(id, { by: { member: 'm0' } })],
      [signal, (id: string) => house.client.signal(id, 'acknowledge', { by: { member: 'm0' } })],
    ] as const) {
      const id = `ack-${n}-${String(times === update)}`;
      await house.client.open({ id, title: 'db-7 is down' }, { rule });
      await house.client.describe(id);
      const startedAt = instant();
      await act(id);
      times.push(instant() - startedAt);
    }
  }
  console.log(`\nacknowledge, ${samples} each`);
  console.log(row('update → answered with the view', percentiles(update)));
  console.log(row('signal → durable', percentiles(signal)));
}

/** The story: card and mail, call refused by one account and placed by the other, key 1, closed. */
async function cost(): Promise<void> {
  house.sandbox.faults.add({ vendor: 'aliyun', action: 'IvrCall', effect: { refuse: 'isv.BUSINESS_LIMIT_CONTROL' } });
  await house.client.open({ id: 'story', title: 'db-7 is down', severity: 'Critical', channel: 'payments' });
  const call = await house.sandbox.responder('supervisor').expectCall('db-7');
  await call.press('1');
  await call.over().catch(() => undefined);
  const card = await house.sandbox.responder('primary').expectCard();
  await card.until('by Supervisor');
  await card.click('Close');
  await house.client.result('story');
  const line = phoneWorkflowId(house.configuration.prefix, house.configuration.gateway, PEOPLE[2].phone);
  console.log('\nthe story: history events and billable actions');
  for (const [name, id] of [
    ['incident', 'incident-story'],
    ['phone', line],
  ] as const) {
    const { events, actions, by } = await costOf(house.temporal, id);
    const parts = Object.entries(by).map(([what, count]) => `${count} ${what}`);
    console.log(`${name.padEnd(9)} ${events} events, ${actions} actions: ${parts.join(', ')}`);
  }
}

async function startFloor(address: string): Promise<{ stop(): Promise<void> }> {
  const connection = await NativeConnection.connect({ address });
  const workflowsPath = fileURLToPath(new URL('./floor.ts', import.meta.url));
  const post = async (url: string): Promise<void> => {
    await (await fetch(url, { method: 'POST', body: '{}' })).text();
  };
  const workers = [
    await Worker.create({ connection, taskQueue: 'floor', workflowsPath }),
    await Worker.create({
      connection,
      taskQueue: 'floor.channel',
      activities: { post },
      maxConcurrentActivityTaskPolls: 2,
    }),
  ];
  const runs = workers.map((worker) => worker.run());
  return {
    async stop() {
      for (const worker of workers) worker.shutdown();
      await Promise.all(runs);
      await connection.close();
    },
  };
}

function startFloorWorkflow({ temporal }: House, id: string): Promise<unknown> {
  return temporal.workflow.start('floor', { workflowId: `floor-${id}`, taskQueue: 'floor', args: [sink.url] });
}

async function openSink(): Promise<{ url: string; arrivals: Arrivals; close(): void }> {
  const arrivals = new Arrivals();
  const server = createServer((_, response) => {
    arrivals.add(instant());
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrivals,
    close: () => server.close(),
  };
}

/** Milliseconds since 1970 with fractions. */
function instant(): number {
  return performance.timeOrigin + performance.now();
}
