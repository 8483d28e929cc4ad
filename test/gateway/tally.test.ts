import { describe, expect, it } from 'vitest';
import { Tally } from '../../gateway/tally.ts';

describe('what is counted by key', () => {
  it('begins anew when the time since the first is over', () => {
    const tally = new Tally({ perMs: 1000, mostKeys: 10 });
    expect([tally.add('a', 0), tally.add('a', 999), tally.add('b', 999)]).toEqual([1, 2, 1]);
    expect([tally.count('a', 999), tally.count('a', 1000), tally.add('a', 1000)]).toEqual([2, 0, 1]);
  });

  it('takes no more memory for ten thousand strangers than for ten', () => {
    const tally = new Tally({ perMs: 1000, mostKeys: 10 });
    for (let n = 0; n < 10_000; n += 1) tally.add(String(n), 0);
    expect(tally.keys).toBe(10);
    expect([tally.count('9999', 0), tally.count('0', 0)]).toEqual([1, 0]);
  });
});
