import { describe, expect, it } from 'vitest';
import { mediaRow } from '../../cli/commands/media.ts';
import { backlog, clockSkew, nodeVersion } from '../../cli/commands/doctor.ts';
import { spoken } from '../../domain/incident/number.ts';
import { columns, markdown } from '../../cli/table.ts';
import { Child, run } from '../child.ts';
import { ADAPTER_IDS, adapterFacts } from '../../domain/media.ts';

describe('a number said aloud', () => {
  it.each([
    ['9KCVES', '9KCVES'],
    ['#9kcves', '9KCVES'],
    ['loi123', '101123'],
  ])('%s is understood as %s', (written, number) => {
    expect(spoken(written)).toBe(number);
  });
});

describe('tables', () => {
  it('keep columns under each other, also behind Chinese names', () => {
    expect(
      columns([
        ['值班', 'x'],
        ['primary', 'y'],
        ['', ''],
      ]),
    ).toEqual(['值班     x', 'primary  y', '']);
  });

  it('cannot be broken by what is in them', () => {
    expect(
      markdown([
        ['a', 'b'],
        ['1|2', '3'],
      ]),
    ).toEqual(['| a | b |', '| --- | --- |', '| 1\\|2 | 3 |']);
  });

  it('have a row for every adapter, with its limits in words', () => {
    expect(ADAPTER_IDS.map((id) => mediaRow(id, adapterFacts(id))).every((row) => row.length === 8)).toBe(true);
    expect(mediaRow('tencent.voice', adapterFacts('tencent.voice'))[6]).toBe(
      '5/s; 1/30 s, 2/10 min, 3/day a receiver; 350 characters spoken',
    );
  });
});

describe('the doctor', () => {
  it.each([
    ['20.18.3', 'bad'],
    ['20.19.0', 'good'],
    ['22.0.0', 'good'],
    ['18.20.8', 'bad'],
  ])('calls Node %s %s', (version, state) => {
    expect(nodeVersion(version).state).toBe(state);
  });

  it('finds a queue stuck although workers poll it, by the age of what waits there', () => {
    const stuck = backlog('escalations.mail', { count: 12, ageMs: 125_000, isPolled: true });
    expect(stuck).toMatchObject({ state: 'bad', text: 'escalations.mail: 12 tasks wait, the oldest for 2 min 5 s' });
    expect(stuck?.remedy).toContain('look at their log');
    expect(backlog('q', { count: 1, ageMs: 20_000, isPolled: false })?.text).toBe(
      'q: 1 task waits, the oldest for 20 s',
    );
    expect(backlog('q', { count: 300, ageMs: 19_000, isPolled: true })).toBeUndefined();
    expect(backlog('q', { count: 0, ageMs: 3_600_000, isPolled: true })).toBeUndefined();
  });

  it('forgives a clock the second that its header cannot tell', () => {
    const noon = Date.parse('2026-11-21T12:00:00Z');
    const header = new Date(noon).toUTCString();

    expect(clockSkew(header, noon + 500, noon + 900)).toBe(0);
    expect(clockSkew(header, noon + 30_999, noon + 31_000)).toBe(30_000);
    expect(clockSkew(header, noon - 31_000, noon - 30_000)).toBe(30_000);
    expect(clockSkew(null, noon, noon)).toBeUndefined();
  });
});

it('ends without a word when whoever reads along has seen enough, as in doctor | head', async () => {
  const piped = `node --import tsx cli/main.ts media | head -n 1; node --import tsx cli/main.ts doctor | head -n 1`;
  const { stdout, stderr } = await run(new Child('sh', ['-c', piped]));
  expect(stdout.split('\n')).toHaveLength(3);
  expect(stderr).toBe('');
});
