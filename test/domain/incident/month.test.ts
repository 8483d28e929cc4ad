import { describe, expect, it } from 'vitest';
import { carryOver, type Escalation } from '../../../domain/incident/escalation.ts';
import { level, Story } from './clockwork.ts';

const HOURS = 30 * 24;
const COMMENTS = 300;

describe('an incident that repeats every 30 seconds for a month', () => {
  it('never carries more than 64 KiB into its next run and keeps all that people said', { timeout: 300_000 }, () => {
    const story = Story.begin({
      levels: [level(['alice'], { every: '0:30', times: 6 })],
      startOver: { everyMs: 30_000, times: 1e6 },
      incident: { description: '数据库没有响应。'.repeat(100) },
    });
    const carried: number[] = [];
    for (let hour = 1; hour <= HOURS; hour += 1) {
      if (hour <= COMMENTS) story.act('comment', 'bob', { text: `note ${String(hour)};` });
      story.until(`${String(hour)}:00:00`);
      const state = JSON.stringify(carryOver(story.state));
      carried.push(Buffer.byteLength(state));
      story.state = JSON.parse(state) as Escalation;
    }
    expect(Math.max(...carried)).toBeLessThan(64 * 1024);
    const said = story.view.timeline.filter(({ kind }) => kind === 'commented').map(({ text }) => text);
    expect(new Set(said).size).toBe(COMMENTS);
    expect(story.told.length).toBeGreaterThan(HOURS * 100);
  });
});
