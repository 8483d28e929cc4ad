import { expect, it, onTestFinished } from 'vitest';
import { openHouse } from '../../sandbox/demo/house.ts';
import { freshPrefix, serverAddress, serverNamespace, workflowBundle } from '../server.ts';

it('closes when asked to, also while others are still writing', async () => {
  const prefix = freshPrefix();
  const house = await openHouse({
    address: serverAddress(),
    namespace: serverNamespace(),
    prefix,
    workflowBundle: await workflowBundle(),
  });
  onTestFinished(() => house.close());
  const { client } = house;
  const by = { by: { member: 'primary' } };

  for (let time = 0; time < 12; time += 1) {
    const id = `${prefix}.${String(time)}`;
    await client.open({ id, title: 'db-7 is down', severity: 'Warning', channel: 'payments' });
    // One of them reaches the server between the workflow task that closes the incident and the answer to it.
    const writers = Array.from({ length: 4 }, async () => {
      for (let note = 0; note < 25; note += 1) {
        await client.signal(id, 'comment', { ...by, text: `note ${String(note)}` }).catch(() => undefined);
      }
    });
    const closed = await client.close(id, by);
    await Promise.all(writers);

    expect(closed.closedBy).toEqual({ member: 'primary' });
    expect((await client.result(id)).progress).toBe('Closed');
  }
});
