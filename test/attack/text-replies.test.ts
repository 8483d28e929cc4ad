import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { House } from '../../sandbox/demo/house.ts';
import { ABROAD, withTwilio } from '../e2e/abroad.ts';
import { openTestHouse } from '../e2e/house.ts';
import { People, type Incident, type Person } from '../e2e/people.ts';

/** Nothing signs who sent a text: whoever forges the sender answers in the name of a responder. */
const CHANNELS = `  texts:
    rules:
      - name: by text
        levels:
          - { to: { members: [primary] }, by: { default: [sms] }, escalateAfter: 1h }
          - { to: { members: [backup, supervisor] }, by: { default: [sms] } }
`;
let house: House;
let people: People;
let primary: Person;
let backup: Person;
let supervisor: Person;

beforeAll(async () => {
  house = await openTestHouse({ sandbox: { people: ABROAD }, channels: CHANNELS, edit: withTwilio });
  house.sandbox.setCallbacks({ twilioSms: `${house.gatewayUrl}/callbacks/twilio-sms` });
  people = new People(house);
  ({ primary, backup, supervisor } = people);
});
afterEach(() => people.closeAll());
afterAll(() => house.close());

async function texted(): Promise<{ incident: Incident; code: string }> {
  const incident = await people.open('texts');
  const { text } = await primary.readsText(incident);
  return { incident, code: /Reply 1 (\d{4}) to acknowledge/.exec(text)?.[1] ?? 'no code' };
}

it('a bare 1 that was meant for an incident closed since does not acknowledge the one before it', async () => {
  const first = await texted();
  const second = await texted();
  await second.incident.closedBy('supervisor');

  expect(await primary.replies('1')).toContain(`${first.code}: `);
  await first.incident.isStill('triggered');
  expect(await primary.replies(`1 ${first.code}`)).toBe('Acknowledged. It is yours now.');
});

it('a bare 1 from a number that was texted before others were needs the code', async () => {
  const { incident, code } = await texted();
  await incident.until('told');
  expect(await primary.replies(`2 ${code}`)).toMatch(/level 2/i);
  await Promise.all([backup.readsText(incident), supervisor.readsText(incident)]);
  await incident.until('told');

  expect(await primary.replies('1')).toContain(`${code}: `);
  await incident.isStill('triggered');
  // Those two were texted at the same moment, so either of them is the last.
  expect(await backup.replies('1')).toBe('Acknowledged. It is yours now.');
});

it('who guesses codes in somebody’s name is heard ten times a day, and the one whose name it is can still answer the last text', async () => {
  const { incident, code } = await texted();
  const guesses = Array.from({ length: 11 }, (_, n) => String(1000 + n)).filter((guess) => guess !== code);
  for (const guess of guesses.slice(0, 10)) expect(await primary.replies(`1 ${guess}`)).toContain(`${code}: `);

  const refused = 'too many wrong codes came from this phone';
  await expect.poll(() => primary.replies('1 9999')).toContain(refused);
  expect(await primary.replies(`1 ${code}`)).toContain(refused);
  await incident.isStill('triggered');
  const metrics = await (await fetch(`${house.operationsUrl}/metrics`)).text();
  expect(metrics).toMatch(/wrong_secrets_total\{secret="reply-code"\} 1\d/);
  expect(await primary.replies('1')).toBe('Acknowledged. It is yours now.');
});
