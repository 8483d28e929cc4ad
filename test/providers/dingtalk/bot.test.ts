import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dingtalkBot, readAnswer, signatureOf } from '../../../providers/dingtalk/bot.ts';
import { dingtalkBotAccount, hookOfBot } from '../../../providers/dingtalk/bot-account.ts';
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
import { supervisor, wording } from '../delivery.ts';
import { failureOf } from '../failure.ts';

const { identity: _, ...byPhone } = { ...supervisor, name: 'Primary' };
const byId = { ...byPhone, identity: 'user01' };
const PAGE = 'https://oncall.example.com/i/page-token';

const bot = openBot(
  dingtalkBot,
  dingtalkBotAccount,
  {
    people: [
      { name: 'primary', phone: '+8613900000001', ids: { dingtalk: 'user01' } },
      { name: 'backup', phone: '+8613900000002' },
    ],
    dingtalkBot: { token: 'hook-s3cret', secret: 'sign-s3cret', keywords: ['#'] },
  },
  { endpoint: 'dingtalkBot', webhook: 'hook-s3cret', secret: 'sign-s3cret', keyword: '#' },
);
const { accountOf, send, last } = bot;
const typeOf = (card: SandboxCard | undefined): unknown => (card?.card as { msgtype: unknown }).msgtype;

describe('a page to a DingTalk group', () => {
  it('is a card with a button to the incident page where nobody is mentioned', async () => {
    expect(await send(groupDelivery())).toEqual({ outcome: 'accepted' });
    expect(typeOf(last())).toBe('actionCard');
    expect(last()?.face).toEqual({
      title: '[Critical] db-7 is down #7QK2MD',
      color: '#c80000',
      lines: [
        '[Critical] db-7 is down #7QK2MD',
        'Not acknowledged, level 1 of 2',
        'Severity: Critical',
        'Number: 7QK2MD',
        'service: db',
        'A new incident needs you.',
        'Replication lag 900 s',
      ],
      mentions: [],
      controls: [],
      links: [{ label: 'Open incident', url: PAGE }],
    });
  });

  it.each([
    ['Markdown', {}, 'markdown'],
    ['plain text', { plain: true }, 'text'],
    ['verbose text', { verbose: true }, 'text'],
  ])('mentions by id, else by phone, as %s: a card would mention nobody', async (_what, changes, type) => {
    await send(groupDelivery({ mentions: [byId, backup], ...changes }));
    expect(typeOf(last())).toBe(type);
    expect(last()?.face?.mentions).toEqual(['13900000002', 'user01']);
    expect(shown(last())).toMatch(/@user01.*@13900000002/);
    expect(last()?.face?.links).toEqual([{ label: 'Open incident', url: PAGE }]);
    await send(groupDelivery({ mentions: 'all', ...changes }));
    expect(last()?.face?.mentions).toEqual(['all']);
  });

  it('would mention nobody from a card, whatever it lists', async () => {
    const actionCard = { title: '#', text: '# @13900000001', singleTitle: 'x', singleURL: PAGE };
    const { url } = hookOfBot(accountOf());
    const timestamp = String(Date.now());
    url.searchParams.set('timestamp', timestamp);
    url.searchParams.set('sign', signatureOf(timestamp, 'sign-s3cret'));
    const json = { msgtype: 'actionCard', actionCard, at: { atMobiles: ['13900000001'], isAtAll: true } };
    await io.http({ method: 'POST', url: url.href, json });
    expect(last()?.face?.mentions).toEqual([]);
  });

  it('names people whose number is not of mainland China, and stays a card', async () => {
    await send(groupDelivery({ mentions: [{ ...backup, phone: '+6581234567' }] }));
    expect(typeOf(last())).toBe('actionCard');
    expect(shown(last())).toContain('Backup');
    expect(shown(last())).not.toContain('6581234567');
  });

  it('says shortly what happened later', async () => {
    await send(groupDelivery({ event: 'closed', wording: { ...wording, text: 'It was closed.', status: 'Closed' } }));
    expect(last()?.face?.lines).toEqual(['[Critical] db-7 is down #7QK2MD', 'Closed', 'It was closed.']);
  });

  it('always has the keyword of the bot', async () => {
    const error = await failureOf(send(groupDelivery(), { keyword: undefined }));
    expect(error).toMatchObject({ kind: 'unauthorized', providerCode: '310000/keywords' });
  });

  it('is not sent again into the ten minutes of a block', async () => {
    await bot.withLimits();
    for (let sent = 0; sent < 20; sent++) await send(groupDelivery());
    const error = await failureOf(send(groupDelivery()));
    expect(error).toMatchObject({ kind: 'rate-limited', providerCode: '130101', retryAfterMs: 600_000 });
    expect(bot.sandbox.world.cards).toHaveLength(20);
  });
});

describe('an incident with a hostile title', () => {
  it.each([
    ['as a card', {}],
    ['as Markdown', { mentions: [backup] }],
    ['as text', { plain: true }],
  ])('shows its characters and mentions nobody, %s', async (_what, changes) => {
    await send(called(HOSTILE, changes));
    expect(visible(shown(last()))).toContain(visible(HOSTILE));
    expect(last()?.face?.mentions).toEqual('mentions' in changes ? ['13900000002'] : []);
  });

  it('whatever it is: valid, shown as it is, mentions only whom we mention, link intact', async () => {
    await fc.assert(
      fc.asyncProperty(anyTitle, fc.boolean(), fc.boolean(), async (title, plain, isMentioning) => {
        await send(called(title, { plain, mentions: isMentioning ? [byId] : [] }));
        const lines = last()?.face?.lines.map(visible) ?? [];
        expect(lines.join('')).toContain(visible(title));
        expect(last()?.face?.mentions).toEqual(isMentioning ? ['user01'] : []);
        expect(last()?.face?.links.at(-1)).toEqual({ label: 'Open incident', url: PAGE });
        if (!plain) expect(last()?.face?.links).toHaveLength(1);
      }),
      { numRuns: 80 },
    );
  });

  it('keeps the lines of its description as they are, whatever they begin with', async () => {
    for (const changes of [{}, { mentions: [byId] }, { plain: true }]) {
      await send(linesDelivery(changes));
      expect(linesOf(last())).toEqual(expect.arrayContaining(LINE_STARTS));
    }
  });

  it('however long it is, it is taken and keeps its link and its keyword', async () => {
    await fc.assert(
      fc.asyncProperty(anyLength, fc.boolean(), async (text, plain) => {
        await send(longest(text, { plain, mentions: Array.from({ length: 60 }, () => byPhone) }));
        expect(last()?.face?.links.at(-1)?.url).toBe(PAGE);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the address of the bot', () => {
  it.each([
    [{ webhook: 'abc123' }, 'https://oapi.dingtalk.com/robot/send?access_token=abc123'],
    [
      { webhook: 'https://oapi.dingtalk.com/robot/send?access_token=a' },
      'https://oapi.dingtalk.com/robot/send?access_token=a',
    ],
    [{ webhook: 'https://relay.example.com/ding' }, 'https://relay.example.com/ding'],
    [{ webhook: 'a', baseUrl: 'http://127.0.0.1:1/x' }, 'http://127.0.0.1:1/x/robot/send?access_token=a'],
  ])('%j', (account, url) => {
    expect(hookOfBot(dingtalkBotAccount.parse(account)).url.href).toBe(url);
  });
});

it('signs as DingTalk does', () => {
  expect(signatureOf('1700000000000', 'SECdingtalk')).toBe('fu5jSCt0ww6IRNRAT/18bSeoHhGKquVSOKsEvSa/2P8=');
});

describe('what the bot answers', () => {
  const failure = (status: number, body: unknown) =>
    failureOf(
      (async () => {
        readAnswer({ status, body, text: '', headers: new Headers() }, dingtalkBotAccount.parse({ webhook: 'x' }));
      })(),
    );

  it.each([
    [130101, '', 'rate-limited', '130101', 'ten minutes'],
    [410100, '', 'rate-limited', '410100', 'ten minutes'],
    [660026, '', 'rate-limited', '660026', 'ten minutes'],
    [-1, '', 'unavailable', '-1', 'busy'],
    [310000, 'keywords not in content', 'unauthorized', '310000/keywords', 'keyword'],
    [310000, 'sign not match', 'unauthorized', '310000/sign', 'secret'],
    [310000, 'invalid timestamp', 'unauthorized', '310000/sign', 'clock'],
    [310000, 'ip 203.0.113.9 not in whitelist', 'unauthorized', '310000/ip', 'IP list'],
    [310000, '?', 'unauthorized', '310000', 'security rule'],
    [300001, 'token hook-s3cret', 'unauthorized', '300001', 'removed'],
    [300005, '', 'unauthorized', '300005', 'removed'],
    [400101, '', 'unauthorized', '400101', 'removed'],
    [400106, '', 'unauthorized', '400106', 'removed'],
    [400102, '', 'unauthorized', '400102', 'stopped'],
    [400013, '', 'rejected', '400013', 'dissolved'],
    [400105, '', 'refused', '400105', 'malformed'],
    [40035, '', 'refused', '40035', 'malformed'],
    [43002, '', 'refused', '43002', 'malformed'],
    [43004, '', 'refused', '43004', 'malformed'],
    [424242, '', 'refused', '424242', 'not known here'],
  ])('%i %j is %s', async (errcode, errmsg, kind, providerCode, means) => {
    const error = await failure(200, { errcode, errmsg });
    expect(error).toMatchObject({ kind, providerCode });
    expect(error.message).toContain(means);
    expect(error.message).not.toMatch(/s3cret|203\.0/);
  });

  it('is also the answer of a platform that has shut this machine out', async () => {
    const error = await failure(200, { status: 1111, wait: 5, punish: 'deny' });
    expect(error).toMatchObject({ kind: 'rate-limited', retryAfterMs: 300_000 });
    expect((await failure(200, undefined)).kind).toBe('unknown-outcome');
    expect((await failure(503, undefined)).kind).toBe('unavailable');
  });
});

it('is asked whether it works without telling anybody', async () => {
  await dingtalkBot.check?.(accountOf(), io);
  for (const [wrong, code] of [
    [{ webhook: 'wr0ng' }, '300001'],
    [{ secret: 'wr0ng' }, '310000/sign'],
  ] as const) {
    const error = await failureOf(Promise.resolve(dingtalkBot.check?.(accountOf(wrong), io)));
    expect(error).toMatchObject({ kind: 'unauthorized', providerCode: code });
  }
  expect(bot.sandbox.world.cards).toEqual([]);
});
