import { Connection } from '@temporalio/client';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { findExecutable } from './find-server.ts';
import type { ServerExecutable } from './find-server.ts';

export interface ServerOptions {
  /** What to run. Default: {@link findExecutable}. */
  server?: ServerExecutable;
  /** 0 or absent: any free port. */
  port?: number;
  /** Port of Temporal's Web UI, 0 for any free one. Absent: no Web UI. */
  uiPort?: number;
  /** SQLite file that survives a restart. Absent: in memory. */
  dbFilename?: string;
  /** Created beside `default`, which always exists. */
  namespace?: string;
  /** Known from the start: name to type as the CLI writes it, such as `Keyword`. */
  searchAttributes?: Readonly<Record<string, string>>;
  /** The server's own log, warnings and worse, line by line. */
  log?: (line: string) => void;
}

/** A Temporal server of ours on loopback. Its owner stops it; should the owner exit first, it is killed. */
export interface Engine {
  /** `127.0.0.1:port`, the same after {@link Engine.restart}. */
  address: string;
  uiUrl?: string;
  readonly pid: number;
  how: string;
  /** In order: lets it write what it holds, at most 5 s. Resolves when the process is gone. */
  stop(): Promise<void>;
  /** Like a power cut (SIGKILL). */
  kill(): void;
  /** Up again on the same ports and database, after {@link Engine.kill} or, still running, after an orderly stop. */
  restart(): Promise<void>;
}

const READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 5_000;

/**
 * What the development server is told, as KEY=JSON. Its stock limits are for laptops where nobody waits for a page.
 * Measured on two cores: start of a workflow to its first activity 19 ms instead of 94 ms.
 */
const SETTINGS = [
  // Each hop (start, workflow task, activity) waits for a poll of the transfer queue: 20 a second by default.
  'history.transferProcessorMaxPollRPS=500',
  'history.timerProcessorMaxPollRPS=500',
  // Timers and retries shorter than a second are otherwise rounded up to one.
  'history.timerProcessorMaxTimeShift="50ms"',
  // How long a workflow task dies with its worker.
  'history.defaultWorkflowTaskTimeout="3s"',
  // Rate limits of a queue are divided over its partitions.
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
  // In a storm pages go first; lists in the Web UI follow half a second later.
  'history.visibilityProcessorSchedulerWorkerCount=1',
  'history.visibilityProcessorMaxPollRPS=2',
  'history.visibilityTaskBatchSize=20',
  // It would ask the internet for newer versions.
  'frontend.enableServerVersionCheck=false',
];

/**
 * Starts `temporal server start-dev` on loopback and waits until it serves the namespace.
 *
 * @throws when a port is taken; with the last lines of its log when it ends early or is not ready within 30 s.
 */
export async function startServer(options: ServerOptions = {}): Promise<Engine> {
  const server = options.server ?? (await findExecutable(options.log ?? (() => undefined)));
  const port = await chosenPort(options.port ?? 0);
  const uiPort = options.uiPort === undefined ? undefined : await chosenPort(options.uiPort);
  const address = `127.0.0.1:${String(port)}`;
  const namespace = options.namespace ?? 'default';

  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'warn'];
  if (uiPort === undefined) args.push('--headless');
  else args.push('--ui-ip', '127.0.0.1', '--ui-port', String(uiPort), '--ui-disable-news-fetch');
  if (options.dbFilename !== undefined) args.push('--db-filename', options.dbFilename);
  if (options.namespace !== undefined) args.push('--namespace', options.namespace);
  for (const [name, type] of Object.entries(options.searchAttributes ?? {}))
    args.push('--search-attribute', `${name}=${type}`);
  for (const setting of SETTINGS) args.push('--dynamic-config-value', setting);

  const launch = () => launched(server.executable, args, { address, port, namespace }, options.log);
  let child = await launch();
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);

  const stop = async () => {
    if (hasEnded(child)) return;
    child.kill('SIGTERM');
    const tooLong = setTimeout(kill, STOP_WITHIN_MS);
    await once(child, 'exit');
    clearTimeout(tooLong);
  };

  return {
    address,
    ...(uiPort === undefined ? {} : { uiUrl: `http://127.0.0.1:${String(uiPort)}` }),
    get pid() {
      return pidOf(child);
    },
    how: server.how,
    kill,
    async stop() {
      process.off('exit', kill);
      await stop();
    },
    async restart() {
      // A killed process that is not reaped yet still holds its ports.
      if (child.killed && !hasEnded(child)) await once(child, 'exit');
      await stop();
      child = await launch();
    },
  };
}

interface Where {
  address: string;
  port: number;
  namespace: string;
}

async function launched(
  executable: string,
  args: string[],
  where: Where,
  log: ServerOptions['log'],
): Promise<ChildProcess> {
  // Else the server that has the port would be taken for ours.
  if (await accepts(where.port)) throw new Error(`${where.address} is taken by another process`);

  // A group of its own: Ctrl-C in a terminal reaches its owner only, who stops it after what depends on it.
  const child = spawn(executable, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: process.platform !== 'win32',
  });
  const tail: string[] = [];
  let rest = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    tail.push(...lines);
    tail.splice(0, tail.length - 10);
    if (log) lines.forEach(log);
  });
  child.once('error', (error) => tail.push(error.message));

  const giveUpAt = Date.now() + READY_WITHIN_MS;
  while (!hasEnded(child) && child.pid !== undefined && Date.now() < giveUpAt) {
    if (await answers(where)) return child;
    await sleep(20);
  }
  child.kill('SIGKILL');
  const why = [...tail, rest].filter(Boolean).join('\n');
  throw new Error(`${executable} did not become ready on ${where.address}\n${why}`);
}

/** The port takes connections and the namespace can be described. */
async function answers({ address, port, namespace }: Where): Promise<boolean> {
  // The gRPC client waits a second after a refused connection, a plain socket does not.
  if (!(await accepts(port))) return false;
  try {
    const connection = await Connection.connect({ address, connectTimeout: '2s' });
    try {
      await connection.workflowService.describeNamespace({ namespace });
    } finally {
      await connection.close();
    }
    return true;
  } catch {
    return false;
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

/** `wanted`, or for 0 a port on loopback that nobody uses now. */
async function chosenPort(wanted: number): Promise<number> {
  if (wanted !== 0) return wanted;
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('the server never started');
  return child.pid;
}
