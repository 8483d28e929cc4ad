import { describe, expect, it } from 'vitest';
import type { ActionName } from '../../../domain/incident/action.ts';
import { refuse } from '../../../domain/incident/timeline.ts';
import { level, ms, Story } from './clockwork.ts';

type From = 'Triggered' | 'Processing' | 'Processing by two' | 'snoozed' | 'Processing, snoozed' | 'Closed';
interface Row {
  from: From;
  act: ActionName | 'nothing';
  by?: string;
  with?: Record<string, unknown>;
  /** When the effect is looked at. Default: at once. */
  at?: string;
  to: 'Triggered' | 'Processing' | 'Closed';
  level?: number;
  acknowledged?: string[];
  snoozedUntil?: string;
  /** Whom the transition tells, in its own second. */
  tells?: string[];
  /** What happens by itself afterwards. */
  next?: string | undefined;
  record?: string;
  refused?: string;
}

/** One minute after the opening; carol, dave and eve have been told nothing. */
const PREPARED: Record<From, (story: Story) => Story> = {
  Triggered: (story) => story,
  Processing: (story) => story.act('acknowledge', 'alice'),
  'Processing by two': (story) => story.act('acknowledge', 'alice').act('acknowledge', 'carol'),
  snoozed: (story) => story.act('snooze', 'alice', { minutes: 10 }),
  'Processing, snoozed': (story) => story.act('acknowledge', 'alice').act('snooze', 'alice', { minutes: 10 }),
  Closed: (story) => story.act('close', 'alice'),
};
const L1 = ['L1 r1 sms → alice'];
const ROUND = 'L1 r2';
const CLOSED = 'already closed by alice at 1970-01-01T00:01:00.000Z';

// prettier-ignore
const ROWS: Row[] = [
  { from: 'Triggered', act: 'acknowledge', to: 'Processing', acknowledged: ['alice'], record: 'acknowledged by alice' },
  { from: 'Triggered', act: 'acknowledge', by: 'eve', to: 'Processing', acknowledged: ['eve'], record: 'acknowledged by eve' },
  { from: 'snoozed', act: 'acknowledge', to: 'Processing', acknowledged: ['alice'], record: 'acknowledged by alice' },
  { from: 'Processing', act: 'acknowledge', by: 'eve', to: 'Processing', acknowledged: ['alice', 'eve'], record: 'acknowledged by eve too, after alice' },
  { from: 'Processing by two', act: 'unacknowledge', to: 'Processing', acknowledged: ['carol'], record: 'unacknowledged by alice' },
  { from: 'Processing', act: 'unacknowledge', to: 'Triggered', tells: L1, next: ROUND, record: 'unacknowledged by alice' },
  { from: 'Processing, snoozed', act: 'unacknowledge', to: 'Triggered', snoozedUntil: '11:00', next: 'snoozed', record: 'unacknowledged by alice' },
  { from: 'Triggered', act: 'unacknowledge', to: 'Triggered', next: ROUND, refused: 'alice has not acknowledged it' },
  { from: 'Triggered', act: 'snooze', with: { minutes: 30 }, to: 'Triggered', snoozedUntil: '31:00', next: 'snoozed', record: 'snoozed for 30 minutes by alice' },
  { from: 'Processing', act: 'snooze', with: { minutes: 1440 }, to: 'Processing', acknowledged: ['alice'], snoozedUntil: '24:01:00', next: 'snoozed', record: 'snoozed for 1440 minutes by alice' },
  { from: 'snoozed', act: 'snooze', with: { minutes: 1 }, to: 'Triggered', snoozedUntil: '2:00', next: 'snoozed', record: 'snoozed for 1 minutes by alice' },
  { from: 'snoozed', act: 'wake', to: 'Triggered', tells: L1, next: ROUND, record: 'woken by alice' },
  { from: 'Processing, snoozed', act: 'wake', to: 'Processing', acknowledged: ['alice'], record: 'woken by alice' },
  { from: 'Triggered', act: 'wake', to: 'Triggered', next: ROUND, refused: 'it is not snoozed' },
  { from: 'snoozed', act: 'nothing', at: '11:00', to: 'Triggered', tells: L1, next: ROUND, record: 'woken the snooze is over' },
  { from: 'Processing, snoozed', act: 'nothing', at: '11:00', to: 'Triggered', tells: L1, next: ROUND, record: 'woken the snooze is over' },
  ...(['Triggered', 'snoozed'] as const).map((from): Row => ({ from, act: 'close', to: 'Closed', record: 'closed by alice' })),
  ...(['Processing', 'Processing, snoozed'] as const).map((from): Row => ({ from, act: 'close', to: 'Closed', acknowledged: ['alice'], record: 'closed by alice' })),
  { from: 'Triggered', act: 'close', by: 'ci', with: { source: 'recovered' }, to: 'Closed', record: 'closed by ci (recovered)' },
  { from: 'Triggered', act: 'nothing', at: '30:00:00', to: 'Closed', level: 3, record: 'closed by auto-close (timeout)' },
  { from: 'Triggered', act: 'reassign', with: { members: ['dave'] }, to: 'Triggered', tells: ['L1 r1 sms → dave'], next: ROUND, record: 'reassigned to dave by alice' },
  { from: 'snoozed', act: 'reassign', with: { members: ['dave'] }, to: 'Triggered', tells: ['L1 r1 sms → dave'], next: ROUND, record: 'reassigned to dave by alice' },
  { from: 'Processing', act: 'reassign', with: { members: ['dave'] }, to: 'Triggered', tells: ['L1 r1 sms → dave'], next: ROUND, record: 'reassigned to dave by alice' },
  { from: 'Processing', act: 'reassign', with: { members: ['alice', 'dave'] }, to: 'Processing', acknowledged: ['alice'], tells: ['L1 r1 sms → dave'], record: 'reassigned to alice, dave by alice' },
  { from: 'Processing', act: 'reassign', with: { teams: ['db'] }, to: 'Processing', acknowledged: ['alice'], tells: ['L1 r1 sms → dave'], record: 'reassigned to db by alice' },
  ...(['Triggered', 'snoozed'] as const).map((from): Row => ({ from, act: 'escalate', to: 'Triggered', level: 2, tells: ['L2 r1 sms → bob'], next: 'escalate to L3', record: 'escalated to level 2 by alice' })),
  ...(['Processing', 'Processing, snoozed'] as const).map((from): Row => ({ from, act: 'escalate', to: 'Triggered', level: 2, tells: ['L2 r1 sms → bob'], next: 'escalate to L3', record: 'escalated to level 2 by alice, taking back the acknowledgment of alice' })),
  { from: 'Processing', act: 'escalate', with: { level: 3 }, to: 'Triggered', level: 3, tells: ['L3 r1 sms → carol'], next: 'everybody has been told', record: 'escalated to level 3 by alice, taking back the acknowledgment of alice' },
  { from: 'Triggered', act: 'escalate', with: { level: 1 }, to: 'Triggered', next: ROUND, refused: 'level 1 was already started at 1970-01-01T00:00:00.000Z' },
  { from: 'Triggered', act: 'addResponders', with: { members: ['dave', 'alice'] }, to: 'Triggered', tells: ['L1 r1 sms → dave'], next: ROUND, record: 'responder-added dave, alice by alice' },
  { from: 'Processing', act: 'addResponders', with: { members: ['dave'] }, to: 'Processing', acknowledged: ['alice'], tells: ['L1 r1 sms → dave'], record: 'responder-added dave by alice' },
  { from: 'snoozed', act: 'addResponders', with: { members: ['dave'] }, to: 'Triggered', snoozedUntil: '11:00', tells: ['L1 r1 sms → dave'], next: 'snoozed', record: 'responder-added dave by alice' },
  { from: 'Triggered', act: 'comment', with: { text: 'hm' }, to: 'Triggered', next: ROUND, record: 'commented alice: hm' },
  { from: 'Processing', act: 'comment', with: { text: 'hm' }, to: 'Processing', acknowledged: ['alice'], record: 'commented alice: hm' },
  { from: 'snoozed', act: 'comment', with: { text: 'hm' }, to: 'Triggered', snoozedUntil: '11:00', next: 'snoozed', record: 'commented alice: hm' },
  ...(['acknowledge', 'unacknowledge', 'snooze', 'wake', 'close', 'escalate', 'reassign', 'addResponders', 'comment', 'revise'] as const).map((act): Row => ({ from: 'Closed', act, to: 'Closed', refused: CLOSED })),
];

/** facts: the product's table of states, row by row; what it leaves open is settled by our rules 9 to 13. */
describe('the table of states', () => {
  it.each(ROWS)('from $from, $act by $by with $with: $to', (row) => {
    const { from, act, by = 'alice', at = '1:00' } = row;
    const story = begin(from);
    const before = story.state.timeline.length;
    const asked = { by: { member: by }, ...row.with };
    if (act !== 'nothing') {
      expect(refuse(story.state, act, asked)).toBe(row.refused);
      story.act(act, by, row.with);
    }
    story.until(at);

    const { progress, level: reached, snoozedUntil, next } = story.view;
    expect({ progress, level: reached }).toEqual({ progress: row.to, level: row.level ?? 1 });
    expect(story.state.acknowledgments.map((one) => one.by.member)).toEqual(row.acknowledged ?? []);
    expect(snoozedUntil && Date.parse(snoozedUntil)).toBe(row.snoozedUntil && ms(row.snoozedUntil));
    expect(story.news.filter((line) => line.startsWith(`${at} `))).toEqual(
      (row.tells ?? []).map((line) => `${at} ${line}`),
    );
    const what = next?.what === 'auto-close' || next?.what === 'acknowledged but not closed' ? undefined : next?.what;
    expect(what).toBe(row.next);
    const records = story.view.timeline.slice(before).map(({ kind, text }) => `${kind} ${text}`);
    if (row.record === undefined) expect(records).toEqual([]);
    else expect(records).toContain(row.record);
    if (act === 'acknowledge') expect(story.view.responders.map(({ member }) => member)).toContain(by);
  });
});

function begin(from: From): Story {
  const levels = [level(['alice'], { times: 3 }), level(['bob']), level(['carol'])];
  const autoClose = { afterMs: ms('30:00:00'), since: 'opened' } as const;
  const story = Story.begin({ levels, autoClose, teams: { db: ['alice', 'dave'] } }).until('1:00');
  expect(story.news).toHaveLength(1);
  return PREPARED[from](story);
}
