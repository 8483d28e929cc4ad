import { describe, expect, it } from 'vitest';
import type { Incident } from '../../../domain/incident/incident.ts';
import { complaint, parse, sample } from '../sample.ts';

const incident: Incident = { id: 'x', title: 'x', severity: 'Critical', description: '', labels: {} };

/** Whether a rule with these hours takes an incident that opens then. */
function holdsAt(times: unknown, at: string, channelZone?: string): boolean {
  const zone = channelZone === undefined ? '' : `\n    timeZone: ${channelZone}`;
  const configuration = parse(
    sample({ 11: `  payments:${zone}`, 15: `        when: { times: ${JSON.stringify(times)} }` }),
  );
  const [rule] = configuration.channels.get('payments')?.rules ?? [];
  return rule?.matches(incident, new Date(at)) ?? false;
}

const OFFICE = { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '18:00' };
const NIGHT = { days: ['fri', 'sat'], from: '22:00', to: '06:00' };

describe('a rule with hours', () => {
  // 2026-11-20 is a Friday.
  it.each([
    ['the minute before', '2026-11-20T08:59:59.999Z', false],
    ['the first minute', '2026-11-20T09:00:00Z', true],
    ['the last second', '2026-11-20T17:59:59.999Z', true],
    ['the end itself', '2026-11-20T18:00:00Z', false],
    ['a Saturday', '2026-11-21T12:00:00Z', false],
    ['a Sunday', '2026-11-22T12:00:00Z', false],
    ['a Monday', '2026-11-23T12:00:00Z', true],
  ])('takes office hours from the first minute to before the end: %s', (_, at, expected) => {
    expect(holdsAt([OFFICE], at)).toBe(expected);
  });

  it.each([
    ['2026-11-20T21:59:00Z', false],
    ['2026-11-20T22:00:00Z', true],
    ['2026-11-21T05:59:00Z', true],
    ['2026-11-21T06:00:00Z', false],
    ['2026-11-21T23:00:00Z', true],
    ['2026-11-22T05:00:00Z', true],
    ['2026-11-22T22:30:00Z', false],
    ['2026-11-20T03:00:00Z', false],
  ])('counts the hours after midnight to the day on which the night began: %s', (at, expected) => {
    expect(holdsAt([NIGHT], at)).toBe(expected);
  });

  it('takes days as numbers too, 0 is Sunday', () => {
    const sunday = { days: [0], from: '00:00', to: '24:00' };
    expect(holdsAt([sunday], '2026-11-21T23:59:00Z')).toBe(false);
    expect(holdsAt([sunday], '2026-11-22T00:00:00Z')).toBe(true);
    expect(holdsAt([sunday], '2026-11-22T23:59:59Z')).toBe(true);
    expect(holdsAt([sunday], '2026-11-23T00:00:00Z')).toBe(false);
  });

  it('takes every day when it names none, and always when it has no hours', () => {
    expect(holdsAt([{ from: '11:00', to: '13:00' }], '2026-11-22T12:00:00Z')).toBe(true);
    expect(holdsAt([], '2026-11-22T12:00:00Z')).toBe(true);
  });

  it('takes 24 hours when from and to are the same', () => {
    const shift = [{ days: ['fri'], from: '09:00', to: '09:00' }];
    expect(holdsAt(shift, '2026-11-20T08:59:00Z')).toBe(false);
    expect(holdsAt(shift, '2026-11-20T09:00:00Z')).toBe(true);
    expect(holdsAt(shift, '2026-11-21T08:59:00Z')).toBe(true);
    expect(holdsAt(shift, '2026-11-21T09:00:00Z')).toBe(false);
  });

  it('is content with any one of its hours', () => {
    expect(holdsAt([OFFICE, NIGHT], '2026-11-20T12:00:00Z')).toBe(true);
    expect(holdsAt([OFFICE, NIGHT], '2026-11-20T23:00:00Z')).toBe(true);
    expect(holdsAt([OFFICE, NIGHT], '2026-11-20T20:00:00Z')).toBe(false);
  });

  it('reads the clock of the hours, else of the channel, else UTC', () => {
    const noon = [{ from: '12:00', to: '13:00' }];
    expect(holdsAt(noon, '2026-11-20T12:30:00Z')).toBe(true);
    expect(holdsAt(noon, '2026-11-20T04:30:00Z', 'Asia/Shanghai')).toBe(true);
    expect(holdsAt(noon, '2026-11-20T12:30:00Z', 'Asia/Shanghai')).toBe(false);
    const own = [{ from: '12:00', to: '13:00', timeZone: 'America/New_York' }];
    expect(holdsAt(own, '2026-11-20T17:30:00Z', 'Asia/Shanghai')).toBe(true);
  });
});

describe('on days that clocks are changed', () => {
  const early = (timeZone: string, from = '02:00', to = '03:00') => [{ from, to, timeZone }];

  // prettier-ignore
  it.each([
    // Berlin, 2026-03-29: 01:59 CET is followed by 03:00 CEST. The hour from 2 to 3 never comes.
    ['Europe/Berlin', '02:00', '03:00', '2026-03-29T00:59:00Z', false],
    ['Europe/Berlin', '02:00', '03:00', '2026-03-29T01:00:00Z', false],
    ['Europe/Berlin', '01:30', '02:30', '2026-03-29T00:59:00Z', true],
    ['Europe/Berlin', '01:30', '02:30', '2026-03-29T01:00:00Z', false],
    ['Europe/Berlin', '02:30', '04:00', '2026-03-29T01:00:00Z', true],
    ['Europe/Berlin', '09:00', '18:00', '2026-03-29T07:00:00Z', true],
    ['Europe/Berlin', '09:00', '18:00', '2026-03-29T06:59:00Z', false],
    // Berlin, 2026-10-25: 02:59 CEST is followed by 02:00 CET. The hour from 2 to 3 comes twice.
    ['Europe/Berlin', '02:00', '03:00', '2026-10-24T23:59:00Z', false],
    ['Europe/Berlin', '02:00', '03:00', '2026-10-25T00:00:00Z', true],
    ['Europe/Berlin', '02:00', '03:00', '2026-10-25T01:59:00Z', true],
    ['Europe/Berlin', '02:00', '03:00', '2026-10-25T02:00:00Z', false],
    ['Europe/Berlin', '01:00', '02:30', '2026-10-25T00:45:00Z', false],
    ['Europe/Berlin', '01:00', '02:30', '2026-10-25T01:15:00Z', true],
    ['Europe/Berlin', '22:00', '02:30', '2026-10-25T01:15:00Z', true],
    // New York, 2026-03-08: 01:59 EST is followed by 03:00 EDT.
    ['America/New_York', '02:00', '03:00', '2026-03-08T06:59:00Z', false],
    ['America/New_York', '02:00', '03:00', '2026-03-08T07:00:00Z', false],
    ['America/New_York', '22:00', '06:00', '2026-03-08T09:59:00Z', true],
    ['America/New_York', '22:00', '06:00', '2026-03-08T10:00:00Z', false],
    // New York, 2026-11-01: 01:59 EDT is followed by 01:00 EST.
    ['America/New_York', '01:00', '02:00', '2026-11-01T04:59:00Z', false],
    ['America/New_York', '01:00', '02:00', '2026-11-01T05:00:00Z', true],
    ['America/New_York', '01:00', '02:00', '2026-11-01T06:59:00Z', true],
    ['America/New_York', '01:00', '02:00', '2026-11-01T07:00:00Z', false],
    // Shanghai has had one clock all year since 1991, also while others change theirs.
    ['Asia/Shanghai', '02:00', '03:00', '2026-03-28T18:00:00Z', true],
    ['Asia/Shanghai', '02:00', '03:00', '2026-10-24T18:59:00Z', true],
    ['Asia/Shanghai', '02:00', '03:00', '2026-10-24T19:00:00Z', false],
    ['Asia/Shanghai', '23:30', '24:00', '2026-10-25T15:59:59Z', true],
    ['Asia/Shanghai', '23:30', '24:00', '2026-10-25T16:00:00Z', false],
  ])('a rule goes by what the clock on the wall shows: %s %s to %s at %s', (zone, from, to, at, expected) => {
    expect(holdsAt(early(zone, from, to), at)).toBe(expected);
  });

  it('Saturday in Shanghai is still Friday in New York', () => {
    const saturday = (timeZone: string) => [{ days: ['sat'], from: '00:00', to: '24:00', timeZone }];
    expect(holdsAt(saturday('Asia/Shanghai'), '2026-11-20T16:00:00Z')).toBe(true);
    expect(holdsAt(saturday('America/New_York'), '2026-11-20T16:00:00Z')).toBe(false);
  });
});

describe('hours that are no hours', () => {
  it.each([
    [
      '{ days: [someday], from: "09:00", to: "18:00" }',
      'days[0]: expected a day: sun, mon, … sat, or 0 to 6 (0 is Sunday)',
    ],
    ['{ days: [7], from: "09:00", to: "18:00" }', 'days[0]: must be at most 6'],
    ['{ days: [], from: "09:00", to: "18:00" }', 'days: must have at least 1 entry'],
    ['{ from: "24:00", to: "06:00" }', 'from: is no time of day; write it like "09:00"'],
    ['{ from: "09:00", to: "24:01" }', 'to: is no time of day; write it like "09:00", up to "24:00"'],
    ['{ from: "9:00", to: "18:00" }', 'from: is no time of day; write it like "09:00"'],
    ['{ from: "09:00" }', 'to: is missing'],
    [
      '{ from: "09:00", to: "18:00", timeZone: Mars/Base }',
      'timeZone: is no time zone; write one such as Asia/Shanghai or UTC',
    ],
  ])('are refused with what to write: %s', (written, said) => {
    const complained = complaint({ 15: `        when: { times: [${written}] }` });
    expect(complained.replace(/^.*times\[0\]\./, '')).toBe(said);
  });
});
