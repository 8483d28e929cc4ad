import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Happening, PressResult } from '../../../providers/kit/adapter.ts';
import type { Page, Person } from '../../../providers/kit/message.ts';
import { createIo } from '../../../providers/kit/http.ts';
import { slackAppAccount } from '../../../providers/slack/account.ts';
import { slackApp } from '../../../providers/slack/app.ts';
import { slackManifest } from '../../../providers/slack/console.ts';
import { SCOPES } from '../../../providers/slack/scopes.ts';
import { Sandbox, type SandboxCard } from '../../../sandbox/index.ts';
import type { SlackOptions } from '../../../sandbox/slack.ts';
import { deliveryOf, face, supervisor, wording } from '../delivery.ts';
import { startReceiver, type Receiver } from '../receiver.ts';
import { failureOf } from '../failure.ts';

const io = createIo({ timeoutMs: 5000 });
const app = { botToken: 'xoxb-oncall', signingSecret: 'sign-s3cret', clientId: '1.2', clientSecret: 'client-s3cret' };
const { identity: _, ...byMail } = supervisor;
const linked: Person = { ...supervisor, identity: 'U0SUPER' };
const backup: Person = { ...byMail, member: 'backup', name: 'Backup', email: 'backup@example.com' };
const CHANNELS = [
  { id: 'C0OPS', name: 'ops' },
  { id: 'C0SECRET', name: 'secret', isPrivate: true, isMember: false },
  { id: 'C0OLD', name: 'old', isArchived: true },
  { id: 'G0WAR', name: 'war-room', isPrivate: true },
];
const MENU: Page['menu'] = [
  { action: 'comment', label: 'Comment', token: 'token-comment' },
  {
    action: 'reassign',
    label: 'Reassign',
    token: 'token-reassign',
    choices: [
      { member: 'primary', name: 'Primary' },
      { member: 'backup', name: 'Backup' },
    ],
  },
];

let sandbox: Sandbox;
const start = async (slack: SlackOptions = {}) => {
  sandbox = await Sandbox.start({
    people: [
      { name: 'supervisor', email: 'supervisor@example.com', ids: { slack: 'U0SUPER' } },
      { name: 'backup', email: 'backup@example.com', ids: { slack: 'U0BACK' } },
      { name: 'stranger', email: 'other@example.org', ids: { slack: 'U9OTHER' } },
    ],
    slack: { ...app, channels: CHANNELS, ...slack },
    limits: false,
  });
};
beforeEach(() => start());
afterEach(() => sandbox.close());

const accountOf = (changes: object = {}) =>
  slackAppAccount.parse({ ...app, baseUrl: sandbox.endpoints.slack, ...changes });
const send = (delivery: Page, changes: object = {}) => slackApp.send(delivery, accountOf(changes), io);
const toSupervisor = (changes: Partial<Page> = {}) => deliveryOf({ to: { person: linked }, ...changes });
const toOps = (changes: Partial<Page> = {}) => deliveryOf({ to: { chat: 'C0OPS' }, ...changes });
const arrivals = (action: string): string[] =>
  sandbox.world.arrivals.filter((arrival) => arrival.action === action).map(({ answer }) => answer);
const shown = (to = 'U0SUPER'): SandboxCard[] => sandbox.world.cards.filter((card) => card.to === to);
const last = (to?: string): SandboxCard => {
  const card = shown(to).at(-1);
  if (!card) throw new Error('nothing was shown');
  return card;
};
/** Neither a window nor what only the presser sees. */
const pageOf = (cards: SandboxCard[]): SandboxCard => cards.findLast(({ id }) => id.startsWith('D')) ?? last();
const labels = (card: SandboxCard): string[] => (card.face?.controls ?? []).map(({ label }) => label);

describe('a page by Slack', () => {
  it('shows the incident, its colour and its buttons to the person, and is drawn again when somebody has it', async () => {
    const sent = await send(toSupervisor({ menu: MENU }));
    const card = last();
    expect(card.id).toBe(`${sent.handle?.['channel'] ?? ''}-${sent.handle?.['ts'] ?? ''}`);
    expect(sent.handle?.['channel']).toBe('D0SUPER');
    expect(card.face).toMatchObject({ title: '[Critical] db-7 is down', color: '#d0021b', mentions: [] });
    expect(card.face?.lines.join('\n')).toBe(
      'Not acknowledged, level 1 of 2\nSeverity: Critical\nNumber: 7QK2MD\nservice: db\n' +
        'A new incident needs you.\nReplication lag 900 s',
    );
    expect(labels(card)).toEqual(['Acknowledge', 'Close', 'Snooze', 'Comment', 'Reassign']);
    expect(card.face?.links).toEqual([{ label: 'Open incident', url: 'https://oncall.example.com/i/page-token' }]);

    const acknowledged = toSupervisor({
      face: { ...face, progress: 'Processing' },
      wording: { ...wording, status: 'Acknowledged by Backup at 10:05' },
      buttons: deliveryOf().buttons.slice(1),
    });
    await slackApp.redraw?.(acknowledged, sent.handle ?? {}, accountOf(), io);
    expect(card.redraws).toBe(1);
    expect(card.face?.color).toBe('#1264a3');
    expect(card.face?.lines[0]).toBe('Acknowledged by Backup at 10:05');
    expect(labels(card)).toEqual(['Close', 'Snooze']);
  });

  it('has only the link left once the incident is closed', async () => {
    const sent = await send(toSupervisor({ menu: MENU }));
    await slackApp.redraw?.(
      toSupervisor({ face: { ...face, progress: 'Closed' }, menu: MENU }),
      sent.handle ?? {},
      accountOf(),
      io,
    );
    expect(labels(last())).toEqual([]);
    expect(last().face?.links).toHaveLength(1);
  });

  it('mentions responders of a channel above the card, and whoever cannot be found keeps nobody from being told', async () => {
    const nobody = { ...byMail, member: 'nobody', email: 'nobody@example.com' };
    await send(toOps({ mentions: [linked, backup, nobody] }));
    expect(last('C0OPS').face?.mentions).toEqual(['U0SUPER', 'U0BACK']);
    await send(toOps({ mentions: 'all' }));
    expect(last('C0OPS').face?.mentions).toEqual(['all']);
  });

  it('stands in the thread of the first message to the channel', async () => {
    const first = await send(toOps());
    const thread = first.handle ?? {};
    await send(toOps({ thread }));
    expect(last('C0OPS').thread).toBe(`${thread['channel'] ?? ''}-${thread['ts'] ?? ''}`);
  });

  it('says everything and offers nothing where the channel wants text', async () => {
    const sent = await send(toOps({ verbose: true, menu: MENU }));
    const card = last('C0OPS');
    expect(labels(card)).toEqual([]);
    expect(card.face?.lines).toContain('Not acknowledged, level 1 of 2');
    expect(card.face?.lines.at(-1)).toBe('Open incident');
    await slackApp.redraw?.(toOps({ verbose: true }), sent.handle ?? {}, accountOf(), io);
    expect(card.redraws).toBe(1);
  });

  it('reaches a person known only by e-mail, and looks them up once', async () => {
    await send(toSupervisor({ to: { person: byMail } }));
    await send(toSupervisor({ to: { person: byMail } }));
    expect(shown()).toHaveLength(2);
    expect(arrivals('users.lookupByEmail')).toEqual(['ok']);
  });

  it('says how to link a person whom the workspace does not know, and does not ask again at once', async () => {
    const stranger = { ...byMail, email: 'nobody@example.com' };
    for (const attempt of [1, 2]) {
      const error = await failureOf(send(toSupervisor({ to: { person: stranger } })));
      expect(error.kind, `attempt ${String(attempt)}`).toBe('unreachable');
      expect(error.message).toContain('app not linked');
      expect(error.message).not.toContain('nobody@');
    }
    expect(arrivals('users.lookupByEmail')).toEqual(['users_not_found']);
    expect(await slackApp.identify?.(stranger, accountOf(), io)).toBeUndefined();
    expect(await slackApp.identify?.(byMail, accountOf(), io)).toBe('U0SUPER');
  });

  it('shows whatever a title holds as the characters it is, and mentions nobody', async () => {
    const hostile = '</at><at id=all>*x*{{7*7}}<script> <!channel> <@U0BACK> &lt; _y_ :fire:';
    const delivery = toOps({
      wording: { ...wording, subject: hostile, text: hostile, status: hostile, facts: [[hostile, hostile]] },
    });
    for (const plain of [false, true]) {
      for (const verbose of [false, true]) {
        await send({ ...delivery, plain, verbose });
        const { face: drawn } = last('C0OPS');
        expect(drawn?.title).toBe(hostile);
        expect(drawn?.lines).toContain(hostile);
        expect(drawn?.mentions).toEqual([]);
      }
    }
  });

  it('comes as plain text where the card was refused', async () => {
    sandbox.faults.add({ vendor: 'slack', action: 'chat.postMessage', effect: { refuse: 'invalid_blocks' } });
    expect(await failureOf(send(toSupervisor()))).toMatchObject({ kind: 'refused', providerCode: 'invalid_blocks' });
    expect(await send(toSupervisor({ plain: true }))).toEqual({ outcome: 'accepted' });
    expect(last().text).toBe(
      '[Critical] db-7 is down\nNot acknowledged, level 1 of 2\nA new incident needs you.\nReplication lag 900 s\n' +
        'Open incident: https://oncall.example.com/i/page-token',
    );
  });

  it.each([
    ['C0SECRET', 'channel_not_found', 'private and the app is not in it'],
    ['C0OLD', 'is_archived', 'archived'],
    ['C0NONE', 'channel_not_found', 'does not exist'],
  ])('to the channel %s is refused by name', async (chat, providerCode, words) => {
    const error = await failureOf(send(toOps({ to: { chat } })));
    expect(error).toMatchObject({ kind: 'rejected', providerCode });
    expect(error.message).toContain(words);
  });

  it('waits as long as Slack says where a channel is written to too often', async () => {
    await sandbox.close();
    await start();
    sandbox.faults.add({ vendor: 'slack', action: 'chat.postMessage', effect: { rateLimitMs: 30_000 } });
    expect(await failureOf(send(toOps()))).toMatchObject({ kind: 'rate-limited', retryAfterMs: 30_000 });
  });

  it('that cannot be redrawn says so', async () => {
    const redraw = (handle: Record<string, string>) =>
      failureOf(Promise.resolve(slackApp.redraw?.(toSupervisor(), handle, accountOf(), io)));
    expect((await redraw({})).kind).toBe('rejected');
    expect(await redraw({ channel: 'D0SUPER', ts: '1.0' })).toMatchObject({ providerCode: 'message_not_found' });
  });

  it('with a wrong token is not sent', async () => {
    expect((await failureOf(send(toSupervisor(), { botToken: 'xoxb-0ther' }))).kind).toBe('unauthorized');
    const error = await failureOf(Promise.resolve(slackApp.check?.(accountOf({ botToken: 'xoxb-0ther' }), io)));
    expect(error.message).not.toContain('0ther');
    await slackApp.check?.(accountOf(), io);
  });
});

describe('a press in Slack', () => {
  let receiver: Receiver;
  const done: PressResult = { state: 'done', action: 'acknowledge', text: 'Acknowledged. It is <yours> now.' };
  beforeEach(async () => {
    receiver = await startReceiver(slackApp.callback, accountOf(), done);
    sandbox.setCallbacks({ slack: receiver.url });
    await send(toSupervisor({ menu: MENU }));
  });
  afterEach(() => receiver.close());
  const press = (control: string, more: object = {}) =>
    sandbox.tap(pageOf(shown()).id, { identity: 'U0SUPER', control, ...more });
  const presses = (): Extract<Happening, { kind: 'press' }>[] =>
    receiver.happenings.filter((happening) => happening.kind === 'press');
  /** The window that opens after our answer. */
  const window = () =>
    vi.waitFor(() => {
      const card = shown().find(({ id }) => id.startsWith('V'));
      if (!card) throw new Error('no window yet');
      return card;
    });

  it('is answered at once with nothing, and the presser alone is told what came of it', async () => {
    expect(await press('Acknowledge')).toEqual({ status: 200, body: undefined });
    expect(presses()).toMatchObject([{ token: 'token-acknowledge', identity: 'U0SUPER' }]);
    expect(presses()[0]?.eventId).toBeTruthy();
    await receiver.followed();
    expect(last().text).toBe(done.text);
  });

  it('brings the minutes of a snooze, and its whole token however long', async () => {
    const token = `${'t'.repeat(440)}.mac`;
    const { buttons } = deliveryOf();
    const long = buttons.map((button) => (button.action === 'snooze' ? { ...button, token } : button));
    await press('Snooze', { option: 'Snooze 4 h' });
    await send(toSupervisor({ buttons: long }));
    await press('Snooze', { option: 'Snooze 2 h' });
    expect(presses()).toMatchObject([
      { token: 'token-snooze', minutes: 240 },
      { token, minutes: 120 },
    ]);
    const longest = buttons.map((button) => ({ ...button, token: 'x'.repeat(600) }));
    await send(toSupervisor({ buttons: longest }));
    await press('Snooze 2 h');
    expect(presses().at(-1)).toMatchObject({ token: 'x'.repeat(600), minutes: 120 });
  });

  it('of Comment opens a window, and only what is written there is told', async () => {
    await press('Comment');
    const open = await window();
    expect(presses()).toEqual([]);
    expect(open.face).toMatchObject({ title: 'Comment', controls: [{ label: 'Comment', takesText: true }] });
    await sandbox.tap(open.id, { identity: 'U0SUPER', control: 'submit', text: 'Failing over' });
    expect(presses()).toMatchObject([{ token: 'token-comment', identity: 'U0SUPER', text: 'Failing over' }]);
    expect(shown().some(({ id }) => id === open.id)).toBe(false);
  });

  it('of Reassign offers our members, and where they do not fit Slack’s own', async () => {
    await press('Reassign');
    const ours = await window();
    await sandbox.tap(ours.id, { identity: 'U0SUPER', control: 'submit', option: 'Backup' });
    expect(presses()).toMatchObject([{ token: 'token-reassign', members: ['backup'] }]);

    const many = Array.from({ length: 50 }, (_none, index) => ({ member: `m${String(index)}`.repeat(12), name: 'N' }));
    await send(toSupervisor({ menu: [{ action: 'reassign', label: 'Reassign', token: 'r', choices: many }] }));
    await press('Reassign');
    const theirs = await window();
    expect(theirs.face?.controls[0]?.options).toContainEqual({ label: 'backup', value: 'U0BACK' });
    await sandbox.tap(theirs.id, { identity: 'U0SUPER', control: 'submit', option: 'backup' });
    expect(presses().at(-1)).toMatchObject({ token: 'r', members: ['U0BACK'] });
  });

  it('that was not taken keeps its window open and says why there', async () => {
    receiver.answerWith({ state: 'unconfirmed', text: 'Not confirmed yet.' });
    await press('Comment');
    const open = await window();
    await sandbox.tap(open.id, { identity: 'U0SUPER', control: 'submit', text: 'x' });
    expect(open.face).toMatchObject({ lines: ['Not confirmed yet.'], controls: [] });
  });

  it('whose window does not open is not met with silence', async () => {
    sandbox.faults.add({ vendor: 'slack', action: 'views.open', effect: { refuse: 'expired_trigger_id' } });
    await press('Comment');
    expect((await failureOf(receiver.followed())).providerCode).toBe('expired_trigger_id');
    expect(last().text).toContain('Please press again');
  });

  it('is the same press when it arrives twice, and another when pressed again', async () => {
    await press('Acknowledge');
    await sandbox.redeliver();
    await press('Acknowledge');
    const keys = presses().map(({ eventId }) => eventId);
    expect(keys[0]).toBe(keys[1]);
    expect(new Set(keys).size).toBe(2);
  });

  it('is not answered to a host that is not Slack’s', async () => {
    const account = accountOf({ baseUrl: undefined });
    const contract = slackApp.callback;
    const payload = JSON.stringify({
      type: 'block_actions',
      user: { id: 'U1' },
      trigger_id: 't',
      response_url: 'https://evil.example/x',
      actions: [{ action_id: 'press:close', value: 'token' }],
    });
    const request = {
      method: 'POST',
      body: Buffer.from(new URLSearchParams({ payload }).toString()),
      headers: new Headers({ 'content-type': 'application/x-www-form-urlencoded' }),
      url: new URL('https://oncall.example.com/'),
      receivedAt: Date.now(),
    };
    expect((await failureOf(Promise.resolve(contract?.follow?.(request, account, [done], io)))).message).toContain(
      'host',
    );
  });
});

describe('what else Slack tells', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver(slackApp.callback, accountOf(), { state: 'done', text: 'Open: 7QK2MD <db-7>' });
    sandbox.setCallbacks({ slack: receiver.url });
  });
  afterEach(() => receiver.close());

  it('checks the address', async () => {
    expect(await sandbox.slack.verifyUrl()).toBe(true);
  });

  it('brings what is written to the bot, and the answer goes where it was asked', async () => {
    await sandbox.slack.say('U0SUPER', 'ack 7QK2MD');
    await receiver.followed();
    expect(last().text).toBe('Open: 7QK2MD <db-7>');
    await sandbox.slack.say('U0BACK', 'status &lt;x&gt;', 'C0OPS');
    await receiver.followed();
    expect(last('C0OPS')).toMatchObject({ text: 'Open: 7QK2MD <db-7>' });
    expect(last('C0OPS').thread).toBeTruthy();
    expect(receiver.happenings).toMatchObject([
      { kind: 'message', identity: 'U0SUPER', text: 'ack 7QK2MD' },
      { kind: 'message', identity: 'U0BACK', text: 'status <x>', chat: 'C0OPS' },
    ]);
    expect(receiver.happenings[0]).not.toHaveProperty('chat');
  });

  it('is answered once when an event is sent again', async () => {
    await sandbox.slack.say('U0SUPER', 'status');
    await receiver.followed();
    await sandbox.redeliver();
    await receiver.followed();
    expect(receiver.happenings).toHaveLength(2);
    expect(shown()).toHaveLength(1);
  });

  it('is not answered to bots, edits and itself', async () => {
    const base = { type: 'message', channel_type: 'im', channel: 'D0SUPER', user: 'U0SUPER', text: 'ack', ts: '1.0' };
    await sandbox.slack.event({ ...base, bot_id: 'B1' });
    await sandbox.slack.event({ ...base, subtype: 'message_changed' });
    await sandbox.slack.event({ ...base, channel_type: 'channel' });
    expect(receiver.happenings).toEqual([]);
  });

  it.each([
    [{ type: 'member_joined_channel', user: 'U0BOT', channel: 'G0WAR' }, [{ chat: 'G0WAR', change: 'joined' }]],
    [{ type: 'member_joined_channel', user: 'U0SUPER', channel: 'G0WAR' }, []],
    [{ type: 'member_left_channel', user: 'U0BOT', channel: 'G0WAR' }, [{ chat: 'G0WAR', change: 'left' }]],
    [{ type: 'group_archive', channel: 'G0WAR', user: 'U1' }, [{ chat: 'G0WAR', change: 'left' }]],
    [{ type: 'channel_deleted', channel: 'C0OPS' }, [{ chat: 'C0OPS', change: 'left' }]],
    [{ type: 'channel_unarchive', channel: 'C0OPS', user: 'U1' }, [{ chat: 'C0OPS', change: 'joined' }]],
    [
      { type: 'channel_rename', channel: { id: 'C0OPS', name: 'sre', created: 1 } },
      [{ chat: 'C0OPS', change: 'renamed', name: 'sre' }],
    ],
    [{ type: 'channel_created', channel: { id: 'C1', name: 'new' } }, [{ chat: 'C1', change: 'joined', name: 'new' }]],
    [{ type: 'app_uninstalled' }, []],
  ])('of its channels: %j', async (event, expected) => {
    expect((await sandbox.slack.event(event)).status).toBe(200);
    expect(receiver.happenings).toEqual(expected.map((change) => ({ kind: 'chat', ...change })));
  });
});

describe('setting Slack up', () => {
  const addresses = {
    callbackUrl: 'https://oncall.example.com/callbacks/slack',
    redirectUrl: 'https://oncall.example.com/sign-in/slack',
    homeUrl: 'https://oncall.example.com/home/slack',
  };

  it('lists the channels that can be written to, page by page', async () => {
    const channels = Array.from({ length: 250 }, (_none, index) => ({
      id: `C${String(index)}`,
      name: `n${String(index)}`,
    }));
    await sandbox.close();
    await start({ channels: [...channels, ...CHANNELS] });
    const chats = (await slackApp.chats?.(accountOf(), io)) ?? [];
    expect(chats).toHaveLength(252);
    expect(chats).toContainEqual({ chat: 'G0WAR', name: 'war-room' });
    expect(arrivals('conversations.list')).toEqual(['ok', 'ok']);
  });

  it('names every address and scope in both languages', () => {
    const { en = [], zh = [] } = slackApp.setup?.(accountOf(), addresses) ?? {};
    expect(en).toHaveLength(zh.length);
    for (const steps of [en.join('\n'), zh.join('\n')]) {
      expect(steps).toContain(addresses.callbackUrl);
      expect(steps).toContain(addresses.redirectUrl);
      for (const scope of SCOPES) expect(steps).toContain(scope);
    }
  });

  it('writes a manifest that asks for what is used', () => {
    expect(slackManifest(accountOf(), addresses)).toMatchObject({
      oauth_config: { redirect_urls: [addresses.redirectUrl], scopes: { bot: SCOPES } },
      settings: {
        event_subscriptions: { request_url: addresses.callbackUrl },
        interactivity: { is_enabled: true, request_url: addresses.callbackUrl },
        token_rotation_enabled: false,
      },
    });
  });

  it('checks token, workspace, scopes and channels', async () => {
    const checks = async (changes: object = {}) =>
      ((await slackApp.checks?.(accountOf(changes), io)) ?? []).map(({ name, ok, detail }) => [name.en, ok, detail]);
    expect(await checks({ teamId: 'T0SANDBOX' })).toEqual([
      ['The bot token works', true, 'oncall @ Sandbox (T0SANDBOX)'],
      ['teamId is the workspace of the bot', true, 'T0SANDBOX'],
      ['The scopes are there', true, undefined],
      ['Channels are visible', true, '2'],
    ]);
    expect((await checks({ botToken: 'wr0ng' }))[0]?.slice(0, 2)).toEqual(['The bot token works', false]);
    await sandbox.close();
    await start({ scopes: ['chat:write', 'users:read', 'users:read.email', 'channels:read', 'groups:read'] });
    expect((await checks())[1]).toMatchObject(['The scopes are there', false, expect.stringContaining('im:history')]);
  });

  it('lets people sign in, and takes nobody from another workspace', async () => {
    const { signIn } = slackApp;
    const url = new URL(signIn?.authorizeUrl(accountOf(), { redirectUri: addresses.redirectUrl, state: 's1' }) ?? '');
    expect(url.pathname).toBe('/openid/connect/authorize');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      state: 's1',
      client_id: '1.2',
      response_type: 'code',
    });
    const ask = { redirectUri: addresses.redirectUrl };
    const code = sandbox.slack.authorize('U0SUPER', addresses.redirectUrl);
    expect(await signIn?.identify(code, accountOf(), io, ask)).toEqual({
      identity: 'U0SUPER',
      provenEmail: 'supervisor@example.com',
      name: 'supervisor',
    });
    const identify = (given: string, changes = {}) =>
      failureOf(Promise.resolve(signIn?.identify(given, accountOf(changes), io, ask)));
    expect((await identify(code)).kind).toBe('rejected'); // once only
    expect((await identify(sandbox.slack.authorize('U9OTHER', addresses.redirectUrl))).message).toContain(
      'another workspace',
    );
    expect((await identify(code, { clientSecret: 'wr0ng' })).kind).toBe('unauthorized');
    expect((await identify(code, { clientSecret: undefined })).message).toContain('clientSecret');
  });
});
