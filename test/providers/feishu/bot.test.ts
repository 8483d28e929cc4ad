import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feishuBot, readAnswer, signatureOf } from '../../../providers/feishu/bot.ts';
import { feishuBotAccount, hookOfBot } from '../../../providers/feishu/bot-account.ts';
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

const primary = { ...supervisor, name: 'Primary', identity: 'ou_primary' };

const bot = openBot(
  feishuBot,
  feishuBotAccount,
  {
    people: [{ name: 'primary', openId: 'ou_primary' }],
    feishuBot: { token: 'hook-s3cret', secret: 'sign-s3cret', keywords: ['#'] },
  },
  { endpoint: 'feishuBot', webhook: 'hook-s3cret', secret: 'sign-s3cret', keyword: '#' },
);
const { accountOf, send, last } = bot;

describe('a page to a Feishu group', () => {
  it('is a card in the colour of its severity with a button to the incident page', async () => {
    expect(await send(groupDelivery())).toEqual({ outcome: 'accepted' });
    expect(last()?.face).toEqual({
      title: '[Critical] db-7 is down #7QK2MD',
      color: '#f54a45',
      lines: [
        'Not acknowledged, level 1 of 2',
        'Severity: Critical',
        'Number: 7QK2MD',
        'service: db',
        'A new incident needs you.',
        'Replication lag 900 s',
      ],
      mentions: [],
      controls: [],
      links: [{ label: 'Open incident', url: 'https://oncall.example.com/i/page-token' }],
    });
  });

  it.each([
    ['a card', {}],
    ['plain text', { plain: true }],
    ['verbose text', { verbose: true }],
  ])('mentions those whose id is known and names the others, in %s', async (_what, changes) => {
    await send(groupDelivery({ mentions: [primary, backup], ...changes }));
    expect(last()?.face?.mentions).toEqual(['ou_primary']);
    expect(shown(last())).toContain('Backup');
    await send(groupDelivery({ mentions: 'all', ...changes }));
    expect(last()?.face?.mentions).toEqual(['all']);
  });

  it('never lets a configured id become markup', async () => {
    await send(groupDelivery({ mentions: [{ ...primary, identity: 'x></at><at id=all' }] }));
    expect(last()?.face?.mentions).toEqual([]);
    expect(shown(last())).toContain('Primary');
  });

  it('says shortly what happened later', async () => {
    await send(
      groupDelivery({
        event: 'acknowledged',
        face: { ...face, progress: 'Processing' },
        wording: { ...wording, text: 'The incident was acknowledged.', status: 'Acknowledged by Backup at 10:05' },
      }),
    );
    expect(last()?.face).toMatchObject({
      color: '#3370ff',
      lines: ['Acknowledged by Backup at 10:05', 'The incident was acknowledged.'],
    });
  });

  it('always has the keyword of the bot', async () => {
    bot.sandbox.faults.clear();
    for (const plain of [false, true]) {
      await send(groupDelivery({ plain }));
      expect(shown(last())).toContain('#7QK2MD');
    }
    const error = await failureOf(send(groupDelivery(), { keyword: undefined }));
    expect(error).toMatchObject({ kind: 'unauthorized', providerCode: '19024' });
    expect(error.message).toContain('keyword');
  });

  it('comes as plain text where the card was refused', async () => {
    bot.sandbox.faults.add({ vendor: 'feishu', action: 'hook.send', effect: { refuse: '9499' } });
    expect((await failureOf(send(groupDelivery()))).kind).toBe('refused');
    await send(groupDelivery({ plain: true }));
    expect(last()?.face?.links).toEqual([{ label: 'Open incident', url: 'https://oncall.example.com/i/page-token' }]);
  });
});

describe('an incident with a hostile title', () => {
  it.each([false, true])('shows its characters and mentions nobody (plain: %s)', async (plain) => {
    await send(called(HOSTILE, { plain }));
    expect(visible(shown(last()))).toContain(visible(HOSTILE));
    expect(last()?.face?.mentions).toEqual([]);
  });

  it('whatever it is: valid, shown as it is, mentions only whom we mention, link intact', async () => {
    await fc.assert(
      fc.asyncProperty(anyTitle, fc.boolean(), fc.boolean(), async (title, plain, isMentioning) => {
        await send(called(title, { plain, mentions: isMentioning ? [primary] : [] }));
        expect(visible(shown(last()))).toContain(visible(title));
        expect(last()?.face?.mentions).toEqual(isMentioning ? ['ou_primary'] : []);
        expect(last()?.face?.links.at(-1)?.url).toBe('https://oncall.example.com/i/page-token');
      }),
      { numRuns: 60 },
    );
  });

  it('keeps the lines of its description as they are, whatever they begin with', async () => {
    for (const changes of [{}, { mentions: [primary] }, { plain: true }]) {
      await send(linesDelivery(changes));
      expect(linesOf(last())).toEqual(expect.arrayContaining(LINE_STARTS));
    }
  });

  it('however long it is, it is taken and keeps its link and its keyword', async () => {
    await fc.assert(
      fc.asyncProperty(anyLength, fc.boolean(), async (text, plain) => {
        await send(longest(text, { plain, mentions: Array.from({ length: 60 }, () => primary) }));
        expect(last()?.face?.links.at(-1)?.url).toBe('https://oncall.example.com/i/page-token');
        expect(shown(last())).toContain('#');
      }),
      { numRuns: 40 },
    );
  });
});

describe('the address of the bot', () => {
  const urlOf = (account: object) => hookOfBot(feishuBotAccount.parse(account)).url.href;

  it.each([
    [{ webhook: 'abc-123' }, 'https://open.feishu.cn/open-apis/bot/v2/hook/abc-123'],
    [{ webhook: 'abc-123', region: 'lark' }, 'https://open.larksuite.com/open-apis/bot/v2/hook/abc-123'],
    [
      { webhook: 'https://open.larksuite.com/open-apis/bot/v2/hook/a' },
      'https://open.larksuite.com/open-apis/bot/v2/hook/a',
    ],
    [{ webhook: 'https://relay.example.com/feishu?x=1' }, 'https://relay.example.com/feishu?x=1'],
    [
      { webhook: 'abc', baseUrl: 'https://proxy.example.com/fs/' },
      'https://proxy.example.com/fs/open-apis/bot/v2/hook/abc',
    ],
  ])('%j', (account, url) => {
    expect(urlOf(account)).toBe(url);
  });

  it.each(['open.feishu.cn/open-apis/bot/v2/hook/abc', 'https://', 'a b'])('is not %j', (webhook) => {
    expect(feishuBotAccount.safeParse({ webhook }).success).toBe(false);
  });
});

describe('the sign of Feishu', () => {
  it.each([
    ['1700000000', 'SEC-feishu', 'RWwVl8ny//K/ygVTfkc3pG6B3yRqkGsck9yzDxW+2b0='],
    ['1599360473', 'demo', 'l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8='],
  ])('of %s with %s', (timestamp, secret, sign) => {
    expect(signatureOf(timestamp, secret)).toBe(sign);
  });
});

describe('what the bot answers', () => {
  const failure = (status: number, body: unknown, account: object = { webhook: 'x' }) => {
    const text = body === undefined ? 'ok' : JSON.stringify(body);
    return failureOf(
      (async () => {
        readAnswer(
          { status, body, text, headers: new Headers({ 'retry-after': '7' }) },
          feishuBotAccount.parse(account),
        );
      })(),
    );
  };

  it.each([
    [11232, 'rate-limited', 'too many'],
    [9499, 'refused', 'malformed or too large'],
    [19001, 'unauthorized', 'bot was removed'],
    [19002, 'refused', 'kind of message'],
    [19021, 'unauthorized', 'secret'],
    [19022, 'unauthorized', 'IP whitelist'],
    [19024, 'unauthorized', 'keyword'],
    [19036, 'refused', 'too large'],
    [424242, 'refused', 'not known here'],
  ])('%i is %s', async (code, kind, means) => {
    const error = await failure(200, { code, msg: 'hook-s3cret' });
    expect(error).toMatchObject({ kind, providerCode: String(code) });
    expect(error.message).toContain(means);
    expect(error.message).not.toContain('s3cret');
  });

  it('is understood by its status where it has no code', async () => {
    expect(await failure(429, undefined)).toMatchObject({ kind: 'rate-limited', retryAfterMs: 7000 });
    expect((await failure(502, undefined)).kind).toBe('unavailable');
    expect((await failure(404, undefined)).kind).toBe('unauthorized');
    expect((await failure(200, undefined)).kind).toBe('unknown-outcome');
  });

  it('is success in the older form, and whatever an endpoint of our own answers with 2xx', () => {
    const headers = new Headers();
    const good = feishuBotAccount.parse({ webhook: 'x' });
    readAnswer({ status: 200, body: { StatusCode: 0, StatusMessage: 'success' }, text: '', headers }, good);
    const own = feishuBotAccount.parse({ webhook: 'https://relay.example.com/hook' });
    readAnswer({ status: 204, body: undefined, text: '', headers }, own);
  });
});

describe('whether the bot works', () => {
  it('is asked without telling anybody', async () => {
    await feishuBot.check?.(accountOf(), io);
    for (const [wrong, code] of [
      [{ webhook: 'wr0ng' }, '19001'],
      [{ secret: 'wr0ng' }, '19021'],
    ] as const) {
      const error = await failureOf(Promise.resolve(feishuBot.check?.(accountOf(wrong), io)));
      expect(error).toMatchObject({ kind: 'unauthorized', providerCode: code });
      expect(error.message).not.toContain('wr0ng');
    }
    expect(bot.sandbox.world.cards).toEqual([]);
  });
});
