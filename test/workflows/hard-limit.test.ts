import { expect, it, onTestFinished } from 'vitest';
import { openHouse } from '../../sandbox/demo/house.ts';
import { freshPrefix, serverAddress, serverNamespace, workflowBundle } from '../server.ts';

const LEVEL_MS = 10_000;

/** The real workflows, of which a run is too long after 40 events instead of 40,000. */
async function bundleWithLowLimit(): Promise<{ code: string }> {
  const { code } = await workflowBundle();
  const lowered = code.replace(/HARD_HISTORY_LENGTH = 40_?000/, 'HARD_HISTORY_LENGTH = 40');
  if (lowered === code) throw new Error('the bundle names no HARD_HISTORY_LENGTH');
  return { code: lowered };
}

it('goes on in a new run when its history is too long, although a message is still being sent', async () => {
  const id = freshPrefix();
  const house = await openHouse({
    address: serverAddress(),
    namespace: serverNamespace(),
    prefix: id,
    escalateAfter: `${String(LEVEL_MS / 1000)}s`,
    workflowBundle: await bundleWithLowLimit(),
  });
  onTestFinished(() => house.close());
  const { client, sandbox, temporal } = house;
  const [primary, supervisor] = [sandbox.responder('primary'), sandbox.responder('supervisor')];
  const handle = temporal.workflow.getHandle(`incident-${id}`);
  sandbox.faults.add({ vendor: 'feishu', action: 'messages.create', effect: { delayMs: 8000 } });

  await client.open({ id, title: 'db-7 is down', severity: 'Critical', channel: 'payments' });
  await primary.expectMail('db-7 is down');
  const { runId } = await handle.describe();
  const notes = Array.from({ length: 30 }, (_, index) => `note ${String(index)};`);
  for (const text of notes) await client.signal(id, 'comment', { by: { member: 'backup' }, text });

  await expect.poll(async () => (await handle.describe()).runId).not.toBe(runId);
  const carried = await client.describe(id);
  const outcomes = carried.notifications.map(({ medium, outcome }) => [medium, outcome]);
  expect(outcomes).toEqual([
    ['feishu-cn', 'unknown'],
    ['email', 'accepted'],
  ]);
  const said = carried.timeline.flatMap(({ kind, text }) =>
    kind === 'commented' ? (/note \d+;/.exec(text) ?? []) : [],
  );
  expect(said).toEqual(notes);

  // The card arrives all the same, the second level is told when it was due, and both can be acted on.
  const card = await primary.expectCard('db-7 is down', { timeoutMs: 30_000 });
  const call = await supervisor.expectCall('db-7 is down', { timeoutMs: 30_000 });
  const assignedAt = Date.parse(carried.timeline.find(({ kind }) => kind === 'assigned')?.at ?? '');
  expect(call.startedAt - assignedAt).toBeGreaterThanOrEqual(LEVEL_MS);
  expect(call.startedAt - assignedAt).toBeLessThan(LEVEL_MS + 10_000);
  await card.click('Acknowledge');
  expect(await client.describe(id)).toMatchObject({ progress: 'Processing', acknowledgedBy: { member: 'primary' } });
  expect(primary.mails).toHaveLength(1);
  await client.close(id, { by: { member: 'primary' } });
});
