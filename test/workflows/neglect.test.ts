import { describe, expect, it, onTestFinished } from 'vitest';
import { timeSkippingServer } from '../server.ts';
import { INCIDENT, instants, isQuiet, openStage, type Stage } from './stage.ts';
import { at } from './stories.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const { id } = INCIDENT;
const primary = { by: { member: 'primary' } };

const CHANNELS = `
  touched:
    autoClose: { after: 24h }
    rules: [{ name: by mail, levels: [{ to: { members: [primary] }, by: { default: [email] } }] }]
  opened:
    autoClose: { after: 24h, since: opened }
    rules: [{ name: by mail, levels: [{ to: { members: [primary] }, by: { default: [email] } }] }]
  reminded:
    rules:
      - name: four hours
        acknowledgeTimeout: 4h
        levels:
          - { to: { members: [primary] }, by: { default: [email] }, escalateAfter: 10m }
          - { to: { members: [supervisor] }, by: { default: [email] } }
`;

async function staged(): Promise<Stage> {
  const stage = await openStage(CHANNELS);
  onTestFinished(() => stage.close());
  return stage;
}

describe('an incident that nobody touches', { skip: timeSkippingServer() === undefined }, () => {
  it('is closed as timed out 24 hours after its last update', async () => {
    const stage = await staged();
    await stage.open({ channel: 'touched', severity: 'Warning' });
    await stage.pass({ hours: 10 });
    await stage.client.comment(id, { ...primary, text: 'looking' });
    await stage.pass({ hours: 23, minutes: 59 });
    expect((await stage.client.describe(id)).progress).toBe('Triggered');
    await stage.pass({ minutes: 1, seconds: 1 });

    const view = await stage.client.result(id);
    expect(view).toMatchObject({ progress: 'Closed', closedBy: { name: 'auto-close' }, outcome: 'closed' });
    expect(instants(view, 'closed', 'by auto-close (timeout)')).toEqual(at(34 * HOUR));
    expect(stage.primary.mails).toHaveLength(1);
  });

  it('is closed 24 hours after it opened where that is what counts, whatever was done meanwhile', async () => {
    const stage = await staged();
    await stage.open({ channel: 'opened', severity: 'Warning' });
    await stage.pass({ hours: 20 });
    await stage.client.acknowledge(id, primary);
    await stage.pass({ hours: 4, seconds: 1 });

    const view = await stage.client.result(id);
    expect(instants(view, 'closed', 'by auto-close (timeout)')).toEqual(at(24 * HOUR));
  });

  it('stays open for ever when it is Critical and nobody has acknowledged, and a day once somebody has', async () => {
    const stage = await staged();
    await stage.open({ channel: 'touched' });
    await stage.pass({ hours: 72 });
    const open = await stage.client.describe(id);
    expect(open).toMatchObject({ progress: 'Triggered', exhausted: true });
    expect(open.next).toBeUndefined();
    await stage.client.acknowledge(id, primary);
    await stage.pass({ hours: 23, minutes: 59 });
    expect((await stage.client.describe(id)).progress).toBe('Processing');
    await stage.pass({ minutes: 1, seconds: 1 });

    const view = await stage.client.result(id);
    expect(instants(view, 'closed', 'by auto-close (timeout)')).toEqual(at(96 * HOUR));
  });

  it('is told again, level by level, when it was acknowledged and not closed within four hours', async () => {
    const stage = await staged();
    await stage.open({ channel: 'reminded' });
    await stage.pass({ minutes: 5 });
    const { next } = await stage.client.acknowledge(id, primary);
    expect(next?.what).toBe('acknowledged but not closed');
    await stage.pass({ hours: 3, minutes: 59 });
    expect(await stage.client.describe(id)).toMatchObject({ progress: 'Processing', acknowledgedBy: primary.by });
    expect(stage.primary.mails).toHaveLength(1);
    await stage.pass({ minutes: 1, seconds: 1 });
    await stage.until((view) => view.notifications.length === 2 && isQuiet(view));
    await stage.pass({ minutes: 10, seconds: 1 });
    await stage.supervisor.expectMail('db-7 is down');

    const view = await stage.until(isQuiet);
    const again = 4 * HOUR + 5 * MINUTE;
    expect(instants(view, 'unacknowledged', 'acknowledged by primary, but nobody closed it in time')).toEqual(
      at(again),
    );
    expect(instants(view, 'notified', 'email → primary: accepted')).toEqual(at(0, again));
    expect(instants(view, 'escalated')).toEqual(at(again + 10 * MINUTE));
    expect(view.progress).toBe('Triggered');
  });
});
