import { expect, it } from 'vitest';
import { currentDetails, staticSummary } from '../../../domain/incident/details.ts';
import { faceOf } from '../../../domain/incident/face.ts';
import { level, Story } from './clockwork.ts';

it('shows an operator the state and the timeline', () => {
  const story = Story.begin({ levels: [level(['alice'])] })
    .until('1:00')
    .act('acknowledge', 'alice', { via: 'card' });
  expect(currentDetails(story.view)).toBe(
    [
      '### [Warning] db-7 is down #0F6ZQY',
      '**Processing** · level 1 of 1, round 1 · acknowledged by alice',
      'rule test/P1 · responders alice',
      '',
      '| UTC | what | |',
      '|---|---|---|',
      '| 00:00:00 | Opened | \\[Warning\\] db-7 is down |',
      '| 00:00:00 | Assigned | to alice |',
      '| 00:00:00 | Notified | sms → alice: accepted by sms-1 |',
      '| 00:00:00 | Exhausted | told alice: nobody acknowledged and nobody is being told now, an operator must act |',
      '| 00:01:00 | Acknowledged | by alice (card) |',
    ].join('\n'),
  );
});

it('says when nobody is being told, and what comes next', () => {
  const startOver = { everyMs: 600_000, times: 1 };
  const story = Story.begin({ levels: [level(['alice'])], startOver }).until('1:00');
  const [, state] = currentDetails(story.view).split('\n');
  expect(state).toContain('nobody is being told now** · next: start over at L1 at 1970-01-01T00:10:00.100Z');
});

it('lets no text of an incident, a person or a client become markup or break the table', () => {
  const nasty = '![x](https://evil.example) | <b>\r\n# *a* `b` ~~c~~ \\';
  const story = Story.begin({ levels: [level(['alice'])], incident: { title: nasty } });
  story.feed({ type: 'acted', name: 'acknowledge', argument: { by: { name: nasty }, via: nasty } });
  const details = currentDetails(story.view);
  expect(details).not.toMatch(/(?<!\\)[<*`]b?(?=[ab>])/);
  const rows = details.split('\n').slice(6);
  for (const row of rows) expect(row.replace(/\\./g, '').match(/\|/g)).toHaveLength(4);
  expect(details).not.toContain('![');
  expect(details).not.toContain('https://');
});

it('is no link, and no longer than the server takes, where lists show it', () => {
  const of = (title: string): string => staticSummary({ id: '42', severity: 'Critical', title });
  expect(of('[free](https://evil.example) www.evil.example a@evil.example')).toBe(
    String.raw`[Critical] \[free\](https\://evil.example) www\.evil.example a\@evil.example`,
  );
  expect(of('\u200b')).toBe('[Critical] (no title) 42');
  for (const unit of ['x', '数', '👨‍👩‍👧', '*', '\\']) {
    const summary = of(unit.repeat(600));
    expect(Buffer.byteLength(summary)).toBeLessThan(400);
    expect(summary).toMatch(/[^\\](\\\\)*…$/);
  }
});

it('shows the last sixty records', () => {
  const story = Story.begin({ levels: [level(['alice'])] }).until('0:01');
  for (let n = 0; n < 100; n += 1) story.act('comment', 'alice', { text: String(n) });
  expect(currentDetails(story.view).split('\n')).toHaveLength(66);
});

it('gives a card the few fields it has room for', () => {
  const labels = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`k${String(n)}`, 'v'.repeat(200)]));
  const story = Story.begin({ levels: [level(['alice'])], incident: { labels, description: 'x'.repeat(2000) } });
  const face = faceOf(story.until('0:01').act('acknowledge', 'bob').view);
  expect(Object.keys(face.incident.labels)).toHaveLength(10);
  expect(face.incident.labels['k0']).toHaveLength(100);
  expect(face.incident.description).toHaveLength(500);
  expect(face).toMatchObject({
    progress: 'Processing',
    acknowledgedBy: { member: 'bob' },
    responders: ['alice', 'bob'],
  });
  expect(face).not.toHaveProperty('closedAt');
});
