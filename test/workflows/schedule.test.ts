import { afterAll, beforeAll, expect, it } from 'vitest';
import { mailboxId } from '../../config/duty/mailbox.ts';
import type { IncidentView } from '../../domain/incident/view.ts';
import { openStage, type Stage } from './stage.ts';

const ADDRESS = 'archive@example.com';

/** Two who take turns by the hour, and a bare address. */
const ROTA = `  hourly:
    rules:
      - name: whoever it is
        levels:
          - to: { schedules: [hourly], emails: [${ADDRESS}] }
            by: { default: [email] }
            repeat: { every: 60m, times: 3 }
            escalateAfter: 12h
          - to: { schedules: [hourly/night] }
            by: { default: [email] }
schedules:
  hourly:
    timeZone: UTC
    layers:
      - { members: [primary, backup], start: 2026-01-05, every: 1h }
      - { role: night, members: [backup], start: 2026-01-05, end: 2026-01-06, every: 1h }
`;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(ROTA);
});
afterAll(() => stage.close());

const toldIn = (round: number, { notifications }: IncidentView): string[] =>
  notifications.filter((notification) => notification.round === round).map(({ to }) => to);

it('asks anew who is on duty when each round starts, and keeps a bare address out of everything it remembers', async () => {
  const id = 'rota';
  await stage.open({ id, channel: 'hourly' }, ({ notifications }) => notifications.length === 2);
  await stage.pass({ minutes: 61 });
  await stage.until(({ notifications }) => notifications.length === 4, id);
  await stage.pass({ minutes: 60 });
  const view = await stage.until(
    ({ notifications }) => notifications.length === 6 && notifications.every(({ outcome }) => outcome === 'accepted'),
    id,
  );

  const [first = ''] = toldIn(1, view);
  const other = first === 'primary' ? 'backup' : 'primary';
  expect([1, 2, 3].map((round) => toldIn(round, view))).toEqual([
    [first, mailboxId(ADDRESS)],
    [other, mailboxId(ADDRESS)],
    [first, mailboxId(ADDRESS)],
  ]);
  expect(view.timeline.map(({ text }) => text)).toContain('nobody is on duty in hourly (role night)');
  const received = stage.sandbox.world.mails.filter(({ to }) => to === ADDRESS);
  expect(received).toHaveLength(3);

  const history = await stage.house.temporal.workflow.getHandle(`incident-${id}`).fetchHistory();
  const payloads = JSON.stringify(history).matchAll(/"data":"([^"]+)"/g);
  const remembered = [...payloads].map(([, data = '']) => Buffer.from(data, 'base64').toString('utf8')).join('\n');
  expect([mailboxId(ADDRESS), ADDRESS].map((text) => remembered.includes(text))).toEqual([true, false]);
  expect(JSON.stringify(view)).not.toContain(ADDRESS);
});
