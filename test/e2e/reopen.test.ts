import { afterAll, beforeAll, expect, it } from 'vitest';
import type { House } from '../../sandbox/demo/house.ts';
import { openTestHouse } from './house.ts';

let house: House;
const id = 'reopened';
const by = { by: { member: 'primary' } };

beforeAll(async () => {
  house = await openTestHouse({ sandbox: { limits: false }, gateway: false });
});
afterAll(async () => {
  await house.temporal.workflow.getHandle(`incident-${id}`).terminate();
  await house.close();
});

it('opens an incident again while no worker is up', async () => {
  await house.client.open({ id, title: 'db-7 is down', severity: 'Critical', channel: 'payments' });
  await house.client.close(id, by);
  await house.client.result(id);
  await house.worker?.stop();
  expect(await house.client.reopen(id, by)).toMatchObject({ result: 'started', workflowId: `incident-${id}` });
});
