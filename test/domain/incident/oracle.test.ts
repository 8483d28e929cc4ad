import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carryOver, type Escalation } from '../../../domain/incident/escalation.ts';
import { clock, level, Story, type Answer } from './clockwork.ts';
import { foretell, type Act, type Carrier, type Floor, type Tale } from './oracle.ts';
import { EVERYBODY, tale, UNTIL_S } from './tales.ts';

const SEARCH = { numRuns: 300, interruptAfterTimeLimit: 3500, markInterruptAsFailure: false };
const ACCOUNTS: Record<Carrier, string> = { sms: 'sms-1', email: 'mail-1' };

const handOvers = fc.array(fc.nat(UNTIL_S), { minLength: 1, maxLength: 8 });

describe('the oracle', () => {
  it('foretells whom any rule tells, whatever people do', () => {
    fc.assert(
      fc.property(tale, (told) => {
        const story = begin(told);
        play(story, told);
        expect(summary(story)).toEqual(foretold(told));
      }),
      SEARCH,
    );
  });

  it('foretells it also when one run hands over to the next at any moment', () => {
    fc.assert(
      fc.property(tale, handOvers, (told, cuts) => {
        const story = begin(told);
        play(story, told, cuts, carryOver);
        expect(summary(story)).toEqual(foretold(told));
      }),
      { ...SEARCH, numRuns: 150 },
    );
  });

  it('would notice a rule that tells once too often', () => {
    const floors = [plain(['alice'], 2), plain(['bob'], 1)];
    const told: Tale = { policy: { delayS: 60, floors }, severity: 'Warning', acts: [], unreachable: {}, untilS: 900 };
    expect(foretold(told).notifications).toEqual([
      '1:00 L1 r1 sms → alice',
      '3:00 L1 r2 sms → alice',
      '6:00 L2 r1 sms → bob',
    ]);
    const wrong = begin({ ...told, policy: { delayS: 60, floors: [plain(['alice'], 3), plain(['bob'], 1)] } });
    play(wrong, told);
    expect(summary(wrong)).not.toEqual(foretold(told));
  });
});

describe('whatever happens', () => {
  it('what is remembered can be written down and read again at any moment', () => {
    fc.assert(
      fc.property(tale, handOvers, (told, cuts) => {
        const [straight, interrupted] = [begin(told), begin(told)];
        play(straight, told);
        play(interrupted, told, cuts);
        expect(JSON.stringify(interrupted.state)).toBe(JSON.stringify(straight.state));
        expect(interrupted.told).toEqual(straight.told);
      }),
      { ...SEARCH, numRuns: 150 },
    );
  });

  it('the same events give the same timeline', () => {
    fc.assert(
      fc.property(tale, (told) => {
        const [one, other] = [begin(told), begin(told)];
        play(one, told);
        play(other, told);
        expect(JSON.stringify(one.state.timeline)).toBe(JSON.stringify(other.state.timeline));
        expect(JSON.stringify(one.commands)).toBe(JSON.stringify(other.commands));
      }),
      { ...SEARCH, numRuns: 100 },
    );
  });
});

const outages = fc.array(fc.record({ fromS: fc.nat(UNTIL_S), forS: fc.constantFrom(1, 29, 60, 301, 900, 86_400) }), {
  minLength: 1,
  maxLength: 4,
});

describe('an outage', () => {
  it('of any length causes at most one round on return', () => {
    fc.assert(
      fc.property(patient(tale), outages, (told, away) => {
        const story = begin(told);
        overOutages(story, told, away, (backAtS) => {
          const before = rounds(story);
          story.outageUntil(inSeconds(backAtS));
          expect(rounds(story) - before).toBeLessThanOrEqual(1);
        });
      }),
      SEARCH,
    );
  });

  it('loses no round that was due: it is sent late, or recorded as missed, exactly once', () => {
    fc.assert(
      fc.property(patient(tale), outages, (told, away) => {
        const story = begin({ ...told, acts: [] });
        overOutages(story, { ...told, acts: [] }, away, (backAtS) => {
          const { levelStartedAt, level: n, starts, round } = story.state;
          const now = told.policy.floors[n - 1];
          const missed = story.records('missed').length;
          story.outageUntil(inSeconds(backAtS));
          if (!now || story.state.exhausted) return;
          const isNewLevel = story.state.starts !== starts;
          // A round that was due in the same second as the next level gives way to it.
          const awayS = backAtS - levelStartedAt / 1000;
          const isLast = n === told.policy.floors.length;
          const last = isLast ? awayS : Math.min(awayS, now.escalateAfterS - 1);
          const due = Math.min(now.times, Math.floor(last / now.everyS) + 1);
          const sent = isNewLevel ? 0 : story.state.round > round ? 1 : 0;
          expect(story.records('missed').length - missed + sent).toBe(Math.max(due - round, 0));
        });
        const asked = story.asked('resolve').map(({ start, round }) => `${String(start)}/${String(round)}`);
        expect(new Set(asked).size).toBe(asked.length);
      }),
      SEARCH,
    );
  });
});

function plain(members: string[], times: number): Floor {
  return {
    members,
    critical: ['sms'],
    otherwise: ['sms'],
    everyS: 120,
    times,
    escalateAfterS: 300,
    evenIfAcknowledged: false,
    whenNobodyReached: 'escalate',
  };
}

/** Levels that wait, since a level that reaches nobody is followed by the next at once. */
function patient(tales: fc.Arbitrary<Tale>): fc.Arbitrary<Tale> {
  return tales.map((told) => {
    const floors = told.policy.floors.map((one) => ({ ...one, whenNobodyReached: 'wait' as const }));
    return { ...told, policy: { ...told.policy, floors } };
  });
}

/** The real thing, told the same rule. Nobody has a telephone, and accounts answer at once. */
function begin({ policy: { delayS, floors, startOver }, severity: grade, unreachable: hard }: Tale): Story {
  const answers: Record<string, Answer[]> = {};
  const missing = EVERYBODY.map((member) => `${member} voice`);
  for (const [who, hardness] of Object.entries(hard)) {
    const [member = '', medium = ''] = who.split(' ');
    if (hardness === 'absent') missing.push(who);
    else answers[`${ACCOUNTS[medium as Carrier]} ${member}`] = ['rejected'];
  }
  return Story.begin({
    delay: inSeconds(delayS),
    levels: floors.map((one) =>
      level(one.members, {
        by: { critical: one.critical, default: one.otherwise },
        every: inSeconds(one.everyS),
        times: one.times,
        escalateAfter: inSeconds(one.escalateAfterS),
        evenIfAcknowledged: one.evenIfAcknowledged,
        ...(one.whenNobodyReached === 'wait' && { whenNobodyReached: 'wait' }),
      }),
    ),
    ...(startOver && { startOver: { everyMs: startOver.everyS * 1000, times: startOver.times } }),
    incident: { severity: grade },
    answers,
    missing,
    answerMs: 0,
  });
}

/** @param cuts seconds in which everything remembered is written down and read again, as by the next run. */
function play(
  story: Story,
  { acts: all, untilS }: Pick<Tale, 'acts' | 'untilS'>,
  cuts: number[] = [],
  handOver: (state: Escalation) => Escalation = (state) => state,
): void {
  const moments = [...new Set([...all.map((act) => act.atS), ...cuts])].sort((a, b) => a - b);
  for (const second of moments) {
    story.until(inSeconds(second));
    for (const act of all.filter((one) => one.atS === second)) {
      perform(story, act);
      story.until(inSeconds(second));
    }
    if (!cuts.includes(second)) continue;
    story.state = JSON.parse(JSON.stringify(handOver(story.state))) as Escalation;
    // The next run looks at the clock first; nothing may be due by that.
    story.feed({ type: 'due' });
  }
  story.until(inSeconds(untilS));
}

function perform(story: Story, { what, atS: _, by, ...more }: Act): void {
  story.act(what, by, what === 'comment' ? { text: 'hm' } : more);
}

/** Acts happen while the workers are there; `comeBack` says what happens at the end of an outage. */
function overOutages(
  story: Story,
  { acts: all, untilS }: Tale,
  away: { fromS: number; forS: number }[],
  comeBack: (backAtS: number) => void,
): void {
  let atS = 0;
  for (const { fromS, forS } of away.toSorted((a, b) => a.fromS - b.fromS)) {
    if (fromS < atS) continue;
    play(story, { acts: all.filter((act) => act.atS >= atS && act.atS <= fromS), untilS: fromS });
    atS = fromS + forS;
    comeBack(atS);
  }
  play(story, { acts: all.filter((act) => act.atS > atS), untilS: Math.max(atS, untilS) });
}

function rounds(story: Story): number {
  return story.asked('resolve').filter(({ once }) => once === undefined).length;
}

function inSeconds(seconds: number): string {
  return `0:${String(seconds)}`;
}

function summary(story: Story): unknown {
  const { progress, level: reached, round, exhausted } = story.state;
  return { notifications: story.told.toSorted(), progress, level: reached, round, exhausted };
}

/** Within a second the order does not matter. */
function foretold(told: Tale): { notifications: string[] } {
  const { notifications, ...end } = foretell(told);
  const lines = notifications.map(
    ({ atMs, level: n, round, medium, member }) =>
      `${clock(atMs)} L${String(n)} r${String(round)} ${medium} → ${member}`,
  );
  return { notifications: lines.toSorted(), ...end };
}
