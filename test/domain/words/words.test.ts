import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import type { Coming } from '../../../domain/incident/due.ts';
import {
  asStored,
  RECORD_KINDS,
  type TimelineRecord,
  type Circumstances,
  type Happening,
} from '../../../domain/incident/record.ts';
import type { ReasonKey, Reasons, Why } from '../../../domain/reason.ts';
import { comingText, incidentWords, reasonText, recordText } from '../../../domain/words/index.ts';

const AT = '2026-11-21T02:00:00.000Z';
const by = { member: '甲' };
const pass = {
  told: ['甲'],
  untold: [{ member: '乙', tries: [{ medium: 'sms', outcome: 'unreachable', reason: { key: 'landline' } } as const] }],
  gaps: [{ key: 'off-duty', schedule: '主', role: '一' } as const],
  groups: ['值班群'],
  meansSomebody: true,
};
const nobody = { ...pass, told: [] };
const about = { kind: 'notified', medium: 'sms', to: '甲', notification: 'n1', level: 1, round: 1 } as const;

/** One of each shape, in the order of the kinds. */
const RECORDS: (Happening & Circumstances)[] = [
  { kind: 'opened', severity: 'Critical', title: '数据库' },
  { kind: 'repaired', reason: { key: 'no-title' } },
  { kind: 'assigned', members: ['甲', '乙'] },
  { kind: 'assigned', reason: { key: 'no-such-team', team: '丙' } },
  { ...about, outcome: 'accepted', account: '短信' },
  { ...about, outcome: 'failed', reason: 'busy', earlier: [{ account: '一', outcome: 'unknown', reason: 'busy' }] },
  { ...about, news: 'line-busy' },
  { ...about, news: 'preset-words', reason: { key: 'template-gone', template: '丁' } },
  { ...about, news: 'not-redrawn', reason: { key: 'worker-lost' } },
  { kind: 'acknowledged', by, after: { name: '乙' } },
  { kind: 'acknowledged', still: [by] },
  { kind: 'unacknowledged', by },
  { kind: 'unacknowledged', forgotten: [by, { name: '乙' }] },
  { kind: 'snoozed', by, minutes: 120 },
  { kind: 'woken', by },
  { kind: 'woken', why: 'snooze-over' },
  { kind: 'woken', why: 'severity-raised' },
  { kind: 'escalated', by, level: 2 },
  { kind: 'escalated', level: 2, why: 'nobody-acknowledged' },
  { kind: 'escalated', level: 2, why: 'nobody-reached' },
  { kind: 'escalated', level: 2, why: 'told-regardless' },
  { kind: 'escalated', lastResort: ['丙'], pass: nobody },
  { kind: 'reassigned', by, members: ['乙'], teams: ['丙'] },
  { kind: 'responder-added', by, schedules: ['主'] },
  { kind: 'commented', by, comment: '在看' },
  {
    kind: 'revised',
    by,
    changed: ['title', 'severity', 'description', 'labels'],
    severity: { from: 'Info', to: 'Critical' },
  },
  { kind: 'exhausted', pass },
  { kind: 'exhausted', pass: nobody },
  { kind: 'exhausted', pass: { ...nobody, meansSomebody: false } },
  { kind: 'missed', round: 2 },
  { kind: 'missed', lateSeconds: 38 },
  { kind: 'closed', by, source: 'recovered', resolution: '好了' },
  { kind: 'closed', why: 'no-rule' },
  { kind: 'reopened', by, comment: '又来了' },
];

/** Values that are words of ours in no language. */
const VALUES: { [K in ReasonKey]: Reasons[K] } = {
  'id-taken': { id: '42' },
  'not-text': { field: '甲' },
  cut: { field: '甲', from: 600, to: 512 },
  'no-title': {},
  'unknown-severity': { given: '高' },
  'no-web-address': {},
  'no-time': {},
  'labels-no-object': {},
  'labels-dropped': { count: 3 },
  'snooze-taken': { given: '0', minutes: 1 },
  'severity-kept': { given: '高' },
  'labels-kept': {},
  'no-such-level': { given: '0' },
  'nobody-named': {},
  'no-such-rule': { rule: '甲' },
  'unusable-rule': { problem: '乙' },
  'no-such-channel': { channel: '甲' },
  'file-refused': { since: AT, configuration: '1' },
  'labels-switched-off': { channel: '甲' },
  'label-beyond-levels': { label: '甲', level: 3 },
  'label-redirects': { label: '甲', level: 1, to: ['乙'] },
  'label-names-nobody': { label: '甲', lost: 1, of: 2, kind: 'member' },
  'no-such-member': { member: '甲' },
  'no-such-team': { team: '甲' },
  'no-such-schedule': { schedule: '甲' },
  'off-duty': { schedule: '甲', role: '乙' },
  'duty-unknown': { told: 'named' },
  'no-phone': { member: '甲' },
  landline: {},
  'no-email': { member: '甲' },
  'no-account-there': { medium: 'sms', member: '甲' },
  overtaken: {},
  'no-carrier': {},
  'no-address': { member: '甲', account: '乙' },
  'member-gone': { member: '甲' },
  'account-gone': { account: '甲' },
  'directory-silent': { member: '甲' },
  rings: { account: '甲', call: '1', incidents: 3 },
  'end-unknown': {},
  'call-unknown': {},
  'line-never-free': {},
  'call-window-full': {},
  'call-not-needed': {},
  'no-longer-needed': {},
  'odd-keys': { ended: 'busy', keys: '3' },
  'no-worker': { account: '甲' },
  'not-taken-yet': { account: '甲' },
  'served-by-another': { account: '甲', planned: '乙', adapter: '丙' },
  'worker-lost': {},
  'worker-failed': {},
  'adapter-failed': {},
  'receiver-window-full': {},
  'quota-kept': {},
  'template-slow': { template: '甲', limitMs: 250 },
  'template-gone': { template: '甲' },
  'template-failed': { template: '甲', problem: '乙' },
  'told-to-fail': {},
};

const COMING: Coming[] = [
  { for: 'reminder' },
  { for: 'auto-close' },
  { for: 'waking' },
  { for: 'start' },
  { for: 'start-over' },
  { for: 'level', level: 2 },
  { for: 'round', level: 1, round: 2 },
  { for: 'exhaustion' },
  { for: 'last-resort' },
  { for: 'call', level: 1, round: 1, medium: 'voice', to: '甲', isRinging: true },
];

/** Keys of the file and of the incident, and what has no Chinese name. */
const NAMES = /\b(?:worker|members|media|unmatched|detailUrl|startedAt|id|phone|email|sms|KiB|T|Z)\b/g;

function englishIn(text: string): string[] {
  return text.replace(NAMES, '').match(/[A-Za-z]{2,}/g) ?? [];
}

describe('a record of the timeline', () => {
  it('has an example of each kind here', () => {
    expect([...new Set(RECORDS.map(({ kind }) => kind))]).toEqual([...RECORD_KINDS]);
  });

  it.each(RECORDS.map((record) => [JSON.stringify(record), record] as const))(
    'reads in both languages: %s',
    (_, record) => {
      const [en, zh] = (['en', 'zh'] as const).map((locale) => recordText({ at: AT, ...record }, { locale }));
      expect(en).toBeTruthy();
      expect(zh).toMatch(/\p{Script=Han}/u);
      expect(englishIn(zh ?? '')).toEqual([]);
      expect(`${en ?? ''}${zh ?? ''}`).not.toMatch(/undefined|null|\[object/);
    },
  );

  it('calls people by the names that the reader knows', () => {
    const names = (who: unknown): string => (who === 'db' ? 'the DBA' : 'Alice');
    const record = { at: AT, kind: 'reassigned', by: { member: 'a' }, members: ['db'] } satisfies TimelineRecord;
    expect(recordText(record, { locale: 'en', names })).toBe('to the DBA by Alice');
  });

  it('loses the sentence of a view, which its data makes again', () => {
    for (const record of RECORDS.map((one) => ({ at: AT, ...one }))) {
      expect(asStored({ ...record, text: recordText(record, { locale: 'en' }) })).toEqual(record);
    }
  });

  it('that an older version wrote is shown as it was written, in any language', () => {
    const old = { at: AT, kind: 'escalated', level: 2, text: 'to level 2: nobody acknowledged' } as const;
    const stored = asStored(old);
    expect(stored).toEqual({ at: AT, kind: 'escalated', level: 2, written: old.text });
    expect(recordText(stored, { locale: 'zh' })).toBe(old.text);
    expect(asStored({ ...stored, text: old.text })).toEqual(stored);
  });
});

describe('a reason', () => {
  it.each(Object.keys(VALUES) as ReasonKey[])('reads in both languages: %s', (key) => {
    const why = { key, ...VALUES[key] } as Why;
    const [en, zh] = (['en', 'zh'] as const).map((locale) => reasonText(why, { locale }));
    expect(en).toMatch(/[a-z]{2}/i);
    expect(zh).toMatch(/\p{Script=Han}/u);
    expect(englishIn(zh ?? '')).toEqual([]);
    expect(`${en ?? ''}${zh ?? ''}`).not.toMatch(/undefined|null|\[object/);
  });

  it.each([null, 7, {}, { key: 'unheard-of' }, { key: 'label-redirects' }])(
    'that is none breaks nothing: %j',
    (odd) => {
      for (const locale of ['en', 'zh'] as const) expect(typeof reasonText(odd as never, { locale })).toBe('string');
    },
  );
});

it.each(COMING)('what comes next reads in both languages: $for', (coming) => {
  expect(comingText(coming, { locale: 'en' })).toMatch(/[a-z]/);
  expect(comingText(coming, { locale: 'zh' })).toMatch(/^[^A-Za-z]+$/);
});

it('a line about the state reads in both languages', () => {
  expect(incidentWords('en').state.level(1, 2, 3)).toBe('level 1 of 2, round 3');
  expect(incidentWords('zh').state.level(1, 2, 3)).toBe('第 1/2 环节第 3 轮');
});

describe('the sentence of an adapter', () => {
  it('is shown in Chinese with its code', () => {
    const said =
      'aliyun.voice: the per-number limit of the vendor is reached (isv.BUSINESS_LIMIT_CONTROL); raise it in the console or add another account';
    expect(reasonText(said, { locale: 'en' })).toBe(said);
    expect(reasonText(said, { locale: 'zh' })).toBe(
      'aliyun.voice：该号码已达厂商的发送上限（isv.BUSINESS_LIMIT_CONTROL）；请在控制台提高上限或增加账号',
    );
  });

  it('stays as it is where nobody has translated it', () => {
    expect(reasonText('an unheard-of thing (42)', { locale: 'zh' })).toBe('an unheard-of thing（42）');
  });

  it.each(phrasesOfAdapters())('has a Chinese phrase: %s', (phrase) => {
    expect(reasonText(phrase, { locale: 'zh' })).toMatch(/\p{Script=Han}/u);
  });
});

/** What adapters say went wrong while sending, from their sources: arguments of errors, and the tables of codes. */
function phrasesOfAdapters(): string[] {
  const folder = new URL('../../../providers/', import.meta.url);
  const found = new Set<string>();
  const take = (node: ts.Node): void => {
    if (!ts.isStringLiteralLike(node)) return;
    for (const part of node.text.split('; ')) {
      const phrase = part.replace(/^[a-z]+\.[a-z]+: /, '').replace(/ \([^)]*\)$/, '');
      if (/^[a-zA-Z][^<$#*{}]* [^<$#*{}]*$/.test(phrase)) found.add(phrase);
    }
  };
  const takeAll = (node: ts.Node): void => {
    take(node);
    ts.forEachChild(node, takeAll);
  };
  const visit = (node: ts.Node): void => {
    const [, said] =
      ts.isNewExpression(node) && node.expression.getText() === 'DeliveryError' ? (node.arguments ?? []) : [];
    if (said) takeAll(said);
    else if (ts.isPropertyAssignment(node) && SAYS.includes(node.name.getText())) takeAll(node.initializer);
    else ts.forEachChild(node, visit);
  };
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || /(?:setup|sign-in|console|account)\.ts$/.test(file)) continue;
    const source = ts.createSourceFile(file, readFileSync(new URL(file, folder), 'utf8'), ts.ScriptTarget.Latest, true);
    // A table of codes holds sentences and nothing else that has a space.
    if (file.endsWith('codes.ts')) takeAll(source);
    else visit(source);
  }
  return [...found].sort();
}

const SAYS = ['says', 'means', 'remedy'];

it.each([
  ['cli:alice', 'from the shell of alice', '来自 alice 的命令行'],
  ['cli-unchecked:alice', 'from the shell of alice, the member was not checked', '来自 alice 的命令行，成员未经核实'],
  ['cli', 'cli', '命令行'],
])('says from whose shell somebody acted: %s', (via, english, chinese) => {
  expect(incidentWords('en').via(via)).toBe(english);
  expect(incidentWords('zh').via(via)).toBe(chinese);
});
