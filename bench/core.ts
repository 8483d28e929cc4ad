import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { onDuty, type Schedule } from '../config/duty/schedule.ts';
import { nextDue } from '../domain/incident/due.ts';
import { openEscalation, type Escalation } from '../domain/incident/escalation.ts';
import type { Incident } from '../domain/incident/incident.ts';
import type { Level } from '../domain/incident/rule.ts';
import { advance, type Command, type Happened } from '../domain/incident/timeline.ts';
import { openHouse, type House } from '../sandbox/demo/house.ts';
import type { Engine } from '../sandbox/engine/start-server.ts';
import { workflowsPath } from '../worker/workflow-code.ts';

const PARKED = 1000;

/** What our own code costs, without a provider: policy, calendar, bundle, memory. */
export async function core(engine: Engine): Promise<void> {
  console.log('\ncore');
  const { events, perSecond } = timelineSpeed();
  console.log(`timeline   ${Math.round(perSecond)} events/s (a story of ${events})`);
  console.log(`schedule   ${lookUpMs().toFixed(3)} ms a look-up, over ten years of weekly rotation in three layers`);
  const bundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const [kib, ownKib] = [bundle.code.length, withoutSourceMap(bundle).length].map((size) => (size / 1024).toFixed(0));
  console.log(`bundle     ${kib} KiB, ${ownKib} KiB of it code, the rest its source map`);
  const { residentMb, heapMb } = await parkedMemory(engine, bundle);
  console.log(
    `memory     ${residentMb.toFixed(0)} MB a ${PARKED} parked incidents (${heapMb.toFixed(0)} MB of it on the main heap)`,
  );
}

interface Recorded {
  happened: Happened;
  at: number;
}

/** The same story over and over, every happening fed to the state that the one before left. */
function timelineSpeed(): { events: number; perSecond: number } {
  const story = recordStory();
  const play = (times: number): number => {
    const startedAt = performance.now();
    for (let n = 0; n < times; n += 1) {
      let state = opened();
      for (const { happened, at } of story) state = advance(state, happened, at).state;
    }
    return (times * story.length * 1000) / (performance.now() - startedAt);
  };
  play(1000); // compile
  return { events: story.length, perSecond: Math.max(...[1, 2, 3].map(() => play(2000))) };
}

const INCIDENT: Incident = {
  id: 'i1',
  title: 'db-7 is down',
  severity: 'Warning',
  description: 'no answer for a minute',
  labels: {},
};
const MINUTE = 60_000;

function opened(): Escalation {
  return openEscalation({ workflowId: 'incident-i1', occurrence: 'first-run' }, INCIDENT, [], 0);
}

/** A card and a mail three times, then a call to the next level; taken, snoozed, discussed and closed. */
function recordStory(): Recorded[] {
  const story: Recorded[] = [];
  let state = opened();
  let now = 0;
  const feed = (happened: Happened): void => {
    story.push({ happened, at: now });
    const step = advance(state, happened, now);
    state = step.state;
    for (const command of step.commands) for (const answer of answersTo(command)) feed(answer);
  };
  const passUntil = (end: number): void => {
    for (let due = nextDue(state); due && due.at <= end; due = nextDue(state)) {
      now = due.at;
      feed({ type: 'due' });
    }
    now = end;
  };
  const act = (name: 'acknowledge' | 'snooze' | 'wake' | 'comment' | 'close', more: object = {}): void => {
    feed({ type: 'acted', name, argument: { by: { member: 'bob' }, ...more } });
  };

  const rule = { name: 'payments/P1', delayMs: 0, levels: [levelOf('alice', 3), levelOf('bob', 1)] };
  feed({
    type: 'matched',
    match: { number: 'ABC123', rule, configuration: 'c1', attributes: [], carriers: {}, notes: [] },
  });
  passUntil(6 * MINUTE);
  act('acknowledge');
  for (const text of ['looking', 'the disk is full', 'making room']) act('comment', { text });
  act('snooze', { minutes: 10 });
  act('wake');
  act('close', { resolution: 'removed old logs' });
  return story;
}

function levelOf(member: string, times: number): Level {
  return {
    to: { members: [member], teams: [], schedules: [] },
    by: 'preference',
    groups: [],
    repeat: { everyMs: MINUTE, times },
    escalateAfterMs: 5 * MINUTE,
    evenIfAcknowledged: false,
    whenNobodyReached: 'escalate',
  };
}

const card = { account: 'feishu', adapter: 'feishu.app' };
const mail = { account: 'mail', adapter: 'smtp.email' };
const phone = { account: 'voice', adapter: 'aliyun.voice' };

function answersTo(command: Command): Happened[] {
  switch (command.do) {
    case 'resolve': {
      const { do: _, ...asked } = command;
      const media =
        asked.level === 1
          ? [
              { medium: 'feishu', routes: [card] },
              { medium: 'email', routes: [mail] },
            ]
          : [{ medium: 'voice', routes: [phone] }];
      const people = [{ member: asked.level === 1 ? 'alice' : 'bob', media, fallback: {} }];
      const resolution = { configuration: 'c1', people, groups: [], nobodyOnPurpose: false, notes: [] };
      return [{ type: 'resolved', ...asked, resolution }];
    }
    case 'send': {
      const { notification, route } = command;
      const handle = route === card ? { handle: { messageId: notification } } : {};
      return [{ type: 'attempted', notification, result: { route, outcome: 'accepted' }, ...handle }];
    }
    case 'call': {
      const { notification } = command.request;
      const attempt = { ...phone, medium: 'voice', outcome: 'accepted', at: new Date(0).toISOString() } as const;
      return [
        { type: 'queued', notification, line: 'phone-1' },
        { type: 'called', word: { notification, phase: 'calling', attempts: [attempt] } },
      ];
    }
    case 'redraw':
      return [{ type: 'redrawn', notification: command.notification, look: command.look }];
    default:
      return [];
  }
}

/** Milliseconds for one look-up at a random time of ten years. */
function lookUpMs(): number {
  const startWall = Date.UTC(2020, 0, 6, 9);
  const turns = Array.from({ length: 7 }, (_, index) => [`m${index}`]);
  const office = [{ days: [1, 2, 3, 4, 5], fromMinute: 9 * 60, minutes: 9 * 60 }];
  const layer = { turns, startWall, every: { count: 1, unit: 'weeks' as const } };
  const schedule: Schedule = {
    name: 'db',
    timeZone: 'America/New_York',
    roles: ['primary', 'backup'],
    layers: [
      { ...layer, role: 'primary', only: [] },
      { ...layer, role: 'primary', every: { count: 1, unit: 'days' }, only: office },
      { ...layer, role: 'backup', every: { count: 1, unit: 'months' }, only: [] },
    ],
    overrides: [],
  };
  const looks = 5000;
  const span = 10 * 365.25 * 86_400_000;
  const startedAt = performance.now();
  for (let n = 0; n < looks; n += 1) onDuty(schedule, startWall + ((n * 0.618_034) % 1) * span);
  return (performance.now() - startedAt) / looks;
}

function withoutSourceMap({ code }: { code: string }): string {
  return code.replace(/^\/\/# sourceMappingURL=.*$/m, '');
}

/** What a worker's process grows by while incidents wait for an hour, all of them kept in its cache. */
async function parkedMemory(
  engine: Engine,
  workflowBundle: { code: string },
): Promise<{ residentMb: number; heapMb: number }> {
  const house = await openHouse({
    address: engine.address,
    prefix: 'parked',
    workflowBundle,
    maxCachedWorkflows: 2 * PARKED,
    sandbox: { limits: false },
  });
  const rule = {
    delay: '1h',
    levels: [{ to: { members: ['primary'] }, by: { default: ['email'] }, escalateAfter: '12h' }],
  };
  try {
    await park(house, rule, 'warm', 100); // pools, connections, compiled code
    const before = memoryMb();
    await park(house, rule, 'parked', PARKED);
    const after = memoryMb();
    return { residentMb: after.resident - before.resident, heapMb: after.heap - before.heap };
  } finally {
    await house.close();
  }
}

async function park({ client }: House, rule: object, name: string, count: number): Promise<void> {
  for (let n = 0; n < count; n += 50) {
    const ids = Array.from({ length: Math.min(50, count - n) }, (_, index) => `${name}-${n + index}`);
    await Promise.all(ids.map((id) => client.open({ id, title: 'db-7 is down' }, { rule })));
    // Answered by the workflow itself: it has reached its timer.
    await Promise.all(ids.map((id) => client.describe(id)));
  }
}

const collectGarbage = (() => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();

/** Of this process; `resident` counts the threads that hold the workflows, `heap` does not. */
function memoryMb(): { resident: number; heap: number } {
  collectGarbage();
  const { rss, heapUsed } = process.memoryUsage();
  return { resident: rss / 2 ** 20, heap: heapUsed / 2 ** 20 };
}
