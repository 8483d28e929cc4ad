import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ConfigurationSource } from '../../config/watch.ts';
import type { House } from '../../sandbox/demo/house.ts';
import { PEOPLE } from '../../sandbox/demo/configuration.ts';
import { startWorkers, type WorkerService } from '../../worker/service.ts';
import { serverAddress, serverNamespace, workflowBundle } from '../server.ts';
import { openTestHouse } from './house.ts';

const CHANNELS = `  chat:
    rules:
      - name: by chat
        levels:
          - { to: { members: [backup] }, by: { default: [feishu-cn] }, escalateAfter: 1h }
          - { to: { members: [supervisor] }, by: { default: [email] } }
`;
/** Of the tenant, with a phone and a mail that the configuration does not know. */
const GUEST = { name: 'guest', openId: 'ou_guest', email: 'private@example.net', phone: '+8613899999999' };

let house: House;
let restarted: WorkerService | undefined;
let serial = 0;
const opened: string[] = [];

beforeAll(async () => {
  house = await openTestHouse({
    sandbox: { limits: false, people: [...PEOPLE.map((one) => ({ ...one, enterpriseEmail: one.email })), GUEST] },
    channels: CHANNELS,
  });
});
afterEach(async () => {
  for (const id of opened.splice(0)) await house.client.close(id, { by: { name: 'test' } }).catch(() => undefined);
});
afterAll(async () => {
  await restarted?.stop();
  for (const id of ['member-backup', 'member-supervisor', 'account-feishu-cn']) {
    await house.temporal.workflow
      .getHandle(`${house.configuration.prefix}.${id}`)
      .terminate()
      .catch(() => undefined);
  }
  await house.close();
});

async function open(channel = 'chat'): Promise<string> {
  serial += 1;
  const id = `${house.configuration.prefix}-${String(serial)}`;
  opened.push(id);
  await house.client.open({ id, title: `db-${String(serial)} is down`, severity: 'Critical', channel });
  return id;
}

async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const giveUpAt = Date.now() + 10_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > giveUpAt) throw new Error(`waited in vain for ${look.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A browser inside the platform's client: one tab, with its cookies. */
class Browser {
  readonly #cookies = new Map<string, string>();

  async go(url: string, form?: Record<string, string>): Promise<{ status: number; text: string; location: string }> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const set of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (set.split(';')[0] ?? '').split('=');
      this.#cookies.set(name, value);
    }
    return { status: answer.status, text: await answer.text(), location: answer.headers.get('location') ?? '' };
  }

  /** From the home page of the app to what it says. */
  async visit(openId: string) {
    const { location } = await this.go(`${house.gatewayUrl}/app/feishu-cn`);
    return this.go(house.sandbox.feishu.signIn(location, openId));
  }

  send(page: { text: string }, form: Record<string, string>) {
    const state = /name="state" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    return this.go(`${house.gatewayUrl}/oauth/feishu-cn`, { state, ...form });
  }
}

/** What somebody without a card of their own sees when they acknowledge the supervisor's. */
async function pressedBy(openId: string): Promise<string> {
  const id = await open();
  const card = await until(() =>
    house.sandbox.world.cards.find((one) => JSON.stringify([one.card]).includes(`db-${String(serial)} is down`)),
  );
  const { toast } = await house.sandbox.feishu.click(card.id, { openId, action: 'Acknowledge' });
  await house.client.describe(id);
  return toast?.content ?? '';
}

const identities = async (): Promise<unknown> => {
  const handle = house.temporal.workflow.getHandle(`${house.configuration.prefix}.member-backup`);
  return (await handle.query<{ identities: unknown }>('proved')).identities;
};

describe('linking an account of a chat platform', () => {
  it('takes no more than opening the app, for whoever has a mailbox of the company that one member has', async () => {
    const page = await new Browser().visit('ou_backup');
    expect(page.text).toContain('linked to Backup');
    expect(await identities()).toEqual({ 'feishu-cn': 'ou_backup' });
    expect(await pressedBy('ou_backup')).toBe('Acknowledged. It is yours now.');
  });

  it('says the same to whoever opens it again, and to whom the configuration names', async () => {
    expect((await new Browser().visit('ou_backup')).text).toContain('linked to Backup');
    const named = await new Browser().visit('ou_supervisor');
    expect(named.text).toContain('linked to Supervisor');
    expect(named.text).not.toContain('Undo');
  });

  it('takes a code to the member’s own mail for anybody else, and only the right one', async () => {
    expect(await pressedBy('ou_guest')).toContain(`open ${house.gatewayUrl}/app/feishu-cn inside the app`);
    const browser = new Browser();
    const who = await browser.visit('ou_guest');
    expect(who.text).toContain('<option value="backup">Backup</option>');
    const asked = await browser.send(who, { action: 'ask', member: 'backup' });
    expect(asked.text).toContain('A code is on its way');
    const mail = await house.sandbox.responder('backup').expectMail('Your code');
    const code = /\b\d{6}\b/.exec(mail.text)?.[0] ?? '';
    const wrong = code === '000000' ? '000001' : '000000';
    const refused = await browser.send(asked, { action: 'try', code: wrong });
    expect(refused.text).toContain('That is not the code');
    expect((await browser.send(refused, { action: 'try', code })).text).toContain('linked to Backup');
    expect(await identities()).toEqual({ 'feishu-cn': 'ou_guest' });
    expect(await pressedBy('ou_guest')).toBe('Acknowledged. It is yours now.');
  });

  it('leaves neither the code nor an address in any history', async () => {
    const browser = new Browser();
    await browser.send(await browser.visit('ou_unknown'), { action: 'ask', member: 'backup' });
    const mail = await house.sandbox.responder('backup').expectMail('Your code');
    const code = /\b\d{6}\b/.exec(mail.text)?.[0] ?? 'no code';
    const handle = house.temporal.workflow.getHandle(`${house.configuration.prefix}.member-backup`);
    const history = await handle.fetchHistory();
    const payloads = (history.events ?? []).map((event) => JSON.stringify(event, bytesAsText)).join('\n');
    expect(payloads).toContain('requestCode');
    for (const secret of [code, 'backup@example.com', '13800000002']) expect(payloads).not.toContain(secret);
  });

  it('is nothing that another browser, another account or an old page could do', async () => {
    const browser = new Browser();
    const { location } = await browser.go(`${house.gatewayUrl}/app/feishu-cn`);
    const back = house.sandbox.feishu.signIn(location, 'ou_guest');
    expect((await new Browser().go(back)).status).toBe(400);
    expect((await browser.go(back.replace('state=', 'state=x'))).status).toBe(400);
    expect((await browser.go(`${house.gatewayUrl}/oauth/mail?code=x&state=y`)).status).toBe(404);
    const page = await browser.go(back);
    expect((await new Browser().send(page, { action: 'unlink' })).status).toBe(400);
    // The platform's code was good once.
    expect((await browser.go(back)).status).toBe(400);
  });

  it('decides to whom the next page goes, and survives the end of every process', async () => {
    await house.worker?.stop();
    restarted = await startWorkers({
      source: ConfigurationSource.fixed(house.configuration),
      logger: pino({ level: 'silent' }),
      connection: { address: serverAddress() },
      namespace: serverNamespace(),
      workflowBundle: await workflowBundle(),
    });
    // The first question after a restart finds no worker within 300 ms; then the page goes to whom the phone finds.
    expect(await identities()).toEqual({ 'feishu-cn': 'ou_guest' });
    const account = house.temporal.workflow.getHandle(`${house.configuration.prefix}.account-feishu-cn`);
    expect(await account.query('whoIs', 'ou_guest')).toBe('backup');
    expect(await pressedBy('ou_guest')).toBe('Acknowledged. It is yours now.');
    expect(house.sandbox.world.cards.filter(({ card }) => card !== undefined).at(-1)?.to).toBe('ou_guest');
  });

  it('can be undone', async () => {
    const browser = new Browser();
    const page = await browser.visit('ou_guest');
    expect((await browser.send(page, { action: 'unlink' })).text).toContain('The link was undone');
    expect(await identities()).toEqual({});
    expect(await pressedBy('ou_guest')).toContain('Nothing was done');
  });
});

describe('writing to the bot', () => {
  /** What the bot answers. */
  async function write(openId: string, text: string, chat?: string): Promise<string> {
    const before = house.sandbox.world.cards.length;
    expect((await house.sandbox.feishu.write(openId, text, chat)).status).toBe(200);
    return until(
      () =>
        house.sandbox.world.cards.slice(before).find((card) => card.text !== undefined && card.to === (chat ?? openId))
          ?.text,
    );
  }
  /** Visible in the list of open incidents, with its number. */
  async function listed(id: string): Promise<string> {
    return until(async () => {
      const query = `WorkflowId = 'incident-${id}' AND ExecutionStatus = 'Running'`;
      for await (const _ of house.temporal.workflow.list({ query })) return (await house.client.describe(id)).number;
      return undefined;
    });
  }
  const assigned = async (id: string): Promise<string> => {
    const number = await listed(id);
    await until(async () => ((await house.client.describe(id)).responders.length > 0 ? true : undefined));
    return number;
  };
  const progress = async (id: string): Promise<string> => (await house.client.describe(id)).progress;

  it('acknowledges by number, whoever it is assigned to', async () => {
    const id = await open('payments');
    const number = await assigned(id);
    expect(await write('ou_supervisor', `@_user_1  ack #${number.toLowerCase()}`)).toContain(
      'Acknowledged. It is yours now.',
    );
    expect(await progress(id)).toBe('Processing');
    expect(await write('ou_primary', `ack ${number}`)).toContain('Already acknowledged by Supervisor');
  });

  it('acknowledges the only one that is assigned to whoever writes no number', async () => {
    expect(await write('ou_primary', 'ack')).toBe('No open incident is assigned to you.');
    const id = await open('payments');
    await assigned(id);
    expect(await write('ou_supervisor', 'ack')).toBe('No open incident is assigned to you.');
    expect(await write('ou_primary', 'ack')).toContain('Acknowledged. It is yours now.');
    expect(await progress(id)).toBe('Processing');
  });

  it('lists several instead of choosing one, and acts on none', async () => {
    const ids = [await open('payments'), await open('payments')];
    const numbers = [await assigned(ids[0] ?? ''), await assigned(ids[1] ?? '')];
    const answer = await write('ou_primary', 'ack');
    expect(answer).toContain('write "ack" and the number');
    for (const number of numbers) expect(answer).toContain(number);
    expect([await progress(ids[0] ?? ''), await progress(ids[1] ?? '')]).toEqual(['Triggered', 'Triggered']);
  });

  it('shows one incident with a link that is nobody’s own, in the group where it was asked', async () => {
    const number = await assigned(await open('payments'));
    const answer = await write('ou_primary', `status ${number}`, 'oc_ops');
    expect(answer).toMatch(/Not acknowledged, level 1 of 2[^]*\/i\//);
    const page = await fetch(/http\S+/.exec(answer)?.[0] ?? '');
    expect(await page.text()).toContain('You can read this page');
  });

  it('answers what it does not know, and whom it does not know', async () => {
    expect(await write('ou_primary', 'status ZZZZZZ')).toBe('No incident has the number ZZZZZZ.');
    expect(await write('ou_primary', 'hello <at user_id="all"></at>')).toContain('Write "ack 7QK2MD"');
    expect(await write('ou_guest', 'ack')).toContain('Nothing was done');
    // Who is a member and who is not cannot be told by the answer.
    const answers = [await write('ou_guest', 'link nonsense'), await write('ou_guest', 'link backup')];
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('a code comes to your own');
  });

  it('links with a code that was sent to a member', async () => {
    const browser = new Browser();
    await browser.send(await browser.visit('ou_guest'), { action: 'ask', member: 'backup' });
    const mail = await house.sandbox.responder('backup').expectMail('Your code');
    const command = /link backup-\d{6}/.exec(mail.text)?.[0] ?? 'no command';
    expect(await write('ou_backup', command)).toContain('There is no such code');
    expect(await write('ou_guest', command)).toContain('linked to Backup');
    expect(await identities()).toEqual({ 'feishu-cn': 'ou_guest' });
  });

  it('asks for such a code, too', async () => {
    expect(await write('ou_stranger', 'linkUser supervisor')).toContain('a code comes to your own');
    const mail = await house.sandbox.responder('supervisor').expectMail('Your code');
    const command = /link supervisor-\d{6}/.exec(mail.text)?.[0] ?? 'no command';
    // The mail may be there before the workflow knows that it has left.
    await expect.poll(() => write('ou_stranger', command), { timeout: 10_000 }).toContain('linked to Supervisor');
    expect(await write('ou_stranger', 'status')).toContain('No open incident is assigned to you');
  });

  it('keeps the groups that events tell of', async () => {
    await house.sandbox.feishu.event('im.chat.member.bot.added_v1', { chat_id: 'oc_new', name: 'New room' });
    await house.sandbox.feishu.event('im.chat.disbanded_v1', { chat_id: 'oc_old', name: 'Old room' });
    expect(await write('ou_primary', 'linkChat', 'oc_ops')).toContain('oc_ops');
    const handle = house.temporal.workflow.getHandle(`${house.configuration.prefix}.account-feishu-cn`);
    expect(await handle.query('chats')).toMatchObject([
      { chat: 'oc_new', name: 'New room' },
      { chat: 'oc_old', name: 'Old room', gone: true },
      { chat: 'oc_ops' },
    ]);
  });
});

function bytesAsText(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  return typeof value === 'bigint' ? String(value) : value;
}
