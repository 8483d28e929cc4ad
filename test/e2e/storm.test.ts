import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { incidentNumber } from '../../activities/plan.ts';
import type { IncidentView } from '../../domain/incident/view.ts';
import type { House } from '../../sandbox/demo/house.ts';
import { openTestHouse } from './house.ts';

/** A call that nobody ends is on for longer than a Critical waits for the line. */
const TALK_MS = 50_000;
const FOLLOWING = 39;

describe('a storm on one person', () => {
  let house: House;
  let serial = 0;

  beforeAll(async () => {
    house = await openTestHouse({
      sandbox: { limits: false, talkMs: TALK_MS },
      edit: (yaml) => yaml.replace('adapter: feishu.app', "adapter: feishu.app\n    perReceiver: ['3/1m']"),
      channels: `  calls:
    rules:
      - name: straight to the phone
        levels: [{ to: { members: [supervisor] }, by: { default: [voice] } }]
  cards:
    rules:
      - name: straight to the card
        levels: [{ to: { members: [primary] }, by: { default: [feishu-cn] } }]
`,
    });
  });

  afterAll(async () => {
    await house.close();
  });

  const open = async (channel: string, severity: 'Critical' | 'Warning'): Promise<string> => {
    serial += 1;
    const id = `${house.configuration.prefix}-${serial}`;
    await house.client.open({ id, title: `db-${serial} is down`, severity, channel });
    return id;
  };
  const describeAll = (ids: string[]): Promise<IncidentView[]> =>
    Promise.all(ids.map((id) => house.client.describe(id)));
  const until = async (ids: string[], isReached: (view: IncidentView) => boolean): Promise<IncidentView[]> => {
    await expect
      .poll(async () => (await describeAll(ids)).filter(isReached).length, { timeout: 15_000, interval: 100 })
      .toBe(ids.length);
    return describeAll(ids);
  };
  const notified = ({ timeline }: IncidentView): string[] =>
    timeline.flatMap(({ kind, text }) => (kind === 'notified' ? [text] : []));
  const rings = (view: IncidentView): string => notified(view).find((text) => text.includes(' rings ')) ?? 'no call';
  const outcome = (medium: string) => (view: IncidentView) =>
    view.notifications.find((notification) => notification.medium === medium)?.outcome;

  it('rings once at a time, joins what waits, and one key acknowledges exactly what was announced', async () => {
    const supervisor = house.sandbox.responder('supervisor');
    const first = await open('calls', 'Critical');
    const call = await supervisor.expectCall('db-1 is down');
    await call.answer();

    const severities = Array.from({ length: FOLLOWING }, (_, n) => (n % 2 === 0 ? 'Warning' : 'Critical'));
    const ids = await Promise.all(severities.map((severity) => open('calls', severity)));
    const waited = await describeAll(ids);
    const criticals = waited.filter(({ incident }) => incident.severity === 'Critical');
    const warnings = waited.filter(({ incident }) => incident.severity === 'Warning');
    expect(supervisor.calls).toHaveLength(1);

    // Those who cannot wait are told by text meanwhile.
    await expect.poll(() => supervisor.texts.length, { timeout: 30_000 }).toBe(criticals.length);
    expect(call.state).toBe('in-progress');
    await call.hangUp();

    const joined = await supervisor.expectCall(`${FOLLOWING} incidents`, { timeoutMs: 20_000 });
    const late = await open('calls', 'Warning');
    const mail = await supervisor.expectMail(`${FOLLOWING} incidents are announced by this call`);
    const list = await supervisor.expectText(`${FOLLOWING} incidents: `);
    expect(joined.state).toBe('ringing');
    await joined.press('1');
    const told = await until(ids, ({ progress }) => progress === 'Processing');

    const last = await supervisor.expectCall(`db-${serial} is down`);
    await last.hangUp();
    await until([late], (view) => outcome('voice')(view) === 'unanswered');
    const [before, after] = await describeAll([first, late]);
    expect([before?.progress, after?.progress]).toEqual(['Triggered', 'Triggered']);
    expect(told.map(({ acknowledgedBy }) => acknowledgedBy?.member)).toEqual(ids.map(() => 'supervisor'));
    expect(told.flatMap(({ timeline }) => timeline.filter(({ via }) => via === 'voice'))).toHaveLength(FOLLOWING);

    // Each says which call told it.
    expect(new Set(told.map(rings))).toHaveLength(1);
    expect(told.map(rings)[0]).toMatch(
      new RegExp(
        `^voice → supervisor: accepted, aliyun-voice rings \\(call [0-9a-z]{15}, about ${FOLLOWING} incidents\\)$`,
      ),
    );
    expect(new Set([...told, before, after].map((view) => view && rings(view)))).toHaveLength(3);

    // Nothing is said twice, and nobody is told by text who could wait.
    const final = await until(ids, (view) => outcome('voice')(view) === 'answered');
    expect(final.map((view) => notified(view).filter((text) => text.startsWith('voice')).length)).toEqual(
      final.map(({ incident }) => (incident.severity === 'Critical' ? 3 : 2)),
    );
    expect(final.filter((view) => outcome('sms')(view) !== undefined)).toHaveLength(criticals.length);
    expect(warnings.every((view) => outcome('sms')(view) === undefined)).toBe(true);

    // One text and, because it has room for three only, one mail list what the key acts on.
    expect(supervisor.mails).toHaveLength(1);
    expect(supervisor.texts).toHaveLength(criticals.length + 1);
    expect(list.text).toContain('…');
    const lines = mail.text.split('\n').filter((line) => /^[0-9A-Z]{6} \[/.test(line));
    expect(lines.toSorted()).toEqual(
      told.map(({ number, incident }) => `${number} [${incident.severity}] ${incident.title}`).toSorted(),
    );
    expect(mail.text).not.toContain(incidentNumber(late));

    // Nobody is called over a ringing call.
    const calls = [...supervisor.calls].sort((a, b) => a.startedAt - b.startedAt);
    expect(calls).toHaveLength(3);
    for (const [index, { startedAt }] of calls.entries()) {
      const previous = calls[index - 1];
      if (previous) expect(startedAt).toBeGreaterThanOrEqual(previous.endedAt ?? Infinity);
    }
  });

  it('sends by another medium at once what the limit per receiver does not let through', async () => {
    const primary = house.sandbox.responder('primary');
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.push(await open('cards', 'Warning'));
    const views = await until(ids, ({ notifications }) => notifications.at(-1)?.attempts.length === 1);
    expect(primary.cards).toHaveLength(3);
    expect(primary.texts).toHaveLength(2);
    const limited = views.filter((view) => outcome('feishu-cn')(view) === 'rejected');
    expect(limited).toHaveLength(2);
    for (const view of limited) {
      const [card, text] = view.notifications;
      expect(card?.reason).toContain('the vendor takes no more for this receiver now');
      expect(text?.medium).toBe('sms');
      expect(Date.parse(text?.at ?? '') - Date.parse(card?.at ?? '')).toBeLessThan(5000);
    }
  });
});
