import { afterAll, beforeAll, expect, it } from 'vitest';
import { PEOPLE } from '../../sandbox/demo/configuration.ts';
import type { House } from '../../sandbox/demo/house.ts';
import { openTestHouse } from '../e2e/house.ts';
import { freshPrefix } from '../server.ts';

const MEMBERS = ['primary', 'backup', 'supervisor'] as const;
const prefix = freshPrefix();
let house: House;

beforeAll(async () => {
  house = await openTestHouse({
    prefix,
    sandbox: {
      limits: false,
      people: [...PEOPLE, { name: 'stranger', openId: 'ou_stranger' }, { name: 'newcomer', openId: 'ou_newcomer' }],
    },
  });
});
afterAll(async () => {
  for (const member of MEMBERS) {
    await house.temporal.workflow
      .getHandle(`${prefix}.member-${member}`)
      .terminate()
      .catch(() => undefined);
  }
  await house.close();
});

/** What the bot answers. */
async function write(openId: string, text: string): Promise<string> {
  const before = house.sandbox.world.cards.length;
  await house.sandbox.feishu.write(openId, text);
  const answer = () => house.sandbox.world.cards.slice(before).find((card) => card.to === openId)?.text;
  await expect.poll(answer).toBeDefined();
  return answer() ?? '';
}

it('a stranger has the members sent five codes an hour, however many members there are', async () => {
  for (const member of [...MEMBERS, 'primary', 'backup']) {
    expect(await write('ou_stranger', `link ${member}`)).toContain('If you are this member');
  }
  expect(await write('ou_stranger', 'link supervisor')).toContain('You have asked for too many codes');
  expect(await write('ou_stranger', 'link nobody')).toContain('You have asked for too many codes');

  // Somebody else is sent theirs; by then one of the stranger's would have come too.
  expect(await write('ou_newcomer', 'link supervisor')).toContain('If you are this member');
  const mails = () => house.sandbox.world.mails.filter(({ to }) => to.includes('supervisor@example.com'));
  await expect.poll(() => mails().length).toBe(2);
});

it('a stranger who guesses codes all day is heard ten times, and then not even with a right one', async () => {
  const [mail] = house.sandbox.world.mails.filter(({ to }) => to.includes('backup@example.com'));
  expect(mail).toBeDefined();
  for (let n = 0; n < 10; n += 1) {
    expect(await write('ou_stranger', `link supervisor-00000${String(n)}`)).toMatch(/not the code|no such code/);
  }
  const latest = house.sandbox.world.mails.filter(({ to }) => to.includes('backup@example.com')).at(-1);
  const code = /\b\d{6}\b/.exec(latest?.text ?? '')?.[0] ?? '';
  expect(await write('ou_stranger', `link backup-${code}`)).toContain('There is no such code any more');
});
