import { describe, expect, it, onTestFinished } from 'vitest';
import { timeSkippingServer } from '../server.ts';
import { INCIDENT, instants, isQuiet, openStage, type Stage } from './stage.ts';

const MINUTE = 60_000;
const { id } = INCIDENT;
const primary = { by: { member: 'primary' } };

const CHANNELS = `
  mail:
    rules:
      - name: by mail
        levels:
          - { to: { members: [primary] }, by: { default: [email] }, repeat: { every: 2m, times: 3 }, escalateAfter: 10m }
          - { to: { members: [supervisor] }, by: { default: [email] } }
  phone:
    rules:
      - { name: by phone, levels: [{ to: { members: [primary] }, by: { default: [voice] } }] }
`;

/**
 * Stories with a telephone have one place for two kinds of workflows, which push each other out: without any place the
 * SDK loses tasks now and then (1.24.0, "outgoing commands … if the activation was only an eviction").
 */
async function staged(maxCachedWorkflows = 0): Promise<Stage> {
  const stage = await openStage(CHANNELS, { maxCachedWorkflows });
  onTestFinished(() => stage.close());
  return stage;
}

/** Nominal instants, late by what replaying costs; a task that was lost would come ten seconds late. */
function at(...due: number[]): unknown[] {
  return due.map((instant) => expect.closeTo(instant + 4000, -4) as unknown);
}

describe(
  'workers that forget every incident between two happenings',
  { skip: timeSkippingServer() === undefined },
  () => {
    it('call the supervisor after five minutes, redraw the card and close', async () => {
      const stage = await staged(1);
      const { client, sandbox, supervisor } = stage;
      sandbox.faults.add({ vendor: 'aliyun', action: 'IvrCall', effect: { refuse: 'isv.BUSINESS_LIMIT_CONTROL' } });
      await stage.open({});
      const card = await stage.primary.expectCard('db-7 is down');
      await stage.primary.expectMail('db-7 is down');
      await stage.pass({ minutes: 4, seconds: 58 });
      expect(supervisor.calls).toEqual([]);
      await stage.pass({ seconds: 3 });
      const call = await supervisor.expectCall('db-7 is down');
      await call.press('1');
      await stage.until(({ progress }) => progress === 'Processing');
      await card.until('Acknowledged by Supervisor');
      await client.close(id, primary);

      const view = await client.result(id);
      expect(call.vendor).toBe('tencent');
      expect(view).toMatchObject({ progress: 'Closed', acknowledgedBy: { member: 'supervisor' }, level: 2 });
      expect(instants(view, 'escalated')).toEqual(at(5 * MINUTE));
      expect(instants(view, 'notified', /^voice → supervisor: accepted.*aliyun-voice: rejected/)).toEqual(
        at(5 * MINUTE),
      );
      expect([stage.primary.cards.length, stage.primary.mails.length, supervisor.calls.length]).toEqual([1, 1, 1]);
    });

    it('are silent while it is snoozed and start the level over afterwards', async () => {
      const stage = await staged();
      await stage.open({ channel: 'mail' });
      await stage.client.snooze(id, { ...primary, minutes: 60 });
      await stage.pass({ minutes: 59 });
      expect(stage.primary.mails).toHaveLength(1);
      await stage.pass({ minutes: 1, seconds: 1 });

      const view = await stage.until((view) => view.notifications.length === 2 && isQuiet(view));
      expect(view).toMatchObject({ progress: 'Triggered', level: 1, round: 1 });
      expect(instants(view, 'woken')).toEqual(at(60 * MINUTE));
      expect(instants(view, 'notified', 'email → primary: accepted')).toEqual(at(0, 60 * MINUTE));
    });

    it('start the level over when the only one who acknowledged takes it back', async () => {
      const stage = await staged();
      await stage.open({ channel: 'mail' });
      await stage.client.acknowledge(id, primary);
      await stage.pass({ minutes: 30 });
      await stage.client.unacknowledge(id, primary);
      await stage.until((view) => view.notifications.length === 2 && isQuiet(view));
      await stage.pass({ minutes: 10, seconds: 1 });
      await stage.supervisor.expectMail('db-7 is down');

      const view = await stage.until(isQuiet);
      const rounds = [0, 30, 32, 34].map((minutes) => minutes * MINUTE);
      expect(instants(view, 'notified', 'email → primary: accepted')).toEqual(at(...rounds));
      expect(instants(view, 'escalated')).toEqual(at(40 * MINUTE));
    });

    it('join what waits for a phone into one call, and one key acknowledges all it announced', async () => {
      const stage = await staged(1);
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
