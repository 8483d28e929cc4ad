import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hookOfBot, zoomBotAccount } from '../../../providers/zoom/account.ts';
import { readAnswer, zoomBot } from '../../../providers/zoom/bot.ts';
import { openBot } from '../bots/bot.ts';
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

const primary = { ...supervisor, name: 'Primary', identity: 'primary' };
const LINK = { label: 'Open incident', url: 'https://oncall.example.com/i/page-token' };

const bot = openBot(
  zoomBot,
  zoomBotAccount,
  {
    people: [{ name: 'primary', ids: { zoom: 'primary' } }],
    zoom: { id: 'hook-s3cret', verificationToken: 'verify-s3cret' },
  },
  { endpoint: 'zoom', webhook: 'hook-s3cret', verifyToken: 'verify-s3cret' },
);
const { send, last } = bot;

describe('a page to a Zoom channel', () => {
  it('is a message in the colour of its severity with a link to the incident page', async () => {
    expect(await send(groupDelivery())).toEqual({ outcome: 'accepted' });
    expect(last()?.face).toEqual({
      title: '[Critical] db-7 is down',
      color: '#c80000',
      lines: [
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
      links: [LINK],
    });
  });

  it.each(['primary', 'primary@xmpp.zoom.us'])(
    'mentions those whose id is known (%s), names the others',
    async (identity) => {
      await send(groupDelivery({ mentions: [{ ...primary, identity }, backup] }));
      expect(last()?.face?.mentions).toEqual(['primary']);
      expect(shown(last())).toContain('Backup');
      expect(last()?.face?.links).toEqual([LINK]);
    },
  );

  it('is sent all the same where nobody can be mentioned', async () => {
    for (const mentions of [[backup], [{ ...primary, identity: 'x><!all|' }], 'all' as const]) {
      await send(groupDelivery({ mentions }));
      expect(last()?.face?.mentions).toEqual([]);
    }
  });

  it('says shortly what happened later', async () => {
    await send(groupDelivery({ event: 'closed', wording: { ...wording, text: 'It was closed.', status: 'Closed' } }));
    expect(last()?.face?.lines).toEqual(['Closed', 'It was closed.', 'Open incident']);
  });

  it('comes as plain text where the form was refused', async () => {
    bot.sandbox.faults.add({ vendor: 'zoom', effect: { refuse: 'bad_request', status: 400 } });
    expect((await failureOf(send(groupDelivery()))).kind).toBe('refused');
    await send(groupDelivery({ plain: true, mentions: [primary] }));
    expect(last()?.face?.lines).toContain('Primary');
    expect(last()?.face?.links).toEqual([LINK]);
  });

  it('carries the token as the account says', async () => {
    expect((await failureOf(send(groupDelivery(), { authorization: 'bearer' }))).kind).toBe('unauthorized');
    const error = await failureOf(send(groupDelivery(), { verifyToken: 'wr0ng' }));
    expect(error).toMatchObject({ kind: 'unauthorized', providerCode: '401' });
    expect(error.message).toContain('/inc connect');
    expect(error.message).not.toContain('wr0ng');
  });
});

describe('an incident with a hostile title', () => {
  it.each([
    ['as it is', {}],
    ['as Markdown', { mentions: [primary] }],
    ['as text', { plain: true }],
  ])('shows its characters and mentions nobody, %s', async (_what, changes) => {
    await send(called(HOSTILE, changes));
    expect(visible(shown(last()))).toContain(visible(HOSTILE));
    expect(last()?.face?.mentions).toEqual('mentions' in changes ? ['primary'] : []);
  });

  it('whatever it is: valid, shown as it is, mentions only whom we mention, link intact', async () => {
    await fc.assert(
      fc.asyncProperty(anyTitle, fc.boolean(), fc.boolean(), async (title, plain, isMentioning) => {
        await send(called(title, { plain, mentions: isMentioning ? [primary] : [] }));
        expect(visible(shown(last()))).toContain(visible(title));
        expect(last()?.face?.mentions).toEqual(isMentioning && !plain ? ['primary'] : []);
        expect(last()?.face?.links.at(-1)).toEqual(LINK);
        if (!plain) expect(last()?.face?.links).toHaveLength(1);
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
        await send(longest(text, { plain, mentions: Array.from({ length: 60 }, () => primary) }));
        expect(last()?.face?.links.at(-1)).toEqual(LINK);
        expect(JSON.stringify(last()?.card).length).toBeLessThanOrEqual(4096);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the address of the connection', () => {
  const HOME = 'https://integrations.zoom.us/chat/webhooks/incomingwebhook';
  it.each([
    [{ webhook: 'abc-1' }, `${HOME}/abc-1`],
    [{ webhook: `${HOME}/abc` }, `${HOME}/abc`],
    [{ webhook: 'https://own.example.com/zoom' }, 'https://own.example.com/zoom'],
  ])('%j', (account, url) => {
    expect(hookOfBot(zoomBotAccount.parse({ ...account, verifyToken: 'v' })).href).toBe(url);
  });
});

describe('what the connection answers', () => {
  it.each([
    [400, 'refused', undefined],
    [401, 'unauthorized', undefined],
    [403, 'unauthorized', undefined],
    [404, 'unauthorized', undefined],
    [429, 'rate-limited', 20_000],
    [500, 'unavailable', 20_000],
  ])('%i is %s', async (status, kind, retryAfterMs) => {
    const headers = new Headers({ 'retry-after': '20' });
    const error = await failureOf(
      (async () => {
        readAnswer({ status, body: undefined, text: '', headers });
      })(),
    );
    expect(error.kind).toBe(kind);
    expect(error.retryAfterMs).toBe(retryAfterMs);
  });

  it('is success for any 2xx', () => {
    readAnswer({ status: 202, body: { anything: 1 }, text: '', headers: new Headers() });
  });
});
