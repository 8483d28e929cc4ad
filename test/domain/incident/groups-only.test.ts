import { describe, expect, it } from 'vitest';
import { level, Story } from './clockwork.ts';

const bob = level(['bob']);

describe('a level that names no people but groups', () => {
  const room = level([], { groups: ['bot'] });

  it('waits for its clock: post to the room, call after five minutes', () => {
    const story = Story.begin({ levels: [room, bob] }).until('10:00');
    expect(story.told.slice(0, 3)).toEqual(['0:00 L1 r1 bot → bot', '5:00 L2 r1 sms → bob', '5:00 escalated → bot']);
    expect(story.records('escalated')).toEqual(['5:00 escalated to level 2: nobody acknowledged']);
  });

  it('goes on at once when every post has failed', () => {
    const story = Story.begin({
      levels: [level([], { groups: ['bot', 'room'] }), bob],
      answers: { bot: ['rejected'] },
    });
    expect(story.until('4:59').told).not.toContain('0:00 L2 r1 sms → bob');
    const failing = { bot: ['rejected' as const], feishu: ['rejected' as const], room: ['rejected' as const] };
    const mute = Story.begin({ levels: [level([], { groups: ['bot', 'room'] }), bob], answers: failing });
    expect(mute.until('0:01').told).toContain('0:00 L2 r1 sms → bob');
  });

  it('tells its rounds meanwhile', () => {
    const twice = level([], { groups: ['bot'], every: '2:00', times: 2 });
    const story = Story.begin({ levels: [twice, bob] });
    expect(story.until('4:59').told).toEqual(['0:00 L1 r1 bot → bot', '2:00 L1 r2 bot → bot']);
  });

  it('escalates at once where its history says so: an incident of before keeps its policy', () => {
    const story = Story.begin({ levels: [room, bob], isOld: true });
    expect(story.told).toEqual(['0:00 L1 r1 bot → bot', '0:00 L2 r1 sms → bob', '0:00 escalated → bot']);
  });
});

describe('a group that did not choose to hear of the page', () => {
  const alice = level(['alice'], { groups: ['bot', 'room'] });

  it('gets its first post when the event comes that it chose', () => {
    const story = Story.begin({ levels: [alice], events: ['closed'] }).until('1:00');
    expect(story.act('acknowledge', 'alice').told).toEqual(['0:00 L1 r1 sms → alice']);
    story.act('close', 'alice');
    expect(story.until('2:00').told.slice(1)).toEqual(['1:00 closed → bot', '1:00 closed → room']);
  });

  it('gets a card once, which is redrawn for what follows', () => {
    const story = Story.begin({ levels: [alice], events: ['acknowledged', 'closed'] }).until('1:00');
    story.act('acknowledge', 'alice').until('2:00').act('close', 'alice').until('3:00');
    expect(story.told.filter((line) => line.endsWith('→ room'))).toEqual(['1:00 acknowledged → room']);
    expect(story.asked('redraw')).toHaveLength(1);
  });

  it('hears nothing of a level that has not started', () => {
    const story = Story.begin({ levels: [level(['carol']), alice], events: ['closed'] }).until('1:00');
    expect(story.act('close', 'carol').until('2:00').told).toEqual(['0:00 L1 r1 sms → carol']);
  });

  it('hears that its own level was reached, where it chose escalated', () => {
    const story = Story.begin({ levels: [level(['carol']), alice], events: ['escalated'] }).until('6:00');
    expect(story.told).toEqual([
      '0:00 L1 r1 sms → carol',
      '5:00 L2 r1 sms → alice',
      '5:00 escalated → bot',
      '5:00 escalated → room',
    ]);
  });

  it('hears once, however many rounds are told and runs follow one another', () => {
    const often = level(['alice'], { groups: ['bot'], times: 3 });
    const story = Story.begin({ levels: [often], events: ['closed'] }).until('4:30');
    expect(
      story
        .act('close', 'alice')
        .until('5:00')
        .told.filter((line) => line.endsWith('→ bot')),
    ).toEqual(['4:30 closed → bot']);
  });

  it('does not keep a level of groups only from waiting for its clock', () => {
    const story = Story.begin({ levels: [level([], { groups: ['bot'] }), bob], events: ['closed'] });
    expect(story.until('10:00').told).toEqual(['5:00 L2 r1 sms → bob']);
  });
});
