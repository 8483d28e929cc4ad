import { describe, expect, it } from 'vitest';
import { yamlDirectory } from '../../config/directory.ts';
import { parse, sample } from './sample.ts';

const nobody = { members: [], teams: [], schedules: [] };

describe('the directory', () => {
  const source = { current: parse(sample()) };
  const directory = yamlDirectory(source);

  it('names everybody of a level once, in order', async () => {
    const targets = { ...nobody, members: ['backup'], teams: ['db'] };
    expect(await directory.resolve(targets)).toEqual({
      members: ['backup', 'primary'],
      notes: [],
    });
  });

  it('says whom it does not know, and still names the others', async () => {
    const targets = { ...nobody, members: ['gone', 'primary'], teams: ['gone'], schedules: ['db-primary'] };
    expect(await directory.resolve(targets)).toEqual({
      members: ['primary'],
      notes: [
        'schedules are not available in this version: db-primary',
        'no team is called gone',
        'no member is called gone',
      ],
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
