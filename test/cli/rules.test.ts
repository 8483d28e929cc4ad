import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sample } from '../config/sample.ts';
import { escalations, run, type ChildOptions } from '../child.ts';

const command = (args: string[], options?: ChildOptions) => run(escalations(args, options));

let folder: string;
let configuration: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'escalations-rules-'));
  configuration = join(folder, 'escalations.yaml');
  const when =
    'when: { filters: [[{ key: title, oper: NOTIN, vals: [/test/] }]], times: [{ days: [fri], from: "09:00", to: "18:00" }] }';
  await writeFile(configuration, sample({ 15: `        ${when}` }));
});
afterAll(() => rm(folder, { recursive: true }));

describe('escalations rules test', () => {
  const test = (incident: object, ...more: string[]) =>
    command(['rules', 'test', '--incident', '-', '--config', configuration, ...more], {
      input: JSON.stringify(incident),
    });

  it('shows why the rule of a channel does not match', async () => {
    const { code, stdout, stderr } = await test(
      { title: 'db-7 is under test', severity: 'page', channel: 'payments' },
      '--at',
      '2026-11-21T17:00+08:00',
    );
    expect(stdout.split('\n')).toEqual([
      'channel payments (the incident names it)',
      '  ✗ payments/P1',
      '      outside its hours (fri 09:00-18:00 UTC): it is sat 09:00 UTC',
      '      title NOTIN [/test/]: is db-7 is under test',
      'no rule matches, and `unmatched` says ignore: nobody is told',
      '',
    ]);
    expect(stderr).toBe('severity "page" is unknown: treated as Critical\n');
    expect(code).toBe(0);
  });

  it('answers programs in JSON', async () => {
    const { stdout } = await test(
      { incident: { id: 'x', title: 'x', severity: 'Critical', channel: 'payments' } },
      '--at',
      '2026-11-20T12:00:00Z',
      '--json',
    );
    expect(JSON.parse(stdout)).toEqual({
      at: '2026-11-20T12:00:00.000Z',
      channel: { name: 'payments', by: 'name' },
      routes: [],
      rules: [{ name: 'payments/P1', result: 'matches', reasons: [] }],
      follows: 'payments/P1',
      repairs: [],
    });
  });

  it('refuses a time without a zone', async () => {
    expect(await test({ id: 'x' }, '--at', '2026-11-20T12:00')).toMatchObject({
      code: 1,
      stderr: '--at is a time with its zone, such as 2026-11-21T03:00+08:00, not "2026-11-20T12:00"\n',
    });
  });
});

describe('escalations import flashduty', () => {
  const document = {
    rule_name: 'Night',
    channel_id: 7,
    layers: [{ escalate_window: 5, target: { person_ids: [1], by: { follow_preference: true } } }],
    time_filters: [{ start: '22:00', end: '06:00', repeat: [] }],
  };

  it('prints what validate takes once the placeholders have a name, and says apart what it left out', async () => {
    const { code, stdout, stderr } = await command(['import', 'flashduty', '-'], { input: JSON.stringify(document) });
    expect(stderr).toBe('note Night: its hours are read as UTC; say --time-zone, or set timeZone of the channel\n');
    expect(code).toBe(0);

    const file = join(folder, 'imported.yaml');
    const rest = 'gateway: { secrets: [pK3xZ7vQ9mT4wB6n] }\nmembers: { person-1: { name: One } }\nunmatched: ignore\n';
    await writeFile(file, `${stdout}${rest}`);
    expect(await command(['validate', '--config', file])).toMatchObject({ code: 0, stderr: '' });
  });

  it('ends with the code of a wrong configuration when there is no rule', async () => {
    expect(await command(['import', 'flashduty', '-'], { input: '{}' })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'there is no rule in it: give one rule, a list of them, or an answer of the API\n',
    });
  });
});
