import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnswer, slackBot } from '../../../providers/slack/bot.ts';
import { hookOfBot, slackBotAccount } from '../../../providers/slack/bot-account.ts';
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

const primary = { ...supervisor, name: 'Primary', identity: 'U0PRIMARY' };
const LINK = { label: 'Open incident', url: 'https://oncall.example.com/i/page-token' };

const bot = openBot(
  slackBot,
  slackBotAccount,
  { people: [{ name: 'primary', ids: { slack: 'U0PRIMARY' } }], slackBot: { path: 'T0/B0/hookS3cret' } },
  { endpoint: 'slackBot', webhook: 'T0/B0/hookS3cret' },
);
const { accountOf, send, last } = bot;

describe('a page to a Slack channel', () => {
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

  it.each([
    ['blocks', {}],
    ['plain text', { plain: true }],
    ['verbose text', { verbose: true }],
  ])('mentions those whose id is known and names the others, in %s', async (_what, changes) => {
    await send(groupDelivery({ mentions: [primary, backup], ...changes }));
    expect(last()?.face?.mentions).toEqual(['U0PRIMARY']);
    expect(shown(last())).toContain('Backup');
    expect(last()?.face?.links).toEqual([LINK]);
    await send(groupDelivery({ mentions: 'all', ...changes }));
    expect(last()?.face?.mentions).toEqual(['all']);
  });

  it('never lets a configured id become markup', async () => {
    await send(groupDelivery({ mentions: [{ ...primary, identity: 'U0> <!channel' }] }));
    expect(last()?.face?.mentions).toEqual([]);
  });

  it('says shortly what happened later', async () => {
    await send(
      groupDelivery({
        event: 'acknowledged',
        face: { ...face, progress: 'Processing' },
        wording: { ...wording, text: 'It was acknowledged.', status: 'Acknowledged by Backup' },
      }),
    );
    expect(last()?.face).toMatchObject({
      color: '#2474b5',
      lines: ['Acknowledged by Backup', 'It was acknowledged.', 'Open incident'],
    });
  });

  it('waits as long as the channel asks for', async () => {
    await bot.withLimits();
    await send(groupDelivery());
    expect(await failureOf(send(groupDelivery()))).toMatchObject({ kind: 'rate-limited', retryAfterMs: 1000 });
    bot.sandbox.faults.add({ vendor: 'slack', action: 'webhook', effect: { rateLimitMs: 30_000 } });
    expect(await failureOf(send(groupDelivery()))).toMatchObject({ kind: 'rate-limited', retryAfterMs: 30_000 });
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
        expect(last()?.face?.mentions).toEqual(isMentioning ? ['U0PRIMARY'] : []);
        expect(last()?.face?.links).toEqual([LINK]);
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
        expect(last()?.face?.links).toEqual([LINK]);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the address of the bot', () => {
  it.each([
    [{ webhook: 'T0/B0/abc' }, 'https://hooks.slack.com/services/T0/B0/abc'],
    [{ webhook: 'https://hooks.slack-gov.com/services/T0/B0/abc' }, 'https://hooks.slack-gov.com/services/T0/B0/abc'],
    [{ webhook: 'https://own.example.com/slack' }, 'https://own.example.com/slack'],
  ])('%j', (account, url) => {
    expect(hookOfBot(slackBotAccount.parse(account)).url.href).toBe(url);
  });
  it('is not a lone last segment: Slack needs all three', () => {
    expect(slackBotAccount.safeParse({ webhook: 'abc' }).success).toBe(false);
  });
});

describe('what the webhook answers', () => {
  const failure = (status: number, text: string) =>
    failureOf(
      (async () => {
        readAnswer({ status, body: undefined, text, headers: new Headers() });
      })(),
    );

  it.each([
    [400, 'invalid_payload', 'refused', 'malformed'],
    [400, 'invalid_blocks', 'refused', 'malformed'],
    [400, 'no_text', 'refused', 'malformed'],
    [400, 'too_many_attachments', 'refused', 'malformed'],
    [400, 'user_not_found', 'refused', 'malformed'],
    [400, 'something_new', 'refused', 'not known here'],
    [403, 'action_prohibited', 'rejected', 'permissions'],
    [403, 'posting_to_general_channel_denied', 'rejected', 'permissions'],
    [403, 'invalid_token', 'unauthorized', 'create another'],
    [403, 'team_disabled', 'unauthorized', 'disabled'],
    [404, 'channel_not_found', 'rejected', 'archived'],
    [404, 'no_service', 'unauthorized', 'removed'],
    [404, 'no_service_id', 'unauthorized', 'removed'],
    [404, 'no_active_hooks', 'unauthorized', 'removed'],
    [404, 'no_team', 'unauthorized', 'removed'],
    [410, 'channel_is_archived', 'rejected', 'archived'],
    [500, 'rollup_error', 'unavailable', 'failed'],
  ])('%i %s is %s', async (status, word, kind, means) => {
    const error = await failure(status, word);
    expect(error).toMatchObject({ kind, providerCode: word });
    expect(error.message).toContain(means);
  });

  it('is understood by its status where there is no word', async () => {
    expect((await failure(404, '<html>T0/B0/s3cret</html>')).kind).toBe('unauthorized');
    expect((await failure(404, '<html>s3cret</html>')).message).not.toContain('s3cret');
    expect((await failure(503, '')).kind).toBe('unavailable');
    readAnswer({ status: 204, body: undefined, text: '', headers: new Headers() });
  });
});

it('is asked whether it works without telling anybody', async () => {
  await slackBot.check?.(accountOf(), io);
  const error = await failureOf(Promise.resolve(slackBot.check?.(accountOf({ webhook: 'T0/B0/wr0ng' }), io)));
  expect(error).toMatchObject({ kind: 'unauthorized', providerCode: 'no_service' });
  expect(bot.sandbox.world.cards).toEqual([]);
});
