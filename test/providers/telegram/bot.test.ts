import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Page } from '../../../providers/kit/message.ts';
import { mintToken } from '../../../links/token.ts';
import { apiOf, splitChat, telegramBotAccount } from '../../../providers/telegram/account.ts';
import { telegramBot } from '../../../providers/telegram/bot.ts';
import { readAnswer } from '../../../providers/telegram/call.ts';
import type { SandboxCard } from '../../../sandbox/index.ts';
import { io, openBot } from '../bots/bot.ts';
import {
  anyLength,
  anyTitle,
  backup,
  called,
  groupDelivery,
  HOSTILE,
  LINE_STARTS,
  linesDelivery,
  linesOf,
  longest,
  shown,
  visible,
} from '../bots/hostile.ts';
import { deliveryOf, face, supervisor, wording } from '../delivery.ts';
import { failureOf } from '../failure.ts';

const primary = { ...supervisor, name: 'Primary', identity: '4201' };
const PAGE = 'https://oncall.example.com/i/page-token';

const tokenOf = (action: string) =>
  mintToken(
    {
      purpose: 'button',
      workflowId: `incident-${'a'.repeat(128)}`,
      notification: 'n1',
      revision: 2,
      action,
      account: 'telegram-ops',
      member: null,
      expiresAt: 2_000_000_000_000,
    },
    ['s3cret'],
  );
const buttons = deliveryOf().buttons.map((button) => ({ ...button, token: tokenOf(button.action) }));

const bot = openBot(
  telegramBot,
  telegramBotAccount,
  {
    people: [{ name: 'primary', ids: { telegram: '4201' } }],
    telegram: {
      token: '1:bot-s3cret',
      chats: [
        { id: -1001, title: 'Operations' },
        { id: -2, title: 'Old group', upgradedTo: -1002 },
      ],
    },
  },
  { endpoint: 'telegram', token: '1:bot-s3cret', secretToken: 'push-s3cret-w9Kx4ZqT' },
);
const { accountOf, send, last } = bot;
const linkOf = (card: SandboxCard | undefined) => card?.face?.links.map(({ url }) => url.split('#')[0]);

describe('a page by Telegram', () => {
  it('to a group shows the incident, its buttons and a link to its page', async () => {
    const sent = await send(groupDelivery({ buttons }));
    expect(sent).toEqual({ outcome: 'accepted', handle: { chatId: '-1001', messageId: '101' } });
    expect(last()).toMatchObject({ to: '-1001' });
    expect(last()?.face).toMatchObject({
      lines: [
        '🔴 [Critical] db-7 is down',
        'Not acknowledged, level 1 of 2',
        'Severity: Critical',
        'Number: 7QK2MD',
        'service: db',
        'A new incident needs you.',
        'Replication lag 900 s',
      ],
      mentions: [],
    });
    expect(last()?.face?.controls.map(({ label }) => label)).toEqual([
      'Acknowledge',
      'Close',
      'Snooze 2 h',
      'Snooze 4 h',
    ]);
    expect(linkOf(last())).toEqual([PAGE]);
  });

  it('goes to a person who has pressed Start, and says how to link one who has not', async () => {
    await send(deliveryOf({ to: { person: primary } }));
    expect(last()?.to).toBe('4201');
    const error = await failureOf(send(deliveryOf({ to: { person: backup } })));
    expect(error.kind).toBe('unreachable');
    expect(error.message).toContain('press Start');
    expect((await failureOf(send(groupDelivery({ to: { chat: '' } })))).kind).toBe('unreachable');
  });

  it('follows a group that became a supergroup, at once and afterwards', async () => {
    const sent = await send(groupDelivery({ to: { chat: '-2' } }));
    expect(sent.handle?.['chatId']).toBe('-1002');
    await send(groupDelivery({ to: { chat: '-2' } }));
    expect(bot.sandbox.world.arrivals.map(({ answer }) => answer)).toEqual(['400', 'ok', 'ok']);
  });

  it('has no buttons that could not be heard', async () => {
    await send(groupDelivery({ buttons }), { secretToken: undefined });
    expect(last()?.face?.controls).toEqual([]);
    expect(linkOf(last())).toEqual([PAGE]);
  });

  it('mentions people by the id of their chat, names the others, and nothing mentions everybody', async () => {
    await send(groupDelivery({ mentions: [primary, backup] }));
    expect(last()?.face?.mentions).toEqual(['4201']);
    expect(shown(last())).toContain('Backup');
    await send(groupDelivery({ mentions: [{ ...primary, identity: '@primary_oncall' }] }));
    expect(last()?.face?.mentions).toEqual(['@primary_oncall']);
    await send(groupDelivery({ mentions: 'all' }));
    expect(last()?.face?.mentions).toEqual([]);
  });

  it('is edited as the incident moves on, and an edit that changes nothing is no failure', async () => {
    const delivery = groupDelivery({ buttons });
    const { handle = {} } = await send(delivery);
    const acknowledged: Page = {
      ...delivery,
      event: 'acknowledged',
      face: { ...face, progress: 'Processing' },
      wording: { ...wording, status: 'Acknowledged by Backup' },
      buttons: buttons.slice(1),
    };
    await telegramBot.redraw?.(acknowledged, handle, accountOf(), io);
    await telegramBot.redraw?.(acknowledged, handle, accountOf(), io);
    expect(bot.sandbox.world.cards).toHaveLength(1);
    expect(last()).toMatchObject({ redraws: 1 });
    expect(shown(last())).toContain('Acknowledged by Backup');
    expect(shown(last())).toContain('service: db');
    expect(last()?.face?.controls.map(({ label }) => label)).not.toContain('Acknowledge');
  });

  it('is followed by short news below the first message', async () => {
    const { handle } = await send(groupDelivery({ buttons }));
    await send(
      groupDelivery({
        event: 'acknowledged',
        buttons,
        ...(handle && { thread: handle }),
        wording: { ...wording, text: 'It was acknowledged.', status: 'Acknowledged by Backup' },
      }),
    );
    expect(last()).toMatchObject({ thread: '-1001/101' });
    expect(last()?.face?.lines).toEqual([
      '🔴 [Critical] db-7 is down',
      'Acknowledged by Backup',
      'It was acknowledged.',
    ]);
    expect(last()?.face?.controls).toEqual([]);
  });

  it('comes as plain text where its form was refused', async () => {
    bot.sandbox.faults.add({
      vendor: 'telegram',
      action: 'sendMessage',
      effect: { refuse: '400', message: "Bad Request: can't parse entities: x" },
    });
    expect((await failureOf(send(groupDelivery({ buttons })))).kind).toBe('refused');
    expect(await send(groupDelivery({ buttons, plain: true }))).toEqual({ outcome: 'accepted' });
    expect(linkOf(last())).toEqual([PAGE]);
  });

  it('leaves at once for another medium when the platform asks for a long pause', async () => {
    bot.sandbox.faults.add({ vendor: 'telegram', action: 'sendMessage', effect: { rateLimitMs: 40_000 } });
    expect(await failureOf(send(groupDelivery()))).toMatchObject({ kind: 'rate-limited', retryAfterMs: 40_000 });
  });
});

describe('an incident with a hostile title', () => {
  it.each([false, true])('shows its characters and mentions nobody (plain: %s)', async (plain) => {
    await send(called(HOSTILE, { plain, buttons }));
    expect(visible(shown(last()))).toContain(visible(HOSTILE));
    expect(last()?.face?.mentions).toEqual([]);
  });

  it('whatever it is: valid, shown as it is, mentions only whom we mention, link and buttons intact', async () => {
    await fc.assert(
      fc.asyncProperty(anyTitle, fc.boolean(), fc.boolean(), async (title, plain, isMentioning) => {
        await send(called(title, { plain, buttons, mentions: isMentioning ? [primary] : [] }));
        expect(visible(shown(last()))).toContain(visible(title));
        expect(last()?.face?.mentions).toEqual(isMentioning && !plain ? ['4201'] : []);
        expect(linkOf(last())?.at(-1)).toBe(PAGE);
        if (!plain) expect(linkOf(last())).toHaveLength(1);
        expect(last()?.face?.controls).toHaveLength(plain ? 0 : 4);
      }),
      { numRuns: 80 },
    );
  });

  it('keeps the lines of its description as they are, whatever they begin with', async () => {
    for (const changes of [{}, { mentions: [primary] }, { plain: true }]) {
      await send(linesDelivery(changes));
      expect(linesOf(last())).toEqual(expect.arrayContaining(LINE_STARTS));
    }
  });

  it('however long it is, it is taken and keeps its link', async () => {
    await fc.assert(
      fc.asyncProperty(anyLength, fc.boolean(), async (text, plain) => {
        await send(longest(text, { plain, buttons, mentions: Array.from({ length: 60 }, () => primary) }));
        expect(linkOf(last())?.at(-1)).toBe(PAGE);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the address of the API', () => {
  it.each([
    [{ token: '1:ab_c-d' }, 'https://api.telegram.org/bot1:ab_c-d'],
    [{ token: '1:abc', baseUrl: 'https://proxy.example.com/tg/' }, 'https://proxy.example.com/tg/bot1:abc'],
    [{ token: 'https://proxy.example.com/tg/bot1:abc/sendMessage' }, 'https://proxy.example.com/tg/bot1:abc'],
    [{ token: 'http://127.0.0.1:8081/bot1:abc' }, 'http://127.0.0.1:8081/bot1:abc'],
  ])('%j', (account, url) => {
    expect(apiOf(telegramBotAccount.parse(account))).toBe(url);
  });

  it.each(['abc', '1', 'https://api.telegram.org/', 'https://api.telegram.org/botabc'])('is not %j', (token) => {
    expect(telegramBotAccount.safeParse({ token }).success).toBe(false);
  });

  it('knows topics of forums', () => {
    expect(splitChat('-1001:7')).toEqual({ chatId: '-1001', topic: 7 });
    expect(splitChat('@channel')).toEqual({ chatId: '@channel' });
  });
});

describe('what Telegram answers', () => {
  const failure = (error_code: number, description: string, parameters?: object) =>
    failureOf(
      (async () => {
        const body = { ok: false, error_code, description, parameters };
        readAnswer({ status: error_code, body, text: '', headers: new Headers() });
      })(),
    );

  it.each([
    [400, 'Bad Request: chat not found', 'rejected', 'press Start'],
    [400, 'Bad Request: message thread not found', 'rejected', 'no such chat'],
    [400, 'Bad Request: not enough rights to send text messages to the chat', 'rejected', 'may not write'],
    [400, "Bad Request: can't parse entities: Unsupported start tag", 'refused', 'malformed'],
    [400, 'Bad Request: message is too long', 'refused', 'too long'],
    [400, 'Bad Request: BUTTON_DATA_INVALID', 'refused', 'malformed'],
    [400, 'Bad Request: message to edit not found', 'rejected', 'no longer be changed'],
    [400, 'Bad Request: something new', 'refused', 'malformed'],
    [401, 'Unauthorized', 'unauthorized', 'revoked'],
    [403, 'Forbidden: bot was blocked by the user', 'rejected', 'blocked the bot'],
    [403, 'Forbidden: user is deactivated', 'rejected', 'gone'],
    [403, 'Forbidden: bot was kicked from the supergroup chat', 'rejected', 'no longer in this chat'],
    [403, 'Forbidden: bot is not a member of the channel chat', 'rejected', 'no longer in this chat'],
    [403, 'Forbidden: the group chat was deleted', 'rejected', 'no longer in this chat'],
    [403, "Forbidden: bot can't initiate conversation with a user", 'rejected', 'press Start'],
    [403, 'Forbidden: something new', 'rejected', 'may not write'],
    [404, 'Not Found', 'unauthorized', 'malformed'],
    [409, 'Conflict: terminated by other getUpdates request', 'unavailable', 'somebody else'],
    [500, 'Internal Server Error', 'unavailable', 'failed'],
  ])('%i %s is %s', async (code, description, kind, means) => {
    const error = await failure(code, description);
    expect(error).toMatchObject({ kind, providerCode: String(code) });
    expect(error.message).toContain(means);
  });

  it('says when to come back', async () => {
    expect(await failure(429, 'Too Many Requests: retry after 35', { retry_after: 35 })).toMatchObject({
      kind: 'rate-limited',
      retryAfterMs: 35_000,
    });
  });

  it('is understood by its status when it is not JSON', async () => {
    const read = (status: number) =>
      failureOf(
        (async () => {
          readAnswer({ status, body: undefined, text: '<html>', headers: new Headers() });
        })(),
      );
    expect((await read(502)).kind).toBe('unavailable');
    expect((await read(404)).kind).toBe('unauthorized');
    expect((await read(200)).kind).toBe('unknown-outcome');
  });
});

it('is asked whether it works without telling anybody', async () => {
  await telegramBot.check?.(accountOf(), io);
  const error = await failureOf(Promise.resolve(telegramBot.check?.(accountOf({ token: '1:wr0ng' }), io)));
  expect(error).toMatchObject({ kind: 'unauthorized', providerCode: '401' });
  expect(error.message).not.toContain('wr0ng');
  expect(bot.sandbox.world.cards).toEqual([]);
});

it('says what is missing of its setup', async () => {
  const checks = async (changes: object = {}) =>
    (await telegramBot.checks?.(accountOf(changes), io))?.map(({ ok, detail }) => [ok, detail]);
  expect(await checks()).toEqual([
    [true, '@oncall_bot'],
    [false, 'no webhook is registered; call setWebhook'],
  ]);
  expect((await checks({ secretToken: undefined }))?.[1]?.[0]).toBe(false);
  expect((await checks({ token: '1:wr0ng' }))?.[0]?.[0]).toBe(false);
  bot.sandbox.setCallbacks({ telegram: 'https://oncall.example.com/callbacks/telegram-ops' });
  expect((await checks())?.[1]).toEqual([true, 'oncall.example.com']);
});
