import { describe, expect, it } from 'vitest';
import { createPlanning } from '../../../activities/plan.ts';
import { redirect } from '../../../config/match/dynamic.ts';
import { yamlDirectory } from '../../../config/duty/directory.ts';
import { repairIncident } from '../../../domain/incident/incident.ts';
import type { Rule } from '../../../domain/incident/rule.ts';
import { parse, sample } from '../sample.ts';
import { english } from '../../domain/english.ts';

const BOT = 'https://open.feishu.cn/open-apis/bot/v2/hook/11111111-2222';
const configuration = parse(
  sample({ 19: '            groups: [{ account: feishu-cn, chat: oc_1, mention: true, severities: [Critical] }]' }),
);
const rule: Rule = configuration.channels.get('payments')?.rules[0]?.rule ?? fail();

function fail(): never {
  throw new Error('the sample has a rule');
}

function redirected(labels: Record<string, string>) {
  const { rule: changed, notes } = redirect(rule, { labels }, configuration);
  const [first, second] = changed.levels.map(({ to, groups }) => ({ ...to, groups }));
  return { first, second, notes: notes.map(english) };
}

describe('labels that redirect a level', () => {
  it('tell the members they name, by address or id, in place of all people of the level', () => {
    const { first, second, notes } = redirected({ layer_person_reset_1_emails: ' Backup@Example.com,primary,backup' });
    expect(second).toMatchObject({ members: ['backup', 'primary'], teams: [], schedules: [] });
    expect(first).toMatchObject({ members: ['primary'] });
    expect(notes).toEqual(['label layer_person_reset_1_emails: level 2 tells backup, primary instead']);
  });

  it('tell teams, and members and teams together', () => {
    const team = { layer_person_reset_0_team_names: 'db' };
    expect(redirected(team).first).toMatchObject({ members: [], teams: ['db'] });
    const both = { ...team, layer_person_reset_0_emails: 'backup' };
    expect(redirected(both).first).toMatchObject({ members: ['backup'], teams: ['db'] });
  });

  it('keep everything else of the level', () => {
    const { rule: changed } = redirect(rule, { labels: { layer_person_reset_0_emails: 'backup' } }, configuration);
    const [before, after] = [rule.levels[0], changed.levels[0]];
    expect({ ...after, to: before?.to }).toEqual(before);
    expect(changed.levels[1]).toBe(rule.levels[1]);
    expect(rule.levels[0]?.to.members).toEqual(['primary']);
  });

  it('leave the level its own people when they name nobody, and never say an address', () => {
    const { first, notes } = redirected({ layer_person_reset_0_emails: 'stranger@example.com, nobody' });
    expect(first).toMatchObject({ members: ['primary'] });
    expect(notes).toEqual(['label layer_person_reset_0_emails: 2 of 2 values name no member: it changes nothing']);
    expect(redirected({ layer_person_reset_0_team_names: ' , ' }).first).toMatchObject({ members: ['primary'] });
  });

  it('take those they name when others are unknown, and say how many were', () => {
    const { first, notes } = redirected({ layer_person_reset_0_emails: 'stranger@example.com,backup@example.com' });
    expect(first).toMatchObject({ members: ['backup'] });
    expect(notes).toEqual([
      'label layer_person_reset_0_emails: level 1 tells backup instead',
      'label layer_person_reset_0_emails: 1 of 2 values name no member',
    ]);
  });

  it('post to the groups they name, which hear of what those before them heard of', () => {
    const { first, notes } = redirected({ layer_webhook_reset_0_feishus: 'feishu-cn/oc_2,feishu-cn/oc_3' });
    const like = { account: 'feishu-cn', severities: ['Critical'], events: [], mention: true };
    expect(first?.groups).toEqual([
      { ...like, chat: 'oc_2' },
      { ...like, chat: 'oc_3' },
    ]);
    expect(first).toMatchObject({ members: ['primary'] });
    expect(notes).toEqual([
      'label layer_webhook_reset_0_feishus: level 1 tells feishu-cn/oc_2, feishu-cn/oc_3 instead',
    ]);
  });

  it('bring groups to a level that has none, for every severity', () => {
    expect(redirected({ layer_webhook_reset_1_feishus: 'feishu-cn/oc_2' }).second?.groups).toEqual([
      { account: 'feishu-cn', chat: 'oc_2', severities: [], events: [], mention: false },
    ]);
  });

  it('post to groups of any platform by its name', () => {
    const slack = '  ops-slack: { adapter: slack.app, botToken: xoxb-1, signingSecret: s }';
    const mail = '  mail: { adapter: smtp.email, url: "smtp://127.0.0.1:2525", from: oncall@example.com }';
    const labels = { layer_webhook_reset_0_slacks: 'ops-slack/C1' };
    const { rule: changed } = redirect(rule, { labels }, parse(sample({ 4: `${mail}\n${slack}` })));
    expect(changed.levels[0]?.groups).toContainEqual(expect.objectContaining({ account: 'ops-slack', chat: 'C1' }));
  });

  it.each([
    ['a token', 'layer_webhook_reset_0_feishus', '11111111-2222'],
    ['the address of a bot', 'layer_webhook_reset_0_feishus', BOT],
    ['an account without the chat it needs', 'layer_webhook_reset_0_feishus', 'feishu-cn'],
    ['an account of another platform', 'layer_webhook_reset_0_dingtalks', 'feishu-cn/oc_2'],
    ['an account that carries something else', 'layer_webhook_reset_0_feishus', 'mail/oc_2'],
  ])('refuse %s and do not repeat it', (_, label, value) => {
    const { first, notes } = redirected({ [label]: value });
    expect(first?.groups).toEqual(rule.levels[0]?.groups);
    expect(notes).toEqual([expect.stringContaining(`label ${label}: 1 of 1 values name no `)]);
    expect(notes.join()).not.toContain(value);
  });

  it('say when the rule has no such level, and are no labels of ours when spelt otherwise', () => {
    expect(redirected({ layer_person_reset_2_emails: 'backup' }).notes).toEqual([
      'label layer_person_reset_2_emails: the rule has no level 3',
    ]);
    expect(redirect(rule, { labels: { layer_person_reset_x_emails: 'backup' } }, configuration).rule).toBe(rule);
  });

  it('are heeded when the rule is chosen, the first round included, and stand in the timeline', async () => {
    const directory = yamlDirectory({ current: configuration });
    const planning = createPlanning({ source: { current: configuration }, directory, attributes: () => [] });
    const labels = { layer_person_reset_0_emails: 'backup@example.com' };
    const repaired = repairIncident({ id: 'a', title: 'down', severity: 'Critical', channel: 'payments', labels });
    if (typeof repaired === 'string') throw new Error(repaired);
    const match = await planning.matchRule({ incident: repaired.incident });
    expect(match.first?.people.map(({ member }) => member)).toEqual(['backup']);
    expect(match.rule?.levels[0]?.to.members).toEqual(['backup']);
    expect(match.notes.map(english)).toEqual(['label layer_person_reset_0_emails: level 1 tells backup instead']);
  });
});
