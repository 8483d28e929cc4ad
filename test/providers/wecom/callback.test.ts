import { describe, expect, it } from 'vitest';
import type { Happening, HttpRequest } from '../../../providers/kit/adapter.ts';
import { wecomAppAccount, type WecomAppAccount } from '../../../providers/wecom/account.ts';
import { wecomCallback } from '../../../providers/wecom/callback.ts';
import { readKey } from '../../../providers/wecom/card.ts';
import { seal, stamp } from '../../../sandbox/box.ts';
import { acceptedOf, mutationsOf, takenFrom, type Mutation } from '../mutations.ts';

const NOW = 1_700_000_000_000;
const MINUTE = 60_000;
const account = wecomAppAccount.parse({
  corpId: 'wwcorp',
  agentId: 1000002,
  secret: 'app-s3cret',
  token: 'callback-t0ken',
  encodingAesKey: '0123456789abcdefghijklmnopqrstuvwxyzABCDEFG',
});
const other = wecomAppAccount.parse({
  corpId: 'wwother',
  agentId: 1000003,
  secret: 'app2-s3cret',
  token: 'callback2-t0ken',
  encodingAesKey: 'GFEDCBAzyxwvutsrqponmlkjihgfedcba9876543210',
});

/** As the platform seals and signs, by the imitation's own code. */
function signed(sealed: string, { at = NOW, of = account } = {}): HttpRequest {
  const [timestamp, nonce] = [String(at / 1000), 'n0nce'];
  const url = new URL('https://oncall.example.com/callbacks/wecom');
  url.search = new URLSearchParams({
    msg_signature: stamp(of.token, timestamp, nonce, sealed),
    timestamp,
    nonce,
  }).toString();
  const body = `<xml><ToUserName><![CDATA[${of.corpId}]]></ToUserName><AgentID><![CDATA[${String(of.agentId)}]]></AgentID><Encrypt><![CDATA[${sealed}]]></Encrypt></xml>`;
  return {
    method: 'POST',
    body: Buffer.from(body),
    headers: new Headers({ 'content-type': 'text/xml' }),
    url,
    receivedAt: NOW,
  };
}

interface Given {
  at?: number;
  of?: WecomAppAccount;
  to?: string;
  agent?: string;
  owner?: string;
}
function push(
  inside: string,
  { at = NOW, of = account, to = of.corpId, agent = String(of.agentId), owner = of.corpId }: Given = {},
) {
  const plain =
    `<xml><ToUserName><![CDATA[${to}]]></ToUserName><FromUserName><![CDATA[zhangsan]]></FromUserName>` +
    `<CreateTime>1700000000</CreateTime>${inside}<AgentID>${agent}</AgentID></xml>`;
  return signed(seal({ token: of.token, aesKey: of.encodingAesKey, owner }, plain), { at, of });
}
const press = (key = 'press.en.button-token', more = '') =>
  '<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[template_card_event]]></Event>' +
  `<EventKey><![CDATA[${key}]]></EventKey><TaskId><![CDATA[task-1]]></TaskId><CardType><![CDATA[button_interaction]]></CardType>` +
  `<ResponseCode><![CDATA[RC]]></ResponseCode>${more}`;
const selected = (minutes: string) =>
  `<SelectedItems><SelectedItem><QuestionKey><![CDATA[snooze]]></QuestionKey><OptionIds><OptionId><![CDATA[${minutes}]]></OptionId></OptionIds></SelectedItem></SelectedItems>`;
const written =
  '<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[ack 7QK2MD & <b>more</b>]]></Content><MsgId>12345678901234567890</MsgId>';

const read = (given: HttpRequest, by = account) => takenFrom(() => wecomCallback.read(given, by));
const pressOf = async (given: HttpRequest) => (await read(given)) as Extract<Happening, { kind: 'press' }>[];

describe('the published vectors', () => {
  // https://github.com/wechatpy/wechatpy/blob/master/tests/test_work_crypto.py
  const sample: WecomAppAccount = {
    ...account,
    token: '123456',
    encodingAesKey: 'kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR',
    corpId: 'wx49f0ab532d5d035a',
  };
  const ECHO = '4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q==';
  const check = (echostr: string): HttpRequest => ({
    method: 'GET',
    body: new Uint8Array(),
    headers: new Headers(),
    url: new URL(
      `https://oncall.example.com/callbacks/wecom?msg_signature=dd6b9c95b495b3f7e2901bfbc76c664930ffdb96&timestamp=1411443780&nonce=437374425&echostr=${echostr}`,
    ),
    receivedAt: 1411443780_000,
  });

  it('of the check of an address is answered with what was inside, also where a plus was not encoded', () => {
    for (const echo of [encodeURIComponent(ECHO), ECHO]) {
      expect(wecomCallback.read(check(echo), sample)).toEqual({
        happenings: [],
        answer: { status: 200, body: '5927782489442352469', contentType: 'text/plain' },
      });
    }
  });

  it('of a message is opened', async () => {
    const sealed =
      'RgqEoJj5A4EMYlLvWO1F86ioRjZfaex/gePD0gOXTxpsq5Yj4GNglrBb8I2BAJVODGajiFnXBu7mCPatfjsu6IHCrsTyeDXzF6Bv283dGymzxh6ydJRvZsryDyZbLTE7rhnus50qGPMfp2wASFlzEgMW9z1ef/RD8XzaFYgm7iTdaXpXaG4+BiYyolBug/gYNx410cvkKR2/nPwBiT+P4hIiOAQqGp/TywZBtDh1yCF2KOd0gpiMZ5jSw3e29mTvmUHzkVQiMS6td7vXUaWOMZnYZlF3So2SjHnwh4jYFxdgpkHHqIrH/54SNdshoQgWYEvccTKe7FS709/5t6NMxuGhcUGAPOQipvWTT4dShyqio7mlsl5noTrb++x6En749zCpQVhDpbV6GDnTbcX2e8K9QaNWHp91eBdCRxthuL0=';
    const url = new URL('https://oncall.example.com/callbacks/wecom');
    url.search = new URLSearchParams({
      msg_signature: '74d92dfeb87ba7c714f89d98870ae5eb62dff26d',
      timestamp: '1411525903',
      nonce: '461056294',
    }).toString();
    const body = Buffer.from(`<xml><ToUserName>x</ToUserName><Encrypt>${sealed}</Encrypt><AgentID>1</AgentID></xml>`);
    const given = { method: 'POST', body, headers: new Headers(), url, receivedAt: 1411525903_000 };
    expect(await takenFrom(() => wecomCallback.read(given, { ...sample, agentId: 1 }))).toEqual([
      { kind: 'message', identity: 'messense', text: 'test', eventId: '4363689963896700987' },
    ]);
  });
});

describe('a press', () => {
  it('is read with who pressed what', async () => {
    expect(await read(push(press()))).toEqual([
      {
        kind: 'press',
        token: 'button-token',
        identity: 'zhangsan',
        eventId: expect.stringMatching(/^[\w-]{43}$/) as string,
      },
    ]);
    expect(await pressOf(push(press('press.zh.t', selected('240'))))).toMatchObject([{ token: 't', minutes: 240 }]);
    expect((await pressOf(push(press('press.zh.t', selected('1e9')))))[0]?.minutes).toBeUndefined();
    expect(await read(push(press('refresh.en.t')))).toMatchObject([{ kind: 'refresh', token: 't' }]);
  });

  it('of a button of somebody else, and other events, do nothing', async () => {
    expect(await read(push(press('approve')))).toEqual([]);
    expect(await read(push(press('press.xx.t')))).toEqual([]);
    expect(await read(push('<MsgType>event</MsgType><Event>enter_agent</Event>'))).toEqual([]);
    expect(await read(push('<MsgType>image</MsgType><PicUrl>x</PicUrl>'))).toEqual([]);
  });

  it('is the same press when it comes again, and another with another key or time', async () => {
    const idOf = async (given: HttpRequest) => (await pressOf(given))[0]?.eventId;
    expect(await idOf(push(press()))).toBe(await idOf(push(press(), { at: NOW + 1000 })));
    expect(await idOf(push(press()))).not.toBe(await idOf(push(press('press.en.other'))));
  });

  it.each([
    ['is six minutes old', () => push(press(), { at: NOW - 6 * MINUTE })],
    ['comes from the future', () => push(press(), { at: NOW + 6 * MINUTE })],
    ['is for another corporation', () => push(press(), { to: 'wwother' })],
    ['is for another app', () => push(press(), { agent: '1000003' })],
    ['was sealed for another corporation', () => push(press(), { owner: 'wwother' })],
    [
      'was sealed and signed with the keys of another',
      () => push(press(), { of: { ...other, corpId: account.corpId } }),
    ],
  ])('is refused when it %s', async (_why, make) => {
    expect(await read(make())).toBe(401);
  });

  it('has keys that are read back as they were written', () => {
    expect(readKey('press.zh.a.b')).toEqual({ kind: 'press', locale: 'zh', token: 'a.b' });
    expect(readKey('press.zh.')).toBeUndefined();
    expect(readKey('')).toBeUndefined();
  });
});

describe('a message', () => {
  it('is read as it was written, whatever it looks like', async () => {
    expect(await read(push(written))).toEqual([
      { kind: 'message', identity: 'zhangsan', text: 'ack 7QK2MD & <b>more</b>', eventId: '12345678901234567890' },
    ]);
  });

  it('with entities opens none of them', async () => {
    const bomb = `<MsgType>text</MsgType><Content>&lol;&lt;b&gt;</Content><MsgId>1</MsgId>`;
    expect(await read(push(bomb))).toMatchObject([{ text: '&lol;&lt;b&gt;' }]);
  });
});

/** A push that does not say how it is encoded is read as what it has to be. */
const SAYS_NOTHING = ['content-type removed', 'content-type empty'];

describe('a push that was altered on its way', () => {
  const PUSHES = [
    ['press', push(press())],
    ['message', push(written)],
    ['refresh', push(press('refresh.en.button-token'))],
  ] as const;
  const mutations = PUSHES.flatMap(([kind, genuine]) =>
    [
      // What stands around the ciphertext is not signed, and says nothing.
      ...mutationsOf(genuine, {
        signed: ['msg_signature', 'timestamp', 'nonce'],
        skewMs: 5 * MINUTE,
        signsBody: false,
      }),
      ...flipsOf(genuine),
    ]
      .filter(({ how }) => !SAYS_NOTHING.includes(how))
      .map((mutation) => ({ ...mutation, how: `${kind}: ${mutation.how}` })),
  );

  it('was genuine before', async () => {
    for (const [, genuine] of PUSHES) expect(await read(genuine)).toHaveLength(1);
  });

  it(`is not taken in any of ${String(mutations.length)} ways, and crashes nothing`, async () => {
    expect(mutations.length).toBeGreaterThanOrEqual(300);
    expect(await acceptedOf(mutations, read)).toEqual([]);
  });

  it('is not taken by another account', async () => {
    for (const [, genuine] of PUSHES) {
      expect(await read(genuine, other)).toBe(401);
      expect(await read(genuine, { ...account, corpId: 'wwother' })).toBe(401);
      expect(await read(genuine, { ...account, agentId: 1000003 })).toBe(401);
    }
  });
});

/** Every eighth character of the ciphertext is another one. */
function* flipsOf(genuine: HttpRequest): Generator<Mutation> {
  const text = Buffer.from(genuine.body).toString();
  const [start, end] = [text.indexOf('<Encrypt><![CDATA[') + 18, text.lastIndexOf(']]></Encrypt>')];
  for (let at = start; at < end; at += 8) {
    const altered = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
    yield { how: `character ${String(at)} altered`, request: { ...genuine, body: Buffer.from(altered) } };
  }
}
