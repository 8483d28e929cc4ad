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

  for (let time = 0; time < 8; time += 1) {
    const id = `${prefix}.${String(time)}`;
    await client.open({ id, title: 'db-7 is down', severity: 'Warning', channel: 'payments' });
    // Some of them reach the server between the workflow task that closes the incident and its end.
    const comments = Array.from({ length: 20 }, (_, index) =>
      client.signal(id, 'comment', { ...by, text: `note ${String(index)}` }),
    );
    const [closed] = await Promise.all([client.close(id, by), Promise.allSettled(comments)]);

    expect(closed.closedBy).toEqual({ member: 'primary' });
    expect((await client.result(id)).progress).toBe('Closed');
  }
});
