import { expect, it } from 'vitest';
import { incidentPage } from '../../gateway/pages/html.ts';
import { level, Story } from '../domain/incident/clockwork.ts';

const NAMES: Record<string, string> = { alice: '小王', bob: '小李', carol: '老张', somebody: '某人' };

const SAYS = {
  refused:
    'aliyun.sms: the vendor does not let this text through (isv.SMS_CONTENT_ILLEGAL); shorten or reword the title',
  'unknown-outcome': 'aliyun.sms: no readable answer; it may have gone out',
  unauthorized: 'smtp.email: sign-in refused (535); check user and password in url',
};

/** A long night: refusals, calls, a gap in the schedule, everything that people can do, and the close. */
function longNight(): Story {
  const levels = [
    level(['alice'], { by: { default: ['sms', 'voice', 'email'] }, times: 2 }),
    level(['bob'], { by: { default: ['voice', 'sms'] } }),
  ];
  const story = Story.begin({
    levels,
    incident: { title: '数据库', severity: 'p1', description: '磁盘已满', detailUrl: 'x' },
    says: SAYS,
    answers: { 'sms-1': ['refused', 'unknown-outcome'], 'mail-1': ['unauthorized'], 'voice-1': ['rejected'] },
  });
  story.word('n2', 'calling', ['voice-1', 'accepted']).until('0:40').word('n2', 'over', ['voice-1', 'unanswered']);
  story.until('6:00').act('snooze', 'alice', { minutes: '30.4' }).act('wake', 'alice');
  story.until('7:00').act('acknowledge', 'bob', { via: 'card' }).act('acknowledge', 'alice', { via: 'page' });
  story.act('comment', 'bob', { text: '在看' }).act('revise', 'bob', { severity: 'Info', title: '数据库变慢' });
  story.act('unacknowledge', 'alice').act('unacknowledge', 'bob').act('escalate', 'bob', { level: 2 });
  story.act('reassign', 'bob', { members: ['carol'] }).act('addResponders', 'carol', { members: ['alice'] });
  return story.until('9:00');
}

it('holds no English word on a Chinese page, besides names of accounts and keys of the file', async () => {
  const story = longNight();
  expect(englishOn(await page(story, 'zh'))).toEqual([]);
  story.act('close', 'carol', { resolution: '已扩容', source: 'recovered' });
  expect(englishOn(await page(story, 'zh'))).toEqual([]);
  expect(story.view.timeline.length).toBeGreaterThan(25);
});

it('holds no Chinese word on an English page but those of the incident and of people', async () => {
  const text = (await page(longNight(), 'en')).replace(/数据库(?:变慢)?|磁盘已满|在看|小王|小李|老张/g, '');
  expect(text.match(/\p{Script=Han}+/gu) ?? []).toEqual([]);
});

it('says from whose shell somebody acted in the name of a member', async () => {
  const story = longNight().act('acknowledge', 'carol', { via: 'cli:root' });
  expect(await page(story, 'en')).toContain('by 老张 (from the shell of root)');
  expect(await page(story, 'zh')).toMatch(/老张.*（来自 root 的命令行）/);
  expect(await page(story, 'en')).not.toContain('(card)');
});

/** What people read of the page: no markup, and no style. */
async function page({ view }: Story, locale: 'en' | 'zh'): Promise<string> {
  const names = (who: unknown): string => {
    const id = typeof who === 'string' ? who : ((who as { member?: string; name?: string }).member ?? 'somebody');
    return NAMES[id] ?? id;
  };
  const reader = { locale, timeZone: 'Asia/Shanghai', names, now: 0 };
  const actor = { member: 'alice', name: '小王', nonce: 'n' };
  const others = { session: { name: '小王', nonce: 'n' }, holder: { name: '小李', isChosen: false } };
  const html = await incidentPage({ view, reader, actor, ...others, signIn: 'sign-in' });
  return html
    .replace(/<style>.*?<\/style>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&\w+;/g, ' ');
}

function englishOn(text: string): string[] {
  const names =
    /0F6ZQY|[a-z]+-\d\b|\w+\.(?:sms|email|voice)|isv\.\w+|\burl\b|\b(?:detailUrl|startedAt|members\.\w+\.\w+|worker|GMT\+8)\b/g;
  return text.replace(names, '').match(/[A-Za-z]{2,}(?: [A-Za-z]+)*/g) ?? [];
}
