import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callToken, phoneOfCallToken } from '../../domain/phone/call-token.ts';
import { mintReceiptRef, mintToken, type Claims } from '../../links/token.ts';
import { phoneWorkflowId } from '../../links/phone-id.ts';
import { buildHouse, CALLBACK_SECRET, NOON, SECRET, type House } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await buildHouse();
});
afterAll(() => house.close());
beforeEach(() => {
  house.clock.at = NOON;
});

const DAY_MS = 24 * 60 * 60_000;
let presses = 0;

function button(workflowId: string, claims: Partial<Claims> = {}): string {
  return mintToken({ ...claimsOf(workflowId), ...claims }, [SECRET]);
}

function pressBody(token: string, { by = 'ou_primary', eventId = `e${String(++presses)}`, minutes = 0 } = {}): string {
  return JSON.stringify({
    schema: '2.0',
    header: {
      event_id: eventId,
      event_type: 'card.action.trigger',
      create_time: `${String(house.clock.at)}000`,
      token: 'v-token',
      app_id: 'cli_a',
    },
    event: { operator: { open_id: by }, action: { value: { v: 1, t: token, ...(minutes > 0 && { m: minutes }) } } },
  });
}

async function push(path: string, body: string | Uint8Array<ArrayBuffer>): Promise<Response> {
  return house.gateway.app.request(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
}

async function toast(token: string, how: Parameters<typeof pressBody>[1] = {}): Promise<string> {
  const answer = await push('/callbacks/feishu-cn', pressBody(token, how));
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { toast: { content: string } }).toast.content;
}

describe('a press on a card', () => {
  it('acknowledges, and says so because the incident does', async () => {
    const incident = await house.incident();
    expect(await toast(button(incident), { eventId: 'first' })).toBe('Acknowledged. It is yours now.');
    expect(await house.heard(incident)).toEqual([
      { signal: 'acknowledge', argument: { by: { member: 'primary' }, via: 'card', key: 'feishu-cn/first' } },
    ]);
  });

  it('tells the second one in their language who was first', async () => {
    const incident = await house.incident();
    await toast(button(incident));
    expect(await toast(button(incident), { by: 'ou_backup' })).toBe('已由 Primary 认领。');
  });

  it('counts from a card drawn before the last escalation', async () => {
    const incident = await house.incident({ revision: 9, level: 2 });
    await toast(button(incident, { revision: 0 }));
    expect(await house.heard(incident)).toHaveLength(1);
  });

  it('is told to the incident once, however often the vendor repeats it', async () => {
    const incident = await house.incident();
    for (let times = 0; times < 3; times += 1)
      expect(await toast(button(incident), { eventId: 'same' })).toContain('Acknowledged');
    expect(await house.heard(incident)).toHaveLength(1);
  });

  it('snoozes for as long as the button says', async () => {
    const incident = await house.incident();
    expect(await toast(button(incident, { action: 'snooze' }), { minutes: 240 })).toBe('Snoozed until 12:00.');
    expect(await house.heard(incident)).toMatchObject([{ signal: 'snooze', argument: { minutes: 240 } }]);
  });

  it('closes, and whoever comes later hears who did', async () => {
    const incident = await house.incident();
    expect(await toast(button(incident, { action: 'close' }))).toBe('Closed.');
    await house.client.workflow.getHandle(incident).result();
    expect(await toast(button(incident), { by: 'ou_backup' })).toBe('此前已由 Primary 关闭。');
  });

  it('redraws the card at once when there was time to ask', async () => {
    const incident = await house.incident();
    const answer = await push('/callbacks/feishu-cn', pressBody(button(incident)));
    expect(JSON.stringify(await answer.json())).toContain('Acknowledged by Primary at');
  });

  it('of somebody unknown changes nothing and says how to be linked, in both languages', async () => {
    const incident = await house.incident();
    const said = await toast(button(incident), { by: 'ou_stranger' });
    expect(said).toContain('Ask your administrator to add feishu-cn: ou_stranger');
    expect(said).toContain('请联系管理员');
    expect(await house.heard(incident)).toEqual([]);
  });

  it('with a forged, foreign or expired token changes nothing and is answered', async () => {
    const incident = await house.incident();
    const good = button(incident);
    const carried = mintToken({ ...claimsOf(incident), account: 'slack-ops' }, [SECRET]);
    expect(await toast(carried)).toBe('Nothing was done: this button is not valid.');
    const other = mintToken({ ...claimsOf(incident), purpose: 'link' }, [SECRET]);
    const foreign = mintToken(claimsOf(incident), ['another-secret']);
    for (const token of [`${good}x`, good.slice(0, -4), other, foreign]) {
      expect(await toast(token)).toBe('Nothing was done: this button is not valid.');
    }
    expect(await toast(button(incident, { expiresAt: NOON - 1000 }))).toBe(
      'Nothing was done: this button has expired.',
    );
    expect(await house.heard(incident)).toEqual([]);
  });

  it('on an incident that is kept no more is answered all the same', async () => {
    expect(await toast(button('incident-of-last-year'))).toBe('This incident is over.');
  });
});

describe('a push that is none', () => {
  it.each([
    ['is not JSON', '{"schema":', 400],
    ['is cut off', 'half', 400],
    ['carries the wrong verification token', 'wrong token', 401],
    ['is larger than 256 KiB', 'huge', 413],
  ])('%s and changes nothing', async (_, kind, status) => {
    const incident = await house.incident();
    const body = pressBody(button(incident));
    const sent = {
      half: body.slice(0, body.length / 2),
      'wrong token': body.replace('v-token', 'w-token'),
      huge: body + ' '.repeat(256 * 1024),
    }[kind];
    expect((await push('/callbacks/feishu-cn', sent ?? kind)).status).toBe(status);
    expect(await house.heard(incident)).toEqual([]);
  });

  it('goes to no account, or to one that has no callbacks', async () => {
    expect((await push('/callbacks/nobody', '{}')).status).toBe(404);
    expect((await push('/callbacks/mail', '{}')).status).toBe(404);
    expect((await house.gateway.app.request('/callbacks/feishu-cn')).status).toBe(400);
  });

  it('has no or the wrong secret in its path where the vendor does not sign', async () => {
    const body = JSON.stringify([{ call_id: '1^1', callee: '13800000000', dtmf: '1', duration: '3' }]);
    for (const path of ['', `/${CALLBACK_SECRET}x`, '/aliyun-voice']) {
      expect((await push(`/callbacks/aliyun-voice${path}`, body)).status).toBe(401);
    }
  });
});

describe('what a telephone says', () => {
  const path = `/callbacks/aliyun-voice/${CALLBACK_SECRET}`;

  it('goes to the workflow of the number, with the account and without the number', async () => {
    const phone = phoneWorkflowId(house.configuration.prefix, house.configuration.gateway, '+8613800000000');
    await house.listener(phone);
    const report = [
      {
        call_id: '1226^1',
        out_id: 'a'.repeat(15),
        callee: '13800000000',
        dtmf: '1',
        duration: '9',
        status_code: '200000',
      },
    ];
    for (let times = 0; times < 2; times += 1) expect((await push(path, JSON.stringify(report))).status).toBe(200);
    const heard = await house.heard(phone);
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatchObject({
      signal: 'callback',
      argument: { account: 'aliyun-voice', callId: '1226^1', keys: '1', ended: { outcome: 'answered' } },
    });
    expect(JSON.stringify(heard)).not.toContain('13800000000');
  });

  it('finds its workflow by our token while the call goes on, when the vendor names no number', async () => {
    const phone = phoneWorkflowId(house.configuration.prefix, house.configuration.gateway, '+8613900000000');
    await house.listener(phone);
    const out_id = callToken(phone, 7);
    expect(out_id).toMatch(/^[0-9a-z]{15}$/);
    const key = [{ call_id: '1226^2', out_id, dtmf: '1', status_code: '300000', status_time: '2026-11-21 10:05:00' }];
    expect((await push(path, JSON.stringify(key))).status).toBe(200);
    expect(await house.heard(phone)).toMatchObject([{ signal: 'callback', argument: { token: out_id, keys: '1' } }]);
  });

  it('about no call of ours is answered politely', async () => {
    const report = [{ call_id: '9^9', callee: '13700000000', dtmf: '1', duration: '9', status_code: '200000' }];
    const answer = await push(path, JSON.stringify(report));
    expect(await answer.json()).toEqual({ code: 0, msg: 'ok' });
    expect(phoneOfCallToken('p', 'zzzzzzzzzzzzz00')).toBeUndefined();
  });
});

it('tells the incident that an SMS arrived, and ignores receipts that we did not sign', async () => {
  const incident = await house.incident();
  const receipt = (out_id: string) => JSON.stringify([{ out_id, success: true, err_code: 'DELIVERED' }]);
  const ref = mintReceiptRef({ workflowId: incident, notification: 'n2' }, [SECRET]);
  for (const each of [ref, ref.replace('/n2/', '/n3/'), 'nonsense']) {
    expect((await push(`/callbacks/aliyun-sms/${CALLBACK_SECRET}`, receipt(each))).status).toBe(200);
  }
  expect(await house.heard(incident)).toEqual([
    {
      signal: 'receipt',
      argument: { notification: 'n2', account: 'aliyun-sms', outcome: 'delivered', code: 'DELIVERED' },
    },
  ]);
});

it('counts callbacks by account and result, and gives no label to accounts that somebody invents', async () => {
  await push('/callbacks/invented', '{}');
  const metrics = await (await house.gateway.operations.request('/metrics')).text();
  expect(metrics).toMatch(/callbacks_total\{account="feishu-cn",result="done"\} \d/);
  expect(metrics).toContain('escalations_gateway_pending_signals 0');
  expect(metrics).not.toContain('invented');
});

it('logs every callback, and no token, secret path, number or platform id', async () => {
  const incident = await house.incident();
  const token = button(incident);
  await toast(token);
  await toast(token, { by: 'ou_stranger' });
  const logged = house.logged();
  expect(logged).toContain('"account":"feishu-cn","result":"done"');
  expect(logged).toContain('"result":"wrong-path"');
  for (const secret of [token.slice(0, 40), CALLBACK_SECRET, '138000', 'ou_', 'v-token']) {
    expect(logged).not.toContain(secret);
  }
});

it('answers whether the process lives and whether Temporal can be reached', async () => {
  expect((await house.gateway.app.request('/healthz')).status).toBe(200);
  expect((await house.gateway.operations.request('/readyz')).status).toBe(200);
});

function claimsOf(workflowId: string): Claims {
  return {
    purpose: 'button',
    workflowId,
    notification: 'n2',
    revision: 3,
    action: 'acknowledge',
    account: 'feishu-cn',
    member: null,
    expiresAt: NOON + DAY_MS,
  };
}
