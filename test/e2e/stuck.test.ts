import { afterAll, beforeAll, expect, it } from 'vitest';
import { isStuck } from '../../domain/incident/view.ts';
import type { House } from '../../sandbox/demo/house.ts';
import { escalations, run } from '../child.ts';
import { serverAddress, serverNamespace } from '../server.ts';
import { openTestHouse } from './house.ts';
import { People } from './people.ts';

let house: House;
let people: People;

// The account takes one message in 10 s: its Worker polls, and its queue stands still.
beforeAll(async () => {
  house = await openTestHouse({
    sandbox: { limits: false },
    edit: (yaml) => yaml.replace('adapter: feishu.app', 'adapter: feishu.app\n    perSecond: 0.1'),
    channels: `  cards:
    rules:
      - name: straight to the card
        levels: [{ to: { members: [primary] }, by: { default: [feishu-cn] } }]
`,
  });
  people = new People(house);
});
afterAll(async () => {
  await people.closeAll();
  await house.close();
});

it('a page that stands in the queue of an account says which, since when, and is not shown as if all were well', async () => {
  const first = await people.open('cards');
  await people.primary.on('feishu').sees(first);
  await people.open('cards');
  const last = await people.open('cards');
  const before = Date.now();
  const view = await last.until(({ notifications }) => notifications[0]?.waiting !== undefined);

  const [notification] = view.notifications;
  expect(notification).toMatchObject({ outcome: 'pending', waiting: { account: 'feishu-cn' } });
  expect(Date.parse(notification?.waiting?.since ?? '')).toBeLessThanOrEqual(Date.now());
  expect(notification && isStuck(notification, before + 20_000)).toBe(true);

  const flags = ['--address', serverAddress(), '--namespace', serverNamespace()];
  await expect
    .poll(async () => (await run(escalations(['status', last.id, ...flags]))).stdout, {
      timeout: 30_000,
      interval: 1000,
    })
    .toMatch(/waits for feishu-cn since/);
});
