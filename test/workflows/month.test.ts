import type { Payload } from '@temporalio/common';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { IncidentView } from '../../domain/view.ts';
import { timeSkippingServer } from '../server.ts';
import { INCIDENT, instants, isQuiet, openStage, type Stage } from './stage.ts';

/** Twenty levels of six rounds each: one every 30 seconds. */
const LEVEL =
  '          - { to: { members: [primary] }, by: { default: [email] }, repeat: { every: 30s, times: 6 }, escalateAfter: 3m }\n';
const RELENTLESS = `
  relentless:
    rules:
      - name: every 30 seconds
        startOver: { every: 1m, times: 100 }
        levels:
${LEVEL.repeat(20)}`;

const MINUTES = 180;
const ROUNDS = MINUTES * 2;
const COMMENTS = 300;

/**
 * The server takes a tenth of a second a round: a month of 86,400 would take hours. What a month makes of the state is
 * in `test/domain/month.test.ts`; each run here is as full as any of a month's.
 */
describe('an incident that repeats every 30 seconds', { skip: timeSkippingServer() === undefined }, () => {
  it(
    'goes on through short runs for hours, as through a month, and takes every comment',
    { timeout: 180_000 },
    async () => {
      const stage = await openStage(RELENTLESS);
      onTestFinished(() => stage.close());
      const { environment } = stage;
      await stage.open({ channel: 'relentless' });
      const handle = environment.client.workflow.getHandle(`incident-${INCIDENT.id}`);

      const time = { isOver: false };
      const passing = stage.pass({ minutes: MINUTES }).finally(() => {
        time.isOver = true;
      });
      // Three at once: some of them arrive while a run hands over to the next.
      for (let n = 0; n < COMMENTS; n += 3) {
        await Promise.all([n, n + 1, n + 2].map((each) => handle.signal('comment', { text: `note ${String(each)};` })));
        if (!time.isOver) await new Promise((resolve) => setTimeout(resolve, 300));
      }
      await passing;

      const said = (view: IncidentView): Set<string> =>
        new Set(view.timeline.flatMap(({ kind, text }) => (kind === 'commented' ? [text] : [])));
      const view = await stage.until((view) => said(view).size >= COMMENTS && isQuiet(view));
      const runs = await runsOf(stage, handle.workflowId);
      expect(said(view).size).toBe(COMMENTS);
      expect(instants(view, 'commented')).toHaveLength(COMMENTS);
      expect(instants(view, 'missed')).toEqual([]);
      expect(runs.length).toBeGreaterThan(1);
      expect(Math.max(...runs.map(({ events }) => events))).toBeLessThan(4096);
      expect(Math.max(...runs.map(({ carriedBytes }) => carriedBytes))).toBeLessThan(64 * 1024);
      // A minute without a round each time it starts over; ids are never used twice.
      const told = stage.primary.mails.length;
      expect(told).toBeGreaterThan(ROUNDS - 10);
      expect(told).toBeLessThanOrEqual(ROUNDS + 1);
      expect(view.notifications.at(-1)?.id).toBe(`n${String(told)}`);
    },
  );
});

interface Run {
  events: number;
  /** What it was given by the one before; 0 for the first. */
  carriedBytes: number;
}

/** From the first to the present one. */
async function runsOf({ environment }: Stage, workflowId: string): Promise<Run[]> {
  const { workflow } = environment.client;
  const runs: Run[] = [];
  let { runId } = await workflow.getHandle(workflowId).describe();
  while (runId !== '') {
    const { events } = await workflow.getHandle(workflowId, runId).fetchHistory();
    const started = events?.[0]?.workflowExecutionStartedEventAttributes;
    runs.unshift({ events: events?.length ?? 0, carriedBytes: carriedBytes(started?.input?.payloads?.[0]) });
    runId = started?.continuedExecutionRunId ?? '';
  }
  return runs;
}

function carriedBytes(input: Payload | null | undefined): number {
  const { carried } = JSON.parse(Buffer.from(input?.data ?? []).toString()) as { carried?: unknown };
  return carried === undefined ? 0 : Buffer.byteLength(JSON.stringify(carried));
}
