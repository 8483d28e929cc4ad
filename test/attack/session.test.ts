import { Client, Connection } from '@temporalio/client';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { yamlDirectory } from '../../config/duty/directory.ts';
import { parseConfiguration } from '../../config/load.ts';
import { ConfigurationSource } from '../../config/watch.ts';
import { createGateway } from '../../gateway/index.ts';
import { mintToken } from '../../links/token.ts';
import { pageUrl } from '../../links/url.ts';
import { shortUrl } from '../../links/short.ts';
import type { House } from '../../sandbox/demo/house.ts';
import { openTestHouse } from '../e2e/house.ts';
import { freshPrefix, serverAddress, serverNamespace } from '../server.ts';
import { Tab } from './tab.ts';

const prefix = freshPrefix();
const MINE = `${prefix}-mine`;
const OTHER = `${prefix}-other`;
let house: House;

beforeAll(async () => {
  house = await openTestHouse({ prefix, sandbox: { limits: false }, escalateAfter: '12h' });
  for (const id of [MINE, OTHER]) {
    await house.client.open({ id, title: `${id} is down`, severity: 'Critical', channel: 'payments' });
  }
});
afterAll(async () => {
  for (const id of [MINE, OTHER]) await house.client.close(id, { by: { name: 'test' } });
  for (const id of ['member-primary', 'member-supervisor', 'account-feishu-cn']) {
    await house.temporal.workflow
      .getHandle(`${prefix}.${id}`)
      .terminate()
      .catch(() => undefined);
  }
  await house.close();
});

/** The page's address for a member, or for a group. */
function linkTo(id: string, member: string | null = null): string {
  const named = { workflowId: `incident-${id}`, notification: '', account: 'mail', member, now: Date.now() };
  return pageUrl(house.gatewayUrl, named, house.configuration.gateway.secrets);
}

const READ_ONLY = 'You can read this page.';
const nonceOf = (text: string): string => /name="nonce" value="([^"]+)"/.exec(text)?.[1] ?? '';
const sessions = async (member: string): Promise<{ id: string; since: number; browser: string }[]> =>
  (await house.temporal.workflow.getHandle(`${prefix}.member-${member}`).query<{ sessions: [] }>('proved')).sessions;

/** Signs a browser in by the code that goes to the member's own mail. */
async function signsIn(tab: Tab, member: 'primary' | 'supervisor', who: string = member): Promise<void> {
  const page = `${linkTo(OTHER)}/sign-in`;
  const asked = await tab.go(page, { action: 'ask', who });
  expect(asked.text).toContain('If you are a member, a code comes');
  const mail = await house.sandbox.responder(member).expectMail('Your code');
  const state = /name="state" value="([^"]+)"/.exec(asked.text)?.[1] ?? '';
  const code = /\b\d{6}\b/.exec(mail.text)?.[0] ?? '';
  await enters(tab, page, { state, code });
  expect((await tab.go(linkTo(OTHER))).text).toContain('You act as');
}

/** The mail may be there before the workflow knows that it has left. */
async function enters(tab: Tab, page: string, typed: { state: string; code: string }): Promise<void> {
  const entered = async (): Promise<string> => (await tab.go(page, { action: 'try', ...typed })).location;
  await expect.poll(entered, { timeout: 10_000 }).toBe(`../${new URL(page).pathname.split('/')[2] ?? ''}`);
}

/** Signs a browser in by the platform, which knows the person by an id of the file. */
async function signsInByApp(tab: Tab, openId: string): Promise<string> {
  const { location } = await tab.go(`${house.gatewayUrl}/app/feishu-cn`);
  return (await tab.go(house.sandbox.feishu.signIn(location, openId))).text;
}

describe('a personal link', () => {
  it('that was forwarded acts on its own incident and signs nobody in', async () => {
    const foreign = new Tab();
    const own = await foreign.go(linkTo(MINE, 'supervisor'));
    expect(own.text).toContain('You act as Supervisor.');
    expect(foreign.cookie('responder')).toBeUndefined();
    expect((await foreign.go(linkTo(OTHER))).text).toContain(READ_ONLY);
    const pressed = await foreign.go(linkTo(OTHER), { nonce: nonceOf(own.text), action: 'acknowledge' });
    expect(pressed.status).toBe(403);
    expect((await house.client.describe(OTHER)).progress).toBe('Triggered');
  });

  it('of somebody else does not change who one is without asking', async () => {
    const tab = new Tab();
    await signsIn(tab, 'primary');
    const shown = await tab.go(linkTo(MINE, 'supervisor'));
    expect(shown.text).toContain('This link was sent to Supervisor. You are signed in as Primary');
    expect(shown.text).toContain('You act as Primary.');
    const chosen = await tab.go(`${linkTo(MINE, 'supervisor')}?as=holder`);
    expect(chosen.text).toContain('You act as Supervisor.');
    expect((await tab.go(linkTo(OTHER))).text).toContain('You act as Primary.');
    // The form of one name does not act in the other.
    const press = { nonce: nonceOf(chosen.text), action: 'comment', text: 'looking' };
    expect((await tab.go(linkTo(MINE, 'supervisor'), press)).status).toBe(400);
  });
});

describe('a browser that is signed in', () => {
  it('acts on what groups link to, until it signs itself out', async () => {
    const tab = new Tab();
    await signsIn(tab, 'primary', 'Primary@Example.com');
    const { text } = await tab.go(linkTo(OTHER));
    expect(text).toContain('You are signed in with this browser as Primary.');
    expect((await sessions('primary')).map(({ browser }) => browser)).toContain('Chrome, Linux');
    const kept = tab.cookie('responder') ?? '';

    const nonce = /action="\/session"[^]*?name="nonce" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const out = await tab.go(`${house.gatewayUrl}/session`, { nonce, action: 'out' });
    expect(out.text).toContain('You are signed out in this browser.');
    expect(tab.cookie('responder')).toBeUndefined();
    expect((await tab.go(linkTo(OTHER))).text).toContain(READ_ONLY);
    // Neither does the cookie count that somebody has kept.
    const thief = new Tab();
    thief.setCookie('responder', kept);
    expect((await thief.go(linkTo(OTHER))).text).toContain(READ_ONLY);
    expect((await thief.go(`${house.gatewayUrl}/session`)).status).toBe(401);
  });

  it('is signed out by another browser of the same person, by all of them at once, and by unlinking', async () => {
    const [phone, desk] = [new Tab(), new Tab()];
    await signsInByApp(phone, 'ou_supervisor');
    await signsIn(desk, 'supervisor');
    const list = await desk.go(`${house.gatewayUrl}/session`);
    const [first] = await sessions('supervisor');
    expect(await sessions('supervisor')).toHaveLength(2);
    const other = await desk.go(`${house.gatewayUrl}/session`, {
      nonce: nonceOf(list.text),
      action: `out ${first?.id ?? ''}`,
    });
    expect(other.text).toContain('That browser is signed out.');
    expect((await phone.go(linkTo(OTHER))).text).toContain(READ_ONLY);
    expect((await desk.go(linkTo(OTHER))).text).toContain('You act as Supervisor.');

    await signsInByApp(phone, 'ou_supervisor');
    expect((await phone.go(linkTo(OTHER))).text).toContain('You act as Supervisor.');
    const everywhere = { nonce: nonceOf(list.text), action: 'everywhere' };
    expect((await desk.go(`${house.gatewayUrl}/session`, everywhere)).text).toContain('signed out in all browsers');
    expect((await phone.go(linkTo(OTHER))).text).toContain(READ_ONLY);

    const member = house.temporal.workflow.getHandle(`${prefix}.member-supervisor`);
    await member.executeUpdate('link', { args: [{ account: 'slack', identity: 'U1' }] });
    await signsIn(desk, 'supervisor');
    await member.executeUpdate('unlink', { args: [{ account: 'slack' }] });
    expect((await desk.go(linkTo(OTHER))).text).toContain(READ_ONLY);
  });

  it('is not made another’s by a sign-in with a platform', async () => {
    const tab = new Tab();
    await signsInByApp(tab, 'ou_primary');
    const text = await signsInByApp(tab, 'ou_supervisor');
    expect(text).toContain('You are signed in with this browser as Primary, and stay so.');
    expect((await tab.go(linkTo(OTHER))).text).toContain('You act as Primary.');
  });

  it('is none with a cookie of an earlier version, which nobody can revoke', async () => {
    const claims = { workflowId: '', notification: '', revision: 0, action: 'cookie', account: '', member: 'primary' };
    const { secrets } = house.configuration.gateway;
    const tab = new Tab();
    tab.setCookie('responder', mintToken({ purpose: 'page', ...claims, expiresAt: Date.now() + 60_000 }, secrets));
    expect((await tab.go(linkTo(OTHER))).text).toContain(READ_ONLY);
  });
});

describe('signing in', () => {
  it('takes a link of an incident, and tells nobody who is a member', async () => {
    const tab = new Tab();
    expect((await tab.go(`${house.gatewayUrl}/i/x.y/sign-in`, { action: 'ask', who: 'primary' })).status).toBe(404);
    const shown = async (who: string): Promise<string> =>
      (await tab.go(`${linkTo(OTHER)}/sign-in`, { action: 'ask', who })).text.replace(/name="state" value="[^"]+"/, '');
    const member = await shown('primary');
    expect(member).toContain('If you are a member, a code comes');
    expect(await shown('nobody@example.com')).toBe(member);
  });

  it('is not to be begun by one browser and ended by another', async () => {
    const [theirs, mine] = [new Tab(), new Tab()];
    const page = `${linkTo(OTHER)}/sign-in`;
    const asked = await theirs.go(page, { action: 'ask', who: 'backup' });
    const mail = await house.sandbox.responder('backup').expectMail('Your code');
    const state = /name="state" value="([^"]+)"/.exec(asked.text)?.[1] ?? '';
    const code = /\b\d{6}\b/.exec(mail.text)?.[0] ?? '';
    expect((await mine.go(page, { action: 'try', state, code })).status).toBe(400);
    expect(mine.cookie('responder')).toBeUndefined();
    const wrong = { action: 'try', state, code: code === '000000' ? '000001' : '000000' };
    const answered = async (): Promise<string> => (await theirs.go(page, wrong)).text;
    await expect.poll(answered, { timeout: 10_000 }).toContain('That is not the code.');
    expect((await theirs.go(page, { action: 'try', state, code })).status).toBe(303);
  });
});

describe('a member who has left', () => {
  it('can neither see nor do anything by a link or a browser of theirs', async () => {
    const tab = new Tab();
    await signsInByApp(tab, 'ou_primary');
    const yaml = house.yaml.replace(/^ {2}primary: .*\n/m, '').replaceAll('primary', 'supervisor');
    const source = ConfigurationSource.fixed(
      parseConfiguration(yaml.replace(/db: \[.*\]/, 'db: [backup]'), { file: 'f', env: {} }),
    );
    const client = new Client({
      connection: await Connection.connect({ address: serverAddress() }),
      namespace: serverNamespace(),
    });
    const gateway = createGateway({
      source,
      client,
      directory: yamlDirectory(source),
      logger: pino({ level: 'silent' }),
    });
    const { secrets } = house.configuration.gateway;
    const path = new URL(linkTo(MINE, 'primary')).pathname;
    const { number } = await house.client.describe(MINE);
    const short = new URL(shortUrl(house.gatewayUrl, { workflowId: 'incident-1', number, member: 'primary' }, secrets))
      .pathname;
    for (const [way, method] of [
      [path, 'GET'],
      [path, 'POST'],
      [`${path}/contacts.vcf`, 'GET'],
      [`${path}/sign-in`, 'GET'],
      [short, 'GET'],
    ] as const) {
      const answer = await gateway.app.request(way, { method });
      expect([way, answer.status]).toEqual([way, 410]);
      const text = await answer.text();
      expect(text).toContain('no longer a member');
      expect(text).not.toContain('is down');
    }
    const cookie = `responder=${tab.cookie('responder') ?? ''}`;
    const group = await gateway.app.request(new URL(linkTo(OTHER)).pathname, { headers: { cookie } });
    expect(await group.text()).toContain(READ_ONLY);
    await client.connection.close();
  });
});
