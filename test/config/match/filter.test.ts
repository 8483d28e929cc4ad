import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anyGroupHolds,
  compileFilters,
  costProblem,
  filterProblems,
  globMatches,
  possibleSeverities,
  type Filter,
} from '../../../config/match/filter.ts';
import type { Incident } from '../../../domain/incident/incident.ts';

const incident: Incident = {
  id: '64b1352e',
  title: 'db-7 is down 🔥',
  severity: 'Critical',
  description: '',
  source: 'alertmanager',
  labels: {
    service: 'db',
    'k8s.io/zone': 'a',
    path: '/api/v1',
    instance: '10.1.2.3:9100',
    gateway: '2001:db8::7',
    mapped: '::ffff:10.1.2.3',
    usage: ' 93.5 ',
    signed: '-2e1',
    percent: '93%',
    octal: '010.1.2.3',
  },
};

function matches(...groups: Filter[][]): boolean {
  return anyGroupHolds(compileFilters(groups), incident);
}
function problem(key: string, value: string): string | undefined {
  const [first] = filterProblems(is(key, value));
  return first?.message;
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
    [is('title', '/^db-\\d+ is (down|up)/')],
    [is('title', '/DOWN/', '/(?i)DOWN/')],
    [is('title', '/\\x{1F525}$/')],
    [is('labels.path', '/api/')],
    [is('labels.instance', 'cidr:10.0.0.0/8')],
    [is('labels.instance', 'cidr:192.168.0.0/16', 'cidr:2001:db8::/32', 'cidr:10.1.2.3/32')],
    [is('labels.gateway', 'cidr:2001:db8::/32')],
    [is('labels.mapped', 'cidr:10.0.0.0/8')],
    [isNot('labels.instance', 'cidr:10.1.2.4/32')],
    [isNot('labels.octal', 'cidr:0.0.0.0/0')],
    [isNot('title', 'cidr:0.0.0.0/0')],
    [is('labels.usage', 'num:gt:90')],
    [is('labels.usage', 'num:ge:93.5')],
    [is('labels.usage', 'num:le:93.5')],
    [isNot('labels.usage', 'num:gt:93.5', 'num:lt:93.5')],
    [is('labels.signed', 'num:lt:-19.5')],
    [isNot('labels.percent', 'num:gt:0', 'num:le:0')],
    [isNot('description', 'num:le:0')],
  ])('see what an incident has: %j', (filter) => {
    expect([...filterProblems(filter)]).toEqual([]);
    expect(matches([filter])).toBe(true);
    expect(matches([{ ...filter, oper: filter.oper === 'IN' ? 'NOTIN' : 'IN' }])).toBe(false);
  });

  it.each(['channel', 'labels.missing', 'labels.constructor', 'labels.__proto__'])(
    'never find %s in an incident that lacks it',
    (key) => {
      for (const value of ['*', '/.*/', '/^/', 'num:lt:1', 'cidr:0.0.0.0/0']) {
        expect(matches([is(key, value)])).toBe(false);
        expect(matches([isNot(key, value)])).toBe(true);
      }
    },
  );

  it('need every condition of one group, and one group of several', () => {
    expect(matches([is('severity', 'Critical'), is('labels.service', 'web')])).toBe(false);
    expect(matches([is('labels.service', 'web')], [is('severity', 'Critical'), is('labels.service', 'db')])).toBe(true);
  });

  it('tell which severities they let through at all', () => {
    const possible = (...groups: Filter[][]) => possibleSeverities(compileFilters(groups));
    expect(possible()).toEqual(['Critical', 'Warning', 'Info']);
    expect(possible([isNot('severity', 'Critical'), is('title', 'x')])).toEqual(['Warning', 'Info']);
    expect(possible([is('severity', 'Info')], [is('status', '/^C/')])).toEqual(['Critical', 'Info']);
  });

  it.each([
    ['alert_key', 'x', 'an incident has no "alert_key"; known: severity, status, title'],
    ['severity', 'critical', 'no severity is called "critical"; known: Critical, Warning, Info'],
    ['severity', 'num:gt:1', 'no severity is called "num:gt:1"; known: Critical, Warning, Info'],
    ['title', '/(/', 'is not a regular expression of RE2 (missing closing ): `(`); look-around'],
    ['title', '/(?=x)/', 'is not a regular expression of RE2 (invalid or unsupported Perl syntax: `(?=`); look-around'],
    ['title', '/(a)\\1/', 'is not a regular expression of RE2 (invalid escape sequence: `\\1`); look-around'],
    ['title', '/.{999}/', 'is too large a regular expression (1001 instructions, the limit is 250); write smaller'],
    ['source', 'cidr:10.0.0.0', 'write cidr:10.0.0.0/8 or cidr:2001:db8::/32'],
    ['source', 'cidr:10.0.0.0/33', 'write cidr:10.0.0.0/8 or cidr:2001:db8::/32'],
    ['source', 'cidr:1::/129', 'write cidr:10.0.0.0/8 or cidr:2001:db8::/32'],
    ['source', 'num:eq:5', 'write num:gt:5, with gt, ge, lt or le and a number'],
    ['source', 'num:constructor:5', 'write num:gt:5, with gt, ge, lt or le and a number'],
    ['source', 'num:gt:', 'write num:gt:5, with gt, ge, lt or le and a number'],
  ])('are refused with what to write: %s in [%s]', (key, value, said) => {
    expect(problem(key, value)?.slice(0, said.length)).toBe(said);
  });
});

/** As plain as it can be written, and as slow. */
function naive(pattern: readonly string[], text: readonly string[]): boolean {
  const [wanted, ...rest] = pattern;
  const [read, ...unread] = text;
  if (wanted === undefined) return read === undefined;
  if (wanted === '*') return naive(rest, text) || (read !== undefined && naive(pattern, unread));
  return read !== undefined && (wanted === '?' || wanted === read) && naive(rest, unread);
}

describe('a wildcard', () => {
  it('matches what the plainest reading says', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', '🔥', '*', '?'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', '🔥', '*'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (written, read) => {
        expect(globMatches(written, read)).toBe(naive(Array.from(written), Array.from(read)));
      }),
      {
        numRuns: 2000,
        examples: [
          ['*a*🔥*', 'a🔥a🔥'],
          ['**', ''],
          ['?*?', 'a'],
          ['?*?', '🔥'],
          ['*a🔥', 'aa🔥'],
        ],
      },
    );
  });

  it('is not slowed down by what made regular expressions famous', () => {
    // Backtracking over every star would take longer than the universe has.
    expect(globMatches(`${'*a'.repeat(120)}*b`, 'a'.repeat(16_384))).toBe(false);
  });
});

describe('a hostile regular expression', () => {
  /** No two neighbourhoods alike: every state there is gets visited. */
  const noise = fc.sample(fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 16_384, maxLength: 16_384 }), {
    numRuns: 1,
    seed: 7,
  });

  // Backtracking needs 2^n steps for each of these; all of them together must be read in the time a test has.
  it.each(['(a+)+c', '(a|a)*c', '(.*a){20}[^ab]', '([ab]*)*c', '.*a.{240}[^ab]', '((a?){10}){5}[ab]*c', '(.*)*=(.*)*'])(
    'reads the longest label without stalling the worker: /%s/',
    (source) => {
      const value = `/${source}/`;
      expect(problem('labels.x', value)).toBeUndefined();
      const [[condition] = []] = compileFilters([[is('labels.x', value)]]);
      for (const x of ['a'.repeat(16_384), ...noise]) {
        expect(condition?.holds({ ...incident, labels: { x } })).toBe(false);
      }
    },
  );

  it('cannot be made expensive by counting', () => {
    expect(problem('title', '/(a{30}){30}/')).toContain('is too large a regular expression');
    expect(problem('title', '/(a{100}){100}/')).toContain('is not a regular expression of RE2');
  });
});

describe('very many conditions', () => {
  it('are refused when they would not be read in the time a page has', () => {
    const many = Array.from({ length: 199 }, (_, n) => is('title', `/.{100}${String(n)}/`));
    expect(costProblem(many.slice(0, 180))).toBeUndefined();
    expect(costProblem(many)).toMatch(/come to 20[5-9]\d\d steps a character, the limit is 20000; make them fewer/);
    expect(costProblem([is('title', ...Array.from({ length: 20_001 }, () => 'exact'))])).toBeUndefined();
  });
});
