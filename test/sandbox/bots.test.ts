import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Sandbox } from '../../sandbox/index.ts';
import { renderMarkdown } from '../../sandbox/markdown.ts';
import { readHtml } from '../../sandbox/telegram-html.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.start({
    people: [{ name: 'primary', phone: '+8613900000001', openId: 'ou_1', ids: { slack: 'U1', telegram: '4201' } }],
    feishuBot: { secret: 's' },
    dingtalkBot: { secret: 's' },
  });
});
afterEach(() => sandbox.close());

const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(sandbox.endpoints.zoom + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return {
    status: response.status,
    text,
    json: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
};
const text = { msg_type: 'text', content: { text: 'x' } };

describe('the imitated bots', () => {
  it('Feishu takes a sign for an hour and no other', async () => {
    const signed = (seconds: number, secret = 's') => {
      const timestamp = String(seconds);
      return { timestamp, sign: createHmac('sha256', `${timestamp}\n${secret}`).digest('base64'), ...text };
    };
    const now = Math.floor(Date.now() / 1000);
    const hook = '/open-apis/bot/v2/hook/sandbox';
    expect((await post(hook, signed(now))).json).toMatchObject({ code: 0 });
    for (const wrong of [text, signed(now, 'other'), signed(now - 3700), signed(now + 3700)]) {
      expect((await post(hook, wrong)).json).toMatchObject({ code: 19021 });
    }
    expect((await post('/open-apis/bot/v2/hook/other', signed(now))).json).toMatchObject({ code: 19001 });
    expect((await post(hook, { ...signed(now), content: { text: 'x'.repeat(21_000) } })).json).toMatchObject({
      code: 19036,
    });
  });

  it('DingTalk signs in the query, and blocks whoever sends more than 20 in a minute', async () => {
    const message = { msgtype: 'text', text: { content: 'x' } };
    const address = (at: number, secret = 's') => {
      const sign = createHmac('sha256', secret)
        .update(`${String(at)}\n${secret}`)
        .digest('base64');
      return `/robot/send?access_token=sandbox&timestamp=${String(at)}&sign=${encodeURIComponent(sign)}`;
    };
    expect((await post('/robot/send?access_token=sandbox', message)).json).toMatchObject({ errcode: 310000 });
    expect((await post(address(Date.now(), 'other'), message)).json).toMatchObject({ errmsg: 'sign not match' });
    const answers = [];
    for (let sent = 0; sent < 22; sent++) answers.push((await post(address(Date.now()), message)).json['errcode']);
    expect(answers).toEqual([...Array.from({ length: 20 }, () => 0), 130101, 130101]);
  });

  it('Slack answers in words', async () => {
    expect(await post('/services/T0/B0/sandbox', { text: 'a' })).toMatchObject({ status: 200, text: 'ok' });
    expect(await post('/services/T0/B0/sandbox', { text: 'b' })).toMatchObject({ status: 429 });
    expect(await post('/services/T0/B0/sandbox', {})).toMatchObject({ status: 400, text: 'no_text' });
    expect(await post('/services/T0/B0/other', { text: 'a' })).toMatchObject({ status: 404, text: 'no_service' });
  });

  it('WeCom counts bytes, and reads no escaped characters', async () => {
    const send = (content: string) => post('/cgi-bin/webhook/send?key=sandbox', { msgtype: 'text', text: { content } });
    expect((await send('库'.repeat(682))).json).toMatchObject({ errcode: 0 });
    expect((await send('库'.repeat(683))).json).toMatchObject({ errcode: 93000 });
    expect((await send('\u0001')).json).toMatchObject({ errcode: 40033 });
  });

  it('Telegram refuses what does not fit a button, a chat or its HTML', async () => {
    const send = (body: object) => post('/bot1:sandbox/sendMessage', { chat_id: 4201, text: 'x', ...body });
    const button = (data: object) => ({ reply_markup: { inline_keyboard: [[{ text: 'a', ...data }]] } });
    expect((await send({})).json).toMatchObject({ ok: true });
    expect((await send({})).json).toMatchObject({ error_code: 429, parameters: { retry_after: 1 } });
    expect((await send(button({ callback_data: '库'.repeat(22) }))).json).toMatchObject({
      description: 'Bad Request: BUTTON_DATA_INVALID',
    });
    expect((await send(button({ url: 'http://localhost/x' }))).json).toMatchObject({
      description: 'Bad Request: BUTTON_URL_INVALID',
    });
    expect((await send({ chat_id: 7 })).json).toMatchObject({ description: 'Bad Request: chat not found' });
    expect((await send({ text: '<script>', parse_mode: 'HTML' })).json).toMatchObject({ error_code: 400 });
    expect((await post('/bot2:other/getMe', {})).status).toBe(401);
    expect((await post('/bot1:sandbox/noSuch', {})).status).toBe(404);
  });

  it('Zoom wants its token as it is, and a string where it says message', async () => {
    const at = (format: string) => `/chat/webhooks/incomingwebhook/sandbox?format=${format}`;
    const headers = { authorization: 'sandbox' };
    expect((await post(at('message'), 'hello', headers)).status).toBe(200);
    expect((await post(at('message'), { text: 'hello' }, headers)).status).toBe(400);
    expect((await post(at('full'), { head: { text: 'a' }, body: [] }, headers)).status).toBe(200);
    expect((await post(at('message'), 'hello')).status).toBe(401);
  });
});

describe('what clients make of markup', () => {
  it.each([
    ['# *x* **y** _z_', ['x y z'], []],
    ['\\*x\\* \\[a\\](b) \\<b>', ['*x* [a](b) <b>'], []],
    ['[a](https://b.example) <font color=#c80000>c</font>', ['a c'], [{ label: 'a', url: 'https://b.example' }]],
    ['one  \ntwo\n\n> three', ['one', 'two', 'three'], []],
  ])('Markdown %j', (markdown, lines, links) => {
    expect(renderMarkdown(markdown)).toMatchObject({ lines, links });
  });

  it.each([
    ['<b>a</b> &lt;b&gt; &amp;amp;', { text: 'a <b> &amp;', links: [] }],
    [
      '<a href="https://b.example?x=1&amp;y">c</a>',
      { text: 'c', links: [{ label: 'c', url: 'https://b.example?x=1&y' }] },
    ],
    ['<b><i>a</b></i>', expect.stringContaining('Unmatched end tag')],
    ['<b>a', expect.stringContaining('end tag')],
    ['a < b', expect.stringContaining('start tag')],
    ['<script>', expect.stringContaining('Unsupported')],
  ])('HTML of Telegram %j', (html, read) => {
    expect(readHtml(html)).toEqual(read);
  });
});
