import { describe, expect, it } from 'vitest';
import { yamlDirectory, type Directory } from '../../../config/duty/directory.ts';
import { parse, sample } from '../sample.ts';
import { english } from '../../domain/english.ts';

const nobody = { members: [], teams: [], schedules: [] };
/** A Saturday, while nobody works. */
const NOON = Date.parse('2026-11-21T12:00:00Z');
const MONDAY = Date.parse('2026-11-23T12:00:00Z');

const ROTA = `
schedules:
  db-primary:
    timeZone: UTC
    layers:
      - { members: [primary], start: 2026-01-05, every: 1w, only: [{ days: [mon], from: '09:00', to: '18:00' }] }
      - { role: backup, members: [backup], start: 2026-01-05, every: 1w }`;

function inEnglish(directory: Directory): Directory {
  return {
    ...directory,
    async resolve(targets, at) {
      const { members, notes } = await directory.resolve(targets, at);
      return { members, notes: notes.map((note) => english(note) ?? '') };
    },
  };
}

describe('the directory', () => {
  const source = { current: parse(sample()) };
  const directory = inEnglish(yamlDirectory(source));

  it('names everybody of a level once, in order', async () => {
    const targets = { ...nobody, members: ['backup'], teams: ['db'] };
    expect(await directory.resolve(targets, NOON)).toEqual({
      members: ['backup', 'primary'],
      notes: [],
    });
  });

  it('says whom it does not know, and still names the others', async () => {
    const targets = { ...nobody, members: ['gone', 'primary'], teams: ['gone'], schedules: ['db-primary'] };
    expect(await directory.resolve(targets, NOON)).toEqual({
      members: ['primary'],
      notes: ['no team is called gone', 'no schedule is called db-primary', 'no member is called gone'],
    });
  });

  it('names whoever is on duty at that time, in all roles or in one', async () => {
    const onDuty = inEnglish(yamlDirectory({ current: parse(sample() + ROTA) }));
    const ask = (schedule: string, at: number) => onDuty.resolve({ ...nobody, schedules: [schedule] }, at);
    expect(await ask('db-primary', MONDAY)).toEqual({ members: ['primary', 'backup'], notes: [] });
    expect(await ask('db-primary/backup', MONDAY)).toEqual({ members: ['backup'], notes: [] });
    expect(await ask('db-primary', NOON)).toEqual({
      members: ['backup'],
      notes: ['nobody is on duty in db-primary (role primary)'],
    });
    expect(await ask('db-primary/boss', NOON)).toEqual({
      members: [],
      notes: ['no schedule is called db-primary/boss'],
    });
  });

  it('knows who pressed a button by the account, else by the platform', async () => {
    expect((await directory.findByIdentity('feishu-cn', 'ou_2'))?.id).toBe('backup');
    expect(await directory.findByIdentity('feishu-cn', 'ou_3')).toBeUndefined();
    expect(await directory.findByIdentity('gone', 'ou_2')).toBeUndefined();
    source.current = parse(sample({ 8: '  backup: { name: Backup, identities: { feishu: ou_2, feishu-cn: ou_3 } }' }));
    expect((await directory.findByIdentity('feishu-cn', 'ou_3'))?.id).toBe('backup');
    expect(await directory.findByIdentity('feishu-cn', 'ou_2')).toBeUndefined();
    expect((await directory.member('backup'))?.name).toBe('Backup');
    expect(await directory.member('toString')).toBeUndefined();
  });
});
