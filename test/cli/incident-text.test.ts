import { createColors } from 'picocolors';
import { describe, expect, it } from 'vitest';
import { statusText, stateLine, timelineLines, tookBack, type Look } from '../../cli/incident-text.ts';
import type { TimelineRecord } from '../../domain/incident/record.ts';
import type { IncidentView, RecordView } from '../../domain/incident/view.ts';
import { recordText } from '../../domain/words/index.ts';

const now = Date.parse('2026-11-21T03:00:00Z');
const shanghai: Look = { colors: createColors(false), timeZone: 'Asia/Shanghai', locale: 'en', now };

const view: IncidentView = {
  workflowId: 'incident-42',
  number: '9KCVES',
  incident: {
    id: '42',
    title: 'db-7 is down',
    severity: 'Critical',
    description: '',
    channel: 'payments',
    labels: { service: 'db' },
  },
  progress: 'Triggered',
  rule: 'payments/P1',
  configuration: '0123456789ab',
  level: 1,
  levels: 2,
  round: 1,
  revision: 2,
  exhausted: false,
  responders: [{ member: 'primary', assignedAt: '2026-11-21T02:00:00.000Z' }],
  notifications: [
    {
      id: 'n1',
      level: 1,
      round: 1,
      to: 'primary',
      medium: 'feishu-cn',
      outcome: 'accepted',
      at: '2026-11-21T02:00:00.000Z',
      attempts: [
        {
          account: 'feishu-cn',
          adapter: 'feishu.app',
          medium: 'feishu-cn',
          outcome: 'accepted',
          at: '2026-11-21T02:00:00.000Z',
        },
      ],
    },
    {
      id: 'n2',
      level: 2,
      round: 1,
      to: '值班群',
      medium: 'voice',
      outcome: 'unanswered',
      reason: 'nobody picked up',
      at: '2026-11-21T02:05:00.000Z',
      attempts: [
        {
          account: 'aliyun-voice',
          adapter: 'aliyun.voice',
          medium: 'voice',
          outcome: 'rejected',
          reason: 'the line is full',
          code: 'isv.BUSINESS_LIMIT_CONTROL',
          at: '2026-11-21T02:05:00.000Z',
        },
        {
          account: 'tencent-voice',
          adapter: 'tencent.voice',
          medium: 'voice',
          outcome: 'unanswered',
          reason: 'nobody picked up',
          at: '2026-11-21T02:05:01.000Z',
        },
      ],
    },
  ],
  timeline: [
    {
      at: '2026-11-21T02:00:00.000Z',
      kind: 'opened',
      severity: 'Critical',
      title: 'db-7 is down',
      text: '[Critical] db-7 is down',
    },
    { at: '2026-11-21T02:00:01.000Z', kind: 'assigned', members: ['primary'], text: 'to primary' },
  ],
  next: { at: '2026-11-21T02:05:00.000Z', what: 'escalate to L2', coming: { for: 'level', level: 2 } },
};

describe('what a person reads about an incident', () => {
  it('leads with what it is, how it stands and what comes next, in local time', () => {
    const [title, state] = statusText(view, shanghai).split('\n');

    expect(title).toBe('[Critical] db-7 is down');
    expect(state).toBe('#9KCVES Triggered · level 1 of 2, round 1 · next: escalate to L2 at 10:05:00');
  });

  it('lists every notification with its outcome, and every attempt of one that needed several', () => {
    const lines = statusText(view, shanghai).split('\n');
    const at = lines.indexOf('Notifications');

    expect(lines.slice(at + 1, at + 5)).toEqual([
      'n1  L1 r1  feishu-cn → primary  accepted    feishu-cn',
      'n2  L2 r1  voice → 值班群       unanswered  nobody picked up',
      '             aliyun-voice       rejected    [isv.BUSINESS_LIMIT_CONTROL] the line is full',
      '             tencent-voice      unanswered  nobody picked up',
    ]);
  });

  it('says who acknowledged and when', () => {
    const acknowledged: IncidentView = {
      ...view,
      progress: 'Processing',
      acknowledgedBy: { member: 'primary' },
      responders: [{ member: 'primary', assignedAt: '2026-11-21T02:00:00Z', acknowledgedAt: '2026-11-21T02:01:30Z' }],
    };

    expect(stateLine(acknowledged, shanghai)).toContain('Processing · acknowledged by primary');
    expect(statusText(acknowledged, shanghai)).toContain('primary acknowledged at 10:01:30');
  });

  it('says that nobody is being told any more, and whether anybody could be', () => {
    expect(stateLine({ ...view, exhausted: true }, shanghai)).toContain('nobody is being told now');
    const untold = { ...view, exhausted: true, toldNobody: true } as const;
    expect(stateLine(untold, shanghai)).toContain('nobody could be told: an operator must act');
  });

  it('says how long a snooze lasts', () => {
    expect(stateLine({ ...view, snoozedUntil: '2026-11-21T04:00:00Z' }, shanghai)).toContain('snoozed until 12:00:00');
  });

  it('says who closed it and why, and no more what would have come', () => {
    const closed: IncidentView = {
      ...view,
      progress: 'Closed',
      outcome: 'closed',
      closedBy: { name: 'Grafana' },
      resolution: 'recovered',
    };

    expect(stateLine(closed, shanghai)).toBe('#9KCVES Closed · closed by Grafana: recovered');
    expect(stateLine({ ...closed, outcome: 'unmatched' }, shanghai)).toBe('#9KCVES Closed · no rule matches');
  });

  it('lets no text of an incident steer the terminal', () => {
    const hostile = '\u001b]0;owned\u0007db\u009b2J\r\nfake';
    const incident = { ...view.incident, title: hostile, description: hostile, labels: { [hostile]: hostile } };
    const timeline: RecordView[] = [
      { at: '2026-11-21T02:00:00Z', kind: 'commented', comment: hostile, text: hostile, via: hostile },
    ];

    const text = statusText({ ...view, incident, timeline, resolution: hostile, rule: hostile }, shanghai);

    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(text).not.toContain('\nfake');
  });
});

describe('the timeline', () => {
  const late: RecordView = { at: '2026-11-21T15:59:59Z', kind: 'opened', written: 'a', text: 'a' };
  const next: RecordView = { at: '2026-11-21T16:00:00Z', kind: 'closed', written: 'b', text: 'b', via: 'page' };

  it('names the day once, in local time', () => {
    expect(timelineLines([late, next], shanghai)).toEqual([
      '2026-11-21',
      '23:59:59  opened           a',
      '2026-11-22',
      '00:00:00  closed           b (page)',
    ]);
    expect(timelineLines([late, next], { ...shanghai, timeZone: 'UTC' })).toHaveLength(3);
  });

  const told = (minute: number, more: object): RecordView => {
    const at = `2026-11-21T02:${String(minute).padStart(2, '0')}:00.000Z`;
    const words = { kind: 'notified', medium: 'email', to: 'primary', account: 'mail' } as const;
    const record = { at, ...words, outcome: 'rejected', reason: 'relay denied', ...more } as TimelineRecord;
    return { ...record, text: recordText(record, { locale: 'en' }) };
  };
  const went = (minute: number): RecordView => {
    const { at } = told(minute, {});
    const record = { at, kind: 'notified', medium: 'feishu-cn', to: 'primary', outcome: 'accepted' } as const;
    return { ...record, text: recordText(record, { locale: 'en' }) };
  };
  const rounds = (from: number): RecordView[] =>
    Array.from({ length: 12 }, (_, index) => [told(from + 2 * index, {}), went(from + 2 * index)]).flat();

  it('says a failure that came with each of twelve rounds once, and when it came last', () => {
    const failures = (look: Look): string[] =>
      timelineLines(rounds(5), look).filter((line) => line.includes('relay denied'));

    expect(failures(shanghai)).toEqual([
      '10:05:00  notified         email → primary: rejected by mail, relay denied ×12 (last at 10:27:00)',
    ]);
    expect(failures({ ...shanghai, locale: 'zh' })).toEqual([
      '10:05:00  通知　　　  邮件 → primary：被拒绝（mail），relay denied ×12（最后一次 10:27:00）',
    ]);
  });

  it('says the date of the last failure when it came on another day', () => {
    const text = timelineLines([told(0, {}), told(0, { at: '2026-11-21T16:00:00.000Z' })], shanghai).join('\n');
    expect(text).toContain('×2 (last at 2026-11-22 00:00:00)');
  });

  it('keeps a line for every message that went out', () => {
    expect(timelineLines(rounds(5), shanghai).filter((line) => line.includes('accepted'))).toHaveLength(12);
  });

  it('says a failure anew after somebody escalated', () => {
    const escalated = { at: '2026-11-21T02:30:00.000Z', kind: 'escalated', level: 2, text: '' } as RecordView;
    const records = [...rounds(5), escalated, ...rounds(31)];
    const failures = timelineLines(records, shanghai).filter((line) => line.includes('relay denied'));
    expect(failures.map((line) => line.slice(0, 8))).toEqual(['10:05:00', '10:31:00']);
  });

  it('goes on from what was printed before', () => {
    expect(timelineLines([{ ...next, at: late.at }], shanghai, late)).toEqual(['23:59:59  closed           b (page)']);
  });
});

describe('what an operator looks for', () => {
  const failed = (n: number): IncidentView['notifications'][number] => ({
    id: `n${String(n)}`,
    level: 1,
    round: n,
    to: 'primary',
    medium: 'email',
    event: 'opened',
    outcome: 'rejected',
    reason: 'mail: relay denied',
    at: '2026-11-21T02:00:00.000Z',
    attempts: [],
  });

  it('reads a reason that came twelve times once', () => {
    const notifications = Array.from({ length: 12 }, (_, index) => failed(index + 1));
    const lines = statusText({ ...view, notifications }, shanghai).split('\n');
    const said = lines.filter((line) => line.includes('relay denied'));
    expect(said).toEqual([
      expect.stringMatching(/^n1…n12 +L1 r1…12 +email → primary +rejected +mail: relay denied ×12$/),
    ]);
  });

  it('sees which account a message waits for, since when, and what to ask', () => {
    const waiting = { account: 'aliyun-sms', since: '2026-11-21T02:58:00.000Z' };
    const { reason: _, ...pending } = failed(1);
    const shown = (now: number) =>
      statusText({ ...view, notifications: [{ ...pending, outcome: 'pending', waiting }] }, { ...shanghai, now });
    expect(shown(now)).toContain('waits for aliyun-sms since 10:58:00: its queue is stuck, see `escalations doctor`');
    expect(shown(Date.parse(waiting.since) + 2000)).not.toContain('stuck');
  });

  it('sees what a message was about when it was no page', () => {
    const closed = { ...failed(1), event: 'closed' as const };
    expect(statusText({ ...view, notifications: [closed] }, shanghai)).toContain('email → primary (closed)');
  });

  it('reads the date of a snooze that ends tomorrow', () => {
    const snoozed = (until: string) => stateLine({ ...view, snoozedUntil: until }, shanghai);
    expect(snoozed('2026-11-21T04:00:00.000Z')).toContain('snoozed until 12:00:00');
    expect(snoozed('2026-11-21T20:00:00.000Z')).toContain('snoozed until 2026-11-22 04:00:00');
  });

  it('reads whose acknowledgment an escalation took back', () => {
    const escalated = { at: '2026-11-21T02:59:00.000Z', kind: 'escalated', level: 2, text: '' } as const;
    expect(tookBack({ ...view, timeline: [{ ...escalated, takesBack: [{ member: 'primary' }] }] }, shanghai)).toEqual([
      'the acknowledgment of primary no longer counts',
    ]);
    expect(tookBack({ ...view, timeline: [escalated] }, shanghai)).toEqual([]);
  });
});
