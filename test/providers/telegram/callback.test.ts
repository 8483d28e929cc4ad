import fc from 'fast-check';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CallbackError, type Happening, type HttpRequest, type PressResult } from '../../../providers/kit/adapter.ts';
import { createIo } from '../../../providers/kit/http.ts';
import { mintToken, readToken } from '../../../links/token.ts';
import { telegramBotAccount } from '../../../providers/telegram/account.ts';
import { telegramBot } from '../../../providers/telegram/bot.ts';
import { telegramCallback } from '../../../providers/telegram/callback.ts';
import { Sandbox } from '../../../sandbox/index.ts';
import { groupDelivery } from '../bots/hostile.ts';
import { deliveryOf } from '../delivery.ts';

const io = createIo({ timeoutMs: 5000 });
const SECRETS = ['gateway-s3cret'];
const NOW = 1_800_000_000_000;
const tokenOf = (action: string, revision = 2) =>
  mintToken(
    {
      purpose: 'button',
      workflowId: `incident-${'a'.repeat(128)}`,
      notification: 'n1',
      revision,
      action,
      account: 'telegram-ops',
      member: null,
      expiresAt: NOW + revision,
    },
    SECRETS,
  );
const buttonsOf = (revision?: number) =>
  deliveryOf().buttons.map((button) => ({ ...button, token: tokenOf(button.action, revision) }));

const account = telegramBotAccount.parse({ token: '1:bot-s3cret', secretToken: 'push-s3cret-w9Kx4ZqT' });
const request = (
  body: unknown,
  headers: Record<string, string> = { 'x-telegram-bot-api-secret-token': 'push-s3cret-w9Kx4ZqT' },
): HttpRequest => ({
  method: 'POST',
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  headers: new Headers(headers),
  url: new URL('https://oncall.example.com/callbacks/telegram-ops'),
  receivedAt: NOW,
});
const read = async (body: unknown): Promise<Happening[]> =>
  (await telegramCallback.read(request(body), account, io)).happenings;

describe('an update of Telegram', () => {
  const press = {
    update_id: 1,
    callback_query: {
      id: 'q1',
      from: { id: 4201, is_bot: false },
      data: 'x',
      message: { message_id: 1, chat: { id: -1001, type: 'supergroup' } },
    },
  };

  it.each([
    ['no secret token', {}],
    ['a wrong one', { 'x-telegram-bot-api-secret-token': 'push-s3cre' }],
    ['an empty one', { 'x-telegram-bot-api-secret-token': '' }],
  ])('is refused with %s', (_what, headers) => {
    expect(() => telegramCallback.read(request(press, headers), account, io)).toThrow(CallbackError);
  });

  it('is refused where no secretToken is configured, and says so', () => {
    const { secretToken: _, ...open } = account;
    expect(() => telegramCallback.read(request(press), open, io)).toThrow(/set secretToken/);
  });

  it('of a press on a message that Telegram no longer has at hand is answered, not lost', async () => {
    expect(await read(press)).toEqual([{ kind: 'press', identity: '4201', eventId: 'q1', token: '' }]);
  });

  it.each([
    [{ chat: { id: 4201, type: 'private' }, text: '/ack 7QK2MD' }, { text: 'ack 7QK2MD' }],
    [{ chat: { id: 4201, type: 'private' }, text: 'ack 7QK2MD' }, { text: 'ack 7QK2MD' }],
    [
      { chat: { id: -1001, type: 'supergroup' }, text: '/ack@oncall_bot 7QK2MD' },
      { text: 'ack 7QK2MD', chat: '-1001' },
    ],
  ])('may be a message to the bot: %j', async (message, expected) => {
    const from = { id: 4201, is_bot: false };
    expect(await read({ update_id: 7, message: { message_id: 1, from, ...message } })).toEqual([
      { kind: 'message', identity: '4201', eventId: '7', ...expected },
    ]);
  });

  it('tells which chats the bot enters and leaves', async () => {
    const chat = { id: -1001, type: 'supergroup', title: 'Operations' };
    const of = (status: string, where: object = chat) =>
      read({ update_id: 1, my_chat_member: { chat: where, new_chat_member: { status } } });
    expect(await of('administrator')).toEqual([{ kind: 'chat', chat: '-1001', change: 'joined', name: 'Operations' }]);
    expect(await of('kicked')).toEqual([{ kind: 'chat', chat: '-1001', change: 'left' }]);
    expect(await of('restricted')).toEqual([]);
    expect(await of('member', { id: 4201, type: 'private' })).toEqual([]);
    expect(await read({ message: { chat, new_chat_title: 'Ops' } })).toEqual([
      { kind: 'chat', chat: '-1001', change: 'renamed', name: 'Ops' },
    ]);
    expect(await read({ message: { chat, migrate_to_chat_id: -1009 } })).toEqual([
      { kind: 'chat', chat: '-1001', change: 'left' },
      { kind: 'chat', chat: '-1009', change: 'joined', name: 'Operations' },
    ]);
  });

  it('that cannot be read is taken: it would hold up all behind it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (body) => {
        const asked = request(body);
        expect((await telegramCallback.read(asked, account, io)).happenings).toEqual([]);
        expect(telegramCallback.answer(asked, account, [])).toMatchObject({ status: 200 });
      }),
    );
  });
});

describe('a press on a message', () => {
  let sandbox: Sandbox;
  let door: Server;
  let heard: Happening[];
  let results: PressResult[];
  let status: number;
  const sandboxed = () => ({ ...account, baseUrl: sandbox.endpoints.telegram });

  beforeEach(async () => {
    sandbox = await Sandbox.start({
      people: [{ name: 'primary', ids: { telegram: '4201' } }],
      limits: false,
      telegram: { token: '1:bot-s3cret', secretToken: 'push-s3cret-w9Kx4ZqT' },
    });
    [heard, results, status] = [[], [{ state: 'done', action: 'acknowledge', text: 'It is yours now.' }], 200];
    door = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const asked = {
          ...request(Buffer.concat(chunks).toString()),
          headers: new Headers(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
        };
        void (async () => {
          const { happenings } = await telegramCallback.read(asked, account, io);
          heard.push(...happenings);
          const answer = telegramCallback.answer(asked, account, happenings.length > 0 ? results : []);
          outgoing.writeHead(status, { 'content-type': answer.contentType }).end(answer.body);
          await telegramCallback.follow?.(asked, sandboxed(), results, io);
        })();
      });
    });
    await new Promise<void>((ready) => door.listen(0, '127.0.0.1', ready));
    sandbox.setCallbacks({
      telegram: `http://127.0.0.1:${(door.address() as AddressInfo).port}/callbacks/telegram-ops`,
    });
  });
  afterEach(async () => {
    door.closeAllConnections();
    await new Promise((done) => door.close(done));
    await sandbox.close();
  });

  const sent = async (revision?: number) => {
    const delivery = groupDelivery({ buttons: buttonsOf(revision) });
    const { handle = {} } = await telegramBot.send(delivery, sandboxed(), io);
    return { id: `${handle['chatId'] ?? ''}/${handle['messageId'] ?? ''}`, handle };
  };

  it.each([
    ['Acknowledge', 'acknowledge', undefined],
    ['Close', 'close', undefined],
    ['Snooze 4 h', 'snooze', 240],
  ])(
    '%s brings back the whole token of a workflow however long its id, and is answered',
    async (label, action, minutes) => {
      const { id } = await sent();
      const tapped = await sandbox.tap(id, { identity: '4201', control: label });
      expect(tapped).toMatchObject({ status: 200, toast: { type: 'note', content: 'It is yours now.' } });
      expect(heard).toEqual([
        {
          kind: 'press',
          identity: '4201',
          eventId: expect.any(String) as string,
          token: tokenOf(action),
          ...(minutes !== undefined && { minutes }),
        },
      ]);
      expect(readToken(tokenOf(action), 'button', SECRETS, NOW)).toMatchObject({ action, notification: 'n1' });
    },
  );

  it('counts on a picture that was drawn again meanwhile', async () => {
    const { id, handle } = await sent(2);
    const old = sandbox.world.cards.at(-1)?.face?.controls.find(({ label }) => label === 'Close');
    await telegramBot.redraw?.(groupDelivery({ buttons: buttonsOf(9) }), handle, sandboxed(), io);
    await sandbox.tap(id, { identity: '4201', control: old?.id ?? '' });
    expect(heard).toMatchObject([{ token: tokenOf('close', 2) }]);
  });

  it('that failed stays on the screen until it is read', async () => {
    results = [{ state: 'unknown-person', text: `Not linked. ${'x'.repeat(300)}` }];
    const { id } = await sent();
    const { toast } = await sandbox.tap(id, { identity: '99', control: 'Acknowledge' });
    expect(toast).toMatchObject({ type: 'alert' });
    expect(toast?.content.length).toBeLessThanOrEqual(200);
  });

  it('that is not confirmed is told so, and Telegram sends it again', async () => {
    results = [{ state: 'unconfirmed', text: 'Not confirmed yet.' }];
    status = 503;
    const { id } = await sent();
    await sandbox.tap(id, { identity: '4201', control: 'Acknowledge' });
    await expect
      .poll(() =>
        sandbox.world.arrivals.filter(({ action }) => action === 'answerCallbackQuery').map(({ answer }) => answer),
      )
      .toEqual(['ok']);
    status = 200;
    results = [{ state: 'done', text: 'It is yours now.' }];
    await sandbox.redeliver(id);
    expect(new Set(heard.map((press) => (press.kind === 'press' ? press.eventId : ''))).size).toBe(1);
  });

  it('is never accepted with a changed button, and never crashes', async () => {
    const { id } = await sent();
    const shared = sandbox.world.cards.find((card) => card.id === id)?.face?.links[0]?.url ?? '';
    const [first] = sandbox.world.cards.at(-1)?.face?.controls ?? [];
    const good = first?.id ?? '';
    const pressed = (data: string) => ({
      callback_query: {
        id: 'q',
        from: { id: 1 },
        data,
        message: { reply_markup: { inline_keyboard: [[{ text: 'x', url: shared }]] } },
      },
    });
    expect(await read(pressed(good))).toMatchObject([{ token: tokenOf('acknowledge') }]);
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 2), fc.string({ minLength: 1, maxLength: 3 }), async (at, mark) => {
        const data = good.slice(0, at) + mark + good.slice(at + 1);
        fc.pre(data !== good && !data.startsWith(`${good}~`));
        const [happening] = await read(pressed(data));
        const token = happening?.kind === 'press' ? happening.token : '';
        expect(readToken(token, 'button', SECRETS, NOW)).toBe('forged');
      }),
      { numRuns: 200 },
    );
  });

  it('may also be words, which are answered in the chat', async () => {
    results = [{ state: 'done', text: 'Acknowledged 7QK2MD.' }];
    await sandbox.telegram.write('4201', '/ack 7QK2MD');
    expect(heard).toMatchObject([{ kind: 'message', identity: '4201', text: 'ack 7QK2MD' }]);
    expect(sandbox.world.cards.at(-1)?.face?.lines).toEqual(['Acknowledged 7QK2MD.']);
    await sandbox.telegram.member({ id: -1001, title: 'Operations' }, 'left');
    expect(heard.at(-1)).toEqual({ kind: 'chat', chat: '-1001', change: 'left' });
  });
});
