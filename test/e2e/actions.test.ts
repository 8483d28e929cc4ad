import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ActionName, Actions } from '../../domain/incident/action.ts';
import type { IncidentView } from '../../domain/incident/view.ts';
import type { House } from '../../sandbox/demo/house.ts';
import type { Responder } from '../../sandbox/index.ts';
import type { EscalateIncident } from '../../domain/messages.ts';
import { openTestHouse, until } from './house.ts';

/** Nothing in here waits for a level: what follows is read from `next`. */
const CHANNELS = `  ladder:
    rules:
      - name: three levels
        levels:
          - { to: { members: [primary] }, by: { default: [email] }, escalateAfter: 1h }
          - { to: { members: [supervisor] }, by: { default: [email] }, escalateAfter: 1h }
          - { to: { members: [backup] }, by: { default: [email] } }
  calls:
    rules:
      - name: by phone
        levels:
          - { to: { members: [primary] }, by: { default: [voice] }, escalateAfter: 1h }
          - { to: { members: [supervisor] }, by: { default: [email] } }
`;
const [byPrimary, bySupervisor] = [{ by: { member: 'primary' } }, { by: { member: 'supervisor' } }];

type Way = 'update' | 'signal';
const WAYS: Way[] = ['update', 'signal'];

describe('what people do, on the real server', () => {
  let house: House;
  let primary: Responder;
  let backup: Responder;
  let supervisor: Responder;
  let serial = 0;
  const opened: string[] = [];

  beforeAll(async () => {
    house = await openTestHouse({
      sandbox: { limits: false },
      channels: CHANNELS,
      edit: (yaml) =>
        yaml
          .replace(/(\n {2}backup: .*) }/, '$1, prefers: { critical: [sms] } }')
          .replace(/(\n {2}supervisor: .*) }/, '$1, prefers: { critical: [email] } }')
          .replace('signName: On call', 'signName: On call\n    perReceiver: []'),
    });
    [primary, backup, supervisor] = [
      house.sandbox.responder('primary'),
      house.sandbox.responder('backup'),
      house.sandbox.responder('supervisor'),
    ];
  });

  afterEach(async () => {
    house.sandbox.faults.clear();
    for (const id of opened.splice(0)) await house.client.close(id, { by: { name: 'test' } }).catch(() => undefined);
  });

  afterAll(async () => {
    await house.close();
  });

  const title = (): string => `db-${String(serial)} is down`;
  const open = async (channel = 'ladder'): Promise<string> => {
    serial += 1;
    const id = `${house.configuration.prefix}-${String(serial)}`;
    opened.push(id);
    await house.client.open({ id, title: title(), severity: 'Critical', channel });
    return id;
  };
  const openAndTell = async (): Promise<string> => {
    const id = await open();
    await primary.expectMail(title());
    await until(house, id, isTold);
    return id;
  };
  const openAndClose = async (): Promise<{ id: string; closed: IncidentView }> => {
    const id = await openAndTell();
    await house.client.close(id, byPrimary);
    return { id, closed: await house.client.result(id) };
  };
  /** @returns the answer of an update; after a signal, the view once it shows. */
  const act = async <N extends ActionName>(
    way: Way,
    id: string,
    name: N,
    argument: Actions[N],
    shows: (view: IncidentView) => boolean,
  ): Promise<IncidentView> => {
    if (way === 'update') return house.client.act(id, name, argument);
    await house.client.signal(id, name, argument);
    return until(house, id, shows);
  };

  describe.each(WAYS)('as %s', (way) => {
    it('escalates to the next level at once, and to a later one when it is named', async () => {
      const id = await openAndTell();
      const second = await act(way, id, 'escalate', { ...byPrimary, via: 'api' }, ({ level }) => level === 2);
      expect(second).toMatchObject({ progress: 'Triggered', level: 2, round: 1, levels: 3 });
      expect(second.timeline).toContainEqual(
        expect.objectContaining({ kind: 'escalated', text: 'to level 2 by primary', ...byPrimary, via: 'api' }),
      );
      await supervisor.expectMail(title());

      const other = await openAndTell();
      const third = await act(way, other, 'escalate', { ...byPrimary, level: 3 }, ({ level }) => level === 3);
      expect(third).toMatchObject({ progress: 'Triggered', level: 3 });
      await backup.expectMail(title());
      expect(told(await until(house, other, isTold))).toEqual(['email → primary', 'email → backup']);
    });

    it('takes an acknowledgment back when somebody escalates', async () => {
      const id = await openAndTell();
      await house.client.acknowledge(id, byPrimary);
      const view = await act(way, id, 'escalate', byPrimary, ({ level }) => level === 2);
      expect(view).toMatchObject({ progress: 'Triggered', level: 2 });
      expect(view.acknowledgedBy).toBeUndefined();
      await supervisor.expectMail(title());
    });

    it('reassigns: the call that waits is taken back, the new one is told as they prefer, and nothing follows', async () => {
      const ringing = await open('calls');
      const call = await primary.expectCall(title());
      const id = await open('calls');
      await until(house, id, ({ next }) => next?.what.endsWith('waiting for the line') ?? false);

      const view = await act(way, id, 'reassign', { ...bySupervisor, members: ['backup'] }, ({ timeline }) =>
        timeline.some(({ kind }) => kind === 'reassigned'),
      );
      expect(view).toMatchObject({ progress: 'Triggered', level: 1 });
      await backup.expectText(title());
      const after = await until(house, id, ({ exhausted }) => exhausted);
      expect(told(after)).toEqual(['voice → primary', 'sms → backup']);
      expect(after.notifications[0]).toMatchObject({ outcome: 'suppressed', reason: 'no longer needed' });
      expect(after.responders.map(({ member }) => member)).toEqual(['backup']);
      expect(after.next).toBeUndefined();

      await call.press('1');
      await call.over();
      await until(house, ringing, ({ progress }) => progress === 'Processing');
      expect((await house.client.describe(id)).progress).toBe('Triggered');
      expect(primary.calls.filter(({ text }) => text.includes(title()))).toEqual([]);
    });

    it('tells added responders once, as they prefer, and whoever is one already not at all', async () => {
      const id = await openAndTell();
      const { next } = await house.client.describe(id);
      const isAdded = ({ timeline }: IncidentView): boolean => timeline.some(({ kind }) => kind === 'responder-added');
      const members = ['primary', 'backup'];
      const view = await act(way, id, 'addResponders', { ...bySupervisor, members }, isAdded);
      expect(view).toMatchObject({ progress: 'Triggered', level: 1, round: 1 });
      await backup.expectText(title());

      await act(way, id, 'addResponders', { ...bySupervisor, teams: ['db'] }, isAdded);
      await act(way, id, 'addResponders', { ...byPrimary, members: ['supervisor'] }, isAdded);
      const after = await until(house, id, (now) => isTold(now) && now.responders.length === 3);
      expect(told(after).filter((line) => !line.endsWith('supervisor'))).toEqual(['email → primary', 'sms → backup']);
      expect(after.responders.map(({ member }) => member)).toEqual(['primary', 'backup', 'supervisor']);
      expect(after.next).toEqual(next);
      expect(backup.texts.filter(({ text }) => text.includes(title()))).toHaveLength(1);
    });
  });

  it('refuses what makes no sense and says why, and leaves the incident as it is', async () => {
    const id = await openAndTell();
    await house.client.escalate(id, byPrimary);
    await supervisor.expectMail(title());
    const before = await until(house, id, isTold);
    const refusals: [ActionName, Actions[ActionName], string | RegExp][] = [
      ['escalate', { level: 1 }, /^level 1 was already started$/],
      ['escalate', { level: 2 }, /^level 2 was already started at \d{4}-\d\d-\d\dT[\d:.]+Z$/],
      ['escalate', { level: 9 }, 'there is no level 9: the rule has 3'],
      ['escalate', { level: 1.5 }, 'level must be a whole number from 1'],
      ['reassign', {}, 'reassign needs members, teams or schedules'],
      ['reassign', { members: [], teams: [] }, 'reassign needs members, teams or schedules'],
      ['addResponders', {}, 'addResponders needs members, teams or schedules'],
      ['unacknowledge', {}, 'supervisor has not acknowledged it'],
      ['wake', {}, 'it is not snoozed'],
      ['snooze', { minutes: 0 }, 'snooze needs minutes, a whole number from 1 to 1440'],
      ['comment', { text: ' ' }, 'comment needs text of 1 to 1024 characters'],
    ];
    for (const [name, argument, reason] of refusals) {
      const refused = house.client.act(id, name, { ...bySupervisor, ...argument });
      await expect(refused, `${name} ${JSON.stringify(argument)}`).rejects.toMatchObject({
        name: 'RefusedError',
        message: typeof reason === 'string' ? reason : (expect.stringMatching(reason) as unknown),
      });
    }
    for (const level of [1, 2, 9]) await house.client.signal(id, 'escalate', { ...bySupervisor, level });
    const after = await house.client.comment(id, { ...bySupervisor, text: 'still here' });
    expect(after.timeline.slice(0, -1)).toEqual(before.timeline);

    await house.client.escalate(id, bySupervisor);
    await expect(house.client.escalate(id, bySupervisor)).rejects.toThrow('there is no level 4: the rule has 3');
    await house.client.close(id, byPrimary);
    await house.client.result(id);
    for (const name of ['escalate', 'reassign', 'addResponders'] as const) {
      const refused = house.client.act(id, name, { ...bySupervisor, members: ['backup'] });
      await expect(refused).rejects.toThrow(/^already closed by primary at \d{4}-/);
    }
    await expect(house.client.escalate(`${id}-unheard-of`, byPrimary)).rejects.toThrow(
      `no incident is called ${id}-unheard-of`,
    );
  });

  describe('reopened', () => {
    it('carries number and timeline, tells the first level again, and never uses a notification id twice', async () => {
      const id = await openAndTell();
      await house.client.acknowledge(id, bySupervisor);
      const ids: string[] = [];
      for (const reason of ['it is back', 'and again']) {
        await house.client.close(id, byPrimary);
        const closed = await house.client.result(id);
        ids.push(...closed.notifications.map((notification) => notification.id));
        const again = await house.client.reopen(id, { by: { member: 'backup' }, via: 'api', reason });
        expect(again).toMatchObject({ result: 'started', workflowId: `incident-${id}` });
        await primary.expectMail(title());

        const view = await until(house, id, isTold);
        expect(view).toMatchObject({ number: closed.number, rule: closed.rule, progress: 'Triggered', level: 1 });
        expect(view.acknowledgedBy).toBeUndefined();
        expect(view.timeline.slice(0, closed.timeline.length)).toEqual(closed.timeline);
        expect(view.timeline[closed.timeline.length]).toMatchObject({
          kind: 'reopened',
          text: `by backup: ${reason}`,
          by: { member: 'backup' },
          via: 'api',
        });
        expect(view.responders.map(({ member }) => member)).toEqual(['primary', 'supervisor']);
        ids.push(...view.notifications.map((notification) => notification.id));
      }
      await house.client.close(id, byPrimary);
      // The second run was looked at twice: open and closed.
      expect([...new Set(ids)]).toEqual(['n1', 'n2', 'n3']);
    });

    it('starts exactly once when five ask at the same time', async () => {
      const { id } = await openAndClose();
      const five = await Promise.all(
        [1, 2, 3, 4, 5].map((n) => house.client.reopen(id, { by: { name: `asker ${String(n)}` } })),
      );
      expect(five.map(({ result }) => result).sort()).toEqual(['revised', 'revised', 'revised', 'revised', 'started']);
      await primary.expectMail(title());
      const { timeline } = await until(house, id, isTold);
      expect(timeline.filter(({ kind }) => kind === 'reopened')).toHaveLength(1);
      expect(primary.mails.filter(({ subject }) => subject.includes(title()))).toHaveLength(2);
    });

    it('is revised, and nobody is told again, while it is open', async () => {
      const id = await openAndTell();
      const before = await house.client.describe(id);
      expect(await house.client.reopen(id, byPrimary)).toMatchObject({ result: 'revised' });
      expect(await house.client.describe(id)).toEqual(before);
    });

    it('starts right after the close, though a card of before is still being redrawn', async () => {
      const id = await open('payments');
      const card = await primary.expectCard(title());
      await until(house, id, isTold);
      house.sandbox.faults.add({ vendor: 'feishu', action: 'messages.patch', effect: { delayMs: 3000 } });
      await house.client.close(id, byPrimary);
      const { status } = await house.temporal.workflow.getHandle(`incident-${id}`).describe();
      expect(status.name).toBe('RUNNING');

      expect(await house.client.reopen(id, bySupervisor)).toMatchObject({ result: 'started' });
      expect(card.shows('Closed by Primary')).toBe(true);
      await primary.expectCard(title());
      expect(await house.client.describe(id)).toMatchObject({ progress: 'Triggered' });
    });

    it('remembers what became known between the close and the end of the run before', async () => {
      house.sandbox.faults.add({ vendor: 'smtp', action: 'DATA', effect: { delayMs: 3000 } });
      const arrived = house.sandbox.world.arrivals.length;
      const id = await open();
      while (!house.sandbox.world.arrivals.slice(arrived).some(({ action }) => action === 'DATA')) {
        await new Promise((resolve) => house.sandbox.world.once('change', resolve));
      }
      const { runId } = await house.temporal.workflow.getHandle(`incident-${id}`).describe();
      const closed = await house.client.close(id, byPrimary);
      await house.client.reopen(id, bySupervisor);

      const before = house.temporal.workflow.getHandle<EscalateIncident>(`incident-${id}`, runId);
      const { timeline } = await before.result();
      expect(timeline.length).toBeGreaterThan(closed.timeline.length);
      expect((await house.client.describe(id)).timeline.slice(0, timeline.length)).toEqual(timeline);
    });

    it('needs an incident that there was', async () => {
      await expect(house.client.reopen(`${house.configuration.prefix}-unheard-of`, byPrimary)).rejects.toMatchObject({
        name: 'WorkflowNotFoundError',
      });
    });
  });

  it.each<[unknown]>([
    [null],
    [7],
    ['yes'],
    [[]],
    [{}],
    [{ timeline: 'long', responders: 5, lastId: 'n7' }],
    [{ by: null, via: 3, reason: {}, timeline: [{ text: 'x' }], responders: [null, 7, {}], lastId: -1.5 }],
    [{ by: {}, timeline: [null, 7, {}], responders: [null, 7], lastId: 3 }],
    [{ by: null, via: 3, reason: {}, timeline: [null, 7, {}], responders: [null, 7], lastId: -1.5 }],
  ])('tells people about an incident that a foreign client reopens with %j', async (reopened) => {
    serial += 1;
    const id = `${house.configuration.prefix}-${String(serial)}`;
    const handle = await house.temporal.workflow.start('escalateIncident', {
      workflowId: `incident-${id}`,
      taskQueue: house.configuration.prefix,
      args: [{ incident: { id, title: title(), severity: 'Critical', channel: 'ladder' }, reopened }],
    });
    try {
      await primary.expectMail(title(), { timeoutMs: 5000 });
      const view = await until(house, id, isTold);
      expect(view).toMatchObject({ progress: 'Triggered', level: 1 });
      for (const { at, kind, text } of view.timeline) {
        expect([typeof at, typeof kind, typeof text]).toEqual(['string', 'string', 'string']);
      }
      expect(view.notifications.map((notification) => notification.id)).toEqual(['n1']);
      expect(view.responders.map(({ member }) => member)).toEqual(['primary']);
      await house.client.close(id, byPrimary);
      expect(await house.client.result(id)).toMatchObject({ progress: 'Closed' });
    } finally {
      await handle.terminate().catch(() => undefined);
    }
  });
});

/** Somebody was told, and nothing is being sent at this moment. */
function isTold({ notifications }: IncidentView): boolean {
  return notifications.length > 0 && notifications.every(({ outcome }) => outcome !== 'pending');
}

function told({ notifications }: IncidentView): string[] {
  return notifications.map(({ medium, to }) => `${medium} → ${to}`);
}
