import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dingtalkAppAccount, type DingtalkAppAccount } from '../../../providers/dingtalk/account.ts';
import { cardSecretOf } from '../../../providers/dingtalk/derived.ts';
import { dingtalkCallback } from '../../../providers/dingtalk/callback.ts';
import type { Happening, HttpRequest } from '../../../providers/kit/adapter.ts';
import { createIo } from '../../../providers/kit/http.ts';
import { sealBox, signBox } from '../../../providers/kit/sealed-box.ts';
import { mintToken, readToken } from '../../../links/token.ts';
import { seal, stamp, unseal } from '../../../sandbox/box.ts';
import { acceptedOf, mutationsOf, takenFrom, type Taken } from '../mutations.ts';

const NOW = 1_700_000_000_000;
const MINUTE = 60_000;
const PATH = 'callback-s3cret-w9Kx4ZqT';
const SECRETS = ['gateway-s3cret'];
const account = dingtalkAppAccount.parse({
  corpId: 'dingcorp',
  clientId: 'dingapp',
  clientSecret: 'client-s3cret',
  token: 'event-t0ken',
  aesKey: '0123456789abcdefghijklmnopqrstuvwxyzABCDEFG',
  callbackSecret: PATH,
});
const other = dingtalkAppAccount.parse({
  corpId: 'dingother',
  clientId: 'dingapp2',
  clientSecret: 'client2-s3cret',
  token: 'event2-t0ken',
  aesKey: 'GFEDCBAzyxwvutsrqponmlkjihgfedcba9876543210',
  callbackSecret: 'callback2-s3cret-m3Vp8YrB',
});
const keys = { token: account.token ?? '', aesKey: account.aesKey ?? '', owner: account.clientId };
const token = mintToken(
  {
    purpose: 'button',
    workflowId: 'incident-42',
    notification: 'n1',
    revision: 1,
    action: 'acknowledge',
    account: 'ding',
    member: 'supervisor',
    expiresAt: NOW + MINUTE,
  },
  SECRETS,
);

const hmac = (secret: string, text: string): string => createHmac('sha256', secret).update(text).digest('base64');

function request(body: string, headers: Record<string, string>, query: Record<string, string> = {}): HttpRequest {
  const url = new URL(`https://oncall.example.com/callbacks/ding/${PATH}`);
  url.search = new URLSearchParams(query).toString();
  return {
    method: 'POST',
    body: Buffer.from(body),
    headers: new Headers({ 'content-type': 'application/json; charset=utf-8', ...headers }),
    url,
    receivedAt: NOW,
  };
}

const press = ({
  params = { token },
  at = NOW,
  of = account,
  body = {},
}: {
  params?: object;
  at?: number;
  of?: DingtalkAppAccount;
  body?: object;
} = {}): HttpRequest =>
  request(
    JSON.stringify({
      type: 'actionCallback',
      outTrackId: 'card-1',
      corpId: of.corpId,
      userId: 'staff01',
      content: JSON.stringify({ cardPrivateData: { actionIds: ['acknowledge'], params } }),
      ...body,
    }),
    {
      'x-ddpaas-signature-timestamp': String(at),
      'x-ddpaas-signature': hmac(cardSecretOf(of), String(at)),
    },
  );

const message = ({ at = NOW, of = account, body = {} }: { at?: number; of?: DingtalkAppAccount; body?: object } = {}) =>
  request(
    JSON.stringify({
      msgId: 'msg-1',
      senderStaffId: 'staff01',
      chatbotCorpId: of.corpId,
      conversationType: '1',
      msgtype: 'text',
      text: { content: ' ack 7QK2MD' },
      ...body,
    }),
    { timestamp: String(at), sign: hmac(of.clientSecret, `${String(at)}\n${of.clientSecret}`) },
  );

/** Sealed and signed a second time, by the imitation's own code. */
function event(payload: object, { at = NOW, box = keys }: { at?: number; box?: typeof keys } = {}): HttpRequest {
  const encrypt = seal(box, JSON.stringify(payload));
  const [timestamp, nonce] = [String(at), 'n0nce'];
  const signature = stamp(box.token, timestamp, nonce, encrypt);
  return request(JSON.stringify({ encrypt }), {}, { msg_signature: signature, timestamp, nonce });
}
const installed = { EventType: 'im_cool_app_install', openConversationId: 'cid1==', robotCode: 'r' };

const read = (given: HttpRequest, by = account) => takenFrom(() => dingtalkCallback.read(given, by));
/** What a gateway would act on: a press counts with a token of ours alone. */
const isActedOn = (taken: Taken): boolean =>
  typeof taken !== 'number' &&
  taken.some((one) => one.kind !== 'press' || typeof readToken(one.token, 'button', SECRETS, NOW) !== 'string');

describe('the published signatures', () => {
  it('of presses and messages are those of the vendor', () => {
    // https://open.dingtalk.com/document/development/event-callback-card, …/orgapp/receive-message
    expect(hmac('apiSecret-demo', '1700000000000')).toBe('Ujh6um+MU9xPxH9usF69c8UdOwIa2Q5LoiScqBM2OdE=');
    expect(hmac('appSecret-demo', '1700000000000\nappSecret-demo')).toBe(
      'ksZW6fHV5ohrUMwTL+3vZ8Nssp3evBHeydBQXiZt/ow=',
    );
    const demo = { ...account, clientSecret: 'appSecret-demo' };
    const signed = message({ of: demo });
    expect(signed.headers.get('sign')).toBe('ksZW6fHV5ohrUMwTL+3vZ8Nssp3evBHeydBQXiZt/ow=');
    expect(dingtalkCallback.read(signed, demo).happenings).toHaveLength(1);
  });

  it('of an event is taken, and answered as DingTalk wants it', () => {
    // https://github.com/open-dingtalk/DingTalk-Callback-Crypto
    const sample = {
      ...account,
      token: 'mryue',
      aesKey: 'Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7',
      clientId: 'ding6ccabc44d2c8d38b',
    };
    const check = request(
      JSON.stringify({
        encrypt:
          '0vJiX6vliEpwG3U45CtXqi+m8PXbQRARJ8p8BbDuD1EMTDf0jKpQ79QS93qEk7XHpP6u+oTTrd15NRPvNvmBKyDCYxxOK+HZeKju4yhELOFchzNukR+t8SB/qk4ROMu3',
      }),
      {},
      { signature: '03044561471240d4a14bb09372dfcfd4fd0e40cb', timestamp: '1608001896814', nonce: 'WL4PK6yA' },
    );
    const { happenings, answer } = dingtalkCallback.read({ ...check, receivedAt: 1608001896814 }, sample);
    expect(happenings).toEqual([]);
    const { msg_signature, timeStamp, nonce, encrypt } = JSON.parse(answer?.body ?? '{}') as Record<string, string>;
    const box = { token: sample.token, aesKey: sample.aesKey, owner: sample.clientId };
    expect(msg_signature).toBe(stamp(box.token, timeStamp ?? '', nonce ?? '', encrypt ?? ''));
    expect(unseal(box, encrypt ?? '')).toBe('success');
  });
});

describe('a press', () => {
  it('is read with who pressed what', async () => {
    expect(await read(press({ params: { token: 't', minutes: '240' } }))).toEqual([
      { kind: 'press', token: 't', minutes: 240, identity: 'staff01', eventId: '' },
    ]);
  });

  it('of a button of somebody else does nothing', async () => {
    expect(await read(press({ params: { action: 'approve' } }))).toEqual([]);
  });

  it('with words is one however often DingTalk sends it, and another with other words', async () => {
    const idOf = async (text: string) => {
      const [one] = (await read(press({ params: { token: 't', text } }))) as Extract<Happening, { kind: 'press' }>[];
      return one?.eventId;
    };
    expect(await idOf('disk full')).toBe(await idOf('disk full'));
    expect(await idOf('disk full')).not.toBe(await idOf('disk empty'));
  });

  it.each([
    ['is six minutes old', () => press({ at: NOW - 6 * MINUTE })],
    ['comes from the future', () => press({ at: NOW + 6 * MINUTE })],
    ['is of another organisation', () => press({ body: { corpId: 'dingother' } })],
    ['is signed by another app', () => press({ of: other, body: { corpId: account.corpId } })],
    [
      'comes to another address',
      () => ({ ...press(), url: new URL('https://oncall.example.com/callbacks/ding/guess') }),
    ],
    ['comes to no secret address', () => ({ ...press(), url: new URL('https://oncall.example.com/callbacks/ding') })],
  ])('is refused when it %s', async (_why, make) => {
    expect(await read(make())).toBe(401);
  });

  it('with a token of another hand is nothing a gateway would act on', async () => {
    expect(isActedOn(await read(press()))).toBe(true);
    const forged = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    expect(isActedOn(await read(press({ params: { token: forged } })))).toBe(false);
  });
});

describe('an event', () => {
  it('tells of groups, and of nothing else', async () => {
    expect(await read(event(installed))).toEqual([{ kind: 'chat', chat: 'cid1==', change: 'joined' }]);
    expect(await read(event({ EventType: 'user_leave_org' }))).toEqual([]);
  });

  it('is refused, with what to do, while its keys are not configured', () => {
    const { token: _token, aesKey: _aesKey, ...without } = account;
    expect(() => dingtalkCallback.read(event(installed), without)).toThrow(/set token and aesKey/);
  });

  it('sealed for another app with our keys is refused', async () => {
    const encrypt = sealBox(JSON.stringify(installed), { ...keys, owner: 'dingapp2' });
    const signature = signBox(keys.token, String(NOW), 'n', encrypt);
    const foreign = request(JSON.stringify({ encrypt }), {}, { signature, timestamp: String(NOW), nonce: 'n' });
    expect(await read(foreign)).toBe(401);
  });
});

describe('a message', () => {
  it('is read with who wrote what, and of one whom the app does not know, not', async () => {
    expect(await read(message())).toEqual([
      { kind: 'message', identity: 'staff01', text: 'ack 7QK2MD', eventId: 'msg-1' },
    ]);
    expect(await read(message({ body: { senderStaffId: undefined } }))).toEqual([]);
    expect(await read(message({ body: { text: undefined, msgtype: 'picture' } }))).toEqual([]);
  });

  it('cannot have us send its answer to an address of its own', async () => {
    const sent: string[] = [];
    const io = {
      ...createIo(),
      http: (asked: { url: string }) => {
        sent.push(new URL(asked.url).origin);
        return Promise.resolve({ status: 200, headers: new Headers(), body: {}, text: '{}' });
      },
    };
    for (const sessionWebhook of ['https://evil.example/x', 'https://oapi.dingtalk.com.evil.example/', 'nonsense']) {
      await dingtalkCallback
        .follow(message({ body: { sessionWebhook } }), account, [{ state: 'done', text: 'secret' }], io)
        .catch(() => undefined);
    }
    expect(sent.filter((origin) => !origin.endsWith('.dingtalk.com'))).toEqual([]);
    const webhook = { sessionWebhook: 'https://oapi.dingtalk.com/robot/sendBySession?session=1' };
    await dingtalkCallback.follow(message({ body: webhook }), account, [{ state: 'done', text: 'Hello' }], io);
    expect(sent.at(-1)).toBe('https://oapi.dingtalk.com');
  });
});

/** A push that does not say how it is encoded is read as what it has to be. */
const SAYS_NOTHING = ['content-type removed', 'content-type empty'];

describe('a push that was altered on its way', () => {
  const PUSHES = [
    ['press', press(), ['x-ddpaas-signature', 'x-ddpaas-signature-timestamp'], 5 * MINUTE],
    ['event', event(installed), ['msg_signature', 'timestamp', 'nonce'], 60 * MINUTE],
    ['message', message(), ['sign', 'timestamp'], 60 * MINUTE],
  ] as const;
  const mutations = PUSHES.flatMap(([kind, genuine, signed, skewMs]) =>
    // The body of the others is not signed: what makes it unreadable is in here, what is pressed below.
    mutationsOf(genuine, { signed, skewMs, signsBody: false })
      .filter(({ how }) => !SAYS_NOTHING.includes(how))
      .map((mutation) => ({ ...mutation, how: `${kind}: ${mutation.how}` })),
  );

  it('was genuine before', async () => {
    for (const [, genuine] of PUSHES) expect(isActedOn(await read(genuine))).toBe(true);
  });

  it(`is not acted on in any of ${String(mutations.length)} ways, and crashes nothing`, async () => {
    expect(mutations.length).toBeGreaterThanOrEqual(300);
    expect(await acceptedOf(mutations, read, isActedOn)).toEqual([]);
  });

  it('is not acted on when its token or its content is altered, byte by byte', async () => {
    const accepted: string[] = [];
    let tried = 0;
    for (let at = 0; at < token.length; at += 1) {
      const altered = token.slice(0, at) + (token[at] === 'x' ? 'y' : 'x') + token.slice(at + 1);
      tried += 1;
      if (isActedOn(await read(press({ params: { token: altered } })))) accepted.push(String(at));
    }
    expect(tried).toBeGreaterThan(100);
    // The last character of base64 may hold bits that mean nothing.
    expect(accepted.filter((at) => Number(at) < token.length - 1)).toEqual([]);
  });

  it('is not acted on by another account', async () => {
    for (const [, genuine] of PUSHES) {
      const moved = { ...genuine, url: new URL(genuine.url.href.replace(PATH, other.callbackSecret)) };
      expect(await read(genuine, other)).toBe(401);
      expect(await read(moved, other)).toBe(401);
    }
  });

  it('as a form is no push of DingTalk', async () => {
    for (const [, genuine] of PUSHES) {
      const body = Buffer.from(`payload=${encodeURIComponent(Buffer.from(genuine.body).toString())}`);
      const headers = new Headers(genuine.headers);
      headers.set('content-type', 'application/x-www-form-urlencoded');
      expect(await read({ ...genuine, body, headers })).toBe(400);
    }
  });
});
