import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.ts';
import type { House } from '../../sandbox/demo/house.ts';
import { openTestHouse } from './house.ts';
import { People, type Incident, type State } from './people.ts';

/** A call that nobody ends is on for longer than a Critical waits for the line. */
const TALK_MS = 50_000;
const FOLLOWING = 39;

describe('a storm on one person', () => {
  let house: House;
  let people: People;

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
    people = new People(house);
  });
  afterAll(() => house.close());

  const all = (incidents: Incident[], state: State): Promise<IncidentView[]> =>
    Promise.all(incidents.map((incident) => incident.until(state)));
  const notified = ({ timeline }: IncidentView): string[] =>
    timeline.flatMap(({ kind, text }) => (kind === 'notified' ? [text] : []));
  const rings = (view: IncidentView): string => notified(view).find((text) => text.includes(' rings ')) ?? 'no call';
  const outcome = (medium: string) => (view: IncidentView) =>
    view.notifications.find((notification) => notification.medium === medium)?.outcome;

  it('rings once at a time, joins what waits, and one key acknowledges exactly what was announced', async () => {
    const { supervisor } = people;
    const first = await people.open('calls');
    await supervisor.hears(first);
    await supervisor.picksUp();

    const severities = Array.from({ length: FOLLOWING }, (_, n) => (n % 2 === 0 ? 'Warning' : 'Critical'));
    const waiting = await Promise.all(severities.map((severity) => people.open('calls', severity)));
    const criticals = waiting.filter((_, n) => severities[n] === 'Critical');
    people.nobodyElseIsToldOf(first);

    // Those who cannot wait are told by text meanwhile.
    for (const critical of criticals) await supervisor.readsText(critical);
    expect(supervisor.isOnThePhone).toBe(true);
    await supervisor.hangsUp();

    const joined = await supervisor.hears(`${FOLLOWING} incidents`);
    const late = await people.open('calls', 'Warning');
    const mail = await supervisor.readsMail(`${FOLLOWING} incidents are announced by this call`);
    const list = await supervisor.readsText(`${FOLLOWING} incidents: `);
    expect(joined.state).toBe('ringing');
    await supervisor.presses('1');
    const told = await all(waiting, 'acknowledged');

    await supervisor.hears(late);
    await supervisor.hangsUp();
    const [before, after] = [await first.view(), await late.until((view) => outcome('voice')(view) === 'unanswered')];
    expect([before.progress, after.progress]).toEqual(['Triggered', 'Triggered']);
    expect(told.map(({ acknowledgedBy }) => acknowledgedBy?.member)).toEqual(waiting.map(() => 'supervisor'));
    expect(told.flatMap(({ timeline }) => timeline.filter(({ via }) => via === 'voice'))).toHaveLength(FOLLOWING);

    // Each says which call told it.
    expect(new Set(told.map(rings))).toHaveLength(1);
    expect(told.map(rings)[0]).toMatch(
      new RegExp(
        `^voice → supervisor: accepted, aliyun-voice rings \\(call [0-9a-z]{15}, about ${FOLLOWING} incidents\\)$`,
      ),
    );
    expect(new Set([...told, before, after].map(rings))).toHaveLength(3);

    // Nothing is said twice, and nobody is told by text who could wait.
    const final = await all(waiting, (view) => outcome('voice')(view) === 'answered');
    expect(final.map((view) => notified(view).filter((text) => text.startsWith('voice')).length)).toEqual(
      final.map(({ incident }) => (incident.severity === 'Critical' ? 3 : 2)),
    );
    expect(final.map((view) => outcome('sms')(view) !== undefined)).toEqual(
      final.map(({ incident }) => incident.severity === 'Critical'),
    );
    for (const incident of people.incidents) people.nobodyElseIsToldOf(incident);

    // One text and, because it has room for three only, one mail list what the key acts on.
    expect(list.text).toContain('…');
    const lines = mail.text.split('\n').filter((line) => /^[0-9A-Z]{6} \[/.test(line));
    expect(lines.toSorted()).toEqual(
      told.map(({ number, incident }) => `${number} [${incident.severity}] ${incident.title}`).toSorted(),
    );
    expect(mail.text).not.toContain(after.number);

    // Nobody is called over a ringing call.
    const calls = house.sandbox.responder('supervisor').calls.toSorted((a, b) => a.startedAt - b.startedAt);
    expect(calls).toHaveLength(3);
    for (const [index, { startedAt }] of calls.entries()) {
      const previous = calls[index - 1];
      if (previous) expect(startedAt).toBeGreaterThanOrEqual(previous.endedAt ?? Infinity);
    }
  });

  it('sends by another medium at once what the limit per receiver does not let through', async () => {
    const incidents: Incident[] = [];
    for (let n = 0; n < 5; n += 1) incidents.push(await people.open('cards', 'Warning'));
    const views = await all(incidents, ({ notifications }) => notifications.at(-1)?.attempts.length === 1);
    const { cards, texts } = house.sandbox.responder('primary');
    expect([cards.length, texts.length]).toEqual([3, 2]);
    const limited = views.filter((view) => outcome('feishu-cn')(view) === 'rejected');
    expect(limited).toHaveLength(2);
    for (const view of limited) {
      const [card, text] = view.notifications;
      expect(card?.reason).toContain('the vendor takes no more for this receiver now');
      expect(text?.medium).toBe('sms');
      expect(Date.parse(text?.at ?? '') - Date.parse(card?.at ?? '')).toBeLessThan(15_000);
    }
  });
});
