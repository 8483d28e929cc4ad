import { describe, expect, it } from 'vitest';
import { nextDue } from '../../../domain/incident/due.ts';
import { refuse } from '../../../domain/incident/timeline.ts';
import { level, ms, Story } from './clockwork.ts';

const alice = level(['alice'], { every: '2:00', times: 3, groups: ['bot'] });
const bob = level(['bob']);
const carol = level(['carol']);
const levels = [alice, bob, carol];
const teams = { db: ['bob', 'dave'] };

/** What people hear; groups apart. */
function people(told: string[]): string[] {
  return told.filter((line) => !line.endsWith('→ bot'));
}

describe('escalate', () => {
  it('goes to the next level at once, and on from there', () => {
    const story = Story.begin({ levels }).until('1:00').act('escalate', 'alice');
    expect(people(story.until('6:00').told)).toEqual([
      '0:00 L1 r1 sms → alice',
      '1:00 L2 r1 sms → bob',
      '6:00 L3 r1 sms → carol',
    ]);
    expect(story.records('escalated')[0]).toBe('1:00 escalated to level 2 by alice');
    expect(story.told).toContain('1:00 escalated → bot');
  });

  it('jumps over levels', () => {
    const story = Story.begin({ levels }).until('1:00').act('escalate', 'alice', { level: 3 });
    expect(people(story.until('3:00:00').told)).toEqual(['0:00 L1 r1 sms → alice', '1:00 L3 r1 sms → carol']);
  });

  it('does not wait for the delay', () => {
    const story = Story.begin({ levels, delay: '10:00' }).until('1:00').act('escalate', 'carol');
    expect(story.until('1:01').told[0]).toBe('1:00 L1 r1 sms → alice');
    expect(people(story.until('6:00').told).at(-1)).toBe('6:00 L2 r1 sms → bob');
  });

  it('ends a snooze and clears the acknowledgments, which the timeline keeps', () => {
    const story = Story.begin({ levels }).act('acknowledge', 'alice').act('snooze', 'alice', { minutes: 60 });
    story.until('1:00').act('escalate', 'carol');
    expect(story.view).toMatchObject({ progress: 'Triggered', level: 2, round: 1 });
    expect(story.view.snoozedUntil).toBeUndefined();
    expect(story.view.acknowledgedBy).toBeUndefined();
    expect(story.records('acknowledged')).toEqual(['0:00 acknowledged by alice']);
    expect(story.told).toContain('1:00 L2 r1 sms → bob');
  });

  it.each([
    [{ level: 1 }, 'level 1 was already started'],
    [{ level: 2 }, 'level 2 was already started at 1970-01-01T00:05:00.000Z'],
    [{ level: 4 }, 'there is no level 4: the rule has 3'],
    [{ level: 3 }, undefined],
    [{}, undefined],
  ])('to %j of a rule that is at level 2: %s', (to, reason) => {
    const story = Story.begin({ levels }).until('6:00');
    expect(refuse(story.state, 'escalate', to)).toBe(reason);
    expect(story.act('escalate', 'alice', to).view.level).toBe(reason === undefined ? 3 : 2);
  });

  it('has nowhere to go from the last level', () => {
    const story = Story.begin({ levels }).until('11:00');
    expect(refuse(story.state, 'escalate', {})).toBe('there is no level 4: the rule has 3');
  });

  it('before planning has answered is done once it has', () => {
    const story = new Story({ levels }).act('escalate', 'carol', { level: 2 });
    expect(refuse(story.state, 'escalate', {})).toBe('planning has not answered yet');
    expect(story.match().told).toEqual(['0:00 L2 r1 sms → bob']);
  });
});

describe('reassign', () => {
  it('tells the new ones, and nobody after them', () => {
    const story = Story.begin({ levels })
      .until('1:00')
      .act('reassign', 'alice', { members: ['carol'], teams: [] });
    expect(people(story.until('3:00:00').told)).toEqual([
      '0:00 L1 r1 sms → alice',
      '1:00 L1 r1 sms → carol',
      '3:00 L1 r2 sms → carol',
      '5:00 L1 r3 sms → carol',
    ]);
    expect(story.view.responders.map(({ member }) => member)).toEqual(['carol']);
    expect(story.view).toMatchObject({ progress: 'Triggered', exhausted: true });
    expect(story.told).toContain('1:00 reassigned → bot');
  });

  it('does not start the rule over when the new ones do not answer either', () => {
    const story = Story.begin({ levels: [alice], startOver: { everyMs: 60_000, times: 3 } });
    story.act('reassign', 'alice', { members: ['carol'] });
    expect(people(story.until('3:00:00').told)).toHaveLength(4);
  });

  it('takes back what the old ones have not got yet', () => {
    const story = Story.begin({ levels, answers: { 'sms-1 alice': ['silent'] } }).until('1:00');
    story.act('reassign', 'bob', { members: ['carol'] });
    expect(story.until('1:01').outcomes).toContain('n1 sms → alice: suppressed');
  });

  it('ends a snooze and a pending start over', () => {
    const story = Story.begin({ levels: [bob], startOver: { everyMs: ms('30:00'), times: 3 } }).until('1:00');
    story.act('snooze', 'bob', { minutes: 60 }).act('reassign', 'bob', { members: ['carol'] });
    expect(story.until('5:00:00').told).toEqual(['0:00 L1 r1 sms → bob', '1:00 L1 r1 sms → carol']);
  });

  it('stays acknowledged by a new responder who had acknowledged, and tells only the others, once', () => {
    const story = Story.begin({ levels }).act('acknowledge', 'bob').until('1:00');
    story.act('reassign', 'alice', { members: ['bob', 'carol'] });
    expect(story.view).toMatchObject({ progress: 'Processing', acknowledgedBy: { member: 'bob' } });
    expect(people(story.until('3:00:00').told)).toEqual(['0:00 L1 r1 sms → alice', '1:00 L1 r1 sms → carol']);
    expect(story.view.responders.map(({ member }) => member)).toEqual(['bob', 'carol']);
  });

  it('never looks untaken meanwhile', () => {
    const story = Story.begin({ levels, planningIsSlow: true }).act('acknowledge', 'bob');
    expect(story.act('reassign', 'alice', { members: ['bob'] }).view.progress).toBe('Processing');
  });

  it('stays acknowledged also when planning says only later who is in the team', () => {
    const story = Story.begin({ levels, teams, planningIsSlow: true }).act('acknowledge', 'bob').until('1:00');
    story.act('reassign', 'alice', { teams: ['db'] });
    expect(story.view.progress).toBe('Triggered');
    for (const asked of story.asked('resolve').slice(-1)) story.plan(asked);
    expect(story.view).toMatchObject({ progress: 'Processing', acknowledgedBy: { member: 'bob' } });
    expect(people(story.until('3:00:00').told)).toEqual(['1:00 L1 r1 sms → dave']);
    expect(story.records('acknowledged').at(-1)).toBe('1:00 acknowledged still, by bob');
  });

  it('forgets the acknowledgments of all others', () => {
    const story = Story.begin({ levels }).act('acknowledge', 'alice').until('1:00');
    story.act('reassign', 'alice', { members: ['carol'] });
    expect(people(story.told).at(-1)).toBe('1:00 L1 r1 sms → carol');
    expect(story.view.acknowledgedBy).toBeUndefined();
  });

  it.each<[string, (story: Story) => Story, string]>([
    ['taken back', (story) => story.until('2:00').act('unacknowledge', 'bob'), '2:00'],
    ['snoozed', (story) => story.until('2:00').act('snooze', 'bob', { minutes: 10 }), '12:00'],
    ['timed out', (story) => story, '4:00:00'],
  ])('counts what was acknowledged before only once: %s, they are told', (_, act, time) => {
    const story = Story.begin({ levels, teams, acknowledgeTimeout: '4:00:00' }).act('acknowledge', 'bob').until('1:00');
    act(story.act('reassign', 'alice', { teams: ['db'] })).until(time);
    expect(story.view).toMatchObject({ progress: 'Triggered', level: 1, round: 1 });
    expect(story.told.slice(-2)).toEqual([`${time} L1 r1 sms → bob`, `${time} L1 r1 sms → dave`]);
  });

  it('can be escalated from by hand', () => {
    const story = Story.begin({ levels })
      .act('reassign', 'alice', { members: ['dave'] })
      .until('1:00');
    expect(people(story.act('escalate', 'dave').told).at(-1)).toBe('1:00 L2 r1 sms → bob');
    expect(people(story.until('6:00').told).at(-1)).toBe('6:00 L3 r1 sms → carol');
  });

  it('before planning has answered tells only the new ones', () => {
    const story = new Story({ levels }).act('reassign', 'carol', { members: ['dave'] }).match();
    expect(people(story.told)).toEqual(['0:00 L1 r1 sms → dave']);
  });
});

describe('a responder who is added', () => {
  it.each<[string, string, (story: Story) => unknown]>([
    ['Triggered', 'Triggered', () => undefined],
    ['acknowledged', 'Processing', (story) => story.act('acknowledge', 'alice')],
    ['snoozed', 'Triggered', (story) => story.act('snooze', 'alice', { minutes: 60 })],
  ])('is told once, by another medium when the first fails, while it is %s', (_, progress, arrange) => {
    const story = Story.begin({ levels: [bob, carol], answers: { 'sms-1 dave': ['rejected'] } }).until('1:00');
    arrange(story);
    const { next, level: at, round, acknowledgedBy } = story.view;
    story.act('addResponders', 'alice', { members: ['dave'] }).until('1:01');
    expect(story.told.slice(1)).toEqual(['1:00 L1 r1 sms → dave', '1:00 L1 r1 email → dave']);
    expect(story.view).toMatchObject({ progress, level: at, round });
    expect([story.view.next, story.view.acknowledgedBy]).toEqual([next, acknowledgedBy]);
    expect(story.until('4:59').told).toHaveLength(3);
    expect(story.view.responders.map(({ member }) => member)).toContain('dave');
  });

  it('is not told when they are one already, or were added just before', () => {
    const story = Story.begin({ levels: [bob], teams }).act('addResponders', 'alice', { teams: ['db'] });
    story.act('addResponders', 'alice', { members: ['dave'] });
    expect(story.until('1:00').told).toEqual(['0:00 L1 r1 sms → bob', '0:00 L1 r1 sms → dave']);
    expect(story.records('responder-added')).toEqual([
      '0:00 responder-added db by alice',
      '0:00 responder-added dave by alice',
    ]);
  });

  it('is told although somebody acknowledges or snoozes meanwhile, and no longer once they acknowledge', () => {
    const added = () =>
      Story.begin({ levels: [bob], answers: { 'sms-1 dave': ['silent'] } })
        .until('1:00')
        .act('addResponders', 'alice', { members: ['dave'] });
    const dave = 'n2 sms → dave';
    expect(added().act('acknowledge', 'bob').until('2:00').outcomes).toContain(`${dave}: pending`);
    expect(added().act('snooze', 'bob', { minutes: 9 }).until('2:00').outcomes).toContain(`${dave}: pending`);
    expect(added().act('acknowledge', 'dave').until('2:00').outcomes).toContain(`${dave}: suppressed`);
    expect(added().act('close', 'bob').until('2:00').outcomes).toContain(`${dave}: suppressed`);
  });

  it('does not keep the rule from going on', () => {
    const story = Story.begin({ levels: [bob, carol] }).until('1:00');
    expect(
      story
        .act('addResponders', 'bob', { members: ['dave'] })
        .until('5:00')
        .told.at(-1),
    ).toBe('5:00 L2 r1 sms → carol');
  });

  it('before planning has answered is told once it has', () => {
    const story = new Story({ levels: [bob] }).act('addResponders', 'alice', { members: ['dave'] }).match();
    expect(story.told).toEqual(['0:00 L1 r1 sms → dave', '0:00 L1 r1 sms → bob']);
  });
});

describe('a level that is told even if acknowledged', () => {
  it('finds another medium also when nobody has acknowledged', () => {
    const first = level(['alice'], { evenIfAcknowledged: true });
    const story = Story.begin({ levels: [first, bob], answers: { 'sms-1 bob': ['rejected'] } }).until('6:00');
    expect(story.told.slice(1)).toEqual(['5:00 L2 r1 sms → bob', '5:00 L2 r1 email → bob']);
  });
});

describe('what nobody looks after', () => {
  it.each(['opened', 'updated'] as const)('closes by itself, counted since it was %s', (since) => {
    const autoClose = { afterMs: ms('24:00:00'), since };
    const story = Story.begin({ levels: [bob], autoClose })
      .until('2:00:00')
      .act('comment', 'bob', { text: 'mine' });
    const end = since === 'opened' ? 24 : 26;
    expect(story.until(`${String(end - 1)}:59:59`).view.progress).toBe('Triggered');
    expect(story.until(`${String(end)}:00:00`).records('closed')).toEqual([
      `${String(end)}:00:00 closed by auto-close (timeout)`,
    ]);
    expect(story.view).toMatchObject({ closedBy: { name: 'auto-close' }, outcome: 'closed' });
    expect(story.view.next).toBeUndefined();
  });

  it('never closes while it is a Critical that nobody has taken', () => {
    const autoClose = { afterMs: ms('24:00:00'), since: 'updated' } as const;
    const story = Story.begin({ levels: [bob], autoClose, incident: { severity: 'Critical' } }).until('99:00:00');
    expect(story.view.progress).toBe('Triggered');
    expect(story.act('acknowledge', 'bob').until('122:59:59').view.progress).toBe('Processing');
    expect(story.until('123:00:00').view.progress).toBe('Closed');
  });

  it.each(['0:00', '10:00'])(
    'is told again when it was acknowledged and not closed in time, with a delay of %s',
    (delay) => {
      const story = Story.begin({ levels, delay, acknowledgeTimeout: '4:00:00' })
        .until('1:00')
        .act('acknowledge', 'bob');
      expect(story.until('4:00:59').view).toMatchObject({
        progress: 'Processing',
        next: { what: 'acknowledged but not closed' },
      });
      story.until('4:01:00');
      expect(story.view).toMatchObject({ progress: 'Triggered', level: 1, round: 1, timeToAcknowledgeMs: ms('1:00') });
      expect(story.told).toContain('4:01:00 L1 r1 sms → alice');
      expect(nextDue(story.state)?.at).toBe(ms('4:03:00'));
      story.act('acknowledge', 'carol');
      expect(story.view).toMatchObject({ progress: 'Processing', timeToAcknowledgeMs: ms('1:00') });
    },
  );

  it('is reminded of only after the last of several acknowledgments, and not during a snooze', () => {
    const story = Story.begin({ levels: [bob], acknowledgeTimeout: '1:00:00' }).act('acknowledge', 'bob');
    story.until('30:00').act('acknowledge', 'carol').until('1:29:00');
    expect(story.view.progress).toBe('Processing');
    story.act('snooze', 'bob', { minutes: 120 });
    expect(story.until('3:28:59').told).toHaveLength(1);
    expect(story.until('3:29:00').records('woken')).toHaveLength(1);
  });
});

describe('times', () => {
  it('to the first acknowledgment there ever was, to the close, and of each person since they were assigned', () => {
    const story = Story.begin({ levels: [bob, carol] })
      .until('1:00')
      .act('acknowledge', 'bob')
      .until('2:00');
    story.act('unacknowledge', 'bob').until('7:00').until('9:00').act('acknowledge', 'carol').act('acknowledge', 'eve');
    story.until('20:00').act('close', 'bob');
    expect(story.view).toMatchObject({ timeToAcknowledgeMs: ms('1:00'), timeToCloseMs: ms('20:00') });
    expect(story.view.responders).toMatchObject([
      { member: 'bob' },
      { member: 'carol', timeToAcknowledgeMs: ms('2:00') },
      { member: 'eve', timeToAcknowledgeMs: 0 },
    ]);
    expect(story.view.responders[0]).not.toHaveProperty('timeToAcknowledgeMs');
  });
});

it('a reopened run begins at level 1 with what the first one left, and assigns the responders again', () => {
  const first = Story.begin({ levels }).until('5:00').act('close', 'bob', { resolution: 'restarted' });
  const { timeline } = first.view;
  const reopened = { by: { member: 'carol' }, reason: 'it is back', timeline, responders: ['alice', 'eve'], lastId: 7 };
  const story = Story.begin({ levels, reopened });
  expect(story.state.timeline.slice(0, timeline.length)).toEqual(timeline);
  expect(story.records('opened', 'reopened')).toEqual([
    '0:00 opened [Warning] db-7 is down',
    '0:00 reopened by carol: it is back',
  ]);
  expect(story.view.responders.map(({ member }) => member)).toEqual(['alice', 'eve']);
  expect(story.told[0]).toBe('0:00 L1 r1 sms → alice');
  expect(story.state.notifications[0]?.id).toBe('n8');
});
