import { describe, expect, it } from 'vitest';
import { refuse } from '../../../domain/incident/timeline.ts';
import { level, Story } from './clockwork.ts';

const alice = level(['alice'], { every: '2:00', times: 3 });
const bob = level(['bob']);
const levels = [alice, bob];

describe('acknowledge', () => {
  it('stops the rounds and the next level', () => {
    const story = Story.begin({ levels }).until('1:00').act('acknowledge', 'alice');
    expect(story.until('1:00:00').told).toEqual(['0:00 L1 r1 sms → alice']);
    expect(story.view).toMatchObject({ progress: 'Processing', acknowledgedBy: { member: 'alice' } });
  });

  it('makes a member who was not told a responder', () => {
    const story = Story.begin({ levels }).until('1:00').act('acknowledge', 'carol');
    expect(story.view.responders.map(({ member }) => member)).toEqual(['alice', 'carol']);
  });

  it('counts from somebody without a name, and says so', () => {
    const story = Story.begin({ levels }).feed({ type: 'acted', name: 'acknowledge', argument: undefined });
    expect(story.until('1:00:00').told).toEqual(['0:00 L1 r1 sms → alice']);
    expect(story.records('repaired', 'acknowledged')).toEqual([
      '0:00 repaired nobody was named as the one who did it',
      '0:00 acknowledged by somebody',
    ]);
    expect(story.view.responders.map(({ member }) => member)).toEqual(['alice']);
  });

  it('records two acknowledgments of the same instant, the first as the one that counts', () => {
    const story = Story.begin({ levels }).until('1:00').act('acknowledge', 'bob').act('acknowledge', 'alice');
    expect(story.records('acknowledged')).toEqual([
      '1:00 acknowledged by bob',
      '1:00 acknowledged by alice too, after bob',
    ]);
    expect(story.view.acknowledgedBy).toEqual({ member: 'bob' });
  });

  it('counts once for a person, and once for a key', () => {
    const story = Story.begin({ levels }).act('acknowledge', 'alice', { key: 'press 1' }).act('acknowledge', 'alice');
    story.act('unacknowledge', 'alice').act('acknowledge', 'alice', { key: 'press 1' });
    expect(story.records('acknowledged')).toHaveLength(1);
    expect(story.view.progress).toBe('Triggered');
  });

  it('withdraws what has not left, and calls late what had left already', () => {
    const story = Story.begin({ levels: [level(['alice', 'bob'])], answers: { 'sms-1 bob': ['silent'] } });
    expect(story.act('acknowledge', 'alice').until('1:00').outcomes).toEqual([
      'n1 sms → alice: late',
      'n2 sms → bob: suppressed',
    ]);
  });

  it('tries nothing else for what fails afterwards', () => {
    const story = Story.begin({ levels, answers: { 'sms-1': ['rejected'] } }).act('acknowledge', 'alice');
    expect(story.until('10:00').told).toEqual(['0:00 L1 r1 sms → alice']);
  });

  it('tries nothing else when a receipt says afterwards that it failed', () => {
    const story = Story.begin({ levels }).until('1:00').act('acknowledge', 'alice').receipt('n1', 'failed');
    expect(story.told).toEqual(['0:00 L1 r1 sms → alice']);
    expect(story.outcomes).toEqual(['n1 sms → alice: failed']);
  });

  it('drops the answer of planning that comes afterwards', () => {
    const story = Story.begin({ levels, planningIsSlow: true }).act('acknowledge', 'alice');
    const [asked] = story.asked('resolve');
    if (asked) story.feed({ type: 'resolved', ...asked, resolution: story.resolution() });
    expect(story.told).toEqual([]);
  });
});

describe('unacknowledge', () => {
  it('by one of two leaves it with the other', () => {
    const story = Story.begin({ levels }).act('acknowledge', 'alice').until('1:00').act('acknowledge', 'bob');
    story.act('unacknowledge', 'alice');
    expect(story.until('1:00:00').told).toEqual(['0:00 L1 r1 sms → alice']);
    expect(story.view).toMatchObject({ progress: 'Processing', acknowledgedBy: { member: 'bob' } });
  });

  it('by the last starts the level over', () => {
    const story = Story.begin({ levels }).until('5:30').act('acknowledge', 'bob').until('20:00');
    expect(story.news.at(-1)).toBe('5:00 L2 r1 sms → bob');
    expect(story.act('unacknowledge', 'bob').news).toEqual(['20:00 L2 r1 sms → bob']);
    expect(story.view).toMatchObject({ progress: 'Triggered', level: 2, round: 1 });
    expect(story.view.acknowledgedBy).toBeUndefined();
  });

  it('by the last of a snoozed incident tells nobody before the snooze is over', () => {
    const story = Story.begin({ levels }).act('acknowledge', 'alice').act('snooze', 'alice', { minutes: 10 });
    expect(story.act('unacknowledge', 'alice').until('9:59').told).toEqual(['0:00 L1 r1 sms → alice']);
    expect(story.asked('resolve')).toHaveLength(1);
    expect(story.until('10:00').told.at(-1)).toBe('10:00 L1 r1 sms → alice');
  });

  it('is refused to somebody who has not acknowledged', () => {
    const story = Story.begin({ levels }).act('acknowledge', 'alice');
    expect(refuse(story.state, 'unacknowledge', { by: { member: 'bob' } })).toBe('bob has not acknowledged it');
    expect(story.act('unacknowledge', 'bob').view.progress).toBe('Processing');
  });
});

describe('snooze', () => {
  it('keeps everybody quiet until its end, then the level starts over', () => {
    const story = Story.begin({ levels }).until('3:00').act('snooze', 'alice', { minutes: 60 });
    expect(story.until('1:02:59').news).toEqual(['0:00 L1 r1 sms → alice', '2:00 L1 r2 sms → alice']);
    expect(story.until('1:03:00').news).toEqual(['1:03:00 L1 r1 sms → alice']);
    expect(story.until('1:08:00').news.at(-1)).toBe('1:08:00 L2 r1 sms → bob');
  });

  it('at its end forgets who had acknowledged', () => {
    const story = Story.begin({ levels }).act('acknowledge', 'alice').act('snooze', 'alice', { minutes: 10 });
    expect(story.until('10:00').told.at(-1)).toBe('10:00 L1 r1 sms → alice');
    expect(story.view.progress).toBe('Triggered');
    expect(story.view.acknowledgedBy).toBeUndefined();
    expect(story.records('woken')).toEqual(['10:00 woken the snooze is over']);
  });

  it('is replaced by a second one, longer or shorter', () => {
    const story = Story.begin({ levels }).act('snooze', 'alice', { minutes: 60 });
    expect(story.act('snooze', 'bob', { minutes: 10 }).until('10:00').told.at(-1)).toBe('10:00 L1 r1 sms → alice');
  });

  it('is ended by an acknowledgment, also of somebody who had acknowledged before', () => {
    const story = Story.begin({ levels }).act('acknowledge', 'alice').act('snooze', 'alice', { minutes: 10 });
    story.until('1:00').act('acknowledge', 'alice');
    expect(story.view.snoozedUntil).toBeUndefined();
    expect(story.until('1:00:00').told).toEqual(['0:00 L1 r1 sms → alice']);
    expect(story.records('acknowledged')).toEqual(['0:00 acknowledged by alice', '1:00 acknowledged by alice']);
  });

  it('starts no other medium for a message that turns out to have failed', () => {
    const story = Story.begin({ levels }).until('1:00').act('snooze', 'alice', { minutes: 10 }).receipt('n1', 'failed');
    expect(story.told).toEqual(['0:00 L1 r1 sms → alice']);
  });

  it('drops the answer of planning that comes afterwards', () => {
    const story = Story.begin({ levels, planningIsSlow: true }).act('snooze', 'alice', { minutes: 10 });
    const [asked] = story.asked('resolve');
    if (asked) story.feed({ type: 'resolved', ...asked, resolution: story.resolution() });
    expect(story.until('9:59').told).toEqual([]);
    expect(story.until('10:00').asked('resolve')).toHaveLength(2);
  });

  it('ends by waking: a triggered incident starts its level over', () => {
    const story = Story.begin({ levels }).act('snooze', 'alice', { minutes: 60 }).until('7:00').act('wake', 'bob');
    expect(story.told.at(-1)).toBe('7:00 L1 r1 sms → alice');
    expect(story.records('woken')).toEqual(['7:00 woken by bob']);
  });

  it('ends by waking: an acknowledged incident stays acknowledged and quiet', () => {
    const story = Story.begin({ levels }).act('acknowledge', 'alice').act('snooze', 'alice', { minutes: 60 });
    story.until('7:00').act('wake', 'bob');
    expect(story.until('3:00:00').told).toEqual(['0:00 L1 r1 sms → alice']);
    expect(story.view).toMatchObject({ progress: 'Processing', acknowledgedBy: { member: 'alice' } });
  });

  it('cannot be ended when there is none', () => {
    const story = Story.begin({ levels });
    expect(refuse(story.state, 'wake', { by: { member: 'alice' } })).toBe('it is not snoozed');
    expect(story.act('wake', 'alice').told).toHaveLength(1);
  });

  it.each([
    [undefined, '2:00:00', 'snooze asked for (none) minutes: took 120'],
    [null, '2:00:00', 'snooze asked for null minutes: took 120'],
    ['', '2:00:00', 'snooze asked for "" minutes: took 120'],
    [[], '2:00:00', 'snooze asked for [] minutes: took 120'],
    ['30', '30:00', 'snooze asked for "30" minutes: took 30'],
    [-5, '1:00', 'snooze asked for -5 minutes: took 1'],
    [1e9, '24:00:00', 'snooze asked for 1000000000 minutes: took 1440'],
  ])('for %j minutes ends at %s', (minutes, end, said) => {
    const story = Story.begin({ levels }).act('snooze', 'alice', { minutes }).until(end);
    expect(story.told.at(-1)).toBe(`${end} L1 r1 sms → alice`);
    expect(story.records('repaired')).toEqual([`0:00 repaired ${said}`]);
  });
});

describe('revise', () => {
  const byMail = { critical: ['sms', 'email'], default: ['email'] };

  it('starts the level over with the new media when the severity is raised', () => {
    const story = Story.begin({ levels: [level(['alice'], { by: byMail }), bob] }).until('3:00');
    story.act('revise', 'ci', { severity: 'Critical' });
    expect(story.until('8:00').told).toEqual([
      '0:00 L1 r1 email → alice',
      '3:00 L1 r1 sms → alice',
      '3:00 L1 r1 email → alice',
      '8:00 L2 r1 sms → bob',
    ]);
    expect(story.records('revised')).toEqual(['3:00 revised severity Warning → Critical by ci']);
  });

  it('tells the responders once when it is raised while somebody works on it', () => {
    const story = Story.begin({ levels: [level(['alice'], { by: byMail }), bob] }).act('acknowledge', 'carol');
    story.until('3:00').act('revise', 'ci', { severity: 'Critical' });
    expect(story.until('1:00:00').told.slice(1)).toEqual([
      '3:00 L1 r1 sms → alice',
      '3:00 L1 r1 email → alice',
      '3:00 L1 r1 sms → carol',
      '3:00 L1 r1 email → carol',
    ]);
    expect(story.view.progress).toBe('Processing');
  });

  it('finds another medium for a responder who is told once and not reached', () => {
    const setting = { levels: [alice], answers: { 'sms-1': ['accepted' as const, 'rejected' as const] } };
    const story = Story.begin({ ...setting, missing: ['alice voice'] })
      .until('1:00')
      .act('acknowledge', 'alice');
    story.act('revise', 'ci', { severity: 'Critical' });
    expect(story.until('1:01').told.slice(1)).toEqual(['1:00 L1 r1 sms → alice', '1:00 L1 r1 email → alice']);
  });

  it('tells them once by the louder medium, and by the one they were told by before when that fails', () => {
    const louder = level(['alice'], { by: { warning: ['sms'], critical: ['feishu'] } });
    const story = Story.begin({ levels: [louder], answers: { feishu: ['rejected'] } }).act('acknowledge', 'alice');
    story.until('1:00').act('revise', 'ci', { severity: 'Critical' });
    expect(story.until('2:00').told.slice(1)).toEqual(['1:00 L1 r1 feishu → alice', '1:00 L1 r1 sms → alice']);
  });

  it('ends a snooze when it is raised', () => {
    const story = Story.begin({ levels: [bob] })
      .act('snooze', 'alice', { minutes: 60 })
      .until('3:00');
    story.act('revise', 'ci', { severity: 'Critical' });
    expect(story.told.at(-1)).toBe('3:00 L1 r1 sms → bob');
    expect(story.records('woken')).toEqual(['3:00 woken the severity was raised']);
  });

  it('acts at the next round when it is lowered', () => {
    const twice = level(['alice'], { by: { warning: ['sms'], info: ['email'] }, times: 2 });
    const story = Story.begin({ levels: [twice] })
      .until('1:00')
      .act('revise', 'ci', { severity: 'Info' });
    expect(story.until('1:00:00').told).toEqual(['0:00 L1 r1 sms → alice', '2:00 L1 r2 email → alice']);
  });

  it.each([
    ['Info', 'Warning'],
    ['Critical', 'Critical'],
  ])('of an alert that fires again as %s leaves it %s: it only raises', (severity, after) => {
    const story = Story.begin({ levels: [bob] }).act('revise', 'ci', { severity, onlyRaise: true, title: 'db-8 too' });
    expect(story.view.incident).toMatchObject({ severity: after, title: 'db-8 too' });
  });

  it('that changes nothing is no news', () => {
    const story = Story.begin({ levels: [bob] });
    const { look } = story.state;
    story.act('revise', 'ci', { title: 'db-7 is down', severity: 'warning', labels: {} });
    expect(story.records('revised')).toEqual([]);
    expect(story.state.look).toBe(look);
  });

  it('adds labels, cuts what is too long and notes what it cannot use', () => {
    const story = Story.begin({ levels: [bob], incident: { labels: { a: '1' } } });
    story.act('revise', 'ci', { title: 'x'.repeat(600), severity: 'worst', labels: { b: 2 } });
    story.act('revise', 'ci', { labels: ['x'] });
    expect(story.view.incident.labels).toEqual({ a: '1', b: '2' });
    expect(story.view.incident.title).toHaveLength(512);
    expect(story.records('repaired')).toEqual([
      '0:00 repaired title was cut from 600 to 512 characters',
      '0:00 repaired severity "worst" is unknown: left as it is',
      '0:00 repaired labels were not an object: left as they are',
    ]);
  });
});

describe('close', () => {
  it.each(['0:00', '0:01', '2:00', '5:00', '30:00'])('at %s ends it, and nobody is told any more', (time) => {
    const story = Story.begin({ levels: [alice, bob], startOver: { everyMs: 60_000, times: 9 } }).until(time);
    const told = story.act('close', 'alice', { resolution: 'restarted' }).told.length;
    expect(story.until('5:00:00').told).toHaveLength(told);
    expect(story.view).toMatchObject({ progress: 'Closed', outcome: 'closed', resolution: 'restarted' });
    expect(story.view.next).toBeUndefined();
  });

  it('is final: what comes later is told who closed it', () => {
    const story = Story.begin({ levels }).until('1:00').act('close', 'alice').until('2:00').act('acknowledge', 'bob');
    expect(refuse(story.state, 'acknowledge', {})).toBe('already closed by alice at 1970-01-01T00:01:00.000Z');
    expect(story.records('acknowledged')).toEqual([]);
  });

  it('says how it came about when no person did it', () => {
    const story = Story.begin({ levels }).act('close', 'Grafana', { source: 'recovered' });
    expect(story.records('closed')).toEqual(['0:00 closed by Grafana (recovered)']);
  });
});

it('remembers the keys of the last 200 actions', () => {
  const story = Story.begin({ levels });
  for (let n = 0; n < 300; n += 1) story.act('comment', 'ci', { text: 'again', key: `k${String(n)}` });
  expect(story.state.keys).toHaveLength(200);
  expect(story.state.keys.at(-1)).toBe('k299');
});

it('keeps what people did in a full timeline, and drops notifications first', () => {
  const story = Story.begin({ levels: [level(['alice'], { times: 6 })] });
  for (let n = 0; n < 391; n += 1) story.act('comment', 'ci', { text: String(n) });
  story.until('12:00');
  expect(story.state.timeline).toHaveLength(400);
  expect(story.records('commented')).toHaveLength(391);
  for (let n = 391; n < 500; n += 1) story.act('comment', 'ci', { text: String(n) });
  expect(story.state.timeline).toHaveLength(400);
  expect(story.records('opened', 'notified', 'exhausted')).toEqual(['0:00 opened [Warning] db-7 is down']);
});
