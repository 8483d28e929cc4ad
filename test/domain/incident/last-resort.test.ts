import { describe, expect, it } from 'vitest';
import { carryOver } from '../../../domain/incident/escalation.ts';
import { nextDue } from '../../../domain/incident/due.ts';
import { level, ms, Story } from './clockwork.ts';

const MISSING = ['alice sms', 'alice email', 'bob sms', 'bob email'];
const alice = level(['alice']);
const bob = level(['bob']);
const boss = level(['boss'], { by: { default: ['sms', 'email'] } });
const deserted = { ...level([]), to: { members: [], teams: [], schedules: ['rota'] } };

describe('the end of all levels', () => {
  const ended = (story: Story): string[] => story.records('exhausted');

  it('says who was told and did not acknowledge', () => {
    const story = Story.begin({ levels: [alice, bob], missing: ['bob sms', 'bob email'] }).until('10:00');
    expect(ended(story)).toEqual([
      '5:00 exhausted told alice, not told: bob by sms: no address: nobody acknowledged and nobody is being told now, an operator must act',
    ]);
    expect(story.view.toldNobody).toBeUndefined();
  });

  it('says that nobody was told, why, and that an operator must act', () => {
    const story = Story.begin({ levels: [alice, bob], missing: MISSING }).until('10:00');
    expect(ended(story)).toEqual([
      '0:00 exhausted nobody was told (alice by sms: no address; bob by sms: no address): an operator must act',
    ]);
    expect(story.view).toMatchObject({ exhausted: true, toldNobody: true });
  });

  it('says that nobody was told when nobody is on duty', () => {
    const story = Story.begin({ levels: [deserted], planningIsSlow: true });
    const [asked] = story.asked('resolve');
    const resolution = { ...story.resolution('Warning', []), notes: ['nobody is on duty in rota'] };
    if (asked) story.feed({ type: 'resolved', ...asked, resolution });
    expect(ended(story)).toEqual(['0:00 exhausted nobody was told (nobody is on duty in rota): an operator must act']);
  });

  it('says that a page still waits for a worker', () => {
    const story = Story.begin({ levels: [alice], answers: { 'sms-1': ['silent'] } }).until('10:00');
    expect(ended(story)).toEqual([
      '2:00 exhausted nobody was told (alice by sms: no worker of sms-1 has taken it yet): an operator must act',
    ]);
  });

  it('does not ask for an operator where nobody is told on purpose', () => {
    const quiet = level(['alice'], { by: { default: [] }, groups: ['bot'] });
    const story = Story.begin({ levels: [quiet] }).until('10:00');
    expect(ended(story)).toEqual(['0:00 exhausted the rule tells nobody of this severity, it was posted to bot']);
    expect(story.view.toldNobody).toBeUndefined();
  });
});

describe('the last resort', () => {
  it('is told by all its media when the levels have ended and reached nobody', () => {
    const story = Story.begin({ levels: [alice, bob], missing: MISSING, lastResort: boss }).until('10:00');
    expect(story.told).toEqual(['0:00 L2 r1 sms → boss', '0:00 L2 r1 email → boss']);
    expect(story.records('escalated').at(-1)).toMatch(
      /^0:00 escalated to the last resort \(boss\): nobody was told \(/,
    );
    expect(story.records('exhausted')).toHaveLength(1);
    expect(story.view.responders.at(-1)?.member).toBe('boss');
  });

  it('is not told when somebody was reached, at whatever level', () => {
    const story = Story.begin({ levels: [alice, bob], missing: ['bob sms', 'bob email'], lastResort: boss });
    expect(story.until('10:00').told).toEqual(['0:00 L1 r1 sms → alice']);
  });

  it('is told although a group was posted to: a group is nobody', () => {
    const story = Story.begin({
      levels: [level(['alice'], { groups: ['bot'] })],
      missing: MISSING,
      lastResort: boss,
    });
    expect(story.until('10:00').told).toEqual([
      '0:00 L1 r1 bot → bot',
      '0:00 L1 r1 sms → boss',
      '0:00 L1 r1 email → boss',
      '0:00 escalated → bot',
      '0:00 exhausted → bot',
    ]);
  });

  it('is told when the clock of a level of groups only has run down', () => {
    const story = Story.begin({ levels: [level([], { groups: ['bot'] })], lastResort: boss });
    expect(story.until('4:59').told).toEqual(['0:00 L1 r1 bot → bot']);
    expect(story.view.next?.what).toBe('tell the last resort');
    expect(story.until('6:00').told.slice(1, 3)).toEqual(['5:00 L1 r1 sms → boss', '5:00 L1 r1 email → boss']);
  });

  it('is told when no worker takes what would reach the others', () => {
    const story = Story.begin({ levels: [alice], answers: { 'sms-1 alice': ['silent'] }, lastResort: boss });
    expect(story.until('10:00').told.slice(1)).toEqual(['5:00 L1 r1 sms → boss', '5:00 L1 r1 email → boss']);
  });

  it('is left alone where a rule names nobody on purpose', () => {
    const quiet = level(['alice'], { by: { default: [] }, groups: ['bot'] });
    const story = Story.begin({ levels: [quiet, quiet], lastResort: boss }).until('1:00:00');
    expect(story.told.filter((line) => line.endsWith('boss'))).toEqual([]);
  });

  it('is left alone when somebody acknowledges in time', () => {
    const story = Story.begin({ levels: [level([], { groups: ['bot'] })], lastResort: boss }).until('4:00');
    expect(story.act('acknowledge', 'carol').until('1:00:00').told.slice(1)).toEqual(['4:00 acknowledged → bot']);
  });

  it('is told again by each start of the rule that reaches nobody, and the rule still starts over', () => {
    const startOver = { everyMs: ms('10:00'), times: 1 };
    const story = Story.begin({ levels: [alice], missing: MISSING, lastResort: boss, startOver }).until('1:00:00');
    expect(story.told).toEqual([
      '0:00 L1 r1 sms → boss',
      '0:00 L1 r1 email → boss',
      '10:00 L1 r1 sms → boss',
      '10:00 L1 r1 email → boss',
    ]);
    expect(nextDue(story.state)).toBeUndefined();
  });

  it('is told again when its acknowledgment is taken back', () => {
    const story = Story.begin({ levels: [alice], missing: MISSING, lastResort: boss }).until('1:00');
    story.act('acknowledge', 'boss').until('2:00').act('unacknowledge', 'boss');
    expect(story.until('1:00:00').told.slice(2)).toEqual(['2:00 L1 r1 sms → boss', '2:00 L1 r1 email → boss']);
  });

  it('is still due in a run that continues this one', () => {
    const story = Story.begin({ levels: [level([], { groups: ['bot'] })], lastResort: boss }).until('2:00');
    story.state = carryOver(story.state);
    expect(story.until('6:00').told.slice(1, 3)).toEqual(['5:00 L1 r1 sms → boss', '5:00 L1 r1 email → boss']);
  });
});
