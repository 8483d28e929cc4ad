import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { onDuty, shifts, type Schedule } from '../../../config/duty/schedule.ts';
import { complaintAbout, parse, sample } from '../sample.ts';

/** A schedule of primary, backup and supervisor, as YAML indented by four spaces. */
function written(timeZone: string, body: string): string {
  const people = sample({ 8: '  backup: { name: Backup }\n  supervisor: { name: Supervisor }' });
  return `${people}\nschedules:\n  db-primary:\n    timeZone: ${timeZone}\n${body}`;
}

function schedule(timeZone: string, ...layers: string[]): Schedule {
  return scheduleWith(timeZone, layers, []);
}

function scheduleWith(timeZone: string, layers: readonly string[], overrides: readonly string[]): Schedule {
  const list = (entries: readonly string[]): string => entries.map((entry) => `      - ${entry}\n`).join('');
  const body = `    layers:\n${list(layers)}${overrides.length === 0 ? '' : `    overrides:\n${list(overrides)}`}`;
  const made = parse(written(timeZone, body)).schedules.get('db-primary');
  if (!made) throw new Error('the schedule is gone');
  return made;
}

const at = (instant: string): number => {
  const read = DateTime.fromISO(instant, { setZone: true });
  if (!read.isValid) throw new Error(instant);
  return read.toMillis();
};

/** Who is on duty in the only role. */
function who(of: Schedule, instant: number): string {
  return (onDuty(of, instant)[0]?.members ?? []).join('+') || 'nobody';
}

/** `handOvers` between two instants, as instants with the offset of the zone. */
function handOvers(of: Schedule, from: string, to: string): string[] {
  return shifts(of, at(from), at(to))
    .slice(1)
    .map(({ fromAt }) => DateTime.fromMillis(fromAt, { zone: of.timeZone }).toFormat("yyyy-MM-dd'T'HH:mmZZ"));
}

const TURNS = 'members: [primary, backup], start: 2026-01-05';

describe('a rotation hands over at the same time of the local clock', () => {
  it.each([
    {
      what: 'daily in Berlin, when summer time begins',
      of: schedule('Europe/Berlin', `{ ${TURNS}, every: 1d, handOver: 09:00 }`),
      span: ['2026-03-28T00:00+01:00', '2026-03-31T00:00+02:00'],
      expected: ['2026-03-28T09:00+01:00', '2026-03-29T09:00+02:00', '2026-03-30T09:00+02:00'],
    },
    {
      what: 'daily in Berlin, when summer time ends',
      of: schedule('Europe/Berlin', `{ ${TURNS}, every: 1d, handOver: 09:00 }`),
      span: ['2026-10-24T00:00+02:00', '2026-10-27T00:00+01:00'],
      expected: ['2026-10-24T09:00+02:00', '2026-10-25T09:00+01:00', '2026-10-26T09:00+01:00'],
    },
    {
      what: 'at an hour that Berlin skips: when the clock jumps',
      of: schedule('Europe/Berlin', `{ ${TURNS}, every: 1d, handOver: 02:30 }`),
      span: ['2026-03-28T00:00+01:00', '2026-03-31T00:00+02:00'],
      expected: ['2026-03-28T02:30+01:00', '2026-03-29T03:00+02:00', '2026-03-30T02:30+02:00'],
    },
    {
      what: 'at an hour that Berlin has twice: the first time',
      of: schedule('Europe/Berlin', `{ ${TURNS}, every: 1d, handOver: 02:30 }`),
      span: ['2026-10-24T00:00+02:00', '2026-10-27T00:00+01:00'],
      expected: ['2026-10-24T02:30+02:00', '2026-10-25T02:30+02:00', '2026-10-26T02:30+01:00'],
    },
    {
      what: 'every 12 hours in New York: one turn of 11 hours, none out of step',
      of: schedule('America/New_York', `{ ${TURNS}, every: 12h, handOver: 09:00 }`),
      span: ['2026-03-07T12:00-05:00', '2026-03-09T00:00-04:00'],
      expected: ['2026-03-07T21:00-05:00', '2026-03-08T09:00-04:00', '2026-03-08T21:00-04:00'],
    },
    {
      what: 'every hour in New York: the turn of the skipped hour is dropped, that of the doubled one lasts two',
      of: schedule(
        'America/New_York',
        '{ members: [primary, backup, supervisor], start: 2026-01-05, every: 1h, handOver: 00:00 }',
      ),
      span: ['2026-11-01T00:30-04:00', '2026-11-01T03:30-05:00'],
      expected: ['2026-11-01T01:00-04:00', '2026-11-01T02:00-05:00', '2026-11-01T03:00-05:00'],
    },
    {
      what: 'daily on Lord Howe, where summer time is half an hour',
      of: schedule('Australia/Lord_Howe', `{ ${TURNS}, every: 1d, handOver: 02:15 }`),
      span: ['2026-10-03T00:00+10:30', '2026-10-06T00:00+11:00'],
      expected: ['2026-10-03T02:15+10:30', '2026-10-04T02:30+11:00', '2026-10-05T02:15+11:00'],
    },
    {
      what: 'weekly over the end of summer time',
      of: schedule('America/New_York', `{ ${TURNS}, every: 2w, handOver: 09:00 }`),
      span: ['2026-10-20T00:00-04:00', '2026-11-30T00:00-05:00'],
      expected: ['2026-10-26T09:00-04:00', '2026-11-09T09:00-05:00', '2026-11-23T09:00-05:00'],
    },
    {
      what: 'monthly from the 31st: at the end of shorter months, and on the 31st again',
      of: schedule('Europe/Berlin', '{ members: [primary, backup], start: 2025-12-31T09:00, every: 1mo }'),
      span: ['2026-01-01T00:00+01:00', '2026-06-01T00:00+02:00'],
      expected: [
        '2026-01-31T09:00+01:00',
        '2026-02-28T09:00+01:00',
        '2026-03-31T09:00+02:00',
        '2026-04-30T09:00+02:00',
        '2026-05-31T09:00+02:00',
      ],
    },
    {
      what: 'where a whole day was skipped (Samoa, 2011)',
      of: schedule('Pacific/Apia', '{ members: [primary, backup], start: 2011-12-01, every: 1d, handOver: 09:00 }'),
      span: ['2011-12-29T00:00-10:00', '2012-01-01T00:00+14:00'],
      expected: ['2011-12-29T09:00-10:00', '2011-12-31T00:00+14:00', '2011-12-31T09:00+14:00'],
    },
  ])('$what', ({ of, span: [from = '', to = ''], expected }) => {
    expect(handOvers(of, from, to)).toEqual(expected);
    for (const instant of expected.map(at)) expect(who(of, instant)).not.toBe(who(of, instant - 1));
  });

  it('gives everybody their turn in order, ten years on as on the first day', () => {
    const of = schedule(
      'Asia/Shanghai',
      '{ members: [primary, [backup, supervisor]], start: 2016-01-04, every: 1w, handOver: 09:00 }',
    );
    expect(who(of, at('2016-01-04T08:59:59.999+08:00'))).toBe('nobody');
    expect(who(of, at('2016-01-04T09:00+08:00'))).toBe('primary');
    expect(who(of, at('2016-01-11T09:00+08:00'))).toBe('backup+supervisor');
    expect(who(of, at('2026-11-16T09:00+08:00') - 1)).toBe('primary');
    expect(who(of, at('2026-11-16T09:00+08:00'))).toBe('backup+supervisor');
  });

  it('ends when it is said to, in the middle of a turn', () => {
    const of = schedule('UTC', '{ members: [primary], start: 2026-01-05, end: 2026-01-07T15:00, every: 1w }');
    expect(who(of, at('2026-01-07T15:00Z') - 1)).toBe('primary');
    expect(who(of, at('2026-01-07T15:00Z'))).toBe('nobody');
  });
});

describe('hours of the week', () => {
  const nights = schedule(
    'Europe/Berlin',
    "{ members: [primary], start: 2026-01-01, every: 1d, only: [{ days: [sat], from: '22:00', to: '06:00' }] }",
  );

  it('go on past midnight, on the day they begin', () => {
    expect(
      shifts(nights, at('2026-11-20T12:00+01:00'), at('2026-11-23T12:00+01:00')).map(({ members, fromAt }) => [
        members.join(),
        new Date(fromAt).toISOString(),
      ]),
    ).toEqual([
      ['', '2026-11-20T11:00:00.000Z'],
      ['primary', '2026-11-21T21:00:00.000Z'],
      ['', '2026-11-22T05:00:00.000Z'],
    ]);
  });

  it('are as long as the night is when the clocks change', () => {
    const hours = (from: string, to: string): number[] =>
      shifts(nights, at(from), at(to))
        .filter(({ members }) => members.length > 0)
        .map(({ fromAt, toAt }) => (toAt - fromAt) / 3_600_000);
    expect(hours('2026-03-28T12:00+01:00', '2026-03-29T12:00+02:00')).toEqual([7]);
    expect(hours('2026-10-24T12:00+02:00', '2026-10-25T12:00+01:00')).toEqual([9]);
  });

  it('leave the rest to the layers before', () => {
    const of = schedule(
      'Asia/Shanghai',
      '{ members: [backup], start: 2026-01-05, every: 1d }',
      "{ members: [primary], start: 2026-01-05, every: 1d, only: [{ days: [mon, tue, wed, thu, fri], from: '09:00', to: '18:00' }] }",
    );
    expect(who(of, at('2026-11-20T09:00+08:00') - 1)).toBe('backup');
    expect(who(of, at('2026-11-20T09:00+08:00'))).toBe('primary');
    expect(who(of, at('2026-11-20T18:00+08:00'))).toBe('backup');
    expect(who(of, at('2026-11-21T12:00+08:00'))).toBe('backup');
  });

  it('last the whole day from midnight to midnight', () => {
    const of = schedule(
      'UTC',
      "{ members: [primary], start: 2026-01-05, every: 1d, only: [{ days: [sun], from: '00:00', to: '24:00' }] }",
    );
    expect(handOvers(of, '2026-11-21T00:00Z', '2026-11-24T00:00Z')).toEqual([
      '2026-11-22T00:00+00:00',
      '2026-11-23T00:00+00:00',
    ]);
  });
});

describe('overrides', () => {
  const weekly = '{ members: [[primary, supervisor], backup], start: 2026-01-05, every: 1w }';

  it('take a whole time over, to the millisecond', () => {
    const of = scheduleWith('UTC', [weekly], ['{ from: 2026-01-06T09:00, to: 2026-01-07T09:00, member: backup }']);
    expect(who(of, at('2026-01-06T09:00Z') - 1)).toBe('primary+supervisor');
    expect(who(of, at('2026-01-06T09:00Z'))).toBe('backup');
    expect(who(of, at('2026-01-07T09:00Z') - 1)).toBe('backup');
    expect(who(of, at('2026-01-07T09:00Z'))).toBe('primary+supervisor');
  });

  it('take over from one member alone, and only while that one is on duty', () => {
    const of = scheduleWith(
      'UTC',
      [weekly],
      ['{ from: 2026-01-06, to: 2026-01-20, members: [backup], replaces: primary }'],
    );
    expect(who(of, at('2026-01-07T00:00Z'))).toBe('backup+supervisor');
    expect(who(of, at('2026-01-13T00:00Z'))).toBe('backup');
    expect(who(of, at('2026-01-19T12:00Z'))).toBe('backup+supervisor');
    expect(who(of, at('2026-01-20T00:00Z'))).toBe('primary+supervisor');
  });

  it('are applied in the order they are listed: who stands in may be stood in for', () => {
    const of = scheduleWith(
      'UTC',
      ['{ members: [primary], start: 2026-01-05, every: 1w }'],
      [
        '{ from: 2026-01-06, to: 2026-01-08, member: backup, replaces: primary }',
        '{ from: 2026-01-07, to: 2026-01-08, member: supervisor, replaces: backup }',
      ],
    );
    expect(who(of, at('2026-01-06T12:00Z'))).toBe('backup');
    expect(who(of, at('2026-01-07T12:00Z'))).toBe('supervisor');
  });

  it('are of the local clock, or of the zone they name', () => {
    const of = scheduleWith(
      'Asia/Shanghai',
      ['{ members: [primary], start: 2026-01-05, every: 1w }'],
      ['{ from: 2026-01-06T09:00, to: 2026-01-06T02:00Z, member: backup }'],
    );
    expect(handOvers(of, '2026-01-06T00:00+08:00', '2026-01-07T00:00+08:00')).toEqual([
      '2026-01-06T09:00+08:00',
      '2026-01-06T10:00+08:00',
    ]);
  });

  it('fill a gap', () => {
    const of = scheduleWith(
      'UTC',
      ["{ members: [primary], start: 2026-01-05, every: 1w, only: [{ days: [mon], from: '09:00', to: '10:00' }] }"],
      ['{ from: 2026-01-06T09:00, to: 2026-01-06T10:00, member: backup }'],
    );
    expect(who(of, at('2026-01-06T09:30Z'))).toBe('backup');
    expect(who(of, at('2026-01-06T10:00Z'))).toBe('nobody');
  });
});

it('knows several roles apart', () => {
  const of = scheduleWith(
    'UTC',
    [
      '{ members: [primary, backup], start: 2026-01-05, every: 1d }',
      '{ role: backup, members: [backup, primary], start: 2026-01-05, every: 1d }',
    ],
    ['{ role: backup, from: 2026-01-06, to: 2026-01-07, member: supervisor }'],
  );
  expect(onDuty(of, at('2026-01-05T12:00Z'))).toEqual([
    { role: 'primary', members: ['primary'] },
    { role: 'backup', members: ['backup'] },
  ]);
  expect(onDuty(of, at('2026-01-06T12:00Z'))).toEqual([
    { role: 'primary', members: ['backup'] },
    { role: 'backup', members: ['supervisor'] },
  ]);
});

describe('whatever the schedule', () => {
  const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Shanghai', 'America/Havana'];
  const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = fc
    .tuple(fc.nat(23), fc.constantFrom(0, 15, 30))
    .map(([hour, minute]) => `'${two(hour)}:${two(minute)}'`);
  const people = fc.subarray(['primary', 'backup', 'supervisor'], { minLength: 1 }).map((names) => `[${names.join()}]`);
  const day = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }));
  const layer = fc
    .record({
      role: fc.constantFrom('primary', 'backup'),
      members: fc.array(people, { minLength: 1, maxLength: 4 }),
      start: day,
      handOver: clock,
      every: fc.tuple(fc.integer({ min: 1, max: 30 }), fc.constantFrom('h', 'd', 'w', 'mo')),
      only: fc.array(fc.tuple(fc.subarray(DAYS, { minLength: 1 }), clock, clock), { maxLength: 2 }),
    })
    .map(({ role, members, start: [month, date], handOver, every: [count, unit], only }) => {
      const windows = only.map(([days, from, to]) => `{ days: [${days.join()}], from: ${from}, to: ${to} }`);
      const start = `2025-${two(month)}-${two(date)}`;
      return (
        `{ role: ${role}, members: [${members.join()}], start: ${start}, handOver: ${handOver}, ` +
        `every: ${String(count)}${unit}, only: [${windows.join()}] }`
      );
    });
  const override = fc
    .record({ start: day, hours: fc.integer({ min: 1, max: 100 }), members: people, replaces: fc.boolean() })
    .map(({ start: [month, date], hours, members, replaces }) => {
      const from = Date.UTC(2026, month - 1, date, 5);
      const to = new Date(from + hours * 3_600_000).toISOString().replace('.000', '');
      const instead = replaces ? ', replaces: primary' : '';
      return `{ from: ${new Date(from).toISOString().replace('.000', '')}, to: ${to}, members: ${members}${instead} }`;
    });
  const anySchedule = fc
    .record({
      zone: fc.constantFrom(...ZONES),
      layers: fc.array(layer, { minLength: 1, maxLength: 3 }),
      overrides: fc.array(override, { maxLength: 3 }),
    })
    .map(({ zone, layers, overrides }) => scheduleWith(zone, layers, overrides));
  const YEAR = Date.UTC(2026, 0, 1);
  const instant = fc.integer({ min: YEAR, max: YEAR + 365 * 86_400_000 });

  it('has one entry a role at every time, and its shifts are what it says at every time of them', () => {
    fc.assert(
      fc.property(anySchedule, instant, fc.integer({ min: 1, max: 10 * 24 }), (of, fromAt, hours) => {
        const toAt = fromAt + hours * 3_600_000;
        const found = shifts(of, fromAt, toAt);
        const duties = onDuty(of, fromAt);
        expect(duties.map(({ role }) => role)).toEqual(of.roles);
        for (const role of of.roles) {
          const theirs = found.filter((shift) => shift.role === role);
          expect(theirs.map((shift) => shift.toAt)).toEqual([...theirs.slice(1).map((shift) => shift.fromAt), toAt]);
          expect(theirs[0]?.fromAt).toBe(fromAt);
          for (const { fromAt: begin, toAt: end, members } of theirs) {
            for (const moment of [begin, Math.floor((begin + end) / 2), end - 1]) {
              expect(onDuty(of, moment).find((duty) => duty.role === role)?.members).toEqual(members);
            }
          }
        }
      }),
      { numRuns: 80 },
    );
  });

  it('misses no change: who is on duty at any minute is in the shifts', () => {
    fc.assert(
      fc.property(anySchedule, instant, fc.array(fc.nat(6 * 1440), { maxLength: 40 }), (of, fromAt, minutes) => {
        const found = shifts(of, fromAt, fromAt + 6 * 86_400_000 + 60_000);
        for (const minute of minutes) {
          const moment = fromAt + minute * 60_000;
          const there = found.filter((shift) => shift.fromAt <= moment && moment < shift.toAt);
          expect(there.map(({ role, members }) => ({ role, members }))).toEqual(onDuty(of, moment));
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('what is written wrong', () => {
  const LAYER = '{ members: [primary], start: 2026-01-05, every: 1w }';
  it.each([
    ['nobody', '{ members: [], start: 2026-01-05, every: 1w }', 'layers[0].members: must have at least 1 entry'],
    ['a stranger', '{ members: [[ceo]], start: 2026-01-05, every: 1w }', 'no member is called "ceo"'],
    ['a length', '{ members: [primary], start: 2026-01-05, every: 31d }', 'write 1 to 30 of hours, days, weeks'],
    ['a date', '{ members: [primary], start: 2026-02-30, every: 1w }', 'is no time; write it like 2026-01-05'],
    ['a zone', '{ members: [primary], start: 2026-01-05T09:00Z, every: 1w }', 'is no time; write it like 2026-01-05'],
    ['a time of day', `{ members: [primary], start: 2026-01-05, every: 1w, handOver: '24:00' }`, 'is no time of day'],
    [
      'two times of day',
      `{ members: [primary], start: 2026-01-05T08:00, every: 1w, handOver: '09:00' }`,
      'start says another time of day; keep one',
    ],
    ['its end', '{ members: [primary], start: 2026-01-05, end: 2026-01-05, every: 1w }', 'end: must be after start'],
  ])('%s of a layer', (_, layer, expected) => {
    expect(complaintAbout(written('UTC', `    layers: [${layer}]`))).toContain(expected);
  });

  it.each([
    ['{ from: 2026-01-06, to: 2026-01-06, member: primary }', 'overrides[0].to: must be after from'],
    ['{ from: 2026-01-06, to: 2026-01-07 }', 'name who takes over: `member`, or `members` for several'],
    ['{ role: boss, from: 2026-01-06, to: 2026-01-07, member: primary }', 'no role is called "boss"; known: primary'],
    ['{ from: 6 January, to: 2026-01-07, member: primary }', 'is no time; write it like 2026-01-05T09:00, local'],
  ])('an override: %s', (override, expected) => {
    expect(complaintAbout(written('UTC', `    layers: [${LAYER}]\n    overrides: [${override}]`))).toContain(expected);
  });

  it('a time zone, or none', () => {
    expect(complaintAbout(written('Beijing', `    layers: [${LAYER}]`))).toContain('is no time zone');
    expect(complaintAbout(written('', `    layers: [${LAYER}]`))).toContain('timeZone');
  });
});
