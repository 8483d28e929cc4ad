import fc from 'fast-check';
import type { Act, Deed, Floor, Policy, Tale } from './oracle.ts';

/** When every tale ends. */
export const UNTIL_S = 3600;

const MEMBERS = ['alice', 'bob', 'carol'];
const OUTSIDER = 'dave';
/** Those that rules name, and one who only acts. */
export const EVERYBODY = [...MEMBERS, OUTSIDER];

const media = fc.constantFrom<Floor['critical'][]>(['sms'], ['sms'], ['email'], ['sms', 'email'], []);

const floor: fc.Arbitrary<Floor> = fc.record({
  members: fc.uniqueArray(fc.constantFrom(...MEMBERS), { maxLength: 3 }),
  critical: media,
  otherwise: media,
  everyS: fc.constantFrom(30, 60, 90, 150, 600),
  times: fc.integer({ min: 1, max: 6 }),
  escalateAfterS: fc.constantFrom(1, 45, 60, 90, 300, 900),
  evenIfAcknowledged: fc.boolean(),
  whenNobodyReached: fc.constantFrom('escalate', 'wait'),
});

const policy: fc.Arbitrary<Policy> = fc
  .record({
    delayS: fc.constantFrom(0, 0, 1, 60, 600),
    floors: fc.array(floor, { minLength: 1, maxLength: 4 }),
    startOver: fc.option(fc.record({ everyS: fc.constantFrom(1, 60, 300), times: fc.integer({ min: 1, max: 3 }) })),
  })
  .map(({ startOver, ...rest }) => ({ ...rest, ...(startOver && { startOver }) }));

const severity = fc.constantFrom('Critical', 'Warning', 'Info');

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constantFrom('acknowledge', 'acknowledge', 'unacknowledge', 'unacknowledge', 'wake', 'comment'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('snooze'), minutes: fc.integer({ min: 1, max: 15 }) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('escalate') }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('escalate'), level: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('revise'), severity }) },
);

/** Half minutes, so that acts often come in the second in which something is due. */
const atS = fc.oneof(
  fc.nat(UNTIL_S),
  fc.nat(30).map((n) => n * 30),
);

const acts: fc.Arbitrary<Act[]> = fc
  .tuple(fc.array(fc.tuple(deed, atS, fc.constantFrom(...EVERYBODY)), { maxLength: 12 }), fc.option(atS, { freq: 3 }))
  .map(([deeds, closedAtS]) => {
    const all: Act[] = deeds.map(([one, at, by]) => ({ ...one, atS: at, by }));
    if (closedAtS !== null) all.push({ what: 'close', atS: closedAtS, by: 'alice' });
    return inOrder(all);
  });

const unreachable: fc.Arbitrary<Tale['unreachable']> = fc.dictionary(
  fc.constantFrom(...EVERYBODY.flatMap((member) => [`${member} sms`, `${member} email`])),
  fc.constantFrom('absent', 'refusing'),
  { maxKeys: 6 },
);

/** Any rule, and people who do anything. */
export const tale: fc.Arbitrary<Tale> = fc.record({
  policy,
  severity,
  acts,
  unreachable,
  untilS: fc.constant(UNTIL_S),
});

/** Instants of an unhurried tale are multiples of this. */
export const BEAT_S = 3;
const MOST_ACTS = 8;

/**
 * Tales for an engine that is a little late: every duration is a multiple of 30 seconds, and each act has a beat of
 * its own within them, so that what it begins never falls due together with what another one began.
 */
export const unhurriedTale: fc.Arbitrary<Tale> = tale.map(({ policy: { delayS, floors, startOver }, ...rest }) => ({
  ...rest,
  policy: {
    delayS: halfMinutes(delayS),
    floors: floors.map((one) => ({ ...one, escalateAfterS: halfMinutes(one.escalateAfterS) })),
    // Configuration takes no shorter pause than a minute.
    ...(startOver && { startOver: { ...startOver, everyS: Math.max(startOver.everyS, 60) } }),
  },
  acts: inOrder(
    rest.acts
      .slice(-MOST_ACTS)
      .map((act, nth) => ({ ...act, atS: Math.floor(act.atS / 30) * 30 + (nth + 1) * BEAT_S })),
  ),
  untilS: UNTIL_S + (MOST_ACTS + 1) * BEAT_S,
}));

function halfMinutes(seconds: number): number {
  return Math.ceil(seconds / 30) * 30;
}

function inOrder(acts: Act[]): Act[] {
  return acts.toSorted((a, b) => a.atS - b.atS);
}
