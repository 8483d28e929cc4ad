import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Sandbox } from '../../sandbox/index.ts';
import { signSlack } from '../../sandbox/slack-callback.ts';
import { faceOf, flawOf, isViewGood } from '../../sandbox/slack-card.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.start({
    people: [{ name: 'supervisor', email: 's@example.com', ids: { slack: 'U0SUPER' } }],
  });
});
afterEach(() => sandbox.close());

async function call(method: string, fields: Record<string, string>, token = 'xoxb-sandbox') {
  const response = await fetch(`${sandbox.endpoints.slack}/api/${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: new URLSearchParams(fields),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

const text = (words: string, type = 'plain_text') => ({ type, text: words });
const message = (...blocks: object[]) => ({
  text: 'x',
  isMarked: true,
  blocks: blocks as Record<string, unknown>[],
  attachments: [],
});
const button = (changes: object = {}) => ({
  type: 'button',
  action_id: 'a',
  text: text('Press'),
  value: 'v',
  ...changes,
});

describe('the imitated Slack', () => {
  it('signs as the vendor’s page says', () => {
    // https://docs.slack.dev/authentication/verifying-requests-from-slack
    const body =
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar' +
      '&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com' +
      '%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.' +
      '803a0bc887a14d10d2c447fce8b6703c';
    expect(signSlack('1531420618', '8f742231b10e8888abcd99yyyzzz85a5', body)).toBe(
      'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    );
  });

  it('answers failures with 200, and too much with 429 and a delay', async () => {
    expect(await call('chat.postMessage', { channel: 'C0OPS', text: 'x' }, 'wrong')).toMatchObject({
      status: 200,
      body: { ok: false, error: 'invalid_auth' },
    });
    for (let count = 0; count < 10; count += 1) await call('chat.postMessage', { channel: 'C0OPS', text: 'x' });
    const { status, headers, body } = await call('chat.postMessage', { channel: 'C0OPS', text: 'x' });
    expect([status, headers.get('retry-after'), body['error']]).toEqual([429, '1', 'ratelimited']);
  });

  it('opens a window only for a press of this moment', async () => {
    const view = JSON.stringify({ type: 'modal', title: text('T'), blocks: [{ type: 'section', text: text('x') }] });
    expect((await call('views.open', { trigger_id: 'never', view })).body['error']).toBe('invalid_trigger_id');
  });

  it.each([
    ['nothing to say', { ...message(), text: '' }, 'no_text'],
    [
      '51 blocks',
      message(...Array.from({ length: 51 }, () => ({ type: 'section', text: text('x') }))),
      'invalid_blocks',
    ],
    ['a header of 151', message({ type: 'header', text: text('x'.repeat(151)) }), 'invalid_blocks'],
    ['an empty text', message({ type: 'section', text: text('') }), 'invalid_blocks'],
    [
      'eleven fields',
      message({ type: 'section', fields: Array.from({ length: 11 }, () => text('x')) }),
      'invalid_blocks',
    ],
    ['a long value', message({ type: 'actions', elements: [button({ value: 'x'.repeat(2001) })] }), 'invalid_blocks'],
    ['two of one id', message({ type: 'actions', elements: [button(), button()] }), 'invalid_blocks'],
    ['an unknown style', message({ type: 'actions', elements: [button({ style: 'red' })] }), 'invalid_blocks'],
    [
      'a long choice',
      message({
        type: 'actions',
        elements: [{ type: 'static_select', action_id: 'a', options: [{ text: text('x'), value: 'x'.repeat(76) }] }],
      }),
      'invalid_blocks',
    ],
    [
      'a question without a way out',
      message({ type: 'actions', elements: [button({ confirm: { title: text('x'), text: text('x') } })] }),
      'invalid_blocks',
    ],
    [
      'too much together',
      message(...Array.from({ length: 5 }, () => ({ type: 'section', text: text('x'.repeat(2900)) }))),
      'msg_blocks_too_long',
    ],
    ['what is right', message({ type: 'actions', elements: [button()] }), undefined],
  ])('finds %s', (_what, given, flaw) => {
    expect(flawOf(given)).toBe(flaw);
  });

  it('reads markup and mentions where Slack does, and nowhere else', () => {
    const marked = faceOf({ ...message(), text: '*bold* <!channel> <@U1> &lt;!here&gt; <https://x.example|link>' });
    expect(marked).toMatchObject({ title: 'bold @channel @U1 <!here> link', mentions: ['all', 'U1'] });
    const plain = faceOf(message({ type: 'header', text: text('*x* <!channel>') }));
    expect(plain).toMatchObject({ title: '*x* <!channel>', mentions: [] });
  });

  it('wants a button under a form', () => {
    const input = { type: 'input', label: text('L'), element: { type: 'plain_text_input', action_id: 'a' } };
    expect(isViewGood({ type: 'modal', title: text('T'), blocks: [input] })).toBe(false);
    expect(isViewGood({ type: 'modal', title: text('T'), submit: text('S'), blocks: [input] })).toBe(true);
    expect(isViewGood({ type: 'modal', title: text('x'.repeat(25)), blocks: [input] })).toBe(false);
  });
});
