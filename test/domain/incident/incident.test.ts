import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, LIMITS, repairIncident, type Repaired } from '../../../domain/incident/incident.ts';
import { english } from '../english.ts';

function repair(input: unknown): Repaired {
  const repaired = repairIncident({ id: '1', title: 't', severity: 'Info', ...(input as object) });
  if (typeof repaired === 'string') throw new Error(repaired);
  return repaired;
}

describe('an incident is repaired while a page can be made of it', () => {
  it('leaves a good one as it is', () => {
    const incident = {
      id: '64b1352e',
      title: 'db-7 is down',
      severity: 'Critical',
      description: 'no answer',
      channel: 'payments',
      source: 'alertmanager',
      labels: { service: 'db' },
      detailUrl: 'https://grafana.example.com/d/1',
      startedAt: '2026-11-20T08:00:00.000Z',
    };
    expect(repairIncident(incident)).toEqual({ incident, repairs: [] });
  });

  it.each<[unknown, object, string[]]>([
    [{ title: undefined }, { title: '(no title) 1' }, ['title was missing']],
    [{ title: '   ' }, { title: '(no title) 1' }, ['title was missing']],
    [{ title: 42 }, { title: '42' }, []],
    [{ title: ['x'] }, { title: '(no title) 1' }, ['title was not text: dropped', 'title was missing']],
    [{ severity: ' critical ' }, { severity: 'Critical' }, []],
    [{ severity: 'P1' }, { severity: 'Critical' }, ['severity "P1" is unknown: treated as Critical']],
    [{ severity: null }, { severity: 'Critical' }, ['severity null is unknown: treated as Critical']],
    [{ severity: undefined }, { severity: 'Critical' }, ['severity (none) is unknown: treated as Critical']],
    [{ description: null }, { description: '' }, []],
    [{ description: { a: 1 } }, { description: '' }, ['description was not text: dropped']],
    [{ labels: [1] }, { labels: {} }, ['labels were not an object: dropped']],
    [{ labels: 'x' }, { labels: {} }, ['labels were not an object: dropped']],
    [{ labels: { n: 1, no: null, o: { a: [] } } }, { labels: { n: '1', no: 'null', o: '{"a":[]}' } }, []],
    [{ startedAt: 'yesterday' }, {}, ['startedAt was not a time: dropped']],
    [{ startedAt: '2026-11-20T09:00:00+01:00' }, { startedAt: '2026-11-20T08:00:00.000Z' }, []],
  ])('%j', (input, expected, repairs) => {
    const repaired = repair(input);
    expect(repaired.incident).toMatchObject(expected);
    expect(repaired.repairs.map(english)).toEqual(repairs);
  });

  it.each(['javascript:alert(1)', 'ftp://x', 'grafana', 'https://a b', 7, `https://x/${'y'.repeat(2048)}`])(
    'drops a link that is none: %s',
    (detailUrl) => {
      const { incident, repairs } = repair({ detailUrl });
      expect(incident).not.toHaveProperty('detailUrl');
      expect(repairs.map(english)).toEqual([
        'detailUrl was not an http(s) address of at most 2048 characters: dropped',
      ]);
    },
  );

  it('cuts what is too long, and says so', () => {
    const { incident, repairs } = repair({ title: 'x'.repeat(600), description: 'y'.repeat(3000) });
    expect([incident.title.length, incident.description.length]).toEqual([512, 2048]);
    expect(repairs.map(english)).toEqual([
      'title was cut from 600 to 512 characters',
      'description was cut from 3000 to 2048 characters',
    ]);
  });

  it('keeps 50 labels and 16 KiB of them', () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`k${String(n)}`, 'v']));
    expect(Object.keys(repair({ labels: many }).incident.labels)).toHaveLength(50);
    const { incident, repairs } = repair({ labels: { big: 'x'.repeat(20_000), small: 'y' } });
    expect(incident.labels).toEqual({ small: 'y' });
    expect(repairs.map(english)).toEqual(['1 labels over the limit of 50 and 16 KiB were dropped']);
  });

  it('is not fooled by a label that is called __proto__', () => {
    const { incident, repairs } = repair(JSON.parse('{"labels":{"__proto__":{"x":1},"constructor":"c","a":"b"}}'));
    expect(Object.entries(incident.labels)).toEqual([
      ['constructor', 'c'],
      ['a', 'b'],
    ]);
    expect(repairs).toHaveLength(1);
    expect(Object.getPrototypeOf(incident.labels)).toBe(Object.prototype);
  });

  it('takes the id from the workflow when it is missing or unusable', () => {
    expect(repairIncident({ title: 't', severity: 'Info' }, '42')).toMatchObject({ incident: { id: '42' } });
    expect(repairIncident({ id: 'a b', severity: 'Info', title: 't' }, '42')).toMatchObject({
      repairs: [{ key: 'id-taken', id: '42' }],
    });
  });

  it.each([undefined, null, 'x', 7, []])('refuses what is no incident: %j', (input) => {
    expect(repairIncident(input, '42')).toMatch('the incident is missing');
  });

  it.each([{}, { id: 7 }, { id: '' }, { id: 'a b' }, { id: 'x'.repeat(129) }, { id: 'a\n' }])(
    'refuses an incident without a usable id: %j',
    (input) => {
      expect(repairIncident(input)).toBe('incident.id must be 1 to 128 of A-Z a-z 0-9 . _ : -');
    },
  );

  it('never throws, and what it made needs no second repair', () => {
    fc.assert(
      fc.property(fc.oneof(fc.object(), fc.jsonValue()), (input) => {
        const first = repairIncident({ ...(input as object), id: '1' });
        if (typeof first === 'string') throw new Error(first);
        expect(repairIncident(first.incident)).toEqual({ incident: first.incident, repairs: [] });
        expect(first.incident.title.length).toBeLessThanOrEqual(LIMITS.title);
      }),
      { numRuns: 300, interruptAfterTimeLimit: 2000 },
    );
  });
});

describe('cut', () => {
  it.each([
    ['short', 5, 'short'],
    ['longer', 5, 'long…'],
    ['abc😀', 5, 'abc😀'],
    ['abc😀x', 5, 'abc…'],
    ['ab😀xy', 5, 'ab😀…'],
  ])('%s to %i is %s', (text, max, expected) => {
    expect(cut(text, max)).toBe(expected);
  });
});
