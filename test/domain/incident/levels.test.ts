import { describe, expect, it } from 'vitest';
import { nextDue } from '../../../domain/incident/due.ts';
import { carryOver } from '../../../domain/incident/escalation.ts';
import { level, Story, ms } from './clockwork.ts';

const alice = level(['alice']);
const bob = level(['bob']);

describe('delay', () => {
  it('tells nobody before the delay is over', () => {
    const story = Story.begin({ levels: [alice], delay: '1:00' });
    expect(story.until('0:59').told).toEqual([]);
    expect(nextDue(story.state)).toEqual({ at: ms('1:00'), what: { for: 'start' } });
    expect(story.until('1:00').told).toEqual(['1:00 L1 r1 sms → alice']);
  });

  it('tells nobody at all when it is closed within the delay', () => {
    const story = Story.begin({ levels: [alice], delay: '1:00' })
      .until('0:30')
      .act('close', 'alice')
      .until('20:00');
    expect(story.told).toEqual([]);
    expect(nextDue(story.state)).toBeUndefined();
  });

  it('tells nobody when it is acknowledged within the delay, and begins when that is taken back', () => {
    const story = Story.begin({ levels: [alice], delay: '1:00' })
      .until('0:30')
      .act('acknowledge', 'carol');
    expect(story.until('3:00').told).toEqual([]);
    expect(story.act('unacknowledge', 'carol').told).toEqual(['3:00 L1 r1 sms → alice']);
  });

  it('keeps waiting when an acknowledgment is taken back within the delay', () => {
    const story = Story.begin({ levels: [alice], delay: '1:00' })
      .until('0:10')
      .act('acknowledge', 'carol');
    story.act('unacknowledge', 'carol');
    expect(story.until('2:00').told).toEqual(['1:00 L1 r1 sms → alice']);
  });

  it('counts the delay from the opening, not from the answer of planning', () => {
    const story = new Story({ levels: [alice], delay: '1:00' }).until('0:40').match().until('1:00');
    expect(story.told).toEqual(['1:00 L1 r1 sms → alice']);
  });

  it('ends a snooze within the delay when the severity is raised, and still waits for the delay', () => {
    const story = Story.begin({ levels: [alice], delay: '1:00' }).act('snooze', 'alice', { minutes: 30 });
    story.until('0:20').act('revise', 'ci', { severity: 'Critical' });
    expect(story.until('2:00').told).toEqual(['1:00 L1 r1 sms → alice']);
  });
});

describe('before planning has answered', () => {
  it.each([
    ['acknowledged', (story: Story) => story.act('acknowledge', 'alice')],
    ['closed', (story: Story) => story.act('close', 'alice')],
    ['snoozed', (story: Story) => story.act('snooze', 'alice', { minutes: 60 })],
  ])('tells nobody when it is %s by then', (_, act) => {
    const story = act(new Story({ levels: [alice, bob] })).match();
    expect(story.until('30:00').told).toEqual([]);
  });

  it('ends as unmatched when no rule matches', () => {
    const story = new Story({ levels: [] });
    const match = { configuration: 'c', attributes: [], carriers: {}, notes: [] };
    story.feed({ type: 'matched', match });
    expect(story.view).toMatchObject({ progress: 'Closed', outcome: 'unmatched' });
    expect(story.until('1:00:00').told).toEqual([]);
  });

  it('takes the first round from the answer that names the rule', () => {
    const story = new Story({ levels: [alice] });
    const first = { severity: 'Warning', ...story.resolution('Warning', ['alice']) } as const;
    const people = first.people.map((person) => ({
      ...person,
      media: [{ medium: 'sms', routes: [{ account: 'sms-1', adapter: 'aliyun.sms' }] }],
    }));
    const rule = { name: 'test/P1', delayMs: 0, levels: [alice] };
    const match = { rule, configuration: 'c', attributes: [], carriers: {}, notes: [] };
    story.feed({ type: 'matched', match: { ...match, first: { ...first, people } } });
    expect(story.told).toEqual(['0:00 L1 r1 sms → alice']);
    expect(story.asked('resolve')).toEqual([]);
  });

  it('asks again for the first round when the severity was raised meanwhile', () => {
    const story = new Story({ levels: [alice] });
    const first = { severity: 'Info', ...story.resolution('Info', []) } as const;
    const rule = { name: 'test/P1', delayMs: 0, levels: [alice] };
    const match = { rule, configuration: 'c', attributes: [], carriers: {}, notes: [], first };
    expect(story.feed({ type: 'matched', match }).told).toEqual(['0:00 L1 r1 sms → alice']);
  });
});

describe('rounds and levels', () => {
  it('tells the second level at 5:00 when nobody acknowledged', () => {
    expect(Story.begin({ levels: [alice, bob] }).until('1:00:00').told).toEqual([
      '0:00 L1 r1 sms → alice',
      '5:00 L2 r1 sms → bob',
    ]);
  });

  it('tells a level three times in all, every two minutes, when it says so', () => {
    const story = Story.begin({ levels: [level(['alice'], { every: '2:00', times: 3 })] }).until('1:00:00');
    expect(story.told).toEqual(['0:00 L1 r1 sms → alice', '2:00 L1 r2 sms → alice', '4:00 L1 r3 sms → alice']);
  });

  it('stops repeating a level when the next one starts', () => {
    const story = Story.begin({ levels: [level(['alice'], { every: '2:00', times: 6 }), bob] }).until('30:00');
    expect(story.told).toEqual([
      '0:00 L1 r1 sms → alice',
      '2:00 L1 r2 sms → alice',
      '4:00 L1 r3 sms → alice',
      '5:00 L2 r1 sms → bob',
    ]);
  });

  it('escalates instead of repeating when both are due in the same instant', () => {
    const story = Story.begin({ levels: [level(['alice'], { every: '2:30', times: 6 }), bob] }).until('6:00');
    expect(story.told).toEqual(['0:00 L1 r1 sms → alice', '2:30 L1 r2 sms → alice', '5:00 L2 r1 sms → bob']);
  });

  it('does not drift: every round is due from the start of the level, however late the one before it was', () => {
    const story = Story.begin({ levels: [level(['alice'], { every: '1:00', times: 5 })] });
    for (const late of ['1:07', '2:09', '3:30', '4:01']) {
      story.outageUntil(late);
      expect(story.news.at(-1)).toMatch(`${late} L1 r`);
    }
    expect(story.records('missed')).toEqual([]);
  });

  it('keeps its clock when providers never answer', () => {
    const story = Story.begin({ levels: [level(['alice'], { times: 2 }), bob], answers: { 'sms-1': ['silent'] } });
    expect(story.until('5:00').told).toEqual([
      '0:00 L1 r1 sms → alice',
      '2:00 L1 r2 sms → alice',
      '5:00 L2 r1 sms → bob',
    ]);
  });

  it('drops the answer of planning that comes when the next level has started', () => {
    const story = Story.begin({ levels: [alice, bob], planningIsSlow: true }).until('5:00');
    const [first, second] = story.asked('resolve');
    const resolution = story.resolution();
    if (first) story.feed({ type: 'resolved', ...first, resolution });
    expect(story.told).toEqual([]);
    if (second) story.feed({ type: 'resolved', ...second, resolution });
    expect(story.told).toEqual(['5:00 L2 r1 sms → bob']);
  });
});

describe('after an outage', () => {
  const patient = level(['alice'], { every: '1:00', times: 6, escalateAfter: '30:00' });

  it('tells one round, the latest that was due, and says which were missed', () => {
    const story = Story.begin({ levels: [patient, bob] }).outageUntil('3:30');
    expect(story.told).toEqual(['0:00 L1 r1 sms → alice', '3:30 L1 r4 sms → alice']);
    expect(story.records('missed').map((text) => text.slice(0, 19))).toEqual([
      '3:30 missed round 2',
      '3:30 missed round 3',
    ]);
    expect(story.until('5:00').news.at(-1)).toBe('5:00 L1 r6 sms → alice');
  });

  it('escalates once, whatever else was due, and gives the next level its whole time', () => {
    const story = Story.begin({ levels: [alice, bob, level(['carol'])] }).outageUntil('40:00');
    expect(story.told).toEqual(['0:00 L1 r1 sms → alice', '40:00 L2 r1 sms → bob']);
    expect(story.until('50:00').news.at(-1)).toBe('45:00 L3 r1 sms → carol');
  });

  it('says which rounds were missed before the next level, which wins the tie with a round', () => {
    const hurried = level(['alice'], { every: '1:00', times: 6, escalateAfter: '3:00' });
    const story = Story.begin({ levels: [hurried, bob] }).outageUntil('40:00');
    expect(story.told).toEqual(['0:00 L1 r1 sms → alice', '40:00 L2 r1 sms → bob']);
    expect(story.records('missed', 'escalated').map((text) => text.slice(0, 24))).toEqual([
      '40:00 missed round 2 was',
      '40:00 missed round 3 was',
      '40:00 escalated to level',
    ]);
  });

  it('never goes beyond the last round', () => {
    const story = Story.begin({ levels: [patient] })
      .outageUntil('20:00')
      .until('40:00');
    expect(story.told).toEqual(['0:00 L1 r1 sms → alice', '20:00 L1 r6 sms → alice']);
  });
});

describe('nobody reached', () => {
  it.each([
    ['nobody is on duty', { levels: [level([]), bob] }],
    ['nobody can be reached', { levels: [alice, bob], missing: ['alice sms'] }],
    [
      'every message is rejected',
      {
        levels: [alice, bob],
        answers: { 'sms-1 alice': ['rejected' as const], 'mail-1 alice': ['rejected' as const] },
      },
    ],
  ])('goes to the next level at once when %s', (_, setting) => {
    const story = Story.begin({
      ...setting,
      missing: [...('missing' in setting ? setting.missing : []), 'alice email', 'alice voice'],
    });
    expect(story.until('1:00').told.at(-1)).toBe('0:00 L2 r1 sms → bob');
    expect(story.records('escalated')).toEqual(['0:00 escalated to level 2: nobody of the level could be reached']);
  });

  it('goes on at once through several levels of which nobody can be reached', () => {
    const story = Story.begin({ levels: [level([]), level([]), bob] });
    expect(story.until('0:01').told).toEqual(['0:00 L3 r1 sms → bob']);
  });

  it('goes on when the last message turns out to have failed, during a later round too', () => {
    const twice = level(['alice'], { every: '1:00', times: 2 });
    const story = Story.begin({ levels: [twice, bob], missing: ['alice email', 'alice voice'] }).until('1:30');
    expect(story.receipt('n1', 'failed').records('escalated')).toEqual([]);
    expect(story.receipt('n2', 'failed').told.at(-1)).toBe('1:30 L2 r1 sms → bob');
  });

  it('does not go on while a later round has reached somebody', () => {
    const twice = level(['alice'], { every: '1:00', times: 2 });
    const story = Story.begin({ levels: [twice, bob], missing: ['alice email'] })
      .until('1:30')
      .receipt('n1', 'failed');
    expect(story.records('escalated')).toEqual([]);
  });

  it('posts to the groups all the same', () => {
    const deserted = { ...level([], { groups: ['bot'] }), to: { members: [], teams: ['nobody'], schedules: [] } };
    const story = Story.begin({ levels: [deserted, bob] });
    expect(story.told).toEqual(['0:00 L1 r1 bot → bot', '0:00 L2 r1 sms → bob', '0:00 escalated → bot']);
  });

  it('waits for the next level when the rule says wait', () => {
    const story = Story.begin({ levels: [level([], { whenNobodyReached: 'wait' }), bob] });
    expect(story.until('10:00').told).toEqual(['5:00 L2 r1 sms → bob']);
  });

  it('waits for the next level when nobody was meant to be told', () => {
    const story = Story.begin({ levels: [level(['alice'], { by: { warning: [] } }), bob] });
    expect(story.until('10:00').told).toEqual(['5:00 L2 r1 sms → bob']);
  });

  it('takes an unknown outcome for told', () => {
    const story = Story.begin({
      levels: [alice, bob],
      answers: { 'sms-1': ['unknown-outcome'] },
      missing: ['alice email'],
    });
    expect(story.until('4:59').told).toEqual([
      '0:00 L1 r1 sms → alice',
      '0:00 L1 r1 sms → alice, asked first by sms-1',
    ]);
  });
});

describe('when everybody has been told', () => {
  it('says so, to the groups too, and falls silent', () => {
    const story = Story.begin({ levels: [level(['alice'], { times: 2, groups: ['bot'] })] }).until('12:00:00');
    expect(story.told.slice(-3)).toEqual(['2:00 L1 r2 sms → alice', '2:00 L1 r2 bot → bot', '2:00 exhausted → bot']);
    expect(story.view).toMatchObject({ exhausted: true, progress: 'Triggered' });
    expect(nextDue(story.state)).toBeUndefined();
  });

  it('starts over as often as the rule says, each time after the pause', () => {
    const story = Story.begin({ levels: [alice, bob], startOver: { everyMs: ms('10:00'), times: 2 } });
    expect(story.until('5:00:00').told).toEqual([
      '0:00 L1 r1 sms → alice',
      '5:00 L2 r1 sms → bob',
      '15:00 L1 r1 sms → alice',
      '20:00 L2 r1 sms → bob',
      '30:00 L1 r1 sms → alice',
      '35:00 L2 r1 sms → bob',
    ]);
  });

  it('starts the level over at once when an acknowledgment is taken back in the pause', () => {
    const story = Story.begin({ levels: [alice], startOver: { everyMs: ms('10:00'), times: 1 } }).until('1:00');
    story.act('acknowledge', 'alice').act('unacknowledge', 'alice');
    expect(story.until('1:00:00').told).toEqual([
      '0:00 L1 r1 sms → alice',
      '1:00 L1 r1 sms → alice',
      '11:00 L1 r1 sms → alice',
    ]);
  });

  it('does not start over after it was closed', () => {
    const story = Story.begin({ levels: [alice], startOver: { everyMs: ms('10:00'), times: 1 } }).until('1:00');
    expect(story.act('close', 'alice').until('1:00:00').told).toEqual(['0:00 L1 r1 sms → alice']);
  });

  it('is not kept from starting over by a message that waits for its worker for ever', () => {
    const story = Story.begin({
      levels: [alice],
      startOver: { everyMs: ms('10:00'), times: 1 },
      answers: { 'sms-1': ['silent'] },
    });
    expect(story.until('1:00:00').told).toEqual(['0:00 L1 r1 sms → alice', '12:00 L1 r1 sms → alice']);
  });

  it('does not say so while a call may still ring', () => {
    const story = Story.begin({ levels: [level(['alice'], { by: { default: ['voice'] } })] }).until('9:59');
    expect(story.view.exhausted).toBe(false);
    expect(story.until('11:00').view.exhausted).toBe(true);
  });
});

describe('told even if acknowledged', () => {
  const firm = level(['alice'], { evenIfAcknowledged: true });
  const twice = level(['bob'], { times: 3 });

  it('tells the next level although somebody acknowledged, one round of it', () => {
    const story = Story.begin({ levels: [firm, twice, level(['carol'])] })
      .until('1:00')
      .act('acknowledge', 'alice');
    expect(story.until('1:00:00').told).toEqual(['0:00 L1 r1 sms → alice', '5:00 L2 r1 sms → bob']);
  });

  it('does not tell it when the incident was closed or is snoozed', () => {
    const story = Story.begin({ levels: [firm, twice] })
      .until('1:00')
      .act('acknowledge', 'alice');
    story.act('snooze', 'alice', { minutes: 3 }).until('3:00').act('close', 'alice');
    expect(story.until('1:00:00').told).toEqual(['0:00 L1 r1 sms → alice']);
  });

  it('tells nobody when it is closed while planning works out who', () => {
    const story = Story.begin({ levels: [firm, twice], planningIsSlow: true })
      .act('acknowledge', 'alice')
      .until('5:00');
    const asked = story.asked('resolve').at(-1);
    story.act('close', 'alice');
    if (asked) story.feed({ type: 'resolved', ...asked, resolution: story.resolution() });
    expect(asked?.level).toBe(2);
    expect(story.told).toEqual([]);
  });

  it('tells those who stand in for a failed message too, but not after the close', () => {
    const setting = { levels: [firm, twice], answers: { 'sms-1 bob': ['accepted' as const] } };
    const story = Story.begin(setting).act('acknowledge', 'alice').until('6:00').receipt('n2', 'failed');
    expect(story.news.at(-1)).toBe('6:00 L2 r1 email → bob');
    const closed = Story.begin(setting)
      .act('acknowledge', 'alice')
      .until('6:00')
      .act('close', 'alice')
      .receipt('n2', 'failed');
    expect(closed.news.at(-1)).toBe('5:00 L2 r1 sms → bob');
  });

  it('is one round: an acknowledgment stops the second as any other', () => {
    const story = Story.begin({ levels: [firm, twice], planningIsSlow: true })
      .until('7:00')
      .act('acknowledge', 'alice');
    const asked = story.asked('resolve').at(-1);
    if (asked) story.feed({ type: 'resolved', ...asked, resolution: story.resolution() });
    expect(asked).toMatchObject({ level: 2, round: 2 });
    expect(story.told).toEqual([]);
  });

  it('is not taken back by a second acknowledgment of the level before, but by one of its own', () => {
    const call = level(['bob', 'carol'], { by: { default: ['voice'] } });
    const story = Story.begin({ levels: [firm, call] })
      .act('acknowledge', 'alice')
      .until('5:01');
    story.act('acknowledge', 'dave');
    expect(story.asked('drop')).toEqual([]);
    story.act('acknowledge', 'bob');
    expect(story.asked('drop').map(({ notification }) => notification)).toEqual(['n2', 'n3']);
  });
});

describe('a run that continues as a new one', () => {
  it('goes on where it was, what was in flight being unknown', () => {
    const story = Story.begin({ levels: [alice, bob], answers: { 'sms-1': ['silent'] } }).until('2:00');
    story.state = carryOver(story.state);
    expect(story.outcomes).toEqual(['n1 sms → alice: unknown']);
    expect(story.until('5:00').told.at(-1)).toBe('5:00 L2 r1 sms → bob');
  });

  it('plans a round anew whose planning was in flight', () => {
    const story = Story.begin({ levels: [alice, bob], planningIsSlow: true });
    story.state = carryOver(story.state);
    story.feed({ type: 'due' });
    expect(story.asked('resolve').map(({ level: l, round }) => [l, round])).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(story.records('escalated', 'missed')).toEqual([]);
  });
});
