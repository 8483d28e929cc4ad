import { describe, expect, it } from 'vitest';
import { complaint } from '../sample.ts';

const LEVEL = 'channels.payments.rules[0].levels[0]';

describe('what has the wrong form is shown in the right one, with what was written', () => {
  it.each([
    [
      'a team as `to`',
      { 17: '          - to: db' },
      `17:17  ${LEVEL}.to: expected a mapping, got text; write { teams: [ db ] }`,
    ],
    [
      'members and teams as a list',
      { 17: '          - to: [primary, db]' },
      `17:17  ${LEVEL}.to: expected a mapping, got a list; write { members: [ primary ], teams: [ db ] }`,
    ],
    [
      'an address as `to`, which is not repeated',
      { 17: '          - to: someone@example.com' },
      `17:17  ${LEVEL}.to: expected a mapping, got text; write { emails: […] }`,
    ],
    [
      'one member outside of a list',
      { 17: '          - to: { members: primary }' },
      `17:28  ${LEVEL}.to.members: expected a list, got text; write [ primary ]`,
    ],
    [
      'a medium as `by`',
      { 18: '            by: email' },
      `18:17  ${LEVEL}.by: expected \`preference\`, or lists of media under critical, warning, info or default; write { default: [ email ] }`,
    ],
    [
      'a group as its account',
      { 19: '            groups: feishu-cn' },
      `19:21  ${LEVEL}.groups: expected a list, got text; write [ { account: feishu-cn } ]`,
    ],
    [
      'a repetition as a number',
      { 20: '            repeat: 3' },
      `20:21  ${LEVEL}.repeat: expected a mapping, got a number; write { times: 3 }`,
    ],
    [
      'an auto-close as a duration',
      { 11: '  payments:\n    autoClose: 24h' },
      '12:16  channels.payments.autoClose: expected a mapping, got text; write { after: 24h }',
    ],
    [
      'one team member outside of a list',
      { 9: 'teams: { db: primary }' },
      '9:14  teams.db: expected a list, got text; write [ primary ]',
    ],
    [
      'one carrier outside of a list',
      { 5: 'media: { email: mail }' },
      '5:17  media.email: expected a list, got text; write [ mail ]',
    ],
    [
      'members as a list',
      { 6: 'members:', 7: '  - { name: Primary, phone: "+8613800000001" }', 8: '  - { id: backup, name: Backup }' },
      '7:3  members: expected a mapping, got a list; write { Primary: { … }, backup: { … } }',
    ],
  ])('%s', (_, changed, said) => {
    expect(complaint(changed)).toContain(`escalations.yaml:${said}`);
  });

  it('a list of channels', () => {
    const changed = { 10: 'channels:', 11: '  - name: payments', 12: '    rules:' };
    expect(complaint(changed)).toContain(
      'escalations.yaml:11:3  channels: expected a mapping, got a list; write { payments: { … } }',
    );
  });

  it('a list of accounts, without what may be secret in it', () => {
    const changed = { 2: 'accounts:', 3: '  - { name: mail, adapter: smtp.email, password: hunter2 }', 4: '' };
    const said = complaint(changed);
    expect(said).toContain('3:3  accounts: expected a mapping, got a list; write { mail: { … } }');
    expect(said).not.toContain('hunter2');
  });

  it.each([
    [
      'in one list',
      '[{ key: severity, oper: IN, vals: [Critical] }]',
      '[ [ { key: severity, oper: IN, vals: [ Critical ] } ] ]',
    ],
    [
      'without a list',
      '{ key: severity, oper: IN, vals: [Critical] }',
      '[ [ { key: severity, oper: IN, vals: [ Critical ] } ] ]',
    ],
    [
      'as field and value',
      '{ severity: Critical, labels.service: [db, web] }',
      '[ [ { key: severity, oper: IN, vals: [ Critical ] }, { key: labels.service, oper: IN, vals: [ db, web ] } ] ]',
    ],
  ])('conditions %s', (_, filters, right) => {
    const said = complaint({ 15: `        when: { filters: ${filters} }` });
    expect(said).toMatch(/^escalations\.yaml:15:\d+ {2}channels\.payments\.rules\[0\]\.when\.filters/);
    expect(said).toContain(`; write ${right}: lists in a list; all conditions of one inner list must hold`);
  });

  it('filters as `when` of a rule, and a `when` with filters in a route', () => {
    expect(complaint({ 15: '        when: [[{ key: severity, oper: IN, vals: [Critical] }]]' })).toContain(
      'when: expected a mapping, got a list; write { filters: [ [ { key: severity, oper: IN, vals: [ Critical ] } ] ] }',
    );
    const route = '{ when: { filters: [[{ key: severity, oper: IN, vals: [Info] }]] }, channel: payments }';
    expect(complaint({ 23: `unmatched: ignore\nroutes: [${route}]` })).toContain(
      '24:18  routes[0].when: expected a list, got a mapping; write [ [ { key: severity, oper: IN, vals: [ Info ] } ] ]',
    );
  });

  it('the address of a mail server, but for what may be a secret', () => {
    const url = (written: string): string =>
      complaint({ 4: `  mail: { adapter: smtp.email, url: "${written}", from: oncall@example.com }` });
    const said = '4:37  accounts.mail.url: is no address of a mail server; write ';
    expect(url('mx:465')).toContain(`${said}smtps://user:password@mx:465`);
    expect(url('mx.example.com:587')).toContain(`${said}smtp://user:password@mx.example.com:587`);
    expect(url('me:hunter2@mx.internal')).toContain(`${said}smtps://user:password@mx.example.com:465`);
  });
});

describe('an unknown key', () => {
  it.each([
    ['of a level', { 21: '            escalate_after: 5m' }, 'did you mean escalateAfter?'],
    ['of a repetition', { 20: '            repeat: { evry: 2m, times: 3 }' }, 'did you mean every?'],
    [
      'of a condition',
      { 15: '        when: { filters: [[{ key: severity, op: IN, oper: IN, val: [Critical], vals: [Critical] }]] }' },
      'val: unknown key; did you mean vals?',
    ],
    [
      'of an account',
      { 4: '  mail: { adapter: smtp.email, url: "smtp://127.0.0.1:2525", from: a@example.com, persecond: 3 }' },
      'did you mean perSecond?',
    ],
    ['of a member', { 7: '  primary: { name: Primary, e_mail: primary@example.com }' }, 'did you mean email?'],
    ['that stands too high', { 17: '          - members: [primary]' }, 'did you mean to.members?'],
    ['that stands on the rule', { 14: '        escalateAfter: 5m' }, 'did you mean levels[].escalateAfter?'],
    ['that stands at the top', { 23: 'unmatched: ignore\nrules: []' }, 'did you mean channels.<name>.rules?'],
  ])('%s is answered with what was meant', (_, changed, said) => {
    expect(complaint(changed)).toContain(said);
  });

  it('that is like nothing is answered with what there is', () => {
    expect(complaint({ 21: '            colour: red' })).toMatch(/colour: unknown key; known: to, by/);
  });
});
