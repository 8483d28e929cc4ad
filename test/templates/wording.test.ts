import { describe, expect, it } from 'vitest';
import { GROUP_EVENTS } from '../../domain/incident/rule.ts';
import type { Face } from '../../domain/incident/face.ts';
import type { RecordView } from '../../domain/incident/view.ts';
import { type Locale, LOCALES } from '../../domain/locale.ts';
import { MAX_VALUE } from '../../providers/kit/template-value.ts';
import { readToken } from '../../links/token.ts';
import { listWritten } from '../../templates/call-list.ts';
import { buttonsFor } from '../../templates/buttons.ts';
import { namesFrom } from '../../templates/names.ts';
import { overText, say, takenText } from '../../templates/press.ts';
import { voiceValues } from '../../templates/voice.ts';
import { wordingFor, type Reader } from '../../templates/wording.ts';

const names = namesFrom(new Map([['supervisor', { name: 'Supervisor' }]]));
const now = Date.parse('2026-11-21T02:06:00Z');
const shanghai: Reader = { locale: 'zh', timeZone: 'Asia/Shanghai', names, now };
const london: Reader = { locale: 'en', timeZone: 'Europe/London', names, now };

function face(changes: Partial<Face> = {}): Face {
  return {
    workflowId: 'incident-42',
    number: 'K7Q2ZD',
    incident: {
      id: '42',
      title: 'db-7 is down',
      severity: 'Critical',
      description: 'Replication lag',
      labels: { service: 'db' },
      startedAt: '2026-11-20T18:05:00.000Z',
    },
    progress: 'Triggered',
    level: 1,
    levels: 2,
    round: 1,
    revision: 3,
    exhausted: false,
    responders: ['supervisor', 'outsider'],
    ...changes,
  };
}

const acknowledged = face({
  progress: 'Processing',
  acknowledgedBy: { member: 'supervisor' },
  acknowledgedAt: '2026-11-21T02:05:00.000Z',
});
const closed = face({
  progress: 'Closed',
  closedBy: { name: 'Grafana' },
  closedAt: '2026-11-21T02:05:00.000Z',
  resolution: 'recovered',
});

describe('what a message says', () => {
  const status = (shown: Face, reader: Reader) => wordingFor({ face: shown, event: 'opened', ...reader }).status;

  it('tells who acted and when, on the reader’s clock and in the reader’s language', () => {
    expect(status(acknowledged, london)).toBe('Acknowledged by Supervisor at 02:05');
    expect(status(acknowledged, shanghai)).toBe('Supervisor 已于 10:05 认领');
    expect(status(closed, london)).toBe('Closed by Grafana at 02:05: recovered');
    expect(status(closed, shanghai)).toBe('Grafana 已于 10:05 关闭: recovered');
  });

  it('tells until when it sleeps, also when somebody had acknowledged before', () => {
    const snoozed = { ...acknowledged, snoozedUntil: '2026-11-21T04:00:00.000Z' };
    expect(status(snoozed, shanghai)).toBe('已暂缓至 12:00');
  });

  it('shows the date of a snooze that ends on another day', () => {
    const tomorrow = { ...acknowledged, snoozedUntil: '2026-11-21T17:30:00.000Z' };
    expect(status(tomorrow, london)).toBe('Snoozed until 17:30');
    expect(status(tomorrow, shanghai)).toBe('已暂缓至 11月22日 01:30');
    expect(status({ ...tomorrow, snoozedUntil: '2026-11-22T08:00:00.000Z' }, london)).toBe(
      'Snoozed until 22 Nov, 08:00',
    );
    const press = { action: 'snooze', member: 'supervisor', face: tomorrow } as const;
    expect(takenText(press, shanghai)).toBe('已暂缓至 11月22日 01:30。');
  });

  it('says plainly that nobody is being told any more', () => {
    expect(status(face({ exhausted: true }), london)).toBe('Nobody acknowledged: nobody is being told now');
    const untold = face({ exhausted: true, toldNobody: true });
    expect(status(untold, london)).toBe('Nobody could be told: an operator must act');
    expect(status(untold, shanghai)).toBe('未能通知到任何人：请管理员立即处理');
  });

  it('names somebody where nobody is named', () => {
    expect(status(face({ progress: 'Processing' }), london)).toBe('Acknowledged by somebody');
    expect(status(face({ progress: 'Closed' }), london)).toBe('Closed');
  });

  it('leads with what happened, a repeated page with that it is still open', () => {
    const text = (event: 'opened' | 'closed', shown: Face) => wordingFor({ face: shown, event, ...london }).text;
    expect(text('opened', face())).toBe('A new incident needs you.\nReplication lag');
    expect(text('opened', face({ round: 2 }))).toBe('The incident still needs you.\nReplication lag');
    expect(text('closed', closed)).toBe('The incident was closed.\nReplication lag');
  });

  it('lists what is known and leaves out what is not', () => {
    expect(wordingFor({ face: face(), event: 'opened', ...shanghai }).facts).toEqual([
      ['级别', '严重'],
      ['编号', 'K7Q2ZD'],
      ['开始时间', expect.stringMatching(/^11月21日.*02:05/)],
      ['处理人', 'Supervisor, outsider'],
      ['service', 'db'],
    ]);
  });

  it('has a line for every event in every language', () => {
    for (const locale of LOCALES) {
      for (const event of GROUP_EVENTS) {
        const wording = wordingFor({ face: face(), event, ...shanghai, locale });
        expect(wording.text.split('\n')[0]).not.toBe('');
        expect(wording.subject).toBe(locale === 'zh' ? '[严重] db-7 is down' : '[Critical] db-7 is down');
      }
    }
  });
});

describe('the buttons of a card', () => {
  const now = Date.parse('2026-11-21T02:05:00Z');
  const card = { notification: 'n3', account: 'feishu-cn', member: 'primary', secrets: ['s'], now } as const;
  const labels = (shown: Face) => buttonsFor({ ...card, face: shown, locale: 'en' }).map(({ label }) => label);
  const snoozes = ['Snooze 15 min', 'Snooze 30 min', 'Snooze 2 h', 'Snooze 4 h', 'Snooze 12 h'];

  it('offer to acknowledge until somebody has, and again while it sleeps', () => {
    expect(labels(face())).toEqual(['Acknowledge', ...snoozes, 'Escalate', 'Close']);
    expect(labels(acknowledged)).toEqual([...snoozes, 'Escalate', 'Close']);
    expect(labels({ ...acknowledged, snoozedUntil: '2026-11-21T04:00:00.000Z' })).toContain('Acknowledge');
  });

  it('are gone once it is closed', () => {
    expect(labels(closed)).toEqual([]);
  });

  it('carry what was seen when they were drawn, for 30 days', () => {
    const [button] = buttonsFor({ ...card, face: face(), locale: 'zh' });
    expect(button?.label).toBe('认领');
    const day = 24 * 60 * 60_000;
    const read = (at: number) => readToken(button?.token ?? '', 'button', ['s'], at);
    expect(read(now + 30 * day)).toMatchObject({
      workflowId: 'incident-42',
      notification: 'n3',
      revision: 3,
      action: 'acknowledge',
      account: 'feishu-cn',
      member: 'primary',
    });
    expect(read(now + 30 * day + 1000)).toBe('expired');
  });
});

describe('what the presser is told', () => {
  const press = { action: 'acknowledge', member: 'supervisor' } as const;

  it('never says acknowledged unless the incident does', () => {
    expect(takenText(press, london)).toBe('Recorded. The message will show the new state.');
    expect(takenText({ ...press, face: face() }, london)).toContain('Recorded');
    expect(takenText({ ...press, face: acknowledged }, london)).toBe('Acknowledged. It is yours now.');
  });

  it('names whoever was first', () => {
    const second = { ...press, member: 'primary', face: acknowledged };
    expect(takenText(second, london)).toBe('Already acknowledged by Supervisor.');
    expect(takenText({ ...press, face: closed }, shanghai)).toBe('此前已由 Grafana 关闭。');
    const takesBack = [{ member: 'supervisor' }];
    const at = '2026-11-21T02:06:00.000Z';
    const timeline = [
      { at, kind: 'escalated', level: 2, takesBack, by: { member: 'backup' }, text: '' },
    ] satisfies RecordView[];
    const taken = {
      action: 'escalate',
      member: 'backup',
      level: 2,
      face: face({ level: 2 }),
      timeline,
    } satisfies Parameters<typeof takenText>[0];
    expect(takenText(taken, london)).toBe('Escalated to level 2. The acknowledgment of Supervisor no longer counts.');
    expect(overText(undefined, london)).toBe('This incident is over.');
  });

  it('speaks both languages to somebody whose language is not known', () => {
    expect(say(undefined, ({ press: words }) => words.forged)).toBe(
      '操作未生效：按钮无效。 / Nothing was done: this button is not valid.',
    );
  });
});

it('announces several incidents in one call by the worst of them', () => {
  const item = {
    workflowId: 'w',
    notification: 'n1',
    number: 'K7Q2ZD',
    title: 'db-7 is down',
    severity: 'Critical',
  } as const;
  expect(voiceValues([item], 'en')).toEqual({
    severity: 'Critical',
    title: 'db-7 is down',
    number: 'K7Q2ZD',
    count: '1',
    channel: 'default',
  });
  expect(voiceValues([item, item, item], 'zh')).toMatchObject({
    count: '3',
    title: '3个故障，最严重的是：db-7 is down',
  });
});

it('lists what a call announces, whole in a message and up to three numbers in a template', () => {
  const item = { workflowId: 'incident-42', notification: 'n1', title: 'db-7 is down', severity: 'Critical' } as const;
  const items = ['AAAAAA', 'BBBBBB', 'CCCCCC', 'DDDDDD'].map((number) => ({ ...item, number }));
  expect(listWritten(items.slice(0, 2), 'en').wording).toEqual({
    subject: '2 incidents are announced by this call',
    text: 'AAAAAA [Critical] db-7 is down\nBBBBBB [Critical] db-7 is down',
    status: 'Key 1 acknowledges all of these and no others.',
  });
  const titleOf = (listed: typeof items, locale: Locale) => listWritten(listed, locale).values.title;
  expect(titleOf(items.slice(0, 3), 'en')).toBe('3 incidents: AAAAAA BBBBBB CCCCCC');
  expect(titleOf(items, 'zh')).toBe('4个故障：AAAAAA BBBBBB CCCCCC…');
  const storm = Array.from({ length: 10 }, () => items).flat();
  for (const locale of LOCALES) expect(titleOf(storm, locale).length).toBeLessThanOrEqual(MAX_VALUE);
});
