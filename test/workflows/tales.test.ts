import fc from 'fast-check';
import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { clock } from '../domain/incident/clockwork.ts';
import { foretell, type Tale } from '../domain/incident/oracle.ts';
import { BEAT_S, unhurriedTale } from '../domain/incident/tales.ts';
import { timeSkippingServer } from '../server.ts';
import { line } from './stage.ts';
import { tellAll, type ToldTale } from './tales.ts';

const TALES = Number(process.env['TALES'] ?? 210);
/** `TALES_SEED=… npx vitest run --project temporal test/workflows/tales.test.ts` tells the same tales again. */
const SEED = Number(process.env['TALES_SEED'] ?? randomInt(2 ** 31));

describe('the real workflow on a server that skips time', { skip: timeSkippingServer() === undefined }, () => {
  it(`tells whom the oracle foretells: ${TALES} random tales, TALES_SEED=${SEED}`, { timeout: 400_000 }, async () => {
    console.log(`${TALES} random tales, TALES_SEED=${SEED}`);
    const told = await tellAll(fc.sample(unhurriedTale, { numRuns: TALES, seed: SEED }));
    const wrong = told.filter((one) => JSON.stringify(summary(one)) !== JSON.stringify(foretold(one.tale)));
    const [first] = wrong;
    if (first) expect(summary(first), explain(first, wrong.length)).toEqual(foretold(first.tale));
    expect(told.length).toBe(TALES);
    expect(told.flatMap(({ sent }) => sent).length).toBeGreaterThan(TALES);
  });

  it('would be caught telling once too often', async () => {
    const floor = { members: ['alice'], critical: [], otherwise: ['sms' as const], everyS: 60, escalateAfterS: 600 };
    const about = (times: number): Tale => ({
      policy: { delayS: 0, floors: [{ ...floor, times, evenIfAcknowledged: false, whenNobodyReached: 'wait' }] },
      severity: 'Warning',
      acts: [],
      unreachable: {},
      untilS: 600,
    });
    const [told] = await tellAll([about(3)]);
    expect(told && summary(told)).toEqual(foretold(about(3)));
    expect(told && summary(told)).not.toEqual(foretold(about(2)));
  });
});

interface Summary {
  notifications: string[];
  progress: string;
  level: number;
  round: number;
  exhausted: boolean;
}

/** Every instant of a tale is a beat; what is sent is never early, and less than a beat late. */
function summary({ sent, view }: ToldTale): Summary {
  const { progress, level, round, exhausted } = view;
  const notifications = sent.map(({ atMs, ...one }) =>
    sentence({ ...one, atMs: Math.floor(atMs / 1000 / BEAT_S) * BEAT_S * 1000 }),
  );
  return { notifications: notifications.toSorted(), progress, level, round, exhausted };
}

function foretold(tale: Tale): Summary {
  const { notifications, ...end } = foretell(tale);
  return { notifications: notifications.map(sentence).toSorted(), ...end };
}

function sentence({ atMs, level, round, medium, member }: ToldTale['sent'][number]): string {
  return `${clock(atMs)} L${level} r${round} ${medium} → ${member}`;
}

function explain({ tale, view }: ToldTale, count: number): string {
  return [
    `${count} of ${TALES} tales of TALES_SEED=${SEED} went otherwise; the first:`,
    JSON.stringify(tale),
    ...view.timeline.map(line),
  ].join('\n');
}
