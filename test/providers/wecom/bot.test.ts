import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Person } from '../../../providers/kit/message.ts';
import { wecomBot, readAnswer } from '../../../providers/wecom/bot.ts';
import { hookOfBot, wecomBotAccount } from '../../../providers/wecom/bot-account.ts';
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
import { face, supervisor, wording } from '../delivery.ts';
import { failureOf } from '../failure.ts';

const primary = { ...supervisor, name: 'Primary', identity: 'primary' };
const PAGE = 'https://oncall.example.com/i/page-token';

const bot = openBot(
  wecomBot,
  wecomBotAccount,
  {
    people: [
      { name: 'primary', phone: '+8613900000001', ids: { wecom: 'primary' } },
      { name: 'backup', phone: '+8613900000002', ids: { wecom: 'backup' } },
    ],
    wecomBot: { key: 'hook-s3cret' },
  },
  { endpoint: 'wecomBot', webhook: 'hook-s3cret' },
);
const { accountOf, send, last } = bot;
const typeOf = (card: SandboxCard | undefined): unknown => (card?.card as { msgtype: unknown }).msgtype;

describe('a page to a WeCom group', () => {
  it('is Markdown in the colour of its severity with a link to the incident page', async () => {
    expect(await send(groupDelivery())).toEqual({ outcome: 'accepted' });
    expect(typeOf(last())).toBe('markdown');
    expect(last()?.face).toEqual({
      title: '',
      color: '#ff6b00',
      lines: [
        '[Critical] db-7 is down',
        'Not acknowledged, level 1 of 2',
        'Severity: Critical',
        'Number: 7QK2MD',
        'service: db',
        'A new incident needs you.',
        'Replication lag 900 s',
        'Open incident',
      ],
      mentions: [],
      controls: [],
      links: [{ label: 'Open incident', url: PAGE }],
    });
  });

  it.each([
    ['by id in Markdown', [primary], 'markdown', ['primary']],
    ['by phone in a text, where alone it has an effect', [backup], 'text', ['backup']],
    ['by both in one text', [primary, backup], 'text', ['primary', 'backup']],
    ['everybody in a text', 'all', 'text', ['all']],
  ] as const)('mentions %s', async (_what, mentions, type, whom) => {
    await send(groupDelivery({ mentions: mentions === 'all' ? 'all' : [...mentions] }));
    expect(typeOf(last())).toBe(type);
    expect(last()?.face?.mentions).toEqual(whom);
    expect(last()?.face?.links.at(-1)?.url).toBe(PAGE);
    expect(shown(last())).not.toContain('1390000');
  });

  it('names people whose number is not of mainland China', async () => {
    await send(groupDelivery({ mentions: [{ ...backup, phone: '+6581234567' }] }));
    expect(shown(last())).toContain('Backup');
    expect(last()?.face?.mentions).toEqual([]);
  });

  it('never lets a configured id become markup', async () => {
    await send(groupDelivery({ mentions: [{ ...primary, phone: '', identity: 'x><@backup' }] }));
    expect(last()?.face?.mentions).toEqual([]);
  });

  it('says shortly what happened later, in green once it is over', async () => {
    await send(
      groupDelivery({
        event: 'closed',
        face: { ...face, progress: 'Closed' },
        wording: { ...wording, text: 'It was closed.', status: 'Closed' },
      }),
    );
    expect(last()?.face).toMatchObject({
      color: '#00b042',
      lines: ['[Critical] db-7 is down', 'Closed', 'It was closed.', 'Open incident'],
    });
  });

  it('is not sent again into the pause after too many', async () => {
    await bot.withLimits();
    for (let sent = 0; sent < 20; sent++) await send(groupDelivery());
    expect(await failureOf(send(groupDelivery()))).toMatchObject({ kind: 'rate-limited', retryAfterMs: 60_000 });
    expect((await failureOf(send(groupDelivery()))).kind).toBe('rate-limited');
    expect(bot.sandbox.world.arrivals).toHaveLength(21);
  });
});

describe('an incident with a hostile title', () => {
  it.each([
    ['as Markdown', {}],
    ['as text', { plain: true }],
  ])('shows its characters and mentions nobody, %s', async (_what, changes) => {
    await send(called(HOSTILE, changes));
    expect(visible(shown(last()))).toContain(visible(HOSTILE));
    expect(last()?.face?.mentions).toEqual([]);
  });

  it('whatever it is: valid, shown as it is, mentions only whom we mention, link intact', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyTitle,
        fc.boolean(),
        fc.constantFrom<Person[]>([], [{ ...primary, identity: 'backup' }], [backup]),
        async (title, plain, mentions) => {
          await send(called(title, { plain, mentions }));
          // There is no way to show this mark as it is.
          expect(visible(shown(last())).replaceAll('\u02cb', '`')).toContain(visible(title).replaceAll('\u02cb', '`'));
          expect(last()?.face?.mentions).toEqual(mentions.map(() => 'backup'));
          expect(last()?.face?.links.at(-1)?.url).toBe(PAGE);
          if (!plain && mentions.length === 0) expect(last()?.face?.links).toHaveLength(1);
        },
      ),
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
      fc.asyncProperty(anyLength, fc.boolean(), fc.constantFrom(primary, backup), async (text, plain, person) => {
        await send(longest(text, { plain, mentions: Array.from({ length: 60 }, () => person) }));
        expect(last()?.face?.links.at(-1)?.url).toBe(PAGE);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the address of the bot', () => {
  it.each([
    [{ webhook: 'a-b-c' }, 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a-b-c'],
    [{ webhook: 'https://relay.example.com/w?key=1' }, 'https://relay.example.com/w?key=1'],
    [
      { webhook: 'a', baseUrl: 'https://wecom.corp.example.com' },
      'https://wecom.corp.example.com/cgi-bin/webhook/send?key=a',
    ],
  ])('%j', (account, url) => {
    expect(hookOfBot(wecomBotAccount.parse(account)).url.href).toBe(url);
  });
});

describe('what the bot answers', () => {
  const failure = (status: number, body: unknown) =>
    failureOf(
      (async () => {
        readAnswer({ status, body, text: '', headers: new Headers() }, wecomBotAccount.parse({ webhook: 'x' }));
      })(),
    );

  it.each([
    [93000, 'invalid webhook url, from hook-s3cret', 'unauthorized', '93000', 'removed'],
    [93000, 'content exceed max length', 'refused', '93000/length', 'too long'],
    [45009, '', 'rate-limited', '45009', '20 messages'],
    [45033, '', 'rate-limited', '45033', '20 messages'],
    [-1, '', 'unavailable', '-1', 'busy'],
    [40008, '', 'refused', '40008', 'malformed'],
    [40033, '', 'refused', '40033', 'malformed'],
    [40058, '', 'refused', '40058', 'malformed'],
    [44004, '', 'refused', '44004', 'malformed'],
    [45002, '', 'refused', '45002', 'too long'],
    [301024, '', 'refused', '301024', 'too long'],
    [424242, '', 'refused', '424242', 'not known here'],
  ])('%i %j is %s', async (errcode, errmsg, kind, providerCode, means) => {
    const error = await failure(200, { errcode, errmsg });
    expect(error).toMatchObject({ kind, providerCode });
    expect(error.message).toContain(means);
    expect(error.message).not.toContain('s3cret');
  });

  it('may be a bare status', async () => {
    expect((await failure(403, undefined)).kind).toBe('unauthorized');
    expect((await failure(502, undefined)).kind).toBe('unavailable');
  });
});

it('is asked whether it works without telling anybody', async () => {
  await wecomBot.check?.(accountOf(), io);
  const error = await failureOf(Promise.resolve(wecomBot.check?.(accountOf({ webhook: 'wr0ng' }), io)));
  expect(error).toMatchObject({ kind: 'unauthorized', providerCode: '93000' });
  expect(bot.sandbox.world.cards).toEqual([]);
});
