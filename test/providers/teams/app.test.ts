import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Happening, PressResult } from '../../../providers/kit/adapter.ts';
import type { Page, Person, Picture } from '../../../providers/kit/message.ts';
import { createIo } from '../../../providers/kit/http.ts';
import { teamsAppAccount } from '../../../providers/teams/account.ts';
import { teamsApp } from '../../../providers/teams/app.ts';
import { Sandbox, type SandboxCard } from '../../../sandbox/index.ts';
import type { TeamsOptions } from '../../../sandbox/teams.ts';
import { deliveryOf, face, supervisor, wording } from '../delivery.ts';
import { failureOf } from '../failure.ts';
import { startReceiver, type Receiver } from '../receiver.ts';

const io = createIo({ timeoutMs: 5000 });
const app = { appId: 'a1b2c3d4-0000-4000-8000-000000000001', appPassword: 'pass-s3cret', tenantId: 'tenant-1' };
const SUPER = '5c2e8f10-0000-4000-8000-00000000000a';
const BACKUP = '5c2e8f10-0000-4000-8000-00000000000b';
const STRANGER = '5c2e8f10-0000-4000-8000-00000000000c';
const OPS = '19:ops@thread.tacv2';
const WAR = '19:war@thread.v2';
const linked: Person = { ...supervisor, identity: SUPER };
const backup: Person = { ...supervisor, member: 'backup', name: 'Back*up* <b>', identity: BACKUP };
const MENU: Page['menu'] = [
  { action: 'comment', label: 'Comment', token: 'token-comment' },
  { action: 'reassign', label: 'Reassign', token: 'token-reassign', choices: [{ member: 'backup', name: 'Backup' }] },
];

let sandbox: Sandbox;
const start = async (teams: TeamsOptions = {}, limits = false) => {
  sandbox = await Sandbox.start({
    people: [
      { name: 'supervisor', ids: { teams: SUPER } },
      { name: 'backup', ids: { teams: BACKUP } },
      { name: 'stranger', ids: { teams: STRANGER } },
    ],
    teams: {
      ...app,
      chats: [
        { id: OPS, name: 'ops', team: { id: '19:team@thread.tacv2', name: 'SRE' } },
        { id: WAR, name: 'war room' },
      ],
      without: [STRANGER],
      ...teams,
    },
    limits,
  });
};
beforeEach(() => start());
afterEach(async () => {
  await teamsApp.close?.(accountOf());
  await sandbox.close();
});

const accountOf = (changes: object = {}) =>
  teamsAppAccount.parse({ ...app, baseUrl: sandbox.endpoints.teams, ...changes });
const send = (delivery: Page, changes: object = {}) => teamsApp.send(delivery, accountOf(changes), io);
const toSupervisor = (changes: Partial<Page> = {}) => deliveryOf({ to: { person: linked }, ...changes });
const toOps = (changes: Partial<Page> = {}) => deliveryOf({ to: { chat: OPS }, ...changes });
const redraw = (delivery: Page, handle: Record<string, string> | undefined) =>
  Promise.resolve(teamsApp.redraw?.(delivery, handle ?? {}, accountOf(), io));
const arrivals = (action: string): string[] =>
  sandbox.world.arrivals.filter((arrival) => arrival.action === action).map(({ answer }) => answer);
const last = (to = SUPER): SandboxCard => {
  const card = sandbox.world.cards.filter((one) => one.to === to).at(-1);
  if (!card) throw new Error('nothing was shown');
  return card;
};
const labels = (card: SandboxCard): string[] => (card.face?.controls ?? []).map(({ label }) => label);

describe('a page by Teams', () => {
  it('shows the incident, its colour and its buttons to the person, and is drawn again when somebody has it', async () => {
    const sent = await send(toSupervisor({ menu: MENU }));
    const card = last();
    expect(sent).toMatchObject({ outcome: 'accepted', handle: { activity: card.id } });
    expect(card.face).toMatchObject({ title: '[Critical] db-7 is down', color: '#c4314b', mentions: [] });
    expect(card.face?.lines).toEqual([
      'Not acknowledged, level 1 of 2',
      'Severity: Critical',
      'Number: 7QK2MD',
      'service: db',
      'A new incident needs you.',
      'Replication lag 900 s',
    ]);
    expect(labels(card)).toEqual(['Acknowledge', 'Close', 'Snooze 2 h', 'Snooze 4 h', 'Comment', 'Reassign']);
    expect(card.face?.links).toEqual([{ label: 'Open incident', url: 'https://oncall.example.com/i/page-token' }]);

    await redraw(
      toSupervisor({
        face: { ...face, progress: 'Processing' },
        wording: { ...wording, status: 'Acknowledged by Backup at 10:05' },
        buttons: deliveryOf().buttons.slice(1),
      }),
      sent.handle,
    );
    expect(card.redraws).toBe(1);
    expect(card.face?.lines[0]).toBe('Acknowledged by Backup at 10:05');
    expect(labels(card)).not.toContain('Acknowledge');
  });

  it('has only the link left once the incident is closed', async () => {
    const sent = await send(toSupervisor({ menu: MENU }));
    await redraw(toSupervisor({ face: { ...face, progress: 'Closed' }, menu: MENU }), sent.handle);
    expect(labels(last())).toEqual([]);
    expect(last().face).toMatchObject({ color: '#237b4b', links: [{ label: 'Open incident' }] });
  });

  it('opens the chat with a person once', async () => {
    await send(toSupervisor());
    await send(toSupervisor());
    expect(arrivals('conversations.create')).toEqual(['ok']);
    expect(arrivals('oauth2.token')).toEqual(['ok']);
  });

  it('begins a thread in a channel and goes on in it, and is drawn again where it stands', async () => {
    const { identity: _, ...nobody } = supervisor;
    const first = await send(toOps({ mentions: [linked, backup, nobody] }));
    const root = last(OPS);
    expect(root.face?.mentions).toEqual([SUPER, BACKUP]);
    const second = await send(toOps({ thread: first.handle ?? {} }));
    expect(last(OPS).thread).toBe(root.id);
    for (const { handle } of [first, second]) await redraw(toOps(), handle);
    expect(sandbox.world.cards.map(({ redraws }) => redraws)).toEqual([1, 1]);
  });

  it('goes to a group chat, which has no threads', async () => {
    const first = await send(deliveryOf({ to: { chat: WAR } }));
    await send(deliveryOf({ to: { chat: WAR }, thread: first.handle ?? {} }));
    expect(sandbox.world.cards.map(({ to, thread }) => [to, thread])).toEqual([
      [WAR, undefined],
      [WAR, undefined],
    ]);
    await redraw(deliveryOf({ to: { chat: WAR } }), first.handle);
    expect(sandbox.world.cards[0]?.redraws).toBe(1);
  });

  it('says everything and offers nothing where the channel wants text', async () => {
    await send(toOps({ verbose: true, menu: MENU }));
    expect(labels(last(OPS))).toEqual([]);
    expect(last(OPS).face?.lines).toContain('Replication lag 900 s');
    expect(last(OPS).face?.links).toHaveLength(1);
  });

  it('says how to link a person of whom Teams knows nothing', async () => {
    const { identity: _, ...unlinked } = supervisor;
    const error = await failureOf(send(toSupervisor({ to: { person: unlinked } })));
    expect(error.kind).toBe('unreachable');
    expect(error.message).toContain('linkUser');
  });

  it('to somebody without the app, or unknown in the tenant, is refused for that', async () => {
    const to = (identity: string) => failureOf(send(toSupervisor({ to: { person: { ...linked, identity } } })));
    expect(await to(STRANGER)).toMatchObject({ kind: 'rejected', providerCode: '403/BotNotInConversationRoster' });
    expect(await to('5c2e8f10-0000-4000-8000-0000000000ff')).toMatchObject({ kind: 'rejected' });
    expect((await failureOf(send(deliveryOf({ to: { chat: '19:gone@thread.v2' } })))).kind).toBe('rejected');
  });

  it('shows whatever a title holds as the characters it is, and mentions nobody', async () => {
    const hostile = '</at><at id=all>*x*{{7*7}}<script> <at>Backup</at> [a](https://evil.example) _y_ &lt;';
    const delivery = toOps({
      wording: { ...wording, subject: hostile, text: hostile, status: hostile, facts: [['f', hostile]] },
    });
    for (const verbose of [false, true]) {
      await send({ ...delivery, verbose });
      const { face: drawn } = last(OPS);
      expect(drawn?.title).toBe(hostile);
      expect(drawn?.lines.slice(0, 3)).toEqual([hostile, `f: ${hostile}`, hostile]);
      expect(drawn?.mentions).toEqual([]);
    }
    await send({ ...delivery, plain: true });
    expect(last(OPS).text?.split('\n')[0]).toBe(hostile);
  });

  it('comes as plain text where the card was refused', async () => {
    sandbox.faults.add({ vendor: 'teams', action: 'activities.create', effect: { refuse: 'BadSyntax' } });
    expect(await failureOf(send(toSupervisor()))).toMatchObject({ kind: 'refused', providerCode: '400/BadSyntax' });
    expect(await send(toSupervisor({ plain: true }))).toEqual({ outcome: 'accepted' });
    expect(last().text).toContain('Open incident: https://oncall.example.com/i/page-token');
  });

  it('opens the chat anew when it is gone', async () => {
    await send(toSupervisor());
    sandbox.faults.add({ vendor: 'teams', action: 'activities.create', effect: { refuse: 'ConversationNotFound' } });
    expect((await failureOf(send(toSupervisor()))).kind).toBe('rejected');
    await send(toSupervisor());
    expect(arrivals('conversations.create')).toEqual(['ok', 'ok']);
  });

  it('is slowed down as Teams slows a conversation down', async () => {
    await sandbox.close();
    await start({}, true);
    const sends = await Promise.allSettled(Array.from({ length: 9 }, () => send(deliveryOf({ to: { chat: WAR } }))));
    const refused = sends.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThanOrEqual(1);
    expect(refused[0]).toMatchObject({ reason: { kind: 'rate-limited', retryAfterMs: 2000 } });
  });
});

describe('the token of the bot', () => {
  it('is asked for once, however many pages leave at the same time', async () => {
    await Promise.all([1, 2, 3].map(() => send(deliveryOf({ to: { chat: WAR } }))));
    expect(arrivals('oauth2.token')).toEqual(['ok']);
    expect(sandbox.world.cards).toHaveLength(3);
  });

  it('is renewed when it is refused, once, and the page leaves once', async () => {
    sandbox.faults.add({ vendor: 'teams', action: 'activities.create', effect: { refuse: 'AuthorizationFailed' } });
    await send(deliveryOf({ to: { chat: WAR } }));
    expect(arrivals('oauth2.token')).toEqual(['ok', 'ok']);
    expect(sandbox.world.cards).toHaveLength(1);
    sandbox.faults.add({ vendor: 'teams', action: 'activities.create', times: 5, effect: { status: 401 } });
    expect((await failureOf(send(deliveryOf({ to: { chat: WAR } })))).kind).toBe('unauthorized');
  });

  it.each([
    [{ appPassword: 'wr0ng' }, 'AADSTS7000215', 'its value, not its id'],
    [{ appId: 'wr0ng' }, 'AADSTS700016', 'not in this tenant'],
    [{ tenantId: 'wr0ng' }, 'AADSTS90002', 'no such tenant'],
  ])('that is not given for %j says why', async (changes, providerCode, words) => {
    const error = await failureOf(Promise.resolve(teamsApp.check?.(accountOf(changes), io)));
    expect(error).toMatchObject({ kind: 'unauthorized', providerCode });
    expect(error.message).toContain(words);
    expect(error.message).not.toContain('wr0ng');
  });

  it('that never came means that no page left', async () => {
    sandbox.faults.add({ vendor: 'teams', action: 'oauth2.token', effect: { dropAnswer: true } });
    expect((await failureOf(send(toSupervisor()))).kind).toBe('not-sent');
    expect(sandbox.world.cards).toEqual([]);
  });
});

describe('a press in Teams', () => {
  let receiver: Receiver;
  const done: PressResult & { picture: Picture } = {
    state: 'done',
    action: 'acknowledge',
    text: 'Acknowledged. It is yours now.',
    picture: {
      face: { ...face, progress: 'Processing' },
      wording: { ...wording, status: 'Acknowledged by Supervisor' },
      buttons: [],
      menu: [],
      pageUrl: 'https://oncall.example.com/i/page-token',
    },
  };
  beforeEach(async () => {
    receiver = await startReceiver(teamsApp.callback, accountOf(), done);
    sandbox.setCallbacks({ teams: receiver.url });
  });
  afterEach(() => receiver.close());
  const press = (control: string, more: object = {}) => sandbox.tap(last().id, { identity: SUPER, control, ...more });
  const presses = (): Extract<Happening, { kind: 'press' }>[] =>
    receiver.happenings.filter((happening) => happening.kind === 'press');

  it('is answered with the card as it is now, and what came of it', async () => {
    await send(toSupervisor({ menu: MENU }));
    const tapped = await press('Acknowledge');
    expect(tapped.error).toBeUndefined();
    expect(presses()).toMatchObject([{ token: 'token-acknowledge', identity: SUPER }]);
    expect(last().face?.lines.slice(0, 2)).toEqual(['Acknowledged. It is yours now.', 'Acknowledged by Supervisor']);
    expect(last().redraws).toBe(0);
  });

  it('in a group changes only what the presser sees, until everybody’s card is drawn again', async () => {
    await send(toOps());
    const tapped = await sandbox.tap(last(OPS).id, { identity: SUPER, control: 'Acknowledge' });
    expect(tapped).toMatchObject({ body: { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive' } });
    expect(last(OPS).face?.lines[0]).toBe('Not acknowledged, level 1 of 2');
  });

  it.each(['unconfirmed', 'unknown-person', 'forged', 'expired'] as const)(
    'that is %s is answered with a sentence, never with an error',
    async (state) => {
      receiver.answerWith({ state, text: 'Nothing was done.' });
      await send(toSupervisor());
      expect(await press('Close')).toMatchObject({ status: 200, toast: { content: 'Nothing was done.' } });
    },
  );

  it('brings the minutes of a snooze, the words of a comment and who is chosen', async () => {
    await send(toSupervisor({ menu: MENU }));
    receiver.answerWith({ state: 'forged', text: 'x' });
    await press('Snooze 4 h');
    await press('Comment', { text: 'Failing over, see *runbook*' });
    await press('Reassign', { option: 'Backup' });
    expect(presses()).toMatchObject([
      { token: 'token-snooze', minutes: 240 },
      { token: 'token-comment', text: 'Failing over, see *runbook*' },
      { token: 'token-reassign', members: ['backup'] },
    ]);
    expect(presses()[0]).not.toHaveProperty('text');
  });

  it('of an old client comes as a message and is answered below the card', async () => {
    await send(toSupervisor());
    const card = last();
    expect((await sandbox.teams.submit(card, { identity: SUPER, control: 'Acknowledge' })).body).toBe('');
    await receiver.followed();
    expect(presses()).toMatchObject([{ token: 'token-acknowledge', identity: SUPER }]);
    expect(last().text).toBe(done.text);
  });

  it('is the same press when it arrives twice, and another when pressed again', async () => {
    await send(toOps());
    const again = () => sandbox.tap(last(OPS).id, { identity: SUPER, control: 'Acknowledge' });
    await again();
    await sandbox.redeliver();
    await again();
    const keys = presses().map(({ eventId }) => eventId);
    expect(keys[0]).toBe(keys[1]);
    expect(new Set(keys).size).toBe(2);
  });
});

describe('what else a bot hears in Teams', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver(teamsApp.callback, accountOf(), { state: 'done', text: 'Open: 7QK2MD *db-7*' });
    sandbox.setCallbacks({ teams: receiver.url });
  });
  afterEach(() => receiver.close());

  it('brings what is written to it, without its name, and the answer goes where it was asked', async () => {
    await sandbox.teams.say(SUPER, 'linkUser 482913');
    await receiver.followed();
    expect(last().text).toBe('Open: 7QK2MD *db-7*');
    await sandbox.teams.say(BACKUP, 'linkTeam a&amp;b &lt;1&gt;', OPS);
    await receiver.followed();
    expect(last(OPS)).toMatchObject({ text: 'Open: 7QK2MD *db-7*' });
    expect(last(OPS).thread).toBeTruthy();
    await sandbox.teams.say(BACKUP, 'linkChat', WAR);
    await receiver.followed();
    expect(last(WAR).text).toBe('Open: 7QK2MD *db-7*');
    expect(receiver.happenings).toMatchObject([
      { kind: 'message', identity: SUPER, text: 'linkUser 482913' },
      { kind: 'message', identity: BACKUP, text: 'linkTeam a&b <1>', chat: OPS },
      { kind: 'message', identity: BACKUP, text: 'linkChat', chat: WAR },
    ]);
    expect(receiver.happenings[0]).not.toHaveProperty('chat');
  });

  it('brings where it came and went', async () => {
    const { teams } = sandbox;
    const base = teams.context(SUPER, OPS);
    const update = (eventType: string, place: object) =>
      teams.event({
        ...base,
        type: 'conversationUpdate',
        channelData: {
          tenant: { id: app.tenantId },
          team: { id: '19:team@thread.tacv2', name: 'SRE' },
          eventType,
          ...place,
        },
      });
    await teams.membership(OPS, 'membersAdded');
    await teams.membership(WAR, 'membersRemoved');
    await update('channelCreated', { channel: { id: '19:new@thread.tacv2', name: 'new' } });
    await update('channelRenamed', { channel: { id: '19:new@thread.tacv2', name: 'newer' } });
    await update('channelDeleted', { channel: { id: '19:new@thread.tacv2' } });
    await update('teamRenamed', { team: { id: '19:team@thread.tacv2', name: 'Reliability' } });
    await teams.event({ ...base, type: 'installationUpdate', action: 'remove' });
    await teams.event({ ...teams.context(SUPER, 'a:1'), type: 'installationUpdate', action: 'add' });
    await teams.event({ ...base, type: 'conversationUpdate', membersAdded: [{ id: '29:somebody' }] });
    expect(receiver.happenings).toEqual([
      { kind: 'chat', chat: OPS, change: 'joined', name: 'ops' },
      { kind: 'chat', chat: WAR, change: 'left' },
      { kind: 'chat', chat: '19:new@thread.tacv2', change: 'joined', name: 'new' },
      { kind: 'chat', chat: '19:new@thread.tacv2', change: 'renamed', name: 'newer' },
      { kind: 'chat', chat: '19:new@thread.tacv2', change: 'left' },
      { kind: 'chat', chat: '19:team@thread.tacv2', change: 'renamed', name: 'Reliability' },
      { kind: 'chat', chat: OPS, change: 'left', name: 'ops' },
    ]);
  });

  it('presses nothing when a client refreshes a card by itself', async () => {
    await send(toSupervisor());
    const value = { action: { type: 'Action.Execute', data: { v: 1, t: 'token-acknowledge' } }, trigger: 'automatic' };
    const invoke = { ...sandbox.teams.context(SUPER, 'a:1'), type: 'invoke', name: 'adaptiveCard/action', value };
    expect((await sandbox.teams.event(invoke)).status).toBe(200);
    expect(receiver.happenings).toEqual([]);
  });

  it('is heard with a key that Microsoft has just begun to use, when the old one is known', async () => {
    let now = Date.now();
    const clocked = { ...io, now: () => now };
    const account = accountOf();
    const read = async () =>
      teamsApp.callback?.read(
        {
          method: 'POST',
          body: Buffer.from(JSON.stringify({ ...sandbox.teams.context(SUPER, WAR), type: 'message', text: 'status' })),
          headers: new Headers({
            'content-type': 'application/json',
            authorization: `Bearer ${sandbox.teams.bearer()}`,
          }),
          url: new URL('https://oncall.example.com/'),
          receivedAt: Date.now(),
        },
        account,
        clocked,
      );
    await read();
    await read();
    expect(arrivals('keys')).toHaveLength(1);
    sandbox.teams.rotate();
    // An unknown key costs one look in five minutes, however often it is tried.
    for (const attempt of [1, 2, 3]) await expect(read(), String(attempt)).rejects.toMatchObject({ status: 401 });
    expect(arrivals('keys')).toHaveLength(1);
    now += 5 * 60_000 + 1;
    expect((await read())?.happenings).toHaveLength(1);
    expect(arrivals('keys')).toHaveLength(2);
  });
});

describe('setting Teams up', () => {
  const addresses = {
    callbackUrl: 'https://oncall.example.com/callbacks/teams',
    redirectUrl: 'https://oncall.example.com/sign-in/teams',
    homeUrl: 'https://oncall.example.com/home/teams',
  };

  it('names the address and the commands in both languages', () => {
    const { en = [], zh = [] } = teamsApp.setup?.(accountOf(), addresses) ?? {};
    expect(en).toHaveLength(zh.length);
    for (const steps of [en.join('\n'), zh.join('\n')]) {
      for (const word of [addresses.callbackUrl, 'linkUser', 'linkTeam', 'linkChat', app.appId]) {
        expect(steps).toContain(word);
      }
    }
  });

  it('checks the credentials and the keys', async () => {
    const checks = async (changes: object = {}) =>
      ((await teamsApp.checks?.(accountOf(changes), io)) ?? []).map(({ ok, detail }) => [ok, detail]);
    expect(await checks()).toEqual([
      [true, undefined],
      [true, '1'],
    ]);
    expect(await checks({ appPassword: 'wr0ng', openIdUrl: 'http://127.0.0.1:9/x' })).toMatchObject([
      [false, expect.stringContaining('7000215')],
      [false, expect.stringContaining('before the request could leave')],
    ]);
  });
});
