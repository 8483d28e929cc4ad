import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createPlanning } from '../../../activities/plan.ts';
import { yamlDirectory } from '../../../config/duty/directory.ts';
import { explain, type Explanation } from '../../../config/match/explain.ts';
import { explanationLines } from '../../../cli/commands/rules.ts';
import { complaint, parse, sample } from '../sample.ts';
import type { Configuration } from '../../../config/configuration.ts';
import type { Incident } from '../../../domain/incident/incident.ts';
import { english } from '../../domain/english.ts';

const RULES = `
      - name: staging
        enabled: false
        levels: [{ to: { members: [backup] }, by: preference }]
      - name: databases at night
        when:
          filters:
            - - { key: labels.service, oper: IN, vals: [db, 'pg-*'] }
              - { key: severity, oper: IN, vals: [Critical] }
            - - { key: source, oper: NOTIN, vals: [grafana] }
          times: [{ from: '22:00', to: '06:00' }]
        levels: [{ to: { members: [primary] }, by: preference }]
      - name: P1
        when: { filters: [[{ key: severity, oper: IN, vals: [Critical] }]] }
        levels: [{ to: { members: [primary] }, by: preference }]
      - name: rest
        levels: [{ to: { teams: [db] }, by: preference }]`;

function configuration(unmatched = 'ignore'): Configuration {
  return parse(`
gateway: { secrets: [pK3xZ7vQ9mT4wB6n] }
accounts: { mail: { adapter: smtp.email, url: "smtp://127.0.0.1:2525", from: oncall@example.com } }
media: { email: [mail] }
members:
  primary: { name: Primary, email: primary@example.com }
  backup: { name: Backup, email: backup@example.com }
teams: { db: [primary, backup] }
routes:
  - { when: [[{ key: labels.team, oper: IN, vals: [payments] }], [{ key: source, oper: IN, vals: [ledger] }]], channel: payments }
  - { when: [[{ key: severity, oper: IN, vals: [Info] }]], times: [{ from: "22:00", to: "06:00" }], channel: nights }
channels:
  payments:
    timeZone: Asia/Shanghai
    rules:${RULES}
  nights: { rules: [{ name: tomorrow, levels: [{ to: { members: [backup] }, by: preference }] }] }
  default: { rules: [{ name: everybody, levels: [{ to: { teams: [db] }, by: preference }] }] }
unmatched: ${unmatched}`);
}

/** Noon in UTC, eight in the evening in Shanghai. */
const NOON = new Date('2026-11-20T12:00:00Z');
/** Eleven in the evening in UTC, seven in the morning in Shanghai. */
const NIGHT = new Date('2026-11-20T23:00:00Z');

function incident(given: Partial<Incident> = {}): Incident {
  return { id: 'x', title: 'db-7 is down', severity: 'Warning', description: '', labels: {}, ...given };
}

async function ruleOf(given: Incident, at: Date, current = configuration()) {
  const source = { current };
  const planning = createPlanning({ source, directory: yamlDirectory(source), attributes: () => [] });
  const { rule, notes } = await planning.matchRule({ incident: given, at: at.getTime() });
  return { rule: rule?.name, notes: notes.map(english) };
}

describe('an incident', () => {
  it.each([
    ['that names a channel follows its rules', { channel: 'payments' }, NOON, 'payments/rest'],
    ['that names a channel is not routed', { channel: 'nights', source: 'ledger' }, NOON, 'nights/tomorrow'],
    ['that names none takes the first route that matches', { source: 'ledger' }, NOON, 'payments/rest'],
    ['is routed by its labels', { labels: { team: 'payments' } }, NOON, 'payments/rest'],
    ['is routed by severity and hour', { severity: 'Info' as const }, NIGHT, 'nights/tomorrow'],
    ['is not routed outside the hours of a route', { severity: 'Info' as const }, NOON, 'default/everybody'],
    ['that no route takes follows the default', {}, NOON, 'default/everybody'],
    [
      'follows the first enabled rule that matches',
      { source: 'ledger', severity: 'Critical' as const },
      NOON,
      'payments/P1',
    ],
    [
      'finds the rules of the hour at which it opens',
      { source: 'ledger' },
      new Date('2026-11-20T16:00:00Z'),
      'payments/databases at night',
    ],
  ])('%s', async (_, given, at, name) => {
    expect(await ruleOf(incident(given), at)).toEqual({ rule: name, notes: [] });
  });

  it('of a channel nobody knows follows the default, with a note', async () => {
    expect(await ruleOf(incident({ channel: 'mars', source: 'ledger' }), NOON)).toEqual({
      rule: 'default/everybody',
      notes: ['no channel is called mars: took the default'],
    });
  });
});

describe('the explanation', () => {
  it('says of every rule why it does not match', () => {
    const found = explain(
      incident({ source: 'grafana', labels: { team: 'payments', service: 'web' } }),
      configuration(),
      NOON,
    );
    expect(found).toEqual<Explanation>({
      channel: { name: 'payments', by: 'route', route: 1 },
      routes: [{ name: 'route 1 to payments', result: 'matches', reasons: [] }],
      rules: [
        { name: 'payments/staging', result: 'disabled', reasons: [] },
        {
          name: 'payments/databases at night',
          result: 'differs',
          reasons: [
            'outside its hours (every day 22:00-06:00 Asia/Shanghai): it is fri 20:00 Asia/Shanghai',
            'group 1: labels.service IN [db, pg-*]: is web',
            'group 1: severity IN [Critical]: is Warning',
            'group 2: source NOTIN [grafana]: is grafana',
          ],
        },
        { name: 'payments/P1', result: 'differs', reasons: ['severity IN [Critical]: is Warning'] },
        { name: 'payments/rest', result: 'matches', reasons: [] },
      ],
      follows: 'payments/rest',
    });
  });

  it('shows what would have matched later, and what an incident lacks', () => {
    const { routes, rules, follows } = explain(incident({ severity: 'Critical' }), configuration(), NOON);
    expect(routes).toEqual([
      {
        name: 'route 1 to payments',
        result: 'differs',
        reasons: [
          'group 1: labels.team IN [payments]: the incident has none',
          'group 2: source IN [ledger]: the incident has none',
        ],
      },
      {
        name: 'route 2 to nights',
        result: 'differs',
        reasons: [
          'outside its hours (every day 22:00-06:00 UTC): it is fri 12:00 UTC',
          'severity IN [Info]: is Critical',
        ],
      },
    ]);
    expect(rules.map(({ result }) => result)).toEqual(['matches']);
    expect(follows).toBe('default/everybody');

    const named = explain(incident({ severity: 'Critical', channel: 'payments' }), configuration(), NOON);
    expect(named.routes).toEqual([]);
    expect(named.rules.map(({ result }) => result)).toEqual(['disabled', 'differs', 'matches', 'later']);
  });

  it.each([
    ['ignore', 'ignore', 'no rule matches, and `unmatched` says ignore: nobody is told'],
    ['{ to: { members: [backup] }, by: preference }', 'unmatched', 'no rule matches: `unmatched` is followed'],
  ])('says who hears of what no rule takes: %s', (unmatched, follows, said) => {
    const found = explain(incident(), parse(sample({ 23: `unmatched: ${unmatched}` })), NOON);
    expect(found).toMatchObject({ channel: { name: 'default', by: 'default' }, rules: [], follows });
    expect(explanationLines(found).map((line) => stripVTControlCharacters(line))).toEqual([
      'channel default (the incident names none and no route matches)',
      '  the configuration has no channel of that name',
      said,
    ]);
  });

  it('agrees with what planning does, whatever the incident', async () => {
    const current = configuration('{ to: { members: [backup] }, by: preference }');
    for (const severity of ['Critical', 'Warning', 'Info'] as const) {
      for (const channel of [undefined, 'payments', 'nights', 'mars']) {
        for (const source of ['ledger', 'grafana']) {
          for (const at of [NOON, NIGHT]) {
            const given = incident({ severity, source, ...(channel !== undefined && { channel }) });
            expect(explain(given, current, at).follows).toBe((await ruleOf(given, at, current)).rule);
          }
        }
      }
    }
  });

  it('is written for a person to read', () => {
    const found = explain(incident({ channel: 'payments', severity: 'Critical' }), configuration(), NOON);
    expect(explanationLines(found).map((line) => stripVTControlCharacters(line))).toEqual([
      'channel payments (the incident names it)',
      '  – payments/staging is disabled',
      '  ✗ payments/databases at night',
      '      outside its hours (every day 22:00-06:00 Asia/Shanghai): it is fri 20:00 Asia/Shanghai',
      '  ✓ payments/P1',
      '  – payments/rest would match too, but comes later',
      'follows payments/P1',
    ]);
  });
});

describe('routes and channels that cannot be used', () => {
  it.each([
    [
      '[{ when: [[{ key: severity, oper: IN, vals: [Info] }]], channel: mars }]',
      'routes[0].channel: no channel is called "mars"; known: payments',
    ],
    ['[{ channel: payments }]', 'routes[0].when: is missing: One group whose conditions all hold is enough'],
    [
      '[{ when: [[{ key: title, oper: IN, vals: ["/(/"] }]], channel: payments }]',
      'routes[0].when[0][0].vals[0]: is not a regular expression of RE2 (missing closing ): `(`); look-around and back references do not exist there',
    ],
  ])('are refused: %s', (routes, said) => {
    const complained = complaint({ 23: `unmatched: ignore\nroutes: ${routes}` });
    expect(complained).toMatch(/^escalations\.yaml:24:\d+ {2}/);
    expect(complained.replace(/^\S+ {2}/, '')).toBe(said);
  });
});
