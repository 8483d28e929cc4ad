import { expect } from 'vitest';
import { INCIDENT, instants, isQuiet, type Stage } from './stage.ts';

/** Stories for workers that remember every incident, and for those that forget each one between two happenings. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const { id } = INCIDENT;
const primary = { by: { member: 'primary' } };

/** The primary by mail, two minutes apart, then the supervisor. */
export const BY_MAIL = `
  mail:
    rules:
      - name: by mail
        levels:
          - { to: { members: [primary] }, by: { default: [email] }, repeat: { every: 2m, times: 3 }, escalateAfter: 10m }
          - { to: { members: [supervisor] }, by: { default: [email] } }
`;

export const BY_PHONE = `
  phone:
    rules:
      - { name: by phone, levels: [{ to: { members: [primary] }, by: { default: [voice] } }] }
`;

/**
 * Nominal instants. The clock of the server also goes on while the machine works, and what that adds up to is no fault of
 * the policy: half a minute late is good, and every wrong instant is a minute away. It is never early.
 */
export function at(...due: number[]): unknown[] {
  return due.map((instant) => expect.closeTo(instant + 15 * SECOND, -4.5) as unknown);
}

export async function callTheSupervisor(stage: Stage): Promise<void> {
  const { sandbox, client, supervisor } = stage;
  sandbox.faults.add({ vendor: 'aliyun', action: 'IvrCall', effect: { refuse: 'isv.BUSINESS_LIMIT_CONTROL' } });

  await stage.open({});
  const card = await stage.primary.expectCard('db-7 is down');
  await stage.primary.expectMail('db-7 is down');
  await stage.pass({ minutes: 4, seconds: 30 });
  expect(supervisor.calls).toEqual([]);
  await stage.pass({ seconds: 31 });
  const call = await supervisor.expectCall('db-7 is down');
  await call.press('1');
  await stage.until(({ progress }) => progress === 'Processing');
  await card.until('Acknowledged by Supervisor');
  await client.close(id, primary);

  const view = await client.result(id);
  expect(call.vendor).toBe('tencent');
  expect(view).toMatchObject({ progress: 'Closed', acknowledgedBy: { member: 'supervisor' }, level: 2 });
  expect(instants(view, 'notified', 'feishu-cn → primary: accepted')).toEqual(at(0));
  expect(instants(view, 'notified', 'email → primary: accepted')).toEqual(at(0));
  expect(instants(view, 'escalated')).toEqual(at(5 * MINUTE));
  expect(instants(view, 'notified', /^voice → supervisor: accepted.*aliyun-voice: rejected/)).toEqual(at(5 * MINUTE));
  expect([stage.primary.cards.length, stage.primary.mails.length, supervisor.calls.length]).toEqual([1, 1, 1]);
}

/** Needs {@link BY_MAIL}. */
export async function beSilentWhileSnoozed(stage: Stage): Promise<void> {
  await stage.open({ channel: 'mail' });
  await stage.client.snooze(id, { ...primary, minutes: 1440 });
  await stage.pass({ hours: 23, minutes: 59 });
  expect(stage.primary.mails).toHaveLength(1);
  await stage.pass({ minutes: 1, seconds: 1 });

  const view = await stage.until((view) => view.notifications.length === 2 && isQuiet(view));
  expect(view).toMatchObject({ progress: 'Triggered', level: 1, round: 1 });
  expect(instants(view, 'woken')).toEqual(at(24 * HOUR));
  expect(instants(view, 'notified', 'email → primary: accepted')).toEqual(at(0, 24 * HOUR));
}

/** Needs {@link BY_MAIL}. */
export async function startOverWhenTakenBack(stage: Stage): Promise<void> {
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
}
