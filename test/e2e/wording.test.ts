import { afterAll, beforeAll, expect, it } from 'vitest';
import { openHouse, type House } from '../../sandbox/demo/house.ts';
import { freshPrefix, serverAddress, serverNamespace, workflowBundle } from '../server.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const TEMPLATES = `wording: house
templates:
  house:
    - { media: [mail], subject: 'Aufgewacht! {{ incident.title }}', text: '{{ labels.service }}: {{ link }}' }
    - { media: [hook], text: '{% for responder in responders %}{{ responder.nick }}{% endfor %}' }
`;
const CHANNELS = `  worded:
    rules:
      - name: by mail
        levels:
          - to: { members: [primary] }
            by: { default: [email] }
            groups: [{ account: hook }]
`;

let house: House;
beforeAll(async () => {
  house = await openHouse({
    address: serverAddress(),
    namespace: serverNamespace(),
    prefix: freshPrefix(),
    workflowBundle: await workflowBundle(),
    sandbox: { limits: false, port: 0, webhook: { secret: SECRET } },
    channels: CHANNELS,
    edit: (yaml) => {
      const baseUrl = /baseUrl: (\S+)/.exec(yaml)?.[1] ?? '';
      const hook = `  hook: { adapter: webhook.bot, webhook: "${baseUrl}/webhooks/sandbox", secret: ${SECRET}, allowPrivate: true }`;
      return `${TEMPLATES}${yaml.replace(/^accounts:$/m, `accounts:\n${hook}`)}`;
    },
  });
});
afterAll(() => house.close());

it('pages in words of one’s own, and in the preset’s where a template fails, which the timeline tells', async () => {
  await house.client.open({ id: 'worded', title: 'db-7 is down', channel: 'worded', labels: { service: 'db' } });
  const { mails, cards } = house.sandbox.world;
  await until(() => mails.length > 0 && cards.length > 0);
  expect(mails[0]?.subject).toBe('Aufgewacht! db-7 is down');
  expect(mails[0]?.text).toMatch(/\ndb: http:\/\/127\.0\.0\.1:\d+\/i\//);
  const body = cards.find(({ vendor }) => vendor === 'webhook')?.card;
  expect(body).toMatchObject({
    type: 'incident.opened',
    data: {
      incident: { rule: 'worded/by mail', responders: [{ name: 'Primary', email: 'primary@example.com' }] },
      text: { text: 'A new incident needs you.' },
    },
  });
  await house.client.close('worded', { by: { name: 'test' } });
  const { timeline } = await house.client.result('worded');
  const told = timeline.filter(({ text }) => text.includes('preset')).map(({ text }) => text);
  expect(told[0]).toBe(
    "hook → hook: in the preset's words, the template house failed: undefined variable: responder.nick",
  );
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => house.sandbox.world.once('change', resolve));
}
