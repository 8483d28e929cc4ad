import { randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { lackingPackages } from '../../config/packages.ts';
import { DURATION_FORMS, parseDuration } from '../../config/schema/duration.ts';
import { SEARCH_ATTRIBUTES } from '../../domain/incident/attributes.ts';
import { ADAPTER_IDS } from '../../domain/media.ts';
import { findServer } from '../engine/find-server.ts';
import { startServer } from '../engine/start-server.ts';
import { openBrowser } from './browser.ts';
import { everywhereCallbacks, withEverywhere } from './everywhere.ts';
import { freePort, openHouse, type House, type HouseOptions } from './house.ts';
import { playStory } from './story.ts';
import { openWall } from './wall.ts';

export interface DemoOptions {
  /** Plays the story by itself, checks it and ends. Default: the phone wall, until Ctrl-C. */
  script?: boolean;
  /** From the first level to the second, 1 s to 12 h. Default `20s`, with `script` `3s`. */
  level?: string;
  /** Shows the wall in a browser when there is a terminal and something to open pages with. Default true. */
  browser?: boolean;
}

/** Taken when free, else any other. The last two are where `temporal` and its users look. */
const PORTS = { wall: 8090, gateway: 8091, temporal: 7233, webUi: 8233 } as const;
const STORY_AFTER_MS = 1500;
const INTERRUPTED = 'interrupted';

/**
 * Everything on this machine: a Temporal server (the one that the environment names is used as it is), the imitated
 * providers, worker and gateway, and the phone wall or the scripted story. Leaves nothing running.
 *
 * @returns the exit code.
 * @throws an error for people when something cannot start.
 */
export async function demo(options: DemoOptions = {}): Promise<number> {
  const { script = false, level = script ? '3s' : '20s', browser = true } = options;
  const levelMs = readLevel(level);
  // Nobody is to wait for a server first.
  const lacking = lackingPackages({ accounts: new Map(ADAPTER_IDS.map((id) => [id, { name: id, adapter: id }])) });
  if (lacking) throw new Error(`the demo has an account with every vendor: ${lacking.remedy}`);
  // The demo stops everything in its own order. The SDK must not stop the Workers at a signal first, nor log what then
  // fails.
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });

  const closing: (() => Promise<void>)[] = [];
  const say = (line: string): void => {
    console.log(line);
  };
  const found = await findServer(say);
  const interrupted = interruption();
  try {
    const server = 'address' in found ? await theirs(found) : await ours(found, script, closing);
    say(`Temporal     ${found.how}`);
    const house = await openHouse({
      ...server,
      escalateAfter: level,
      sandbox: { limits: false },
      edit: withEverywhere,
      ...(!script && { gatewayPort: await portNear(PORTS.gateway) }),
    });
    house.sandbox.setCallbacks(everywhereCallbacks(house.gatewayUrl, house.sandbox));
    closing.push(() => house.close());
    if (interrupted.aborted) return 1;
    if (!script) return await show(house, { level, browser, server, interrupted, closing, say });

    say(`Story        level 2 after ${level}; times are UTC and since the start`);
    const played = playStory(house, { id: freshId(), levelMs, say });
    const happened = await Promise.race([played, whenAborted(interrupted).then(() => INTERRUPTED)]);
    say(happened === true ? 'The story happened as told.' : 'The story did not happen as told.');
    return happened === true ? 0 : 1;
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

type Server = Pick<HouseOptions, 'address' | 'namespace' | 'connection' | 'prefix'> & { runsUrl?: string };

interface Showing {
  level: string;
  browser: boolean;
  server: Server;
  interrupted: AbortSignal;
  closing: (() => Promise<void>)[];
  say: (line: string) => void;
}

async function show(house: House, { level, browser, server, interrupted, closing, say }: Showing): Promise<number> {
  const { runsUrl } = server;
  const wall = await openWall({
    house,
    port: await portNear(PORTS.wall),
    level,
    storyAfterMs: STORY_AFTER_MS,
    ...(runsUrl !== undefined && { runsUrl }),
  });
  closing.push(() => wall.close());
  say(`             at ${server.address}, task queue ${house.configuration.prefix}`);
  if (runsUrl !== undefined) say(`Web UI       ${runsUrl}`);
  say(`Gateway      ${house.gatewayUrl}`);
  say(`Phone wall   ${wall.url}   the story starts when you open it, level 2 after ${level}`);
  say('Ctrl-C ends everything.');
  if (browser) await openBrowser(wall.url);
  await Promise.race([whenAborted(interrupted), house.worker?.finished]);
  return interrupted.aborted ? 0 : 1;
}

async function ours(
  server: NonNullable<Parameters<typeof startServer>[0]>['server'] & object,
  script: boolean,
  closing: (() => Promise<void>)[],
): Promise<Server> {
  const engine = await startServer({
    server,
    searchAttributes: SEARCH_ATTRIBUTES,
    ...(!script && { port: await portNear(PORTS.temporal), uiPort: await portNear(PORTS.webUi) }),
  });
  closing.push(() => engine.stop());
  const { address, uiUrl } = engine;
  return { address, ...(uiUrl !== undefined && { runsUrl: `${uiUrl}/namespaces/default/workflows` }) };
}

/**
 * Connects to a server that the environment names. The demo uses task queues of its own there, because the server may
 * serve somebody else's escalations.
 */
async function theirs({ address }: { address: string }): Promise<Server> {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const probe = await Connection.connect({ ...connectionOptions, connectTimeout: '5s' }).catch((error: unknown) => {
    throw new Error(`no Temporal server answers at ${address}: ${(error as Error).message}`);
  });
  await probe.close();
  const { tls, apiKey, metadata } = connectionOptions;
  return {
    address,
    namespace: namespace ?? 'default',
    connection: {
      ...(tls !== undefined && { tls }),
      ...(typeof apiKey === 'string' && { apiKey }),
      ...(metadata !== undefined && { metadata }),
    },
    prefix: `demo-${randomBytes(3).toString('hex')}`,
  };
}

function readLevel(level: string): number {
  const ms = parseDuration(level);
  if (ms < 1000 || ms > 12 * 3_600_000) throw new RangeError(`${level} is not between 1s and 12h`);
  return ms;
}

/** Aborts at the first Ctrl-C (or polite end by another process); the second one ends at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // A terminal that closes after Ctrl-C sends SIGHUP, which does not ask to end at once.
      if (controller.signal.aborted && signal !== 'SIGHUP') process.exit(1);
      controller.abort();
    });
  }
  return controller.signal;
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}

/** The wanted port, or another when somebody has it. */
async function portNear(wanted: number): Promise<number> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', () => {
      resolve(freePort());
    });
    probe.listen(wanted, '127.0.0.1', () => {
      probe.close(() => {
        resolve(wanted);
      });
    });
  });
}

function freshId(): string {
  return `db-7-${randomBytes(3).toString('hex')}`;
}

const USAGE = `npm run demo [-- options]
  --script        play the story unattended, check it, exit 0 or 1
  --level <time>  from the first level to the second: ${DURATION_FORMS} (default 20s, with --script 3s)
  --no-browser    do not try to open a browser`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      script: { type: 'boolean' },
      level: { type: 'string' },
      browser: { type: 'boolean' },
      help: { type: 'boolean' },
    },
    allowNegative: true,
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const { script, level, browser } = values;
  return demo({
    ...(script !== undefined && { script }),
    ...(level !== undefined && { level }),
    ...(browser !== undefined && { browser }),
  });
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await main().catch((error: unknown) => {
    console.error(`demo: ${(error as Error).message}`);
    return 1;
  });
}
