import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.ts';
import type { House } from '../../sandbox/demo/house.ts';
import { phoneWorkflowId } from '../../links/phone-id.ts';
import { CREDENTIALS, PEOPLE } from '../../sandbox/demo/configuration.ts';
import { openTestHouse, until } from './house.ts';

/** Seconds instead of the story's five minutes. */
const LEVEL_MS = 3000;

describe('an incident on the real server', () => {
  let house: House;
  let serial = 0;

  beforeAll(async () => {
    house = await openTestHouse({
      escalateAfter: `${String(LEVEL_MS / 1000)}s`,
      sandbox: { limits: false },
      channels: `  calls:
    rules:
      - name: straight to the phone
        levels: [{ to: { members: [supervisor] }, by: { default: [voice] } }]
  texts:
    rules:
      - name: straight to the text
        levels: [{ to: { members: [backup] }, by: { default: [sms] } }]
`,
    });
  });

  afterAll(async () => {
    await house.close();
  });

  const open = async (channel: string, title = 'db-7 is down'): Promise<string> => {
    serial += 1;
    const id = `${house.configuration.prefix}-${serial}`;
    await house.client.open({ id, title: `${title} ${serial}`, severity: 'Critical', channel });
    return id;
  };
  const kinds = (view: IncidentView): string[] => view.timeline.map(({ kind }) => kind);
  const aliyunRefuses = (): void => {
    house.sandbox.faults.add({ vendor: 'aliyun', action: 'IvrCall', effect: { refuse: 'isv.BUSINESS_LIMIT_CONTROL' } });
  };

  it('is told by card and mail, then by phone, acknowledged by a key and closed on the card', async () => {
    const [primary, supervisor] = [house.sandbox.responder('primary'), house.sandbox.responder('supervisor')];
    aliyunRefuses();
    const id = await open('payments');
    const card = await primary.expectCard(`db-7 is down ${serial}`);
    await primary.expectMail(`db-7 is down ${serial}`);
    expect(supervisor.calls).toEqual([]);

    const call = await supervisor.expectCall(`db-7 is down ${serial}`);
    expect(call.vendor).toBe('tencent');
    await call.press('1');
    await call.hangUp();
    await card.until('Acknowledged by Supervisor');
    const acknowledged = await house.client.describe(id);
    expect(acknowledged).toMatchObject({ progress: 'Processing', acknowledgedBy: { member: 'supervisor' }, level: 2 });
    expect(acknowledged.timeline.find(({ kind }) => kind === 'acknowledged')?.via).toBe('voice');

    const sentBefore = [primary.mails.length, primary.cards.length, supervisor.calls.length];
    const { toast } = await card.click('Close');
    expect(toast?.content).toContain('Closed');
    const view = await house.client.result(id);
    expect(view.notifications.flatMap(({ attempts }) => attempts)).toContainEqual(
      expect.objectContaining({ account: 'aliyun-voice', code: 'isv.BUSINESS_LIMIT_CONTROL' }),
    );
    expect(view).toMatchObject({ progress: 'Closed', closedBy: { member: 'primary' }, outcome: 'closed' });
    expect([primary.mails.length, primary.cards.length, supervisor.calls.length]).toEqual(sentBefore);
    expect(card.shows('Closed by Primary')).toBe(true);
    const { typedSearchAttributes } = await house.temporal.workflow.getHandle(`incident-${id}`).describe();
    const listed = Object.fromEntries(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]));
    expect(listed).toMatchObject({
      IncidentNumber: view.number,
      IncidentSeverity: 'Critical',
      IncidentProgress: 'Closed',
      IncidentChannel: 'payments',
      EscalationRule: 'payments/P1',
      EscalationLevel: 2,
    });
    const voice = view.notifications.find(({ medium }) => medium === 'voice');
    expect(voice?.attempts.map(({ account, outcome }) => [account, outcome])).toEqual([
      ['aliyun-voice', 'rejected'],
      ['tencent-voice', 'answered'],
    ]);
  });

  it('keeps both of two acknowledgments in the same instant, and the first as the one', async () => {
    const id = await open('payments');
    const card = await house.sandbox.responder('primary').expectCard(`db-7 is down ${serial}`);
    const [clicked, view] = await Promise.all([
      card.click('Acknowledge'),
      house.client.acknowledge(id, { by: { member: 'backup' }, via: 'api' }),
    ]);
    expect(clicked.status).toBe(200);
    expect(view.progress).toBe('Processing');
    const after = await house.client.describe(id);
    const acknowledged = after.timeline.filter(({ kind }) => kind === 'acknowledged');
    expect(acknowledged.map(({ by }) => by?.member).sort()).toEqual(['backup', 'primary']);
    expect(after.acknowledgedBy).toEqual(acknowledged[0]?.by);
    expect(after.responders.map(({ member }) => member).sort()).toEqual(['backup', 'primary']);
    expect(after.responders.every(({ acknowledgedAt }) => acknowledgedAt !== undefined)).toBe(true);
    await house.client.close(id, { by: { name: 'test' } });
  });

  it('takes a callback that comes twice, or after the close, without a word in the timeline', async () => {
    const supervisor = house.sandbox.responder('supervisor');
    aliyunRefuses();
    const id = await open('calls');
    const call = await supervisor.expectCall(`db-7 is down ${serial}`);
    await call.press('1');
    await until(house, id, ({ progress }) => progress === 'Processing');
    await call.hangUp();
    const before = await until(house, id, ({ notifications }) => notifications[0]?.outcome === 'answered');
    await house.sandbox.redeliver(call.id);
    expect((await house.client.describe(id)).timeline).toEqual(before.timeline);
    await house.client.close(id, { by: { member: 'supervisor' } });
    const closed = await house.client.result(id);
    const answers = house.sandbox.world.callbacks.length;
    await house.sandbox.redeliver(call.id);
    expect(house.sandbox.world.callbacks.length).toBeGreaterThan(answers);
    expect(house.sandbox.world.callbacks.at(-1)).toMatchObject({ answer: '200' });
    expect(await house.client.describe(id)).toEqual(closed);
  });

  it('records a call as late when somebody acknowledges while it is being dialled, and dials no other account', async () => {
    const supervisor = house.sandbox.responder('supervisor');
    aliyunRefuses();
    house.sandbox.faults.add({ vendor: 'tencent', action: 'SendTtsVoice', effect: { delayMs: 1500 } });
    const id = await open('calls');
    const dialled = house.sandbox.world.arrivals.length;
    await until(house, id, ({ notifications }) => notifications.length === 1);
    while (!house.sandbox.world.arrivals.slice(dialled).some(({ action }) => action === 'SendTtsVoice')) {
      await new Promise((resolve) => house.sandbox.world.once('change', resolve));
    }
    await house.client.acknowledge(id, { by: { member: 'primary' } });
    const view = await until(house, id, ({ notifications }) => notifications[0]?.outcome === 'late');
    expect(view.progress).toBe('Processing');
    const call = await supervisor.expectCall(`db-7 is down ${serial}`);
    const requests = house.sandbox.world.arrivals.slice(dialled).map(({ action }) => action);
    expect(requests.filter((action) => /IvrCall|SendTtsVoice/.test(action))).toEqual(['IvrCall', 'SendTtsVoice']);
    await call.hangUp();
    await house.client.close(id, { by: { member: 'primary' } });
    await house.client.result(id);
  });

  it('acknowledges by a key although the answer that named the call was lost', async () => {
    const supervisor = house.sandbox.responder('supervisor');
    aliyunRefuses();
    house.sandbox.faults.add({ vendor: 'tencent', action: 'SendTtsVoice', effect: { dropAnswer: true } });
    const id = await open('calls');
    const call = await supervisor.expectCall(`db-7 is down ${serial}`);
    await call.press('1');
    const view = await until(house, id, ({ progress }) => progress === 'Processing');
    expect(view.acknowledgedBy).toEqual({ member: 'supervisor' });
    await call.hangUp();
    expect(supervisor.calls.filter(({ text }) => text.includes(`db-7 is down ${serial}`))).toHaveLength(1);
    await house.client.close(id, { by: { member: 'supervisor' } });
  });

  it('asks the provider about a text whose answer was lost, and sends it once', async () => {
    const backup = house.sandbox.responder('backup');
    house.sandbox.faults.add({ vendor: 'aliyun', action: 'SendSms', effect: { dropAnswer: true } });
    const id = await open('texts');
    await backup.expectText(`db-7 is down ${serial}`);
    const view = await until(house, id, ({ notifications }) =>
      /accepted|delivered/.test(notifications[0]?.outcome ?? ''),
    );
    expect(backup.texts.filter(({ text }) => text.includes(`db-7 is down ${serial}`))).toHaveLength(1);
    expect(view.notifications).toHaveLength(1);
    expect(house.sandbox.world.arrivals.map(({ action }) => action)).toContain('QuerySendDetails');
    await house.client.close(id, { by: { member: 'backup' } });
  });

  it('tells several incidents of one person by one call; the key acknowledges those it announced', async () => {
    const supervisor = house.sandbox.responder('supervisor');
    aliyunRefuses();
    const first = await open('calls', 'first');
    const ringing = await supervisor.expectCall('first');
    const [second, third] = [await open('calls', 'second'), await open('calls', 'third')];
    await until(house, third, ({ notifications }) => notifications.length > 0);
    expect(supervisor.calls.filter(({ state }) => state !== 'ended')).toHaveLength(1);
    aliyunRefuses();
    await ringing.press('1');
    await ringing.hangUp();
    const joined = await supervisor.expectCall(/2 incidents|second|third/);
    expect((await house.client.describe(first)).progress).toBe('Processing');
    expect((await house.client.describe(second)).progress).toBe('Triggered');
    await joined.press('1');
    await until(house, second, ({ progress }) => progress === 'Processing');
    await until(house, third, ({ progress }) => progress === 'Processing');
    await joined.hangUp();
    for (const id of [first, second, third]) await house.client.close(id, { by: { member: 'supervisor' } });
  });

  it('is acknowledged from the page behind the link in the mail, by a press and not by opening it', async () => {
    const id = await open('payments');
    const mail = await house.sandbox.responder('primary').expectMail(`db-7 is down ${serial}`);
    const link = /http:\/\/127\.0\.0\.1:\d+\/i\/[\w.-]+/.exec(mail.text)?.[0] ?? '';
    const page = await fetch(link);
    const html = await page.text();
    const cookie = page.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
    expect((await house.client.describe(id)).progress).toBe('Triggered');
    const form = /<form[^>]*>(?:(?!<\/form>)[\s\S])*acknowledge(?:(?!<\/form>)[\s\S])*<\/form>/.exec(html)?.[0] ?? '';
    const fields = [...form.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]);
    await new Promise((resolve) => setTimeout(resolve, 2100)); // the page takes no press before that
    const pressed = await fetch(link, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', cookie },
      body: new URLSearchParams(fields as [string, string][]).toString(),
      redirect: 'manual',
    });
    expect(pressed.status).toBe(303);
    const view = await until(house, id, ({ progress }) => progress === 'Processing');
    expect(view.timeline.find(({ kind }) => kind === 'acknowledged')).toMatchObject({
      by: { member: 'primary' },
      via: 'page',
    });
    await house.client.close(id, { by: { member: 'primary' } });
  });

  it('answers who comes second: revised while open, already closed afterwards', async () => {
    const id = await open('texts');
    expect(await house.client.open({ id, title: 'worse now', severity: 'warning' })).toMatchObject({
      result: 'revised',
    });
    const view = await until(house, id, ({ incident }) => incident.title === 'worse now');
    expect(view.incident.severity).toBe('Critical');
    expect(kinds(view)).toContain('revised');
    await house.client.close(id, { by: { member: 'backup' } });
    await house.client.result(id);
    expect(await house.client.open({ id, title: 'again' })).toMatchObject({ result: 'already-closed' });
    await expect(house.client.acknowledge(id, { by: { member: 'backup' } })).rejects.toThrow(
      'already closed by backup',
    );
  });

  it('leaves no phone number, address, token or rendered text in any history', async () => {
    const { workflow } = house.temporal;
    const line = phoneWorkflowId(house.configuration.prefix, CREDENTIALS.gateway, PEOPLE[2].phone);
    const ids = [...Array.from({ length: serial }, (_, n) => `incident-${house.configuration.prefix}-${n + 1}`), line];
    for (const id of ids) {
      const history = JSON.stringify((await workflow.getHandle(id).fetchHistory()).events, (_, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
      );
      for (const secret of ['1380000000', '@example.com', 'ou_primary', 'sandbox-gateway-secret', 'Press 1', '/i/ey']) {
        expect(history, `${id} holds ${secret}`).not.toContain(secret);
      }
    }
  });
});
