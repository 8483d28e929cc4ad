import { describe, expect, it } from 'vitest';
import { mediaRow } from '../../cli/commands/media.ts';
import { clockSkew, nodeVersion } from '../../cli/commands/doctor.ts';
import { spoken } from '../../client/find.ts';
import { columns, markdown } from '../../cli/table.ts';
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

  it('forgives a clock the second that its header cannot tell', () => {
    const noon = Date.parse('2026-11-21T12:00:00Z');
    const header = new Date(noon).toUTCString();

    expect(clockSkew(header, noon + 500, noon + 900)).toBe(0);
    expect(clockSkew(header, noon + 30_999, noon + 31_000)).toBe(30_000);
    expect(clockSkew(header, noon - 31_000, noon - 30_000)).toBe(30_000);
    expect(clockSkew(null, noon, noon)).toBeUndefined();
  });
});
