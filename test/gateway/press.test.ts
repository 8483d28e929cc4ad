import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mintToken } from '../../links/token.ts';
import { buildHouse, NOON, SECRET, type House } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await buildHouse();
});
afterAll(() => house.close());
beforeEach(() => {
  house.clock.at = NOON;
});

let presses = 0;
const LATER_MS = 60 * 60_000;

/** The toast after a press on a card that was drawn with `action`. */
async function toast(
  workflowId: string,
  action: string,
  { by = 'ou_primary', form = {} }: { by?: string; form?: object } = {},
): Promise<string> {
  const claims = { purpose: 'button', workflowId, notification: 'n2', revision: 3, account: 'feishu-cn' } as const;
  const token = mintToken({ ...claims, action, member: 'primary', expiresAt: NOON + LATER_MS }, [SECRET]);
  presses += 1;
  const body = {
    schema: '2.0',
    header: {
      event_id: `p${String(presses)}`,
      event_type: 'card.action.trigger',
      create_time: `${String(house.clock.at)}000`,
      token: 'v-token',
      app_id: 'cli_a',
    },
    event: { operator: { open_id: by }, action: { value: { v: 1, t: token }, ...form } },
  };
  const answer = await house.gateway.app.request('/callbacks/feishu-cn', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { toast: { content: string } }).toast.content;
}

describe('escalating from a card', () => {
  it('goes to the level the card showed, and says so', async () => {
    const incident = await house.incident();
    expect(await toast(incident, 'escalate 2')).toBe('Escalated to level 2.');
    expect(await house.heard(incident)).toMatchObject([
      { signal: 'escalate', argument: { by: { member: 'primary' }, level: 2 } },
    ]);
  });

  it('says who presses later, or twice, when that level began, and goes no further', async () => {
    const incident = await house.incident({ levels: 3 });
    await toast(incident, 'escalate 2');
    expect(await toast(incident, 'escalate 2')).toBe('Escalated to level 2.');
    expect(await toast(incident, 'escalate 2', { by: 'ou_backup' })).toBe('第 2 环节此前已于 10:06 开始。');
    expect((await house.heard(incident)).map(({ argument }) => argument['level'])).toEqual([2, 2, 2]);
  });

  it('takes no level that nobody signed', async () => {
    const incident = await house.incident();
    for (const action of ['escalate', 'escalate 0', 'escalate 2 ', 'escalate 999', 'unacknowledge']) {
      expect(await toast(incident, action)).toBe('Nothing was done: this button is not valid.');
    }
    expect(await house.heard(incident)).toEqual([]);
  });
});

describe('the menu of a card', () => {
  it('writes a comment into the timeline', async () => {
    const incident = await house.incident();
    const form = { form_value: { text: ' replica is catching up ' } };
    expect(await toast(incident, 'comment', { form })).toBe('Your comment is in the timeline.');
    expect(await house.heard(incident)).toMatchObject([
      { signal: 'comment', argument: { text: 'replica is catching up' } },
    ]);
  });

  it('asks for words where there are none', async () => {
    const incident = await house.incident();
    expect(await toast(incident, 'comment', { form: { form_value: { text: '  ' } } })).toContain('write something');
    expect(await house.heard(incident)).toEqual([]);
  });

  it('reassigns to whom the list named, or the platform’s own picker', async () => {
    const incident = await house.incident();
    expect(await toast(incident, 'reassign', { form: { option: 'backup' } })).toBe('Reassigned to 小王.');
    expect(await toast(incident, 'reassign', { form: { option: 'ou_backup' } })).toBe('Reassigned to 小王.');
    expect((await house.heard(incident)).map(({ argument }) => argument['members'])).toEqual([['backup'], ['backup']]);
  });

  it('reassigns to nobody unknown', async () => {
    const incident = await house.incident();
    expect(await toast(incident, 'reassign', { form: { option: 'somebody' } })).toContain('choose who');
    expect(await house.heard(incident)).toEqual([]);
  });

  it('says on a closed incident who closed it', async () => {
    const incident = await house.incident();
    await toast(incident, 'close');
    await house.client.workflow.getHandle(incident).result();
    for (const action of ['escalate 2', 'comment', 'reassign']) {
      const form = { form_value: { text: 'late' }, option: 'backup' };
      expect(await toast(incident, action, { by: 'ou_backup', form })).toBe('此前已由 Primary 关闭。');
    }
  });
});
