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

  await client.open({ id: prefix, title: 'db-7 is down', severity: 'Warning', channel: 'payments' });
  // Now and then one of them reaches the server between the task that closes the incident and its answer: the server
  // then drops the update.
  const writeUntil = Date.now() + 1500;
  const writers = Array.from({ length: 4 }, async () => {
    while (Date.now() < writeUntil) {
      await client.signal(prefix, 'comment', { ...by, text: 'looking' }).catch(() => undefined);
    }
  });
  const closed = await client.close(prefix, by);
  await Promise.all(writers);

  expect(closed.closedBy).toEqual({ member: 'primary' });
  expect((await client.result(prefix)).progress).toBe('Closed');
});
