import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { ADAPTER_IDS, adapterFacts } from '../domain/media.ts';
import type { Adapter } from '../providers/kit/adapter.ts';
import type { Person } from '../providers/kit/message.ts';
import { createIo } from '../providers/kit/http.ts';
import { loadAdapter, registry } from '../providers/registry.ts';
import type { Sandbox } from '../sandbox/index.ts';

const SENDS = 300;
const AT_ONCE = 16;
const LOADED = new URL('phones-loaded.ts', import.meta.url).pathname;
const SANDBOX = new URL('phones-sandbox.ts', import.meta.url);

/** What one account of each kind can send, what a send costs this process, and what loading the SDKs costs. */
export async function phones(): Promise<void> {
  console.log('\nphones and mail: one account each, imitated providers in a process of their own, without limits');
  const child = fork(SANDBOX, { execArgv: process.execArgv });
  try {
    const [accounts] = (await once(child, 'message')) as [Sandbox['accounts']];
    for (const id of ADAPTER_IDS.filter((one) => adapterFacts(one).medium !== 'im')) {
      const { perSecond, cpuMs } = await speedOf(await loadAdapter(id), registry[id].schema.parse(accounts[id]));
      console.log(
        `${id.padEnd(14)} ${perSecond.toFixed(0).padStart(5)} sends/s   ${cpuMs.toFixed(2)} ms of processor a send`,
      );
    }
  } finally {
    await stop(child);
  }
  const ids = Object.keys(registry);
  for (const [name, loaded] of [
    ['no account', []],
    ['one account (smtp.email)', ['smtp.email']],
    [`all ${ids.length} adapters`, ids],
  ] as const) {
    const { ms, residentMb } = startUp(loaded);
    console.log(`${name.padEnd(26)} ${ms.toFixed(0).padStart(5)} ms to load, ${residentMb.toFixed(0)} MB resident`);
  }
}

async function speedOf(adapter: Adapter<unknown>, settings: unknown): Promise<{ perSecond: number; cpuMs: number }> {
  await inTurn(adapter, settings, 20); // compile and connect
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await inTurn(adapter, settings, SENDS);
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  await adapter.close?.(settings);
  return { perSecond: SENDS / seconds, cpuMs: (user + system) / 1000 / SENDS };
}

async function inTurn(adapter: Adapter<unknown>, settings: unknown, count: number): Promise<void> {
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      await sendTo(adapter, settings, begun);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const io = createIo();
let told = 0;

async function sendTo(adapter: Adapter<unknown>, settings: unknown, n: number): Promise<void> {
  told += 1;
  const isAbroad = adapter.id.startsWith('twilio.');
  const phone = isAbroad ? `+4915112${String(n).padStart(6, '0')}` : `+86139${String(told).padStart(8, '0')}`;
  const person: Person = { member: 'm', name: 'M', email: 'm@example.com', phone, locale: 'en', timeZone: 'UTC' };
  const title = 'db-7 is down';
  if (adapter.form === 'call') {
    const values = { severity: 'Critical', title, number: '7QK2MD', count: '1', channel: 'db' };
    const speech = { announcement: title, keys: 'Press 1', goodbye: 'Goodbye' };
    const callbackUrl = 'https://oncall.example.com/callbacks/phones';
    const token = String(told).padStart(15, '0');
    await adapter.place({ token, person, values, speech, callbackUrl }, settings, io);
    return;
  }
  const face = {
    workflowId: 'incident-42',
    number: '7QK2MD',
    incident: { id: '42', title, severity: 'Critical', description: 'Replication lag 900 s', labels: {} },
    progress: 'Triggered',
    level: 1,
    levels: 1,
    round: 1,
    revision: 1,
    exhausted: false,
    responders: ['m'],
  } as const;
  const wording = { subject: title, text: title, status: 'open', facts: [], severity: 'Critical', openPage: 'Open' };
  await adapter.send(
    {
      kind: 'page',
      key: `incident-42/n${told}/a`,
      notification: `n${told}`,
      event: 'opened',
      face: { ...face, responders: [...face.responders] },
      wording,
      locale: 'en',
      timeZone: 'UTC',
      to: { person },
      mentions: [],
      verbose: false,
      buttons: [],
      menu: [],
      receiptRef: `incident-42/n${told}/0123456789abcdef`,
      plain: false,
    },
    settings,
    io,
  );
}

/** In a process of its own, from before the first adapter to after the last. */
function startUp(ids: readonly string[]): { ms: number; residentMb: number } {
  const said = execFileSync(process.execPath, [...process.execArgv, LOADED, ...ids], { encoding: 'utf8' });
  return JSON.parse(said) as { ms: number; residentMb: number };
}

async function stop(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill();
  await gone;
}
