import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFilters, globMatches, possibleSeverities, type Filter } from '../../config/filter.ts';
import type { Incident } from '../../domain/incident.ts';

const incident: Incident = {
  id: '64b1352e',
  title: 'db-7 is down 🔥',
  severity: 'Critical',
  description: '',
  source: 'alertmanager',
  labels: { service: 'db', 'k8s.io/zone': 'a' },
};

function matches(...groups: Filter[][]): boolean {
  return compileFilters(groups)(incident);
}
const is = (key: string, ...vals: string[]): Filter => ({ key, oper: 'IN', vals });
const isNot = (key: string, ...vals: string[]): Filter => ({ key, oper: 'NOTIN', vals });

describe('filters', () => {
  it('match every incident when there are none', () => {
    expect(matches()).toBe(true);
  });

  it.each([
    [is('severity', 'Warning', 'Critical')],
    [is('status', 'Critical')],
    [is('dedup_key', '64b1352e')],
    [is('source', 'alert*')],
    [is('title', 'db-? is down ?')],
    [is('labels.service', 'db')],
    [is('labels.k8s.io/zone', '*')],
    [is('description', '*')],
    [isNot('labels.service', 'web', 'd')],
    [isNot('labels.service', 'web*')],
  ])('see what an incident has: %j', (filter) => {
    expect(matches([filter])).toBe(true);
    expect(matches([{ ...filter, oper: filter.oper === 'IN' ? 'NOTIN' : 'IN' }])).toBe(false);
  });

  it.each(['channel', 'labels.missing', 'labels.constructor', 'labels.__proto__'])(
    'never find %s in an incident that lacks it',
    (key) => {
      expect(matches([is(key, '*')])).toBe(false);
      expect(matches([isNot(key, '*')])).toBe(true);
    },
  );

  it('need every condition of one group, and one group of several', () => {
    expect(matches([is('severity', 'Critical'), is('labels.service', 'web')])).toBe(false);
    expect(matches([is('labels.service', 'web')], [is('severity', 'Critical'), is('labels.service', 'db')])).toBe(true);
  });

  it('tell which severities they let through at all', () => {
    expect(possibleSeverities([])).toEqual(['Critical', 'Warning', 'Info']);
    expect(possibleSeverities([[isNot('severity', 'Critical'), is('title', 'x')]])).toEqual(['Warning', 'Info']);
    expect(possibleSeverities([[is('severity', 'Info')], [is('status', 'C*')]])).toEqual(['Critical', 'Info']);
  });
});

/** As plain as it can be written, and as slow. */
function naive(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern.startsWith('*')) return naive(pattern.slice(1), text) || (text !== '' && naive(pattern, text.slice(1)));
  const fits = pattern.startsWith('?') || text.startsWith(pattern.charAt(0));
  return text !== '' && fits && naive(pattern.slice(1), text.slice(1));
}

describe('a wildcard', () => {
  it('matches what the plainest reading says', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (written, read) => {
        expect(globMatches(Array.from(written), Array.from(read))).toBe(naive(written, read));
      }),
      {
        numRuns: 2000,
        examples: [
          ['*a*b*', 'abab'],
          ['**', ''],
          ['?*?', 'a'],
          ['*ab', 'aab'],
        ],
      },
    );
  });

  it('is not slowed down by what made regular expressions famous', () => {
    // Backtracking over every star would take longer than the universe has.
    expect(globMatches(Array.from(`${'*a'.repeat(120)}*b`), Array.from('a'.repeat(16_384)))).toBe(false);
  });

  it('looks through everything a rule may hold in the time a page has', () => {
    const vals = [...Array(100).keys()].map((n) => `*needle-${n}*`);
    const long = { ...incident, description: 'need'.repeat(512) };
    expect(compileFilters([[is('description', ...vals)]])(long)).toBe(false);
  });
});
