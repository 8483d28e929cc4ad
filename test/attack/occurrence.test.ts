import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { House } from '../../sandbox/demo/house.ts';
import { WorkflowNotFoundError } from '@temporalio/client';
import { findIncident } from '../../client/find.ts';
import { spoken } from '../../domain/incident/number.ts';
import { shortUrl } from '../../links/short.ts';
import { incidentWorkflowId } from '../../domain/workflow-ids.ts';
import { openTestHouse } from '../e2e/house.ts';
import { People, type Incident } from '../e2e/people.ts';

const CHANNELS = `  cards:
    rules:
      - { name: card, levels: [{ to: { members: [primary] }, by: { default: [feishu-cn] } }] }
  mails:
    rules:
      - { name: mail, levels: [{ to: { members: [primary] }, by: { default: [email] } }] }
  calls:
    rules:
      - { name: call, levels: [{ to: { members: [supervisor] }, by: { default: [voice] } }] }
`;

let house: House;
let people: People;

beforeAll(async () => {
  house = await openTestHouse({ sandbox: { limits: false }, channels: CHANNELS });
  people = new People(house);
});
afterEach(() => people.closeAll());
afterAll(() => house.close());

/** Somebody with access to the namespace, or the server at its limits, ends the run. */
async function loseItsRun({ id }: Incident): Promise<void> {
  await house.temporal.workflow.getHandle(incidentWorkflowId(id)).terminate('too large');
}

/** The incident service says once more that it burns. */
async function openedAgain({ id, title }: Incident, channel: string) {
  return house.client.open({ id, title, severity: 'Critical', channel });
}

describe('an incident whose run was ended by anybody but a person who closed it', () => {
  it('counts as not handled: opening it again tells people anew, and both say what became of the earlier run', async () => {
    const incident = await people.open('mails');
    const [first, number] = [(await incident.until('told')).occurrence, (await incident.view()).number];
    await people.primary.readsMail(incident);
    await loseItsRun(incident);
    expect(await house.client.lost(incident.id)).toMatchObject({ how: 'terminated' });
    await expect(house.client.acknowledge(incident.id, { by: { member: 'primary' } })).rejects.toThrow(
      'its run was terminated',
    );

    const opened = await openedAgain(incident, 'mails');
    expect(opened).toMatchObject({ result: 'started', lost: { how: 'terminated', runId: first } });
    await people.primary.readsMail(incident);
    expect(await house.client.lost(incident.id)).toBeUndefined();
    expect(await incident.view()).toMatchObject({ occurrence: opened.occurrence, number: opened.number });
    expect(opened.number).not.toBe(number);
    expect(await openedAgain(incident, 'mails')).toMatchObject({ result: 'revised' });

    await incident.closedBy('primary');
    expect(await openedAgain(incident, 'mails')).toMatchObject({ result: 'already-closed' });
  });

  it('is shown so by its page, from which nobody can act any more', async () => {
    const incident = await people.open('mails');
    const mail = await people.primary.readsMail(incident);
    const page = new URL(/https?:\S+\/i\/\S+/.exec(mail.text)?.[0] ?? '').pathname;
    const look = async (): Promise<string> => (await fetch(`${house.gatewayUrl}${page}`)).text();
    expect(await look()).toContain('name="action"');
    await loseItsRun(incident);
    expect(await look()).toContain('its run was terminated at');
    expect(await look()).not.toContain('name="action"');

    const { number } = await openedAgain(incident, 'mails');
    await people.primary.readsMail(incident);
    // The link is of the earlier occurrence, whatever has the same id today.
    expect(await look()).toContain(`the latest has the number ${String(number)}`);
    expect(await look()).not.toContain('name="action"');
  });
});

describe('what means an earlier occurrence does nothing to what is open under the same id', () => {
  it('the button of its card', async () => {
    const incident = await people.open('cards');
    const feishu = people.primary.on('feishu');
    const earlier = await feishu.sees(incident);
    await loseItsRun(incident);
    const { number } = await openedAgain(incident, 'cards');
    await feishu.sees(incident);

    const tapped = await house.sandbox.feishu.click(earlier.id, { openId: feishu.to, action: 'Acknowledge' });
    expect(JSON.stringify(tapped)).toContain(`the latest has the number ${String(number)}`);
    await incident.isStill('triggered');
    await feishu.presses('Acknowledge');
    await incident.until('acknowledged');
  });

  it('the key of its call; and the call of the later one is made, although its notifications have the same ids', async () => {
    const { supervisor } = people;
    const incident = await people.open('calls');
    const earlier = await supervisor.hears(incident);
    await loseItsRun(incident);
    await openedAgain(incident, 'calls');
    await earlier.answer();
    await earlier.press('1');
    await earlier.hangUp();

    await supervisor.hears(incident);
    await incident.isStill('triggered');
    await supervisor.picksUp();
    await supervisor.presses('1');
    await incident.until('acknowledged');
  });

  it('an action of the interface that names it, and an id that names none means what is open', async () => {
    const incident = await people.open('mails');
    const { occurrence = '' } = await incident.until('told');
    await loseItsRun(incident);
    const { number } = await openedAgain(incident, 'mails');
    const by = { name: 'test' };
    await expect(house.client.acknowledge(incident.id, { by, occurrence })).rejects.toThrow(
      `this means an earlier occurrence, which is over; what is open now is number ${String(number)}`,
    );
    expect(await house.client.describe(incident.id, { occurrence })).toMatchObject({
      occurrence,
      progress: 'Triggered',
    });
    await expect(house.client.describe(incident.id, { occurrence: 'never' })).rejects.toThrow(WorkflowNotFoundError);
    expect(await house.client.acknowledge(incident.id, { by })).toMatchObject({ progress: 'Processing' });
  });
});

it('the number that people say is not of the id, which whoever opens an incident chooses', async () => {
  const one = await people.open('mails');
  const { number } = await one.view();
  await loseItsRun(one);
  expect((await openedAgain(one, 'mails')).number).not.toBe(number);
});

describe('two incidents with one number', () => {
  /** As chance would have it once in a thousand million: only somebody who writes the namespace can give a number. */
  async function openedWith(number: string): Promise<string> {
    const id = `${house.configuration.prefix}-twin-${randomUUID().slice(0, 8)}`;
    await house.temporal.workflow.start('escalateIncident', {
      workflowId: incidentWorkflowId(id),
      taskQueue: house.configuration.prefix,
      args: [
        {
          incident: { id, title: `${id} is down`, severity: 'Warning', channel: 'mails' },
          reopened: { by: { name: 'test' }, timeline: [], responders: [], lastId: 0, number },
        },
      ],
    });
    return id;
  }
  const listedAs = (number: string, count: number) =>
    expect
      .poll(
        async () => {
          const query = `WorkflowType = 'escalateIncident' AND IncidentNumber = '${number}'`;
          const found: string[] = [];
          for await (const { runId } of house.temporal.workflow.list({ query })) found.push(runId);
          return found.length;
        },
        { timeout: 20_000 },
      )
      .toBe(count);

  it('are both named, and nothing is done, whoever says the number', async () => {
    const number = spoken(randomBytes(6).toString('hex').slice(0, 6));
    const ids = [await openedWith(number), await openedWith(number)];
    await listedAs(number, 2);

    const before = house.sandbox.world.cards.length;
    await house.sandbox.feishu.write('ou_primary', `ack ${number}`);
    const answer = await people.untilSeen(
      'the answer of the bot',
      () => house.sandbox.world.cards.slice(before).find(({ text }) => text !== undefined)?.text,
    );
    expect(answer).toContain(`several incidents have the number ${number}`);
    for (const id of ids) expect(answer).toContain(`${id} is down`);

    const found = findIncident(house.temporal, number);
    await expect(found).rejects.toThrow(`${number} is the number of several incidents`);
    for (const id of ids) await expect(found).rejects.toThrow(id);

    for (const id of ids) {
      expect(await house.client.describe(id)).toMatchObject({ number, progress: 'Triggered' });
      await house.client.close(id, { by: { name: 'test' } });
    }
  });

  it('are told apart by a short link, which was signed for one of them', async () => {
    const number = spoken(randomBytes(6).toString('hex').slice(0, 6));
    const ids = [await openedWith(number), await openedWith(number)];
    await listedAs(number, 2);
    for (const id of ids) {
      const { workflowId, occurrence } = await house.client.describe(id);
      const named = { workflowId, occurrence, number, member: 'primary' };
      const link = shortUrl(house.gatewayUrl, named, house.configuration.gateway.secrets);
      expect(await (await fetch(link)).text()).toContain(`${id} is down`);
      await house.client.close(id, { by: { name: 'test' } });
    }
  });
});
