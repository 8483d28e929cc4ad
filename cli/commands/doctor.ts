import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import colors from 'picocolors';
import type { Address, Configuration } from '../../config/configuration.ts';
import { CommandError } from '../command-error.ts';
import {
  explained,
  isNotFound,
  noNamespace,
  reach,
  targetOf,
  withConnection,
  type ConnectionFlags,
  type Target,
} from '../connection.ts';

interface DoctorFlags extends ConnectionFlags {
  config: string;
}

/** One thing that was looked at. */
interface Finding {
  /** `bad`: nobody is paged as things are. `doubtful`: it works, not as well as it should. */
  state: 'good' | 'doubtful' | 'bad';
  text: string;
  /** What to do about it. */
  remedy?: string;
}

const RPC_MS = 5000;
const HTTP_MS = 5000;
/** Vendors refuse signatures that are minutes off, and the header of HTTP counts whole seconds. */
const MAX_SKEW_MS = 10_000;
/** As long as a message waits for a channel worker before it goes elsewhere. */
const MAX_BACKLOG_MS = 20_000;
/** Numbers of temporal.api.enums.v1.TaskQueueType. */
const QUEUE_TYPES = { workflow: 1, activity: 2 } as const;

export function addDoctorCommand(program: Command): void {
  withConnection(program.command('doctor'))
    .description('look at everything a page depends on, and say what to do')
    .option('--config <file>', 'the configuration', 'escalations.yaml')
    .action(async (flags: DoctorFlags) => {
      const bad: string[] = [];
      for await (const { state, text, remedy } of examine(flags)) {
        const mark = { good: colors.green('✓'), doubtful: colors.yellow('!'), bad: colors.red('✗') }[state];
        console.log(`${mark} ${text}`);
        for (const line of remedy?.split('\n') ?? []) console.log(`  → ${line}`);
        if (state === 'bad') bad.push(text);
      }
      if (bad.length > 0) throw new CommandError('as things are, people may not be paged: see ✗ above');
    });
}

async function* examine(flags: DoctorFlags): AsyncGenerator<Finding> {
  yield nodeVersion(process.versions.node);
  let configuration: Configuration | undefined;
  for await (const found of examineConfiguration(flags.config)) {
    if ('hash' in found) configuration = found;
    else yield found;
  }
  yield* examineTemporal(await targetOf(flags), configuration);
  if (configuration) yield* examineGateway(configuration);
}

/** The least that `require` of this package works with. */
export function nodeVersion(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isGood = major > 20 || (major === 20 && minor >= 19);
  return isGood
    ? { state: 'good', text: `Node ${version}` }
    : { state: 'bad', text: `Node ${version} is too old`, remedy: 'use Node 20.19 or newer' };
}

async function* examineConfiguration(path: string): AsyncGenerator<Finding | Configuration> {
  const [{ loadConfiguration }, { lackingPackages }, { warnings }, { ConfigurationError }] = await Promise.all([
    import('../../config/load.ts'),
    import('../../config/packages.ts'),
    import('../../config/lint/warnings.ts'),
    import('../../config/schema/problem.ts'),
  ]);
  try {
    const configuration = await loadConfiguration(path);
    yield { state: 'good', text: `${path} is valid` };
    for (const warning of warnings(configuration)) yield { state: 'doubtful', text: warning };
    const lacking = lackingPackages(configuration);
    if (lacking) {
      const remedy = `${lacking.remedy}, if a worker or gateway is to run from this installation`;
      yield { state: 'doubtful', text: lacking.problems.join('; '), remedy };
    }
    yield configuration;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const remedy = `${error.message}\nuntil then workers and gateways that run keep the configuration before, and none can start`;
    yield { state: 'bad', text: `${path} cannot be used`, remedy };
  }
}

async function* examineTemporal(target: Target, configuration: Configuration | undefined): AsyncGenerator<Finding> {
  const { address, namespace } = target;
  let connection;
  try {
    connection = await reach(target, RPC_MS);
  } catch (error) {
    yield toFinding('Temporal cannot be reached', error);
    return;
  }
  const { Client } = await import('@temporalio/client');
  const client = new Client({ connection, namespace });
  try {
    const { serverVersion } = await within(client, () => client.workflowService.getSystemInfo({}));
    yield { state: 'good', text: `Temporal ${serverVersion} answers at ${address}` };
    try {
      await within(client, () => client.workflowService.describeNamespace({ namespace }));
    } catch (error) {
      if (!isNotFound(error)) throw error;
      yield toFinding(`there is no namespace ${namespace}`, noNamespace(namespace, address));
      return;
    }
    yield { state: 'good', text: `namespace ${namespace}` };
    yield await searchAttributes(client, namespace);
    if (configuration) yield* examineQueues(client, namespace, configuration);
  } catch (error) {
    yield toFinding(`Temporal at ${address} does not answer`, explained(error, target));
  } finally {
    await connection.close();
  }
}

async function searchAttributes(client: Client, namespace: string): Promise<Finding> {
  const [{ SEARCH_ATTRIBUTES }, { TYPES }] = await Promise.all([
    import('../../domain/incident/attributes.ts'),
    import('../../worker/attributes.ts'),
  ]);
  let known: Record<string, unknown>;
  try {
    const reply = await within(client, () => client.connection.operatorService.listSearchAttributes({ namespace }));
    known = reply.customAttributes;
  } catch {
    return { state: 'doubtful', text: 'search attributes cannot be listed with these credentials' };
  }
  const wrong = Object.entries(SEARCH_ATTRIBUTES).filter(([name, type]) => known[name] !== TYPES[type]);
  if (wrong.length === 0) return { state: 'good', text: 'search attributes are registered' };
  const remedy = wrong.map(([name, type]) => {
    const command = (verb: string): string =>
      `temporal operator search-attribute ${verb} -n ${namespace} --name ${name}`;
    const create = `${command('create')} --type ${type}`;
    return name in known ? `${command('remove')} && ${create}` : create;
  });
  const text = 'search attributes are missing or of another type: lists show less, pages go out';
  return { state: 'doubtful', text, remedy: remedy.join('\n') };
}

async function* examineQueues(
  client: Client,
  namespace: string,
  { prefix, accounts }: Configuration,
): AsyncGenerator<Finding> {
  const queues = [
    { namespace, taskQueue: { name: prefix }, taskQueueType: QUEUE_TYPES.workflow },
    ...[...accounts.keys()].map((account) => ({
      namespace,
      taskQueue: { name: `${prefix}.${account}` },
      taskQueueType: QUEUE_TYPES.activity,
    })),
  ];
  const deserted: string[] = [];
  const mistaken: string[] = [];
  for (const queue of queues) {
    const asked = { ...queue, reportStats: true };
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the SDK does not hand its enum to users
    const { pollers, stats } = await within(client, () => client.workflowService.describeTaskQueue(asked));
    const { name } = queue.taskQueue;
    if (pollers.length === 0) deserted.push(name);
    const adapter = accounts.get(name.slice(prefix.length + 1))?.adapter;
    const served = new Set(pollers.flatMap(({ identity }) => adapterIn(identity ?? '') ?? []));
    for (const other of served) {
      if (adapter !== undefined && other !== adapter) mistaken.push(`${name} is served as ${other}, not ${adapter}`);
    }
    const count = Number(stats?.approximateBacklogCount ?? 0);
    const ageMs = Number(stats?.approximateBacklogAge?.seconds ?? 0) * 1000;
    const stuck = backlog(name, { count, ageMs, isPolled: pollers.length > 0 });
    if (stuck) yield stuck;
  }
  for (const text of mistaken) {
    yield {
      state: 'bad',
      text,
      remedy: 'a worker has another configuration: see its log, give it this file or restart it',
    };
  }
  yield deserted.length === 0
    ? { state: 'good', text: `workers poll all ${queues.length} queues` }
    : {
        state: 'bad',
        text: `no worker polls ${deserted.join(', ')}`,
        remedy: 'start `escalations worker --config …` with this configuration, or a Worker with the EscalationsPlugin',
      };
}

/** What a worker of an account says beside its process and host. */
function adapterIn(identity: string): string | undefined {
  return / (\w+\.\w+)$/.exec(identity)?.[1];
}

/** A queue whose oldest task has waited too long; undefined for one that is worked off. */
export function backlog(
  queue: string,
  { count, ageMs, isPolled }: { count: number; ageMs: number; isPolled: boolean },
): Finding | undefined {
  if (count === 0 || ageMs < MAX_BACKLOG_MS) return undefined;
  const minutes = Math.floor(ageMs / 60_000);
  const seconds = `${Math.floor(ageMs / 1000) % 60} s`;
  const [tasks, wait] = count === 1 ? ['1 task', 'waits'] : [`${count} tasks`, 'wait'];
  const since = minutes === 0 ? seconds : `${minutes} min ${seconds}`;
  return {
    state: 'bad',
    text: `${queue}: ${tasks} ${wait}, the oldest for ${since}`,
    remedy: isPolled
      ? 'its workers are stuck or too slow: look at their log, and at the queue in the Web UI, which may be paused'
      : 'it leaves as soon as a worker polls this queue',
  };
}

async function* examineGateway({ gateway: { publicUrl, operations } }: Configuration): AsyncGenerator<Finding> {
  if (publicUrl === undefined) return;
  const askedAt = Date.now();
  let answer;
  try {
    answer = await fetch(`${publicUrl}/healthz`, { redirect: 'manual', signal: AbortSignal.timeout(HTTP_MS) });
  } catch {
    answer = undefined;
  }
  if (answer?.status !== 200) {
    const why = answer === undefined ? 'does not answer' : `answers ${answer.status}`;
    yield {
      state: 'doubtful',
      text: `${publicUrl}/healthz ${why}: buttons, links and keys of calls may not arrive`,
      remedy: 'start `escalations gateway --config …` and let gateway.publicUrl lead to it',
    };
    return;
  }
  yield { state: 'good', text: `the gateway answers at ${publicUrl}` };
  if (operations) yield* await readiness(operations);
  const skewMs = clockSkew(answer.headers.get('date'), askedAt, Date.now());
  if (skewMs === undefined) return;
  yield skewMs <= MAX_SKEW_MS
    ? { state: 'good', text: 'its clock and this one agree' }
    : {
        state: 'doubtful',
        text: `its clock and this one are ${Math.round(skewMs / 1000)} s apart: signatures may be refused`,
        remedy: 'let both machines keep time by NTP',
      };
}

/** What the gateway says of itself: whether it reaches Temporal, and whether it has the file as it is now. */
async function readiness({ host, port }: Address): Promise<Finding[]> {
  // On every address is also on this machine's own.
  const near = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host] ?? (host.includes(':') ? `[${host}]` : host);
  const address = `http://${near}:${port}/readyz`;
  try {
    const answer = await fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(HTTP_MS) });
    const [first = '', ...lines] = (await answer.text()).split('\n');
    if (answer.status === 503) return [{ state: 'doubtful', text: `the gateway at ${address}: ${first}` }];
    if (first !== 'ready') throw new TypeError('this is no gateway');
    return lines
      .filter((line) => line.startsWith('degraded: '))
      .map((line) => ({ state: 'doubtful', text: `the gateway at ${address} is ${line}` }));
  } catch {
    return [
      {
        state: 'doubtful',
        text: `${address} does not answer: whether the gateway reaches Temporal cannot be told from here`,
        remedy: 'run doctor on the machine of the gateway, or let gateway.operations be reached from here',
      },
    ];
  }
}

/** How far a clock that wrote `date` while somebody waited from `from` to `to` is off at least; undefined: cannot be told. */
export function clockSkew(date: string | null, from: number, to: number): number | undefined {
  const there = Date.parse(date ?? '');
  if (Number.isNaN(there)) return undefined;
  // The header counts whole seconds.
  return Math.max(from - (there + 999), there - to, 0);
}

function toFinding(text: string, error: unknown): Finding {
  return { state: 'bad', text, remedy: error instanceof CommandError ? error.message : String(error) };
}

function within<T>(client: Client, ask: () => Promise<T>): Promise<T> {
  return client.withDeadline(Date.now() + RPC_MS, ask);
}
