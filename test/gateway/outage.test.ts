import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pageUrl } from '../../links/url.ts';
import { mintReceiptRef, mintToken } from '../../links/token.ts';
import { buildHouse, CALLBACK_SECRET, NOON, PUBLIC_URL, SECRET, type House } from './house.ts';

let house: House;
beforeEach(async () => {
  house = await buildHouse();
});
afterEach(() => house.close());

const headers = { 'content-type': 'application/json' };
const post = (path: string, body: string) => house.gateway.app.request(path, { method: 'POST', headers, body });

async function press(workflowId: string): Promise<string> {
  const named = { workflowId, notification: 'n2', revision: 3, account: 'feishu-cn', member: null };
  const t = mintToken({ purpose: 'button', action: 'acknowledge', ...named, expiresAt: NOON + 60_000 }, [SECRET]);
  const create_time = `${String(house.clock.at)}000`;
  const header = { event_id: 'e1', event_type: 'card.action.trigger', create_time, token: 'v-token', app_id: 'cli_a' };
  const event = { operator: { open_id: 'ou_backup' }, action: { value: { v: 1, t } } };
  const answer = await post('/callbacks/feishu-cn', JSON.stringify({ schema: '2.0', header, event }));
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { toast: { content: string } }).toast.content;
}

const receipt = (workflowId: string) =>
  post(
    `/callbacks/aliyun-sms/${CALLBACK_SECRET}`,
    JSON.stringify([{ out_id: mintReceiptRef({ workflowId, notification: 'n1' }, [SECRET]), success: true }]),
  );

async function allDelivered(): Promise<void> {
  for (;;) {
    const metrics = await (await house.gateway.operations.request('/metrics')).text();
    if (metrics.includes('escalations_gateway_pending_signals 0')) return;
    await sleep(100);
  }
}

it('keeps what was pressed while Temporal was away, and delivers it once when it is back', async () => {
  const incident = await house.incident();
  house.engine.kill();
  expect(await press(incident)).toBe('尚未确认：操作正在送达，请一分钟后再查看。');
  expect(await press(incident)).toContain('尚未确认');
  expect((await receipt(incident)).status).toBe(503);
  expect((await house.gateway.operations.request('/readyz')).status).toBe(503);
  expect((await house.gateway.app.request('/healthz')).status).toBe(200);

  await house.engine.restart();
  await allDelivered();
  const heard = await house.heard(incident);
  expect(heard.map(({ signal }) => signal).sort()).toEqual(['acknowledge', 'receipt']);
  expect(house.logged()).toContain('"result":"unconfirmed"');
});

it('delivers on its way out what was pressed while Temporal was away', async () => {
  const incident = await house.incident();
  house.engine.kill();
  expect(await press(incident)).toContain('尚未确认');
  await house.engine.restart();
  await house.gateway.close();
  expect(await house.heard(incident)).toMatchObject([{ signal: 'acknowledge' }]);
});

it('takes a press without any worker, promises nothing, and the worker finds it', async () => {
  const incident = await house.incident();
  await house.stopWorker();
  expect(await press(incident)).toBe('已记录，消息稍后会显示最新状态。');

  const url = { workflowId: incident, notification: 'n2', account: 'mail', member: 'primary', now: NOON };
  const path = pageUrl(PUBLIC_URL, url, [SECRET]).slice(PUBLIC_URL.length);
  const page = await house.gateway.app.request(path);
  const text = await page.text();
  expect(page.status).toBe(503);
  expect(text).toContain('The state cannot be read now');
  house.clock.at += 5000;
  const nonce = /name="nonce" value="([^"]+)"/.exec(text)?.[1] ?? '';
  const body = new URLSearchParams({ nonce, action: 'close' });
  const sent = await house.gateway.app.request(path, { method: 'POST', body });
  expect(sent.headers.get('location')).toBe('?said=done');

  const { events } = await house.client.workflow.getHandle(incident).fetchHistory();
  const signals = (events ?? []).map((event) => event.workflowExecutionSignaledEventAttributes?.signalName);
  expect(signals.filter(Boolean)).toEqual(['acknowledge', 'close']);
});

it('listens where it is told, refuses a taken port, and is gone after closing', async () => {
  const { url, port } = await house.gateway.listen();
  expect(await (await fetch(`${url}/healthz`)).text()).toBe('ok');
  expect((await fetch(`${url}/callbacks/feishu-cn`, { method: 'POST', body: 'x'.repeat(300_000) })).status).toBe(413);

  house.configuration.gateway.port = port;
  await expect(house.another().listen()).rejects.toThrow('EADDRINUSE');
  await house.gateway.close();
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(port, '127.0.0.1', resolve));
  expect((free.address() as AddressInfo).port).toBe(port);
  await new Promise((resolve) => free.close(resolve));
});
