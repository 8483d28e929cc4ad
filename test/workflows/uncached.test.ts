import { describe, expect, it, onTestFinished } from 'vitest';
import { EscalationClient } from '../../client/escalation-client.ts';
import type { ActionName, Actions } from '../../domain/incident/action.ts';
import type { IncidentView } from '../../domain/incident/view.ts';
import { timeSkippingServer } from '../server.ts';
import { INCIDENT, instants, isQuiet, openStage, type Stage } from './stage.ts';
import { BY_MAIL, BY_PHONE, beSilentWhileSnoozed, callTheSupervisor, startOverWhenTakenBack, at } from './stories.ts';

const MINUTE = 60_000;
const { id } = INCIDENT;
const primary = { by: { member: 'primary' } };

const BY_MESSAGE = `
  card:
    rules:
      - name: by card
        levels:
          - to: { members: [primary] }
            by: { default: [feishu-cn] }
            groups: [{ account: feishu-cn, chat: oc_ops, alias: ops }]
            escalateAfter: 10m
          - { to: { members: [supervisor] }, by: { default: [feishu-cn] } }
          - { to: { members: [backup] }, by: { default: [sms] } }
  text:
    rules:
      - { name: by text, levels: [{ to: { members: [primary] }, by: { default: [sms] } }] }
  bystander:
    rules:
      - { name: to the backup, levels: [{ to: { members: [backup] }, by: { default: [email] } }] }
`;

/**
 * The least that the SDK (1.24.0) keeps without losing anything. With no room at all it evicts a run after each task,
 * and a task that arrived while a query was being answered goes with it ("There were leftover buffered tasks when
 * evicting run"), until it times out ten seconds later: in one of eight runs on a busy machine. Local activities are
 * lost in the same way ("likely to be dropped or retried").
 */
const ROOM = 2;
const OTHERS = ['other-1', 'other-2'];

/** Before anybody acts and before time passes, as many other incidents are looked at as the worker has room for. */
async function staged(): Promise<Stage> {
  const stage = await openStage(BY_MAIL + BY_MESSAGE + BY_PHONE, { maxCachedWorkflows: ROOM });
  const opened = new Set<string>();
  onTestFinished(async () => {
    try {
      expect(await lostTasks(stage, opened)).toEqual([]);
    } finally {
      await stage.close();
    }
  });
  for (const other of OTHERS) await stage.open({ id: other, channel: 'bystander', severity: 'Info' });
  const { house } = stage;
  const client = new Forgotten({ client: house.temporal, taskQueue: house.configuration.prefix });
  return {
    ...stage,
    client,
    open(changes, shows) {
      opened.add(changes.id ?? id);
      return stage.open(changes, shows);
    },
    async pass(time) {
      await client.forget();
      await stage.pass(time);
    },
  };
}

/** The incidents of which a task was lost: it comes ten seconds late, which the instants of a story let pass. */
async function lostTasks({ environment }: Stage, opened: Set<string>): Promise<string[]> {
  const lost: string[] = [];
  for (const one of opened) {
    const { events } = await environment.client.workflow.getHandle(`incident-${one}`).fetchHistory();
    if (events?.some((event) => event.workflowTaskTimedOutEventAttributes)) lost.push(one);
  }
  return lost;
}

/** Each action of its users finds a worker that has forgotten their incident. */
class Forgotten extends EscalationClient {
  async forget(): Promise<void> {
    for (const other of OTHERS) await this.describe(other);
  }

  override async act<N extends ActionName>(id: string, name: N, argument: Actions[N]): Promise<IncidentView> {
    await this.forget();
    return super.act(id, name, argument);
  }
}

const isSkipped = timeSkippingServer() === undefined;

describe(
  'workers that have forgotten the incident whenever somebody acts and whenever time passes',
  { skip: isSkipped },
  () => {
    it('call the supervisor after five minutes, redraw the card and close', async () => {
      await callTheSupervisor(await staged());
    });

    it('are silent while it is snoozed for 24 hours and start the level over at their end', async () => {
      await beSilentWhileSnoozed(await staged());
    });

    it('start the level over when the only one who acknowledged takes it back', async () => {
      await startOverWhenTakenBack(await staged());
    });

    it('redraw the cards of a person and of a group on every change, down to the close by a button', async () => {
      const stage = await staged();
      const { client, sandbox } = stage;
      await stage.open({ channel: 'card' });
      const card = await stage.primary.expectCard('db-7 is down');
      const [inGroup] = sandbox.world.cards.filter(({ to }) => to === 'oc_ops');
      await client.snooze(id, { ...primary, minutes: 10 });
      await card.until('Snoozed');
      await client.acknowledge(id, primary);
      await card.until('Acknowledged by Primary');
      await card.click('Close');

      const view = await client.result(id);
      expect(view).toMatchObject({ progress: 'Closed', closedBy: { member: 'primary' }, level: 1 });
      expect(card.shows('Closed by Primary')).toBe(true);
      expect(JSON.stringify(inGroup?.card)).toContain('关闭');
      expect(instants(view, 'notified', 'feishu-cn → primary: accepted')).toHaveLength(1);
      expect(instants(view, 'notified', 'not redrawn')).toEqual([]);
      expect(stage.primary.cards).toHaveLength(1);
    });

    it('tell the next level by hand and by time, and whom it is reassigned to', async () => {
      const stage = await staged();
      const { client } = stage;
      await stage.open({ channel: 'card', severity: 'Warning' });
      await client.escalate(id, primary);
      await stage.supervisor.expectCard('db-7 is down');
      await stage.until((view) => view.level === 2 && isQuiet(view));
      await stage.pass({ minutes: 30, seconds: 1 });
      await stage.backup.expectText('db-7 is down');
      await stage.until((view) => view.level === 3 && isQuiet(view));
      await client.reassign(id, { ...primary, members: ['primary'] });
      await stage.primary.expectText('db-7 is down');
      await stage.primary.expectMail('db-7 is down');

      const view = await stage.until(isQuiet);
      expect(view.responders.map(({ member }) => member)).toContain('primary');
      expect(instants(view, 'escalated')).toEqual([...at(0), ...at(30 * MINUTE)]);
      expect(instants(view, 'reassigned')).toHaveLength(1);
      expect([stage.supervisor.cards, stage.backup.texts, stage.primary.texts].map(({ length }) => length)).toEqual([
        1, 1, 1,
      ]);
    });

    it('send a mail where no text comes through, and once more when the incident is opened again', async () => {
      const stage = await staged();
      const { client, sandbox } = stage;
      sandbox.faults.add({ vendor: 'aliyun', action: 'SendSms', effect: { refuse: 'isv.BUSINESS_LIMIT_CONTROL' } });
      await stage.open(
        { channel: 'text', severity: 'Warning' },
        (view) => view.notifications.length === 2 && isQuiet(view),
      );
      await stage.primary.expectMail('db-7 is down');
      await client.close(id, primary);
      const closed = await client.result(id);
      await client.reopen(id, { ...primary, reason: 'it came back' });
      await stage.primary.expectText('db-7 is down');

      const view = await stage.until(isQuiet);
      expect(instants(closed, 'notified', 'sms → primary: rejected')).toHaveLength(1);
      expect(instants(view, 'reopened', 'it came back')).toHaveLength(1);
      expect(view.number).toBe(closed.number);
      expect(view.notifications.map((one) => `${one.id} ${one.medium}`)).toEqual(['n3 sms']);
    });

    it('add responders, raise the severity and take comments', async () => {
      const stage = await staged();
      const { client } = stage;
      await stage.open({ channel: 'text', severity: 'Warning' });
      await stage.primary.expectText('db-7 is down');
      await client.addResponders(id, { ...primary, members: ['backup'] });
      await stage.backup.expectText('db-7 is down');
      await client.comment(id, { ...primary, text: 'looking' });
      await client.revise(id, { by: { name: 'Grafana' }, severity: 'Critical' });
      await stage.primary.expectText('db-7 is down');

      const view = await stage.until(
        ({ notifications }) => notifications.filter(({ to }) => to === 'primary').length === 2,
      );
      expect(view.incident.severity).toBe('Critical');
      expect(instants(view, 'commented', 'looking')).toHaveLength(1);
      expect(view.responders.map(({ member }) => member)).toEqual(['primary', 'backup']);
    });

    it('join what waits for a phone into one call, and one key acknowledges all it announced', async () => {
      const stage = await staged();
      const { client, primary: member } = stage;
      await stage.open({ id: 'first', severity: 'Warning', channel: 'phone' });
      const first = await member.expectCall('db-7 is down');
      const ids = ['second', 'third', 'fourth'];
      for (const each of ids) {
        await stage.open({ id: each, severity: 'Warning', channel: 'phone' }, ({ next }) =>
          Boolean(next?.what.endsWith('waiting for the line')),
        );
      }
      await first.press('1');
      await first.over();
      const joined = await member.expectCall('3 incidents');
      await joined.press('1');

      for (const each of ['first', ...ids]) {
        const view = await stage.until(({ progress }) => progress === 'Processing', each);
        expect(view.acknowledgedBy).toEqual({ member: 'primary' });
        expect(instants(view, 'notified', each === 'first' ? ' rings ' : 'about 3 incidents')).toHaveLength(1);
        await client.close(each, primary);
      }
      expect(member.calls).toHaveLength(2);
    });
  },
);
