import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { ChannelRule, Configuration } from '../../../config/configuration.ts';
import { importFlashduty, type Imported, type ImportOptions } from '../../../config/import/flashduty.ts';
import { ConfigurationError } from '../../../config/schema/problem.ts';
import { parse } from '../sample.ts';

/** As `POST /channel/escalate/rule/create` takes it. */
const RULE = {
  channel_id: 1001,
  rule_name: 'Default',
  description: 'Everything\nof payments',
  priority: 3,
  template_id: '6321aad26c12104586a88916',
  aggr_window: 90,
  layers: [
    {
      max_times: 3,
      notify_step: 0.5,
      escalate_window: 5,
      force_escalate: true,
      target: {
        person_ids: [7, 8],
        team_ids: [2],
        schedule_to_role_ids: { '77': [0], '78': [3] },
        emails: ['boss@example.com'],
        by: { follow_preference: false, critical: ['voice', 'sms'], warning: ['feishu_app:5001'], info: ['email'] },
        webhooks: [
          {
            type: 'feishu_app',
            settings: {
              data_source_id: 5001,
              chat_ids: ['oc_x', 'oc_y'],
              serverities: ['Critical', 'Warning'],
              reply_event_types: ['i_ack', 'i_rslv', 'i_storm'],
              reply_mode: 'threads',
            },
          },
        ],
      },
    },
    { max_times: 1, escalate_window: 30, target: { person_ids: [9], by: { follow_preference: true } } },
  ],
  time_filters: [{ start: '09:00', end: '18:00', repeat: [1, 2, 3, 4, 5] }],
  filters: [
    [
      { key: 'alert_severity', oper: 'IN', vals: ['critical', 'Ok'] },
      { key: 'labels.host', oper: 'NOTIN', vals: ['/^test-/', 'db-?', 'cidr:10.0.0.0/8', 'num:gt:5'] },
    ],
  ],
};
const layer = (given: object, target: object = { person_ids: [7], by: { follow_preference: true } }) => ({
  layers: [{ ...given, target }],
});

/** The imported rules after somebody gave the placeholders a meaning. */
function completed({ yaml, placeholders }: Imported): Configuration {
  const { members, teams, schedules, accounts } = placeholders;
  const everybody = {
    someone: { name: 'Someone' },
    ...Object.fromEntries([...members].map((id) => [id, { name: id }])),
  };
  const settings = {
    'feishu.app': { appId: 'a', appSecret: 'b', verificationToken: 'c' },
  } as Partial<Record<string, object>>;
  return parse(
    JSON.stringify({
      ...(parseYaml(yaml) as object),
      gateway: { secrets: ['pK3xZ7vQ9mT4wB6n'] },
      accounts: Object.fromEntries([...accounts].map(([name, adapter]) => [name, { adapter, ...settings[adapter] }])),
      members: everybody,
      teams: Object.fromEntries([...teams].map((name) => [name, ['someone']])),
      schedules: Object.fromEntries(
        [...schedules].map(([name, roles]) => [
          name,
          {
            timeZone: 'UTC',
            layers: ['primary', ...roles].map((role) => ({
              role,
              members: ['someone'],
              start: '2026-01-05',
              every: '1w',
            })),
          },
        ]),
      ),
      unmatched: 'ignore',
    }),
  );
}

function rulesOf(document: unknown, options?: ImportOptions): readonly ChannelRule[] {
  const [channel] = completed(importFlashduty(document, options)).channels.values();
  return channel?.rules ?? [];
}
function levelsOf(document: unknown, options?: ImportOptions) {
  return rulesOf(document, options)[0]?.rule.levels ?? [];
}
const notesOf = (document: unknown, options?: ImportOptions) => importFlashduty(document, options).notes;

describe('a rule of Flashduty', () => {
  it('becomes one of ours that is valid once the placeholders have a meaning', () => {
    const imported = importFlashduty(RULE, { timeZone: 'Asia/Shanghai' });
    const channel = completed(imported).channels.get('channel-1001');
    expect(channel?.rules).toHaveLength(1);
    const [rule] = channel?.rules ?? [];
    expect(rule?.enabled).toBe(true);
    expect(rule?.when.times).toEqual([{ days: [1, 2, 3, 4, 5], from: 540, to: 1080, timeZone: 'Asia/Shanghai' }]);
    expect(rule?.when.filters.map((group) => group.map(({ key, oper, vals }) => [key, oper, vals]))).toEqual([
      [
        ['severity', 'IN', ['Critical']],
        ['labels.host', 'NOTIN', ['/^test-/', 'db-?', 'cidr:10.0.0.0/8', 'num:gt:5']],
      ],
    ]);
    expect(rule?.rule).toMatchObject({
      name: 'channel-1001/Default',
      delayMs: 90_000,
      levels: [
        {
          to: {
            members: ['person-7', 'person-8', expect.stringMatching(/^mail-/)],
            teams: ['team-2'],
            schedules: ['schedule-77', 'schedule-78/role-3'],
          },
          by: { critical: ['voice', 'sms'], warning: ['feishu-app-5001'], info: ['email'] },
          groups: [
            {
              account: 'feishu-app-5001',
              chat: 'oc_x',
              severities: ['Critical', 'Warning'],
              events: ['opened', 'acknowledged', 'closed'],
            },
            { account: 'feishu-app-5001', chat: 'oc_y' },
          ],
          repeat: { everyMs: 30_000, times: 3 },
          escalateAfterMs: 300_000,
          evenIfAcknowledged: true,
        },
        { to: { members: ['person-9'] }, by: 'preference', escalateAfterMs: 1_800_000, evenIfAcknowledged: false },
      ],
    });
  });

  it('is printed so that a person can read on', () => {
    const { yaml } = importFlashduty(RULE);
    expect(yaml.split('\n').slice(0, 7)).toEqual([
      '# Rules of Flashduty. Copy `channels` into escalations.yaml; names stand for ids, add or replace them:',
      '# accounts: feishu-app-5001 (feishu.app)',
      '# members: person-7, person-8, person-9',
      '# teams: team-2',
      '# schedules: schedule-77, schedule-78 (role-3)',
      '',
      'channels:',
    ]);
    expect(yaml).toContain('      # Everything of payments\n      - name: Default\n');
    expect(yaml).toContain('- { key: severity, oper: IN, vals: [ Critical ] }');
  });

  it('is followed by what could not be carried over', () => {
    expect(notesOf(RULE)).toEqual([
      'Default: its message template was left out; our own wording is used',
      'Default: the status Ok was left out: an incident that recovered is closed here',
      'Default: its hours are read as UTC; say --time-zone, or set timeZone of the channel',
      'Default: level 1: groups cannot hear of i_storm',
    ]);
  });
});

describe('the document', () => {
  it.each([
    ['one rule', RULE],
    ['a list', [RULE]],
    ['an answer with one rule', { request_id: 'r', data: RULE }],
    ['an answer with a list', { request_id: 'r', data: { total: 1, items: [RULE] } }],
  ])('may be %s', (_, document) => {
    expect(rulesOf(document).map(({ rule }) => rule.name)).toEqual(['channel-1001/Default']);
  });

  it('is put in the order in which its rules are asked, channel by channel', () => {
    const imported = importFlashduty([
      { ...RULE, rule_name: 'b', priority: 5 },
      { ...RULE, rule_name: 'a', priority: 0 },
      { ...RULE, rule_name: 'b', priority: 9 },
      { ...RULE, rule_name: 'c', channel_id: 1002 },
    ]);
    const channels = [...completed(imported).channels.values()];
    expect(channels.map(({ rules }) => rules.map(({ rule }) => rule.name))).toEqual([
      ['channel-1001/a', 'channel-1001/b', 'channel-1001/b (2)'],
      ['channel-1002/c'],
    ]);
  });

  it('goes into the channel that is asked for, and keeps what is disabled disabled', () => {
    const rules = rulesOf({ ...RULE, status: 'disabled' }, { channel: 'payments' });
    expect(rules.map(({ enabled, rule }) => [enabled, rule.name])).toEqual([[false, 'payments/Default']]);
  });

  it.each([
    [null, 'there is no rule in it: give one rule, a list of them, or an answer of the API'],
    [{ data: { items: [] } }, 'there is no rule in it: give one rule, a list of them, or an answer of the API'],
    [
      { error: { code: 'Unauthorized' } },
      'there is no rule in it: give one rule, a list of them, or an answer of the API',
    ],
    [{ layers: [] }, 'rule [0].layers: must have at least 1 entry'],
    [{ layers: [{ max_times: 'two' }] }, 'rule [0].layers[0].max_times: expected a number, got text'],
  ])('is refused when it holds no rule: %j', (document, said) => {
    expect(() => importFlashduty(document)).toThrow(new ConfigurationError([said]));
  });
});

describe('units', () => {
  it.each([
    ['minutes', { escalate_window: 720, notify_step: 120, max_times: 2 }, undefined, 43_200_000, 7_200_000],
    [
      'seconds, when no level lasts so many minutes',
      { escalate_window: 1800, notify_step: 60, max_times: 2 },
      undefined,
      1_800_000,
      60_000,
    ],
    [
      'seconds, when none repeats so seldom',
      { escalate_window: 600, notify_step: 300, max_times: 2 },
      undefined,
      600_000,
      300_000,
    ],
    ['seconds, when said so', { escalate_window: 300, notify_step: 60, max_times: 2 }, 'seconds', 300_000, 60_000],
    ['the usual ones, when there are none', { max_times: 2 }, undefined, 1_800_000, 600_000],
    ['the usual ones in seconds too', { max_times: 2 }, 'seconds', 1_800_000, 600_000],
  ] as const)('are %s', (_, given, units, escalateAfterMs, everyMs) => {
    expect(levelsOf(layer(given), units && { units })).toMatchObject([
      { escalateAfterMs, repeat: { everyMs, times: 2 } },
    ]);
  });

  it('are said to be a guess', () => {
    expect(notesOf(layer({ escalate_window: 1800 }))).toContain(
      'escalate_window 1800 is more than the product allows in minutes: notify_step and escalate_window were read as seconds; say --units minutes if they are not',
    );
    expect(notesOf(layer({ escalate_window: 1800 }), { units: 'seconds' })).toEqual([]);
    expect(notesOf(layer({ escalate_window: 30, notify_step: 10 }))).toEqual([]);
  });

  it('that mean nothing certain are the usual ones, with a note', () => {
    expect(levelsOf(layer({ escalate_window: 0, max_times: 0 }))).toMatchObject([
      { escalateAfterMs: 1_800_000, repeat: { times: 1 } },
    ]);
    expect(notesOf(layer({ escalate_window: 0, max_times: 0 }))).toEqual([
      'imported: level 1: max_times 0 was read as told once',
      'imported: level 1: escalate_window 0 may mean never or at once; took the usual 30 minutes',
    ]);
  });
});

describe('what cannot be carried over', () => {
  const to = (target: object) => layer({}, { person_ids: [7], ...target });
  const filtered = (...filters: object[][]) => ({ ...layer({}), filters });
  const is = (key: string, ...vals: string[]) => ({ key, oper: 'IN', vals });

  it('tells people by other media rather than not at all', () => {
    const rule = to({ by: { critical: ['voice', 'pager_app:1'], warning: ['pager_app:1'], info: [] } });
    expect(levelsOf(rule)).toMatchObject([{ by: { critical: ['voice'], warning: ['sms', 'email'], info: [] } }]);
    expect(notesOf(rule)).toEqual([
      'imported: level 1: the medium pager_app:1 is not available here and was left out',
      'imported: level 1: nothing is left of the media for warning; took sms, email',
    ]);
  });

  it('puts a name where a level would tell nobody', () => {
    const rule = layer({}, { webhooks: [{ type: 'pager', settings: { token: 'secret-token' } }] });
    expect(levelsOf(rule)).toMatchObject([{ to: { members: ['person-unknown'] } }]);
    expect(notesOf(rule)).toEqual([
      'imported: level 1: the group of type pager cannot be posted to here and was left out',
      'imported: level 1 tells nobody that could be carried over: name somebody instead of person-unknown',
    ]);
  });

  it('never shows a token', () => {
    const webhook = (type: string) => ({ type, settings: { token: 'secret-token', verify_token: 'secret-token' } });
    const types = ['feishu', 'dingtalk', 'wecom', 'zoom', 'telegram', 'slack', 'pager'];
    const { yaml, notes } = importFlashduty(to({ webhooks: types.map(webhook) }));
    expect(`${yaml}${notes.join()}`).not.toContain('secret-token');
  });

  it('makes a rule match more, never less', () => {
    const rules = rulesOf(
      filtered([is('alert_key', 'x'), is('severity', 'Info')], [is('title', `/${'a'.repeat(300)}/`, 'b')]),
    );
    expect(rules[0]?.when.filters.map((group) => group.map(({ key, vals }) => [key, ...vals]))).toEqual([
      [['severity', 'Info']],
      [['title', 'b']],
    ]);
    expect(rulesOf(filtered([is('alert_key', 'x')], [is('severity', 'Info')]))[0]?.when.filters).toEqual([]);
    expect(notesOf(filtered([is('alert_key', 'x')]))).toEqual([
      expect.stringMatching(/^imported: the condition on alert_key was left out: an incident has no "alert_key"/),
      'imported: nothing is left of a group of conditions: the rule matches every incident now',
    ]);
  });

  it('disables a rule for recoveries alone', () => {
    expect(rulesOf(filtered([is('status', 'Ok')]))[0]?.enabled).toBe(false);
    expect(rulesOf(filtered([is('status', 'Ok')], [is('title', 'x')]))[0]).toMatchObject({ enabled: true });
    expect(
      rulesOf(filtered([{ ...is('status', 'Ok'), oper: 'NOTIN' }, is('title', 'x')]))[0]?.when.filters,
    ).toHaveLength(1);
  });

  it('names integrations, calendars and unknown settings', () => {
    const rule = {
      ...filtered([is('data_source_id', '5001')]),
      time_filters: [{ cal_id: 'cal-1', is_off: true }],
      auto_assign: true,
    };
    expect(notesOf(rule)).toEqual([
      'imported: auto_assign is not known and was left out',
      'imported: the condition on data_source_id named integration 5001: put what incidents say as `source` for integration-5001',
      'imported: hours of the service calendar cal-1 were left out',
      'imported: it holds at all hours now',
    ]);
  });
});
