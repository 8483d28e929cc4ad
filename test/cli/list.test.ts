import { createColors } from 'picocolors';
import { describe, expect, it } from 'vitest';
import { listLines } from '../../cli/commands/list.ts';
import type { Look } from '../../cli/incident-text.ts';
import type { ListedIncident } from '../../client/list.ts';
import { ESCALATION_STATES } from '../../domain/incident/attributes.ts';

const english: Look = { colors: createColors(false), timeZone: 'UTC', locale: 'en', now: 0 };
const chinese: Look = { ...english, locale: 'zh' };

const openedAt = new Date('2026-11-21T03:00:00Z');
const paging: ListedIncident = {
  id: '42',
  workflowId: 'incident-42',
  openedAt,
  state: 'paging',
  severity: 'Critical',
  number: '9KCVES',
  title: 'db-7 is down',
};
const acknowledged: ListedIncident = { ...paging, id: '43', state: 'acknowledged', severity: 'Warning' };
const unseen: ListedIncident = { id: '44', workflowId: 'incident-44', openedAt };

describe('the list of open incidents', () => {
  it('says in English how each stands, and how many Criticals nobody has taken', () => {
    expect(listLines([paging, unseen, acknowledged], english)).toEqual([
      'Critical   paging           #9KCVES  2026-11-21T03:00:00Z  42  db-7 is down',
      '(unknown)  (no worker yet)           2026-11-21T03:00:00Z  44',
      'Warning    acknowledged     #9KCVES  2026-11-21T03:00:00Z  43  db-7 is down',
      '2 of them Critical and not acknowledged',
    ]);
  });

  it('says the same in Chinese, one column below the other', () => {
    expect(listLines([paging, unseen, acknowledged], chinese)).toEqual([
      '严重          通知中                #9KCVES  2026-11-21T03:00:00Z  42  db-7 is down',
      '（级别未知）  （尚无 worker 处理）           2026-11-21T03:00:00Z  44',
      '警告          已认领                #9KCVES  2026-11-21T03:00:00Z  43  db-7 is down',
      '其中 2 个为严重或级别未知，且无人认领',
    ]);
  });

  it('has a Chinese word for every state', () => {
    for (const state of ESCALATION_STATES) {
      expect(listLines([{ ...paging, state }], chinese)[0]).toMatch(/^严重 {2}\p{Script=Han}+ /u);
    }
  });

  it('says that nothing is open', () => {
    expect([listLines([], english), listLines([], chinese)]).toEqual([['no open incident'], ['没有未关闭的故障']]);
  });
});
