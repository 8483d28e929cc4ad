import { describe, expect, it } from 'vitest';
import { Askers } from '../../gateway/linking/codes.ts';

const HOUR_MS = 60 * 60_000;
const asker = (n: number, address?: string) => ({ account: 'feishu-cn', identity: `ou_${String(n)}`, address });

describe('whoever asks for codes', () => {
  it('is sent five in an hour, whosever they are', () => {
    const askers = new Askers();
    const asked = Array.from({ length: 7 }, () => askers.mayAsk(asker(1), 0));
    expect(asked).toEqual([true, true, true, true, true, false, false]);
    expect(askers.mayAsk(asker(2), 0)).toBe(true);
    expect(askers.mayAsk(asker(1), HOUR_MS)).toBe(true);
  });

  it('shares sixty with all others behind the same address', () => {
    const askers = new Askers();
    const asked = Array.from({ length: 70 }, (_, n) => askers.mayAsk(asker(n, '203.0.113.7'), 0));
    expect(asked.filter(Boolean)).toHaveLength(60);
    expect(askers.mayAsk(asker(100, '203.0.113.8'), 0)).toBe(true);
  });

  it('tries ten wrong ones a day, and keeps nobody else from trying', () => {
    const askers = new Askers();
    for (let n = 0; n < 10; n += 1) {
      expect(askers.mayTry(asker(1, '203.0.113.7'), 0)).toBe(true);
      askers.wasWrong(asker(1, '203.0.113.7'), 0);
    }
    expect(askers.mayTry(asker(1, '203.0.113.7'), 23 * HOUR_MS)).toBe(false);
    expect(askers.mayTry(asker(2, '203.0.113.7'), 0)).toBe(true);
    expect(askers.mayTry(asker(1), 24 * HOUR_MS)).toBe(true);
  });
});
