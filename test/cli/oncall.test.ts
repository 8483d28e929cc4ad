import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { escalations, run, type Ended } from '../child.ts';
import { sample } from '../config/sample.ts';

const ROTA = `
schedules:
  db-primary:
    timeZone: Asia/Shanghai
    layers:
      - { members: [primary, backup], start: 2026-01-05, every: 1w, handOver: '09:00' }
      - { role: backup, members: [backup], start: 2026-01-05, every: 1w, only: [{ days: [sat], from: '22:00', to: '06:00' }] }
  web: { timeZone: UTC, layers: [{ members: [primary], start: 2026-01-05, every: 1w }] }
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'escalations-oncall-'));
  await writeFile(join(folder, 'escalations.yaml'), sample() + ROTA);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function onCall(...args: string[]): Promise<Ended> {
  return run(escalations(['oncall', ...args, '--config', join(folder, 'escalations.yaml')]));
}

describe('escalations oncall', () => {
  it('says who is on duty, until when, and who is next', async () => {
    const { stdout, code } = await onCall('--at', '2026-11-20T12:00');
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual([
      'db-primary/primary  backup    until Mon 2026-11-23 09:00 +08:00, then primary',
      'db-primary/backup   (nobody)  until Sat 2026-11-21 22:00 +08:00, then backup',
      'web/primary         primary   and nothing changes for three years',
    ]);
  });

  it('names people beside the ids that commands take', async () => {
    const named = join(folder, 'named.yaml');
    await writeFile(named, sample().replace('name: Backup', 'name: 李四') + ROTA);
    const { stdout } = await run(
      escalations(['oncall', 'db-primary/primary', '--at', '2026-11-20T12:00', '--config', named]),
    );
    expect(stdout).toContain('backup (李四)  until Mon 2026-11-23 09:00 +08:00, then primary');
  });

  it('lists the coming shifts of one role, gaps included', async () => {
    const { stdout } = await onCall('db-primary/backup', '--at', '2026-11-20T12:00+08:00', '--days', '3');
    expect(stdout.trimEnd().split('\n')).toEqual([
      'schedule           on duty   from                         to',
      'db-primary/backup  (nobody)  Fri 2026-11-20 12:00 +08:00  Sat 2026-11-21 22:00 +08:00',
      'db-primary/backup  backup    Sat 2026-11-21 22:00 +08:00  Sun 2026-11-22 06:00 +08:00',
      'db-primary/backup  (nobody)  Sun 2026-11-22 06:00 +08:00  Mon 2026-11-23 12:00 +08:00',
    ]);
  });

  it('says it to programs', async () => {
    const { stdout } = await onCall('db-primary/primary', '--at', '2026-11-23T00:59:59Z', '--json');
    expect(JSON.parse(stdout)).toEqual([
      {
        schedule: 'db-primary',
        role: 'primary',
        members: ['backup'],
        at: '2026-11-23T08:59:59.000+08:00',
        until: '2026-11-23T09:00:00.000+08:00',
        next: { members: ['primary'] },
      },
    ]);
  });

  it.each([
    [['db'], 'no schedule is called "db"; known: db-primary, web'],
    [['web/backup'], 'no role of web is called "backup"; known: primary'],
    [['--days', '400'], '--days is a whole number from 1 to 366'],
    [['--at', 'noon'], '--at is a time in ISO 8601'],
  ])('refuses %j with what to write instead', async (args, expected) => {
    const { code, stderr } = await onCall(...args);
    expect(code).toBe(1);
    expect(stderr).toContain(expected);
  });
});
