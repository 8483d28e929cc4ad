import { describe, expect, it } from 'vitest';
import { mailboxId } from '../../../config/duty/mailbox.ts';
import { parseInlineRule } from '../../../config/match/rule.ts';
import { warnings } from '../../../config/lint/warnings.ts';
import { complaint, parse, sample } from '../sample.ts';

const ADDRESS = 'archive@example.com';
const withAddress = { 17: `          - to: { members: [primary], emails: [${ADDRESS}] }` };

describe('a bare e-mail address in a rule', () => {
  it('stands in the rule as a short name, and as an address nowhere but among the members', () => {
    const configuration = parse(sample(withAddress));
    const [rule] = configuration.channels.get('payments')?.rules ?? [];
    const id = mailboxId(ADDRESS);
    expect(id).toMatch(/^mail-[0-9a-f]{8}$/);
    expect(rule?.rule.levels[0]?.to).toEqual({ members: ['primary', id], teams: [], schedules: [] });
    expect(JSON.stringify(rule)).not.toContain(ADDRESS);
    expect(configuration.members.get(id)).toMatchObject({ id, name: id, email: ADDRESS, mailbox: true });
    expect(warnings(configuration).join()).not.toContain(ADDRESS);
  });

  it('is one mailbox however its letters are written, and in however many rules', () => {
    const { members } = parse(
      sample({ ...withAddress, 22: '          - { to: { emails: [Archive@Example.com, archive@example.com] } }' }),
    );
    expect([...members.values()].filter(({ mailbox }) => mailbox)).toHaveLength(1);
  });

  it('needs no word on media; whoever else is told does', () => {
    expect(complaint({ 22: `          - { to: { emails: [${ADDRESS}] } }` })).toBe('nothing to complain about');
    expect(complaint({ 22: `          - { to: { teams: [db], emails: [${ADDRESS}] } }` })).toContain('by: is missing');
  });

  it('also hears of incidents that no rule matches', () => {
    const { unmatched, members } = parse(sample({ 23: `unmatched: { to: { emails: [${ADDRESS}] } }` }));
    expect(unmatched).toMatchObject({ levels: [{ to: { members: [mailboxId(ADDRESS)] } }] });
    expect(members.has(mailboxId(ADDRESS))).toBe(true);
  });

  it('is refused where it is none, without repeating it', () => {
    const said = complaint({ 22: '          - { to: { emails: [not-an-address] } }' });
    expect(said).toContain('to.emails[0]: is not an e-mail address');
    expect(said).not.toContain('not-an-address');
  });

  it('is refused in a rule that a client gives: it would stay in the history', () => {
    const rule = parseInlineRule({ levels: [{ to: { emails: [ADDRESS] } }] }, parse(sample()));
    expect(rule).toBe(
      'rule.levels[0].to.emails: addresses would stay in the history; name a member or put the rule into the file',
    );
  });

  it('leaves its names to no member', () => {
    expect(complaint({ 8: '  mail-0123abcd: { name: Backup }\n  backup: { name: Backup }' })).toContain(
      'mail- and 8 digits stand for a bare address',
    );
  });
});

describe('schedules in rules', () => {
  const ROTA = `
schedules:
  db: { timeZone: UTC, layers: [{ members: [primary], start: 2026-01-05, every: 1w }] }`;

  it.each(['db', 'db/primary'])('are known by name: %s', (name) => {
    const [, level] =
      parse(sample({ 22: `          - { to: { schedules: [${name}] }, by: preference }` }) + ROTA).channels.get(
        'payments',
      )?.rules[0]?.rule.levels ?? [];
    expect(level?.to).toEqual({ members: [], teams: [], schedules: [name] });
  });

  it.each([
    ['gone', 'no schedule is called "gone"; known: none yet'],
    ['gone/primary', 'no schedule is called "gone"; known: none yet'],
  ])('are refused where there are none: %s', (name, expected) => {
    expect(complaint({ 22: `          - { to: { schedules: [${name}] }, by: preference }` })).toContain(expected);
  });

  it('may be named by a rule that a client gives', () => {
    const configuration = parse(sample() + ROTA);
    const rule = (name: string) =>
      parseInlineRule({ levels: [{ to: { schedules: [name] }, by: 'preference' }] }, configuration);
    expect(rule('db/primary')).toMatchObject({ levels: [{ to: { schedules: ['db/primary'] } }] });
    expect(rule('db/boss')).toBe('rule.levels[0].to.schedules[0]: no role of db is called "boss"; known: primary');
  });
});
