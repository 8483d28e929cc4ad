import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.ts';
import { timeSkippingServer } from '../server.ts';
import { openEngine, type Engine } from './engine.ts';
import { instants } from './stage.ts';

const ID = 'incident-month';
const HOUR = 60 * 60_000;
const MONTH = 30 * 24 * HOUR;
const ROUNDS_A_DAY = 120;

const LEVEL = {
  to: { members: ['primary'] },
  by: { default: ['email'] },
  repeat: { every: '30s', times: 6 },
  escalateAfter: '3m',
};
/** Twenty levels of six rounds: an hour of a round every 30 seconds. Then 24 hours without, and all over again. */
const RELENTLESS = { name: 'relentless', levels: Array(20).fill(LEVEL), startOver: { every: '24h', times: 100 } };

const CONFIGURATION = `prefix: month
gateway: { secrets: [a-secret-of-no-consequence] }
accounts: { mails: { adapter: smtp.email, url: 'smtp://127.0.0.1:9', from: oncall@example.com, perSecond: 10000 } }
media: { email: [mails] }
members: { primary: { name: Primary, email: primary@example.com } }
unmatched: ignore
channels: ${JSON.stringify({ month: { rules: [RELENTLESS] } })}
`;

/** A run hands over at 3,000 events: from here on comments come quickly, until it has. */
const NEARLY_FULL = 2960;
/** More at once would hold up a hand-over: this server refuses one as long as signals come, a real one the signals. */
const PAIRS_AT_A_HAND_OVER = 5;
/** With those all have room in the timeline, which drops what people said last of all. */
const BETWEEN_HAND_OVERS = 120;

/**
 * Some 3,400 rounds in a month: the server takes a minute and a half for them, and would take half an hour or more for 86,400.
 * What those make of the state is in `test/domain/incident/month.test.ts`; each run here is as full as any of theirs.
 */
describe('an incident open for a month', { skip: timeSkippingServer() === undefined }, () => {
  it(
    'that repeats every 30 seconds for an hour each day goes on through many short runs, and loses no comment, the ones during hand-overs least of all',
    { timeout: 300_000 },
    async () => {
      const engine = await openEngine(CONFIGURATION);
      onTestFinished(() => engine.close());
      const handle = await engine.client.workflow.start('escalateIncident', {
        workflowId: ID,
        taskQueue: 'month',
        args: [{ incident: { id: 'month', title: 'db-7 is down', severity: 'Critical', channel: 'month' } }],
      });

      const said = await engine.skipping(() => commentForAMonth(engine));
      const view = await handle.query<IncidentView>('describe');
      const runs = await runsOf(engine.client);
      const comments = view.timeline.flatMap(({ kind, text }) =>
        kind === 'commented' ? (/note \d+;/.exec(text) ?? []) : [],
      );
      const atHandOver = runs.reduce((sum, run) => sum + run.signalsAtEdges, 0);
      console.log(
        `${engine.sent.length} rounds in ${runs.length} runs of at most ${Math.max(...runs.map(({ events }) => events))} events, at most ${Math.max(...runs.map(({ carriedBytes }) => carriedBytes))} bytes carried, ${said.length} comments, ${atHandOver} of them within 20 events of a hand-over, ${runs.reduce((sum, run) => sum + run.refused, 0)} hand-overs put off by a signal`,
      );

      expect(comments.toSorted()).toEqual(said.toSorted());
      expect(atHandOver).toBeGreaterThan(10);
      expect(runs.length).toBeGreaterThan(10);
      expect(Math.max(...runs.map(({ events }) => events))).toBeLessThan(4096);
      expect(Math.max(...runs.map(({ carriedBytes }) => carriedBytes))).toBeLessThan(64 * 1024);

      expect(instants(view, 'missed')).toEqual([]);
      expect(view.notifications.at(-1)?.id).toBe(`n${engine.sent.length}`);
      const pauses = engine.sent.slice(1).map(({ at }, nth) => at - (engine.sent[nth]?.at ?? NaN));
      const nights = pauses.filter((pause) => pause > 30 * 60_000);
      const rounds = pauses.filter((pause) => pause <= 30 * 60_000);
      expect(nights.length).toBeGreaterThan(27);
      expect(nights).toEqual(nights.map(() => expect.closeTo(24 * HOUR, -4) as unknown));
      expect(rounds).toEqual(rounds.map(() => expect.closeTo(30_000, -4) as unknown));
      expect(rounds.length).toBeGreaterThan(nights.length * (ROUNDS_A_DAY - 1) - 1);
    },
  );
});

/** @returns every comment that the server took. */
async function commentForAMonth({ client, sent }: Engine): Promise<string[]> {
  const handle = client.workflow.getHandle(ID);
  const said: string[] = [];
  const comment = async (): Promise<void> => {
    const text = `note ${said.length};`;
    said.push(text);
    await handle.signal('comment', { text });
  };
  let between = 0;
  for (let look = 0; (sent.at(-1)?.at ?? 0) - (sent[0]?.at ?? 0) < MONTH; look += 1) {
    const { runId, historyLength } = await handle.describe();
    if (historyLength > NEARLY_FULL) {
      for (let nth = 0; (await handle.describe()).runId === runId; nth += 1) {
        if (nth < PAIRS_AT_A_HAND_OVER) await Promise.all([comment(), comment()]);
        await sleep(5);
      }
      await comment();
    } else if (look % 30 === 0 && between < BETWEEN_HAND_OVERS) {
      between += 1;
      await comment();
    }
    await sleep(15);
  }
  return said;
}

interface Run {
  events: number;
  /** What it was given by the one before; 0 for the first. */
  carriedBytes: number;
  /** Among the first and the last 20 events of a run that hands over or was handed over to. */
  signalsAtEdges: number;
  /** Hand-overs that the server refused because a signal had come meanwhile. */
  refused: number;
}

/** From the first to the present one. */
async function runsOf({ workflow }: Client): Promise<Run[]> {
  const runs: Run[] = [];
  let { runId } = await workflow.getHandle(ID).describe();
  while (runId !== '') {
    const { events } = await workflow.getHandle(ID, runId).fetchHistory();
    const all = events ?? [];
    const started = all[0]?.workflowExecutionStartedEventAttributes;
    const continuedFrom = started?.continuedExecutionRunId ?? '';
    const edges = [...(continuedFrom === '' ? [] : all.slice(0, 20)), ...(runs.length === 0 ? [] : all.slice(-20))];
    runs.unshift({
      events: all.length,
      carriedBytes: carriedBytes(started?.input?.payloads?.[0]),
      signalsAtEdges: edges.filter((event) => event.workflowExecutionSignaledEventAttributes).length,
      refused: all.filter((event) => event.workflowTaskFailedEventAttributes).length,
    });
    runId = continuedFrom;
  }
  return runs;
}

function carriedBytes(input: Payload | null | undefined): number {
  const { carried } = JSON.parse(Buffer.from(input?.data ?? []).toString()) as { carried?: unknown };
  return carried === undefined ? 0 : Buffer.byteLength(JSON.stringify(carried));
}
