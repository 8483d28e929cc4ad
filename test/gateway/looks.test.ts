import { afterAll, beforeAll, expect, it } from 'vitest';
import { NoAnswerError } from '../../client/talk.ts';
import { Looks } from '../../gateway/looks.ts';
import { buildHouse, type House } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await buildHouse();
});
afterAll(() => house.close());

it('answers everybody who asks at once, and whoever has just signalled sees it', async () => {
  const looks = new Looks(house.client);
  const incident = await house.incident();
  const handle = house.client.workflow.getHandle(incident);
  const first = Array.from({ length: 12 }, () => looks.at({ workflowId: incident }, 5000));
  await handle.signal('acknowledge', { by: { member: 'primary' } });
  const after = Array.from({ length: 12 }, () => looks.at({ workflowId: incident }, 5000));
  await Promise.all(first);
  const views = await Promise.all(after);
  expect(views.map(({ view }) => view.progress)).toEqual(Array.from({ length: 12 }, () => 'Processing'));
});

it('gives up in time when no worker answers, and asks anew afterwards', async () => {
  const looks = new Looks(house.client);
  const incident = await house.incident();
  await house.stopWorker();
  await expect(looks.at({ workflowId: incident }, 200)).rejects.toThrow(NoAnswerError);
  await expect(looks.at({ workflowId: 'incident-of-nobody' }, 5000)).rejects.toThrow('not found');
});
