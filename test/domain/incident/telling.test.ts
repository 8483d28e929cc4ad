import { describe, expect, it } from 'vitest';
import type { CallWord } from '../../../domain/phone/call.ts';
import type { Outcome } from '../../../domain/delivery.ts';
import { currentDetails } from '../../../domain/incident/details.ts';
import { nextDue } from '../../../domain/incident/due.ts';
import { isStuck } from '../../../domain/incident/view.ts';
import { level, ms, Story, type Answer } from './clockwork.ts';

const bob = level(['bob'], { by: { default: ['email'] } });
const by = (...media: string[]) => level(['alice'], { by: { default: media } });

/** What alice is told by in the first seconds. */
function media(story: Story): string[] {
  return story.until('0:10').told.map((line) => line.replace('0:00 L1 r1 ', '').replace(' → alice', ''));
}

describe('when a medium fails', () => {
  it.each<[string, string[], string, string[], string[]]>([
    ['an IM app goes to SMS', ['feishu'], 'Warning', [], ['feishu', 'sms']],
    ['an IM app without a phone goes to e-mail', ['feishu'], 'Warning', ['alice sms'], ['feishu', 'email']],
    ['SMS goes to e-mail', ['sms'], 'Warning', [], ['sms', 'email']],
    ['SMS of a Critical goes to voice', ['sms'], 'Critical', [], ['sms', 'voice']],
    ['SMS of a Critical without voice goes to e-mail', ['sms'], 'Critical', ['alice voice'], ['sms', 'email']],
    ['e-mail goes nowhere', ['email'], 'Critical', [], ['email']],
    ['an IM app beside SMS goes to e-mail', ['feishu', 'sms'], 'Warning', [], ['feishu', 'sms', 'email']],
  ])('%s', (_, chosen, severity, missing, told) => {
    const rejected: Answer[] = ['rejected'];
    const answers = { feishu: rejected, ...(chosen.includes('sms') && chosen.length === 1 && { 'sms-1': rejected }) };
    const story = Story.begin({
      levels: [by(...chosen)],
      answers: { ...answers, ...(chosen[0] === 'email' && { 'mail-1': rejected }) },
      incident: { severity },
      missing,
    });
    expect(media(story)).toEqual(told);
  });

  it('goes from SMS that failed as a stand-in to e-mail', () => {
    const story = Story.begin({ levels: [by('feishu')], answers: { feishu: ['rejected'], 'sms-1': ['rejected'] } });
    expect(media(story)).toEqual(['feishu', 'sms', 'email']);
  });

  it('goes on to other media when a call came to nothing', () => {
    const story = Story.begin({ levels: [by('voice')] })
      .until('0:10')
      .word('n1', 'over', ['voice-1', 'rejected']);
    expect(story.told).toEqual(['0:00 L1 r1 voice → alice', '0:10 L1 r1 sms → alice']);
  });

  it('stands in once per person and round, however many media fail', () => {
    const story = Story.begin({
      levels: [by('feishu', 'push')],
      answers: { feishu: ['rejected'] },
    });
    expect(media(story)).toEqual(['feishu', 'sms']);
    expect(story.outcomes).toEqual([
      'n1 feishu → alice: rejected',
      'n2 push → alice: unreachable',
      'n3 sms → alice: accepted',
    ]);
  });

  it('tells nobody twice by one medium in a round, whichever of the media has no address', () => {
    const story = Story.begin({ levels: [by('push', 'sms')] });
    expect(media(story)).toEqual(['email', 'sms']);
  });

  it('stands in for the round that failed, while the next one is on already', () => {
    const twice = level(['alice'], { by: { default: ['feishu', 'push'] }, every: '1:00', times: 2 });
    const story = Story.begin({ levels: [twice], missing: ['alice push'] }).until('1:30');
    expect(story.outcomes[2]).toBe('n3 sms → alice: accepted');
    story.feed({ type: 'receipt', receipt: { notification: 'n3', account: 'sms-1', outcome: 'failed' } });
    expect(story.told.at(-1)).toBe('1:30 L1 r1 email → alice');
  });

  it('does not look for another medium for a group', () => {
    const story = Story.begin({ levels: [level([], { groups: ['bot'] }), bob], answers: { bot: ['rejected'] } });
    expect(story.until('1:00').told).toEqual(['0:00 L1 r1 bot → bot', '0:00 L2 r1 email → bob']);
  });
});

describe('when an account fails', () => {
  it.each<[Answer, string, Outcome]>([
    ['unauthorized', 'its credentials', 'rejected'],
    ['exhausted', 'its money', 'rejected'],
    ['rate-limited', 'its limit', 'rejected'],
    ['unavailable', 'its outage', 'failed'],
    ['not-sent', 'the way there', 'failed'],
    ['expired', 'a worker that is missing', 'expired'],
    ['refused', 'the text', 'rejected'],
  ])('takes the next one: %s is about %s', (answer, _, outcome) => {
    const story = Story.begin({ levels: [by('email')], answers: { 'mail-1': [answer] } });
    expect(media(story)).toEqual(['email', 'email by mail-2']);
    expect(story.view.notifications[0]?.attempts.map(({ account, outcome }) => `${account} ${outcome}`)).toEqual([
      `mail-1 ${outcome}`,
      'mail-2 accepted',
    ]);
  });

  it.each<Answer>(['rejected', 'unreachable'])('does not: %s is about the person', (answer) => {
    const story = Story.begin({ levels: [by('email')], answers: { 'mail-1': [answer] } });
    expect(media(story)).toEqual(['email']);
  });

  it('tells the last account to wait for its worker, and no other', () => {
    const story = Story.begin({ levels: [by('email')], answers: { 'mail-1': ['unavailable'] } }).until('1:00');
    expect(story.asked('send').map(({ patient }) => patient)).toEqual([false, true]);
    const fallback = Story.begin({ levels: [by('sms')] });
    expect(fallback.asked('send').map(({ patient }) => patient)).toEqual([false]);
  });

  it('says every attempt with its reason', () => {
    const story = Story.begin({ levels: [by('email')], answers: { 'mail-1': ['unavailable'] } }).until('1:00');
    expect(story.records('notified')).toEqual([
      '0:00 notified email → alice: accepted by mail-2; before that mail-1: failed (unavailable)',
    ]);
  });

  it('does not repeat what it has said of an earlier attempt when there is more to say', () => {
    const story = Story.begin({ levels: [by('voice')] }).until('0:10');
    story.word('n1', 'calling', ['voice-1', 'rejected'], ['voice-2', 'accepted']);
    story.word('n1', 'over', ['voice-1', 'rejected'], ['voice-2', 'answered']);
    story.word('n1', 'over', ['voice-1', 'failed'], ['voice-2', 'answered']);
    expect(story.records('notified')).toEqual([
      '0:10 notified voice → alice: accepted, voice-2 rings; before that voice-1: rejected',
      '0:10 notified voice → alice: answered by voice-2',
      '0:10 notified voice → alice: answered by voice-2; before that voice-1: failed',
    ]);
  });

  it('says which call rings and how many incidents it is about', () => {
    const story = Story.begin({ levels: [by('voice')] }).until('0:10');
    const rings = (incidents: number): CallWord => ({
      notification: 'n1',
      phase: 'calling',
      attempts: [],
      call: { token: 'abc', incidents },
    });
    story.feed({ type: 'called', word: rings(1) }).feed({ type: 'called', word: rings(39) });
    expect(story.records('notified')).toEqual([
      '0:10 notified voice → alice: accepted, the phone rings (call abc)',
      '0:10 notified voice → alice: accepted, the phone rings (call abc, about 39 incidents)',
    ]);
  });

  it('writes down attempts that the server repeated by itself', () => {
    const story = Story.begin({ levels: [by('sms')], answers: { 'sms-1': ['silent'] } });
    const route = { account: 'sms-1', adapter: 'aliyun.sms' };
    const earlier = [{ route, outcome: 'failed', kind: 'unavailable', reason: 'busy' }] as const;
    story.feed({
      type: 'attempted',
      notification: 'n1',
      result: { route, outcome: 'accepted' },
      earlier: [...earlier],
    });
    expect(story.records('notified')).toEqual([
      '0:00 notified sms → alice: accepted by sms-1; before that sms-1: failed (busy)',
    ]);
  });
});

describe('a refused card', () => {
  it('goes out once as plain text', () => {
    const story = Story.begin({ levels: [by('feishu')], answers: { feishu: ['refused', 'accepted'] } });
    expect(media(story)).toEqual(['feishu', 'feishu, plain by feishu']);
  });

  it('goes elsewhere when the plain text is refused too', () => {
    const story = Story.begin({ levels: [by('feishu')], answers: { feishu: ['refused'] } });
    expect(media(story)).toEqual(['feishu', 'feishu, plain by feishu', 'sms']);
  });
});

describe('an unknown outcome', () => {
  it('is asked for first where the provider can be asked, then goes elsewhere', () => {
    const story = Story.begin({ levels: [by('sms')], answers: { 'sms-1': ['unknown-outcome'] } });
    expect(media(story)).toEqual(['sms', 'sms, asked first by sms-1', 'email']);
    expect(story.outcomes[0]).toBe('n1 sms → alice: unknown');
  });

  it('goes to the next account where it cannot be asked', () => {
    const story = Story.begin({ levels: [by('email')], answers: { 'mail-1': ['unknown-outcome'] } });
    expect(media(story)).toEqual(['email', 'email by mail-2']);
  });

  it('is sent once more by the last account: a duplicate beats silence', () => {
    const story = Story.begin({ levels: [by('feishu')], answers: { feishu: ['unknown-outcome', 'accepted'] } });
    expect(media(story)).toEqual(['feishu', 'feishu, asked first by feishu']);
    expect(story.outcomes).toEqual(['n1 feishu → alice: accepted']);
  });
});

describe('a receipt', () => {
  it('says that a message arrived', () => {
    const story = Story.begin({ levels: [by('sms')] })
      .until('0:10')
      .receipt('n1', 'delivered');
    expect(story.outcomes).toEqual(['n1 sms → alice: delivered']);
  });

  it('of a failed message starts another medium, once', () => {
    const story = Story.begin({ levels: [by('sms')] })
      .until('0:10')
      .receipt('n1', 'failed')
      .receipt('n1', 'failed');
    expect(story.told).toEqual(['0:00 L1 r1 sms → alice', '0:10 L1 r1 email → alice']);
  });

  it('that comes late never takes back that it arrived', () => {
    const story = Story.begin({ levels: [by('sms')] })
      .until('0:10')
      .receipt('n1', 'delivered')
      .receipt('n1', 'failed');
    expect(story.outcomes).toEqual(['n1 sms → alice: delivered']);
  });

  it.each([
    ['delivered', ['n1 sms → alice: delivered']],
    ['failed', ['n1 sms → alice: failed', 'n2 email → alice: accepted']],
  ] as const)('that overtakes the answer of the provider counts: %s', (outcome, outcomes) => {
    const story = Story.begin({ levels: [by('sms')] }).receipt('n1', outcome);
    expect(story.until('0:10').outcomes).toEqual(outcomes);
  });

  it('proves that a message went out whose answer was lost', () => {
    const story = Story.begin({ levels: [by('sms')], answers: { 'sms-1': ['unknown-outcome'] } });
    expect(story.receipt('n1', 'delivered').until('0:10').told).toEqual(['0:00 L1 r1 sms → alice']);
    expect(story.outcomes).toEqual(['n1 sms → alice: delivered']);
  });

  it('about an earlier attempt does not hide what came of the later one', () => {
    const story = Story.begin({ levels: [by('email')], answers: { 'mail-1': ['unknown-outcome'] } }).until('0:10');
    story.receipt('n1', 'failed', 'mail-1');
    expect(story.outcomes).toEqual(['n1 email → alice: accepted']);
    story.receipt('n1', 'delivered', 'mail-1');
    expect(story.outcomes).toEqual(['n1 email → alice: delivered']);
  });

  it('does not hide that a message went out late', () => {
    const story = Story.begin({ levels: [by('sms')] })
      .act('acknowledge', 'alice')
      .until('0:10');
    expect(story.receipt('n1', 'delivered').outcomes).toEqual(['n1 sms → alice: late']);
  });

  it.each([undefined, null, 7, 'n1', {}, { notification: 'n1', account: 'sms-1', outcome: 'read' }])(
    'that is none is ignored: %j',
    (receipt) => {
      const story = Story.begin({ levels: [by('sms')] }).until('0:10');
      story.feed({ type: 'receipt', receipt: receipt as never }).feed({ type: 'called', word: receipt as never });
      expect(story.outcomes).toEqual(['n1 sms → alice: accepted']);
    },
  );
});

describe('a call', () => {
  it('of a Critical that waits 20 s for the line goes out by another medium too', () => {
    const story = Story.begin({ levels: [by('voice')], incident: { severity: 'Critical' } }).until('1:00');
    expect(story.told).toEqual(['0:00 L1 r1 voice → alice', '0:20 L1 r1 sms → alice']);
  });

  it('that is not so urgent waits ten minutes, then another medium is taken', () => {
    const story = Story.begin({ levels: [by('voice')] }).until('9:59');
    expect(story.told).toEqual(['0:00 L1 r1 voice → alice']);
    expect(story.until('10:00').told.at(-1)).toBe('10:00 L1 r1 sms → alice');
    expect(story.outcomes[0]).toBe('n1 voice → alice: expired');
    expect(story.asked('drop')).toHaveLength(1);
  });

  it('of a Critical is given up after ten minutes, without a third medium', () => {
    const story = Story.begin({ levels: [by('voice')], incident: { severity: 'Critical' } }).until('30:00');
    expect(story.told).toHaveLength(2);
    expect(story.outcomes[0]).toBe('n1 voice → alice: expired');
  });

  it('of a Critical that nobody could look after for ten minutes is given up, and one medium stands in', () => {
    const story = Story.begin({ levels: [by('voice')], incident: { severity: 'Critical' } }).outageUntil('10:00');
    expect(story.told).toEqual(['0:00 L1 r1 voice → alice', '10:00 L1 r1 sms → alice']);
    expect(story.outcomes[0]).toBe('n1 voice → alice: expired');
  });

  it('waits no longer once the phone rings, and is nobody when it is not picked up', () => {
    const story = Story.begin({ levels: [by('voice')], incident: { severity: 'Critical' } }).until('0:05');
    story.word('n1', 'calling', ['voice-1', 'accepted']);
    expect(nextDue(story.state)?.at).toBe(ms('0:05') + 60_000 + 150_000);
    expect(story.view.next?.what).toBe('L1 r1 voice → alice, ringing');
    story.until('0:50').word('n1', 'over', ['voice-1', 'unanswered']);
    expect(story.told).toEqual(['0:00 L1 r1 voice → alice']);
    expect(story.outcomes).toEqual(['n1 voice → alice: unanswered']);
    expect(story.view.progress).toBe('Triggered');
  });

  it('that nobody picks up is placed once more in its round where the level says so, and not a third time', () => {
    const story = Story.begin({ levels: [{ ...by('voice'), redial: true }] }).until('0:05');
    story.word('n1', 'calling', ['voice-1', 'accepted']).until('1:05').word('n1', 'over', ['voice-1', 'unanswered']);
    expect(story.told).toEqual(['0:00 L1 r1 voice → alice', '1:05 L1 r1 voice → alice']);
    story.word('n2', 'calling', ['voice-1', 'accepted']).until('2:10').word('n2', 'over', ['voice-1', 'unanswered']);
    expect(story.told).toHaveLength(2);
  });

  it('that nobody picks up is not placed again once somebody has acknowledged', () => {
    const story = Story.begin({ levels: [{ ...by('voice'), redial: true }] }).until('0:05');
    story.word('n1', 'calling', ['voice-1', 'accepted']).act('acknowledge', 'bob');
    expect(story.until('1:05').word('n1', 'over', ['voice-1', 'unanswered']).told).toHaveLength(1);
  });

  it('whose end is never told is unknown', () => {
    const story = Story.begin({ levels: [by('voice')] })
      .until('0:05')
      .word('n1', 'calling', ['voice-1', 'accepted']);
    expect(story.until('5:00').outcomes).toEqual(['n1 voice → alice: unknown']);
  });

  it('is answered and still not acknowledged', () => {
    const story = Story.begin({ levels: [by('voice'), bob] })
      .word('n1', 'over', ['voice-1', 'answered'])
      .until('5:00');
    expect(story.told.at(-1)).toBe('5:00 L2 r1 email → bob');
  });

  it('that waits for the line is dropped when somebody acknowledges', () => {
    const story = Story.begin({ levels: [by('voice')] })
      .until('0:05')
      .act('acknowledge', 'alice');
    expect(story.asked('drop')).toEqual([{ do: 'drop', notification: 'n1', line: 'phone-1' }]);
    expect(story.outcomes).toEqual(['n1 voice → alice: suppressed']);
  });

  it('is dropped as soon as its line is known, when somebody acknowledged before that', () => {
    const story = Story.begin({ levels: [by('voice')] }).act('acknowledge', 'alice');
    expect(story.asked('drop')).toEqual([]);
    expect(story.until('0:05').asked('drop')).toHaveLength(1);
  });

  it('that was given up before its line was known is dropped as soon as it is', () => {
    const story = Story.begin({ levels: [by('voice')] }).outageUntil('10:00');
    expect(story.outcomes[0]).toBe('n1 voice → alice: expired');
    expect(story.asked('drop')).toHaveLength(1);
  });

  it('that rings although somebody has just acknowledged is late', () => {
    const story = Story.begin({ levels: [by('voice')] })
      .until('0:05')
      .act('acknowledge', 'bob');
    expect(story.word('n1', 'calling', ['voice-1', 'accepted']).outcomes).toEqual(['n1 voice → alice: late']);
  });

  it('cannot be asked for: another medium', () => {
    const story = Story.begin({ levels: [by('voice')] });
    const route = { account: 'voice-1', adapter: 'aliyun.voice' };
    const result = { route, outcome: 'unreachable', kind: 'unreachable', reason: 'no phone' } as const;
    story.feed({ type: 'attempted', notification: 'n1', result });
    expect(story.told.at(-1)).toBe('0:00 L1 r1 sms → alice');
  });
});

describe('groups', () => {
  const room = level(['alice'], { groups: ['bot', 'room'] });

  it('that were posted to hear what happens, those with a card by their card', () => {
    const story = Story.begin({ levels: [room] }).until('0:10');
    expect(story.news).toEqual([
      '0:00 L1 r1 sms → alice',
      '0:00 L1 r1 bot → bot',
      '0:00 L1 r1 room → room',
      '0:00 exhausted → bot',
    ]);
    story.act('acknowledge', 'alice').until('1:00').act('comment', 'alice', { text: 'on it' });
    story
      .act('snooze', 'alice', { minutes: 5 })
      .act('wake', 'alice')
      .act('unacknowledge', 'alice')
      .act('close', 'alice');
    expect(story.until('2:00').news.filter((line) => line.endsWith('→ bot'))).toEqual([
      '0:10 acknowledged → bot',
      '1:00 commented → bot',
      '1:00 snoozed → bot',
      '1:00 woken → bot',
      '1:00 unacknowledged → bot',
      '1:00 L1 r1 bot → bot',
      '1:00 closed → bot',
    ]);
  });

  it('hear only what they chose', () => {
    const story = Story.begin({ levels: [room], events: ['opened', 'closed'] }).until('0:10');
    story.act('acknowledge', 'alice').act('close', 'alice');
    expect(story.until('1:00').news.filter((line) => line.endsWith('→ bot'))).toEqual([
      '0:00 L1 r1 bot → bot',
      '0:10 closed → bot',
    ]);
  });

  it('that could not be posted to hear nothing', () => {
    const story = Story.begin({ levels: [room], answers: { bot: ['rejected'] } })
      .until('0:10')
      .act('close', 'alice');
    expect(story.told.filter((line) => line.endsWith('→ bot'))).toEqual(['0:00 L1 r1 bot → bot']);
  });

  it('whose post was taken back hear nothing more', () => {
    const story = Story.begin({ levels: [room], answers: { bot: ['silent'] } })
      .until('0:10')
      .act('acknowledge', 'alice');
    story.until('0:20').act('close', 'alice');
    expect(story.told.filter((line) => line.startsWith('0:20'))).toEqual([]);
  });

  it('hear once, whatever the number of rounds', () => {
    const often = level(['alice'], { times: 3, groups: ['bot'] });
    const story = Story.begin({ levels: [often, bob] })
      .until('4:30')
      .act('acknowledge', 'alice');
    expect(story.told.filter((line) => line.includes('acknowledged'))).toEqual(['4:30 acknowledged → bot']);
  });
});

describe('cards', () => {
  const cards = level(['alice'], { by: { default: ['feishu'] }, groups: ['room'] });

  it('are drawn again when something changed, the newest first', () => {
    const story = Story.begin({ levels: [cards, bob] })
      .until('0:10')
      .act('acknowledge', 'alice');
    expect(story.asked('redraw').map(({ notification }) => notification)).toEqual(['n2', 'n1']);
  });

  it('are drawn one at a time: what happens meanwhile goes into the next', () => {
    const story = Story.begin({ levels: [cards, bob] })
      .until('0:10')
      .act('acknowledge', 'alice');
    for (const who of ['bob', 'carol', 'dave']) story.act('acknowledge', who);
    expect(story.asked('redraw')).toHaveLength(2);
    expect(story.until('0:11').asked('redraw')).toHaveLength(4);
    expect(story.until('1:00').state.notifications.every(({ sent }) => sent?.look === story.state.look)).toBe(true);
  });

  it('that were sent with an older state are drawn again at once', () => {
    const story = Story.begin({ levels: [cards] })
      .act('acknowledge', 'bob')
      .until('0:10');
    expect(story.outcomes).toEqual(['n1 feishu → alice: late', 'n2 room → room: late']);
    expect(story.asked('redraw')).toHaveLength(2);
  });

  it('that cannot be drawn again say so, and are left until the next change', () => {
    const story = Story.begin({ levels: [by('feishu'), bob] })
      .until('0:10')
      .act('acknowledge', 'alice');
    story.feed({
      type: 'redrawn',
      notification: 'n1',
      look: story.state.look,
      problem: 'the card is older than 14 days',
    });
    expect(story.asked('redraw')).toHaveLength(1);
    expect(story.records('notified').at(-1)).toContain('not redrawn, the card is older than 14 days');
  });

  it('are drawn again when the next level is told, a snooze ends and all levels have ended', () => {
    const redrawn = (story: Story): number => story.asked('redraw').length;
    const story = Story.begin({ levels: [by('feishu'), bob] }).until('4:59');
    expect(redrawn(story)).toBe(0);
    expect(redrawn(story.until('5:00'))).toBe(1);
    expect(redrawn(story.until('5:01'))).toBe(2);
    expect(story.view.exhausted).toBe(true);
    expect(redrawn(story.act('snooze', 'alice', { minutes: 1 }).until('6:00'))).toBe(3);
    expect(redrawn(story.until('6:01'))).toBe(4);
    expect(story.view.snoozedUntil).toBeUndefined();
  });

  it('of an incident of before are left as its history has them', () => {
    const story = Story.begin({ levels: [by('feishu'), bob], isOld: true }).until('1:00:00');
    expect(story.view.exhausted).toBe(true);
    expect(story.asked('redraw')).toEqual([]);
  });

  it('are the only thing that happens after the close', () => {
    const story = Story.begin({ levels: [cards, bob] })
      .until('0:10')
      .act('close', 'alice');
    const before = story.commands.length;
    expect(story.commands.slice(-2).map((command) => command.do)).toEqual(['redraw', 'redraw']);
    expect(story.until('5:00:00').commands).toHaveLength(before);
  });
});

describe('a queue that is stuck', () => {
  const stuck: { answers: Record<string, Answer[]> } = { answers: { 'sms-1': ['silent'] } };
  const four = level(['alice'], { times: 4 });

  it('holds the newest page of each person: older rounds may not leave any more', () => {
    const story = Story.begin({ ...stuck, levels: [four] }).until('6:30');
    const { notifications } = story.view;
    const pending = notifications.filter(({ outcome }) => outcome === 'pending');
    expect(pending.map(({ to, round }) => `r${String(round)} ${to}`)).toEqual(['r4 alice']);
    const older = notifications.filter(({ round }) => round < 4);
    expect(new Set(older.map(({ outcome }) => outcome))).toEqual(new Set(['suppressed']));
    expect(new Set(older.map(({ reason }) => reason))).toEqual(new Set(['a later round tells it by the same medium']));
  });

  it('gives no page back that has left meanwhile', () => {
    const story = Story.begin({ ...stuck, levels: [level(['alice'], { times: 2 })] }).until('1:00');
    const [first] = story.asked('send');
    if (!first) throw new Error('nothing was sent');
    story.until('2:00').feed({
      type: 'attempted',
      notification: first.notification,
      result: { route: first.route, outcome: 'accepted' },
    });
    expect(story.view.notifications[0]?.outcome).toBe('accepted');
  });

  it('says since when which account has not answered', () => {
    const story = Story.begin({ ...stuck, levels: [level(['alice'])] }).until('1:00');
    const [notification] = story.view.notifications;
    expect(notification?.waiting).toEqual({ account: 'sms-1', since: '1970-01-01T00:00:00.000Z' });
    expect(currentDetails(story.view)).toContain('sms → alice: waits for sms-1 since 00:00:00');
    expect(notification && [4000, 6000].map((now) => isStuck(notification, now))).toEqual([false, true]);
  });

  it('leads an incident of the first policy to the commands that it always had', () => {
    const story = Story.begin({ ...stuck, levels: [four], isOld: true }).until('6:30');
    expect(story.asked('withdraw')).toEqual([]);
  });
});

it('remembers 300 notifications, and those under way in any case', () => {
  const crowd = Array.from({ length: 120 }, (_, n) => `p${String(n)}`);
  const story = Story.begin({ levels: [level(crowd, { times: 6 })], answers: { 'sms-1 p0': ['silent'] } }).until(
    '20:00',
  );
  expect(story.state.notifications).toHaveLength(300);
  expect(story.outcomes.filter((text) => text.endsWith('pending'))).toEqual(['n601 sms → p0: pending']);
  expect(story.state.lastId).toBe(720);
});

it('tells a crowd greater than what it remembers', () => {
  const crowd = Array.from({ length: 400 }, (_, n) => `p${String(n)}`);
  const story = Story.begin({ levels: [level(crowd)] });
  expect(story.told).toHaveLength(400);
  expect(story.until('1:00').state.notifications.length).toBeLessThanOrEqual(300);
});
