import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../sandbox/demo/configuration.ts';
import type { House } from '../../sandbox/demo/house.ts';
import { openTestHouse } from '../e2e/house.ts';
import { freshPrefix } from '../server.ts';
import { Tab } from './tab.ts';

const prefix = freshPrefix();
/** The tenant's administrator has imported somebody else's address for this one. */
const INTRUDER = { name: 'intruder', openId: 'ou_intruder', email: 'backup@example.com', phone: '+8613800000002' };
/** The company runs this mailbox, whose address differs from backup's by a Kelvin sign. */
const KELVIN = { name: 'kelvin', openId: 'ou_kelvin', enterpriseEmail: 'bac\u212aup@example.com' };
const COMPANY = { name: 'company', openId: 'ou_company', enterpriseEmail: 'Backup@Example.com' };
const SECOND = { name: 'second', openId: 'ou_second', enterpriseEmail: 'backup@example.com' };
/** Whom the file names by another id. */
const DOUBLE = { name: 'double', openId: 'ou_double', enterpriseEmail: 'primary@example.com' };
let house: House;

beforeAll(async () => {
  const strangers = [INTRUDER, KELVIN, COMPANY, SECOND, DOUBLE];
  house = await openTestHouse({ prefix, sandbox: { limits: false, people: [...PEOPLE, ...strangers] } });
});
afterAll(async () => {
  for (const id of ['member-backup', 'member-primary', 'account-feishu-cn']) {
    await house.temporal.workflow
      .getHandle(`${prefix}.${id}`)
      .terminate()
      .catch(() => undefined);
  }
  await house.close();
});

const identitiesOf = async (member: string): Promise<Record<string, string>> => {
  const handle = house.temporal.workflow.getHandle(`${prefix}.member-${member}`);
  return (await handle.query<{ identities: Record<string, string> }>('proved')).identities;
};
/** What somebody was sent by Feishu in plain words. */
const toldInFeishu = (openId: string): string[] =>
  house.sandbox.world.cards.flatMap(({ to, text }) => (to === openId && text !== undefined ? [text] : []));

async function visits(openId: string): Promise<{ tab: Tab; text: string }> {
  const tab = new Tab();
  const { location } = await tab.go(`${house.gatewayUrl}/app/feishu-cn`);
  return { tab, text: (await tab.go(house.sandbox.feishu.signIn(location, openId))).text };
}

async function entersCode(openId: string, member: 'primary' | 'backup'): Promise<string> {
  const { tab, text } = await visits(openId);
  const post = async (page: string, form: Record<string, string>): Promise<string> => {
    const state = /name="state" value="([^"]+)"/.exec(page)?.[1] ?? '';
    return (await tab.go(`${house.gatewayUrl}/oauth/feishu-cn`, { state, ...form })).text;
  };
  const asked = await post(text, { action: 'ask', member });
  const mail = await house.sandbox.responder(member).expectMail('Your code');
  const code = /\b\d{6}\b/.exec(mail.text)?.[0] ?? '';
  const linked = await post(asked, { action: 'try', code });
  expect(linked).toContain('linked to');
  return asked;
}

describe('linking an account of a chat platform', () => {
  it('takes a code of whoever has only the phone and e-mail that an administrator entered', async () => {
    const { text } = await visits('ou_intruder');
    expect(text).toContain('Who are you?');
    // It is a suggestion, no more.
    expect(text).toMatch(/<option value="backup"\s+selected/);
    expect(text).not.toContain('linked to');
  });

  it('takes no other letter for one that looks or folds like it', async () => {
    expect((await visits('ou_kelvin')).text).toContain('Who are you?');
  });

  it('happens at once where the company runs the mailbox and nobody is linked yet, and the member hears of it', async () => {
    expect((await visits('ou_company')).text).toContain('linked to Backup');
    expect(await identitiesOf('backup')).toEqual({ 'feishu-cn': 'ou_company' });
    const { text } = await house.sandbox.responder('backup').expectMail('Your link to feishu-cn has changed');
    expect(text).toContain('was linked to you');
    await house.sandbox.responder('backup').expectText(/Your link to feishu-cn/);
  });

  it('never takes the place of an earlier link without the code, whatever the platform proves', async () => {
    expect((await visits('ou_second')).text).toContain('Who are you?');
    expect(await identitiesOf('backup')).toEqual({ 'feishu-cn': 'ou_company' });
  });

  it('takes its place by the code, and the member hears of it by mail, text and the account that was replaced', async () => {
    const asked = await entersCode('ou_second', 'backup');
    expect(asked).toContain('The code replaces it');
    expect(await identitiesOf('backup')).toEqual({ 'feishu-cn': 'ou_second' });
    const backup = house.sandbox.responder('backup');
    const replaced = (): boolean => backup.mails.some((mail) => mail.text.includes('in place of the one before'));
    await expect.poll(replaced, { timeout: 10_000 }).toBe(true);
    await expect.poll(() => toldInFeishu('ou_company').join(), { timeout: 10_000 }).toContain('in place of the one');
    expect(toldInFeishu('ou_second')).toEqual([]);
  });

  it('takes a code of whom the file knows by another id, who is told there', async () => {
    expect((await visits('ou_double')).text).toContain('Who are you?');
    await entersCode('ou_double', 'primary');
    await expect.poll(() => toldInFeishu('ou_primary').join(), { timeout: 10_000 }).toContain('was linked to you');
  });

  it('is refused to whoever asks the workflow itself, too', async () => {
    const handle = house.temporal.workflow.getHandle(`${prefix}.member-backup`);
    const link = { args: [{ account: 'feishu-cn', identity: 'ou_intruder' }] as [object] };
    await expect(handle.executeUpdate('link', link)).rejects.toMatchObject({
      cause: { message: expect.stringContaining('another id is linked') as string },
    });
    expect(await identitiesOf('backup')).toEqual({ 'feishu-cn': 'ou_second' });
  });
});
