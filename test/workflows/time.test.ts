import { describe, expect, it, onTestFinished } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.ts';
import { phoneWorkflowId } from '../../links/phone-id.ts';
import { PEOPLE } from '../../sandbox/demo/configuration.ts';
import { timeSkippingServer } from '../server.ts';
import { INCIDENT, instants, isQuiet, openStage, type Stage } from './stage.ts';
import { at, BY_MAIL, BY_PHONE, beSilentWhileSnoozed, callTheSupervisor, startOverWhenTakenBack } from './stories.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const { id } = INCIDENT;
const primary = { by: { member: 'primary' } };

async function staged(channels?: string): Promise<Stage> {
  const stage = await openStage(channels);
  onTestFinished(() => stage.close());
  return stage;
}

describe('an escalation in virtual time', { skip: timeSkippingServer() === undefined }, () => {
  it('calls the supervisor when the primary has not acknowledged within five minutes', async () => {
    await callTheSupervisor(await staged());
  });

  it('repeats every half hour and escalates after twelve hours', async () => {
    const stage = await staged(`
  patient:
    rules:
      - name: twelve hours
        levels:
          - { to: { members: [primary] }, by: { default: [email] }, repeat: { every: 30m, times: 6 }, escalateAfter: 12h }
          - { to: { members: [supervisor] }, by: { default: [email] } }
`);
    await stage.open({ channel: 'patient' });
    await stage.pass({ hours: 12, minutes: 1 });
    await stage.supervisor.expectMail('db-7 is down');
    const view = await stage.until(isQuiet);

    const rounds = [0, 30, 60, 90, 120, 150].map((minutes) => minutes * MINUTE);
    expect(instants(view, 'notified', 'email → primary: accepted')).toEqual(at(...rounds));
    expect(instants(view, 'escalated')).toEqual(at(12 * HOUR));
    expect(instants(view, 'notified', 'email → supervisor: accepted')).toEqual(at(12 * HOUR));
    expect(stage.primary.mails).toHaveLength(6);
  });

  const DELAYED = `
  flapping:
    rules:
      - { name: ten minutes of grace, delay: 10m, levels: [{ to: { members: [primary] }, by: { default: [email, voice] } }] }
`;

  it('tells nobody of an incident that is closed within its delay', async () => {
    const stage = await staged(DELAYED);
    await stage.open({ channel: 'flapping' }, ({ next }) => next?.what === 'delay before L1');
    await stage.pass({ minutes: 9 });
    await stage.client.close(id, { by: { name: 'Alertmanager' }, source: 'recovered' });
    const view = await stage.client.result(id);
    await stage.pass({ hours: 1 });

    expect(view).toMatchObject({ progress: 'Closed', level: 0, notifications: [] });
    expect(stage.sandbox.world.arrivals).toEqual([]);
  });

  it('tells the first level when the delay is over', async () => {
    const stage = await staged(DELAYED);
    await stage.open({ channel: 'flapping' }, ({ next }) => next?.what === 'delay before L1');
    await stage.pass({ minutes: 10, seconds: 1 });
    await stage.primary.expectMail('db-7 is down');

    const view = await stage.until(isQuiet);
    expect(instants(view, 'notified', 'email → primary: accepted')).toEqual(at(10 * MINUTE));
  });

  it('tells nobody anything more in the 24 hours after an acknowledgment', async () => {
    const stage = await staged(BY_MAIL);
    await stage.open({ channel: 'mail' });
    await stage.pass({ minutes: 3 });
    await stage.until((view) => view.round === 2 && isQuiet(view));
    await stage.client.acknowledge(id, primary);
    const told = stage.sandbox.world.arrivals.length;
    await stage.pass({ hours: 24 });

    const view = await stage.client.describe(id);
    expect(view).toMatchObject({ progress: 'Processing', level: 1, round: 2 });
    expect(view.next).toBeUndefined();
    expect(stage.sandbox.world.arrivals).toHaveLength(told);
  });

  it('starts the level over when the only one who acknowledged takes it back', async () => {
    await startOverWhenTakenBack(await staged(BY_MAIL));
  });

  it('is silent while snoozed for 24 hours and starts the level over at their end', async () => {
    await beSilentWhileSnoozed(await staged(BY_MAIL));
  });

  it('starts the level over at once when somebody wakes a snoozed incident', async () => {
    const stage = await staged(BY_MAIL);
    await stage.open({ channel: 'mail' });
    await stage.client.snooze(id, { ...primary, minutes: 60 });
    await stage.pass({ minutes: 15 });
    await stage.client.wake(id, primary);
    await stage.until((view) => view.notifications.length === 2 && isQuiet(view));
    await stage.pass({ hours: 2 });

    const view = await stage.until(isQuiet);
    expect(instants(view, 'woken')).toEqual(at(15 * MINUTE));
    expect(instants(view, 'notified', 'email → primary: accepted')).toEqual(
      at(0, ...[15, 17, 19].map((m) => m * MINUTE)),
    );
    expect(instants(view, 'escalated')).toEqual(at(25 * MINUTE));
  });

  it('says that nobody is being told any more after the last round of the last level', async () => {
    const stage = await staged(BY_MAIL);
    await stage.open({ channel: 'mail' });
    await stage.pass({ hours: 24 });

    const view = await stage.until(({ exhausted }) => exhausted);
    expect(view).toMatchObject({ progress: 'Triggered', level: 2, exhausted: true });
    expect(view.next).toBeUndefined();
    expect(instants(view, 'exhausted')).toEqual(at(10 * MINUTE));
    expect(stage.supervisor.mails).toHaveLength(1);
  });

  it('begins again after the last level as often as the rule says', async () => {
    const stage = await staged(`
  stubborn:
    rules:
      - name: again
        startOver: { every: 1h, times: 2 }
        levels:
          - { to: { members: [primary] }, by: { default: [email] }, escalateAfter: 5m }
          - { to: { members: [supervisor] }, by: { default: [email] } }
`);
    await stage.open({ channel: 'stubborn' });
    await stage.pass({ hours: 24 });

    const view = await stage.until(isQuiet);
    const starts = [0, 65, 130].map((minutes) => minutes * MINUTE);
    expect(instants(view, 'notified', 'email → primary: accepted')).toEqual(at(...starts));
    expect(instants(view, 'notified', 'email → supervisor: accepted')).toEqual(
      at(...starts.map((start) => start + 5 * MINUTE)),
    );
    expect(instants(view, 'exhausted')).toHaveLength(3);
  });

  it('tells the next level at once when nobody of this one can be reached', async () => {
    const stage = await staged(BY_MAIL);
    stage.sandbox.faults.add({ vendor: 'smtp', action: 'RCPT', effect: { status: 550 } });
    await stage.open({ channel: 'mail' });
    await stage.supervisor.expectMail('db-7 is down');

    const view = await stage.until(isQuiet);
    expect(instants(view, 'notified', 'email → primary: rejected')).toHaveLength(1);
    expect(instants(view, 'escalated', 'nobody of the level could be reached')).toEqual(at(0));
  });

  it('tells a level that is told even if acknowledged, once', async () => {
    const stage = await staged(`
  thorough:
    rules:
      - name: both
        levels:
          - { to: { members: [primary] }, by: { default: [email] }, escalateAfter: 10m, evenIfAcknowledged: true }
          - { to: { members: [supervisor] }, by: { default: [email] }, repeat: { every: 5m, times: 3 } }
`);
    await stage.open({ channel: 'thorough' });
    await stage.client.acknowledge(id, primary);
    await stage.pass({ hours: 2 });

    const view = await stage.until(isQuiet);
    expect(view.progress).toBe('Processing');
    expect(instants(view, 'notified', 'email → supervisor: accepted')).toEqual(at(10 * MINUTE));
  });

  it('sends a text message as well when a Critical has waited 20 seconds for a busy line', async () => {
    const stage = await staged(BY_PHONE);
    await stage.open({ id: 'other', title: 'db-8 is slow', severity: 'Warning', channel: 'phone' });
    const call = await stage.primary.expectCall('db-8 is slow');
    await stage.open({ channel: 'phone' }, ({ next }) => next?.what.endsWith('waiting for the line') ?? false);
    await stage.pass({ seconds: 10 });
    expect(stage.primary.texts).toEqual([]);
    await stage.pass({ seconds: 11 });
    await stage.primary.expectText('db-7 is down');
    await call.press('1');
    await call.over();
    const second = await stage.primary.expectCall('db-7 is down');
    await second.press('1');

    const view = await stage.until(({ progress }) => progress === 'Processing');
    expect(instants(view, 'notified', 'the line is busy, another medium goes out too')).toEqual(at(20 * SECOND));
    expect(instants(view, 'notified', 'sms → primary: accepted')).toEqual(at(20 * SECOND));
    const other = await stage.client.describe('other');
    expect(other.acknowledgedBy).toEqual({ member: 'primary' });
  });

  it('does not wait for ever for a provider that never says how a call ended', async () => {
    const stage = await staged(BY_PHONE);
    await stage.open({ channel: 'phone' });
    await stage.primary.expectCall('db-7 is down');
    await stage.pass({ hours: 1 });

    const view = await stage.until(({ exhausted }) => exhausted);
    expect(instants(view, 'notified', 'never said')).toEqual(at(3 * MINUTE));
    expect(stage.primary.calls).toHaveLength(1);
  });

  it('forgets a phone number a day after its last call', async () => {
    const stage = await staged(BY_PHONE);
    await stage.open({ channel: 'phone' });
    const call = await stage.primary.expectCall('db-7 is down');
    await call.press('1');
    await call.over();
    await stage.client.close(id, primary);
    const { prefix, gateway } = stage.house.configuration;
    const line = stage.environment.client.workflow.getHandle(phoneWorkflowId(prefix, gateway, PEOPLE[0].phone));

    await line.result();
    const { startTime, closeTime } = await line.describe();
    expect([Number(closeTime) - Number(startTime)]).toEqual(at(24 * HOUR));
  });

  it('takes an acknowledgment whatever is sent with it', async () => {
    const stage = await staged(BY_MAIL);
    for (const [index, args] of [[], [null], ['bob'], [42], [{ by: 7, via: [] }]].entries()) {
      const other = `i1.${String(index)}`;
      await stage.open({ id: other, channel: 'mail' });
      await stage.environment.client.workflow.getHandle(`incident-${other}`).signal('acknowledge', ...args);

      const view = await stage.until(({ progress }) => progress === 'Processing', other);
      expect(view.acknowledgedBy).toEqual({ name: 'somebody' });
    }
  });

  it('keeps state, due times and every signal when a long history makes it continue as a new run', async () => {
    const stage = await staged(BY_MAIL);
    await stage.open({ channel: 'mail' });
    const handle = stage.environment.client.workflow.getHandle(`incident-${id}`);
    const firstRun = await handle.describe();
    // The server asks for a new run at 4 MB: ten messages of half a megabyte reach it as thousands of small ones would.
    const padding = 'x'.repeat(500_000);
    for (let chunk = 0; chunk < 20; chunk += 1) {
      const comments = Array.from({ length: 15 }, (_, index) => ({
        ...primary,
        text: `note ${String(chunk * 15 + index)};`,
      }));
      await Promise.all(
        [...comments, { ...primary, text: padding }].map((comment) => handle.signal('comment', comment)),
      );
    }
    const said = (view: IncidentView) =>
      view.timeline.flatMap(({ kind, text }) => (kind === 'commented' ? (/note \d+;/.exec(text) ?? []) : []));
    await stage.until((view) => said(view).length >= 300);
    await stage.pass({ minutes: 11 });

    const view = await stage.until((view) => view.level === 2 && isQuiet(view));
    expect(new Set(said(view)).size).toBe(300);
    expect((await handle.describe()).runId).not.toBe(firstRun.runId);
    expect(instants(view, 'notified', 'email → primary: accepted')).toEqual(at(0, 2 * MINUTE, 4 * MINUTE));
    expect(instants(view, 'escalated')).toEqual(at(10 * MINUTE));
    expect(view.notifications.map(({ id }) => id)).toEqual(['n1', 'n2', 'n3', 'n4']);
  });

  it('closes an incident whose run is cancelled, and redraws its card', async () => {
    const stage = await staged();
    await stage.open({});
    const card = await stage.primary.expectCard('db-7 is down');
    await stage.environment.client.workflow.getHandle(`incident-${id}`).cancel();

    const view = await stage.client.result(id);
    expect(view).toMatchObject({ progress: 'Closed', outcome: 'closed', closedBy: { name: 'an operator' } });
    expect(instants(view, 'closed', '(cancelled)')).toHaveLength(1);
    expect(instants(view, 'notified', 'not redrawn')).toEqual([]);
    expect(card.redraws).toBe(1);
  });

  it('refuses at once to escalate without an incident', async () => {
    const stage = await staged();
    for (const args of [[], [null], ['db-7 is down'], [{}], [{ incident: null }], [{ incident: [] }]]) {
      const handle = await stage.start(`incident-without-${JSON.stringify(args)}`, args);

      await expect(handle.result()).rejects.toMatchObject({
        cause: {
          type: 'InvalidIncident',
          nonRetryable: true,
          message: expect.stringContaining('is missing') as unknown,
        },
      });
    }
  });

  it('takes the id of an incident without one from its workflow, and refuses when that has none either', async () => {
    const stage = await staged();
    await stage.start(`incident-${id}`, [{ incident: { title: 'db-7 is down' } }]);
    const handle = await stage.start('no id in here', [{ incident: { title: 'db-7 is down' } }]);

    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'InvalidIncident', nonRetryable: true } });
    await stage.supervisor.expectMail('db-7 is down');
  });
});
