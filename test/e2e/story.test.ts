import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.ts';
import type { House } from '../../sandbox/demo/house.ts';
import { phoneWorkflowId } from '../../links/phone-id.ts';
import { PEOPLE } from '../../sandbox/demo/configuration.ts';
import { openTestHouse } from './house.ts';
import { People, type Person } from './people.ts';

/** Seconds instead of the story's five minutes. */
const LEVEL_MS = 3000;

describe('an incident on the real server', () => {
  let house: House;
  let people: People;
  let primary: Person;
  let backup: Person;
  let supervisor: Person;

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
    people = new People(house);
    ({ primary, backup, supervisor } = people);
  });
  afterEach(() => people.closeAll());
  afterAll(() => house.close());

  const kinds = ({ timeline }: IncidentView): string[] => timeline.map(({ kind }) => kind);
  const aliyunRefuses = (): void => {
    house.sandbox.faults.add({ vendor: 'aliyun', action: 'IvrCall', effect: { refuse: 'isv.BUSINESS_LIMIT_CONTROL' } });
  };

  it('is told by card and mail, then by phone, acknowledged by a key and closed on the card', async () => {
    aliyunRefuses();
    const incident = await people.open('payments');
    const chat = primary.on('feishu');
    await chat.sees(incident);
    await primary.readsMail(incident);
    people.nobodyElseIsToldOf(incident);

    const call = await supervisor.hears(incident);
    expect(call.vendor).toBe('tencent');
    await supervisor.presses('1');
    await supervisor.hangsUp();
    await chat.isShown('Acknowledged by Supervisor');
    const acknowledged = await incident.view();
    expect(acknowledged).toMatchObject({ progress: 'Processing', acknowledgedBy: { member: 'supervisor' }, level: 2 });
    expect(acknowledged.timeline.find(({ kind }) => kind === 'acknowledged')?.via).toBe('voice');

    const { toast } = await chat.presses('Close');
    expect(toast?.content).toContain('Closed');
    const view = await house.client.result(incident.id);
    expect(view).toMatchObject({ progress: 'Closed', closedBy: { member: 'primary' }, outcome: 'closed' });
    await chat.isShown('Closed by Primary');
    people.nobodyElseIsToldOf(incident);

    const voice = view.notifications.find(({ medium }) => medium === 'voice');
    expect(voice?.attempts).toMatchObject([
      { account: 'aliyun-voice', outcome: 'rejected', code: 'isv.BUSINESS_LIMIT_CONTROL' },
      { account: 'tencent-voice', outcome: 'answered' },
    ]);
    const { typedSearchAttributes } = await house.temporal.workflow.getHandle(`incident-${incident.id}`).describe();
    const listed = Object.fromEntries(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]));
    expect(listed).toMatchObject({
      IncidentNumber: view.number,
      IncidentSeverity: 'Critical',
      IncidentProgress: 'Closed',
      IncidentChannel: 'payments',
      EscalationRule: 'payments/P1',
      EscalationLevel: 2,
    });
  });

  it('keeps both of two acknowledgments in the same instant, and the first as the one', async () => {
    const incident = await people.open('payments');
    await primary.on('feishu').sees(incident);
    const [clicked, view] = await Promise.all([
      primary.on('feishu').presses('Acknowledge'),
      house.client.acknowledge(incident.id, { by: { member: 'backup' }, via: 'api' }),
    ]);
    expect(clicked.status).toBe(200);
    expect(view.progress).toBe('Processing');
    const after = await incident.view();
    const acknowledged = after.timeline.filter(({ kind }) => kind === 'acknowledged');
    expect(acknowledged.map(({ by }) => by?.member).sort()).toEqual(['backup', 'primary']);
    expect(after.acknowledgedBy).toEqual(acknowledged[0]?.by);
    expect(after.responders.map(({ member }) => member).sort()).toEqual(['backup', 'primary']);
    expect(after.responders.every(({ acknowledgedAt }) => acknowledgedAt !== undefined)).toBe(true);
  });

  it('takes a callback that comes twice, or after the close, without a word in the timeline', async () => {
    aliyunRefuses();
    const incident = await people.open('calls');
    const call = await supervisor.hears(incident);
    await supervisor.presses('1');
    await incident.until('acknowledged');
    await supervisor.hangsUp();
    const before = await incident.until(({ notifications }) => notifications[0]?.outcome === 'answered');

    await house.sandbox.redeliver(call.id);
    expect((await incident.view()).timeline).toEqual(before.timeline);

    const closed = await incident.closedBy('supervisor');
    const answers = house.sandbox.world.callbacks.length;
    await house.sandbox.redeliver(call.id);
    expect(house.sandbox.world.callbacks.length).toBeGreaterThan(answers);
    expect(house.sandbox.world.callbacks.at(-1)).toMatchObject({ answer: '200' });
    expect(await incident.view()).toEqual(closed);
  });

  it('records a call as late when somebody acknowledges while it is being dialled, and dials no other account', async () => {
    aliyunRefuses();
    house.sandbox.faults.add({ vendor: 'tencent', action: 'SendTtsVoice', effect: { delayMs: 1500 } });
    const dialled = house.sandbox.world.arrivals.length;
    const dials = (): string[] =>
      house.sandbox.world.arrivals
        .slice(dialled)
        .flatMap(({ action }) => (/IvrCall|SendTtsVoice/.test(action) ? [action] : []));
    const incident = await people.open('calls');
    await people.untilSeen('Tencent being asked to call', () => dials().includes('SendTtsVoice') || undefined);
    await house.client.acknowledge(incident.id, { by: { member: 'primary' } });

    const view = await incident.until(({ notifications }) => notifications[0]?.outcome === 'late');
    expect(view.progress).toBe('Processing');
    await supervisor.hears(incident);
    expect(dials()).toEqual(['IvrCall', 'SendTtsVoice']);
    await supervisor.hangsUp();
    people.nobodyElseIsToldOf(incident);
  });

  it('acknowledges by a key although the answer that named the call was lost', async () => {
    aliyunRefuses();
    house.sandbox.faults.add({ vendor: 'tencent', action: 'SendTtsVoice', effect: { dropAnswer: true } });
    const incident = await people.open('calls');
    await supervisor.hears(incident);
    await supervisor.presses('1');
    const view = await incident.until('acknowledged');
    expect(view.acknowledgedBy).toEqual({ member: 'supervisor' });
    await supervisor.hangsUp();
    people.nobodyElseIsToldOf(incident);
  });

  it('asks the provider about a text whose answer was lost, and sends it once', async () => {
    house.sandbox.faults.add({ vendor: 'aliyun', action: 'SendSms', effect: { dropAnswer: true } });
    const incident = await people.open('texts');
    await backup.readsText(incident);
    const view = await incident.until(({ notifications }) =>
      /accepted|delivered/.test(notifications[0]?.outcome ?? ''),
    );
    expect(view.notifications).toHaveLength(1);
    expect(house.sandbox.world.arrivals.map(({ action }) => action)).toContain('QuerySendDetails');
    people.nobodyElseIsToldOf(incident);
  });

  it('tells several incidents of one person by one call; the key acknowledges those it announced', async () => {
    aliyunRefuses();
    const first = await people.open('calls');
    await supervisor.hears(first);
    const [second, third] = [await people.open('calls'), await people.open('calls')];
    await third.until(({ notifications }) => notifications.length > 0);
    people.nobodyElseIsToldOf(second);
    aliyunRefuses();
    await supervisor.presses('1');
    await supervisor.hangsUp();

    await supervisor.hears('2 incidents');
    await first.isStill('acknowledged');
    await second.isStill('triggered');
    await supervisor.presses('1');
    await second.until('acknowledged');
    await third.until('acknowledged');
  });

  it('is acknowledged from the page behind the link in the mail, by a press and not by opening it', async () => {
    const incident = await people.open('payments');
    const mail = await primary.readsMail(incident);
    const link = /http:\/\/127\.0\.0\.1:\d+\/i\/[\w.-]+/.exec(mail.text)?.[0] ?? '';
    const page = await fetch(link);
    const html = await page.text();
    await incident.isStill('triggered');
    const form = /<form[^>]*>(?:(?!<\/form>)[\s\S])*acknowledge(?:(?!<\/form>)[\s\S])*<\/form>/.exec(html)?.[0] ?? '';
    const fields = [...form.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]);
    await new Promise((resolve) => setTimeout(resolve, 2100)); // the page takes no press before that
    const pressed = await fetch(link, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields as [string, string][]).toString(),
      redirect: 'manual',
    });
    expect(pressed.status).toBe(303);
    const view = await incident.until('acknowledged');
    expect(view.timeline.find(({ kind }) => kind === 'acknowledged')).toMatchObject({
      by: { member: 'primary' },
      via: 'page',
    });
  });

  it('answers who comes second: revised while open, already closed afterwards', async () => {
    const incident = await people.open('texts');
    const { id } = incident;
    expect(await house.client.open({ id, title: 'worse now', severity: 'warning' })).toMatchObject({
      result: 'revised',
    });
    const view = await incident.until((shown) => shown.incident.title === 'worse now');
    expect(view.incident.severity).toBe('Critical');
    expect(kinds(view)).toContain('revised');
    await incident.closedBy('backup');
    expect(await house.client.open({ id, title: 'again' })).toMatchObject({ result: 'already-closed' });
    await expect(house.client.acknowledge(id, { by: { member: 'backup' } })).rejects.toThrow(
      'already closed by backup',
    );
  });

  it('leaves no phone number, address, token or rendered text in any history', async () => {
    const { workflow } = house.temporal;
    const line = phoneWorkflowId(house.configuration.prefix, house.configuration.gateway, PEOPLE[2].phone);
    const ids = [...people.incidents.map(({ id }) => `incident-${id}`), line];
    for (const id of ids) {
      const history = JSON.stringify((await workflow.getHandle(id).fetchHistory()).events, (_, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
      );
      for (const secret of ['1380000000', '@example.com', 'ou_primary', 'sandbox-gateway-x9K', 'Press 1', '/i/ey']) {
        expect(history, `${id} holds ${secret}`).not.toContain(secret);
      }
    }
  });
});
