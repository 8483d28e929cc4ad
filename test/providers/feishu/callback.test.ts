import { createCipheriv, createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { feishuAppAccount } from '../../../providers/feishu/account.ts';
import { decrypt, feishuCallback, verifySignature } from '../../../providers/feishu/callback.ts';
import { CallbackError, type HttpRequest, type PressResult } from '../../../providers/kit/adapter.ts';
import type { Picture } from '../../../providers/kit/message.ts';
import { face, wording } from '../delivery.ts';
import { acceptedOf, changed, mutationsOf, takenFrom, type Mutation, type Taken } from '../mutations.ts';

const NOW = 1_700_000_000_000;
const NONCE = 'n0nce';
const MINUTE = 60_000;
const open = feishuAppAccount.parse({ appId: 'cli_1', appSecret: 's3cret', verificationToken: 'v-tok' });
const sealed = { ...open, encryptKey: 'kX9-example-encrypt-key' };

function request(body: string, headers: Record<string, string> = {}): HttpRequest {
  return {
    method: 'POST',
    body: Buffer.from(body),
    headers: new Headers(headers),
    url: new URL('https://oncall.example.com/callbacks/feishu-cn'),
    receivedAt: NOW,
  };
}

/** As the platform signs: written here a second time, from its page. */
function signed(algorithm: 'sha1' | 'sha256', secret: string, body: string, at = NOW): HttpRequest {
  const timestamp = String(at / 1000);
  const signature = createHash(algorithm)
    .update(timestamp + NONCE + secret + body)
    .digest('hex');
  return request(body, {
    'X-Lark-Request-Timestamp': timestamp,
    'X-Lark-Request-Nonce': NONCE,
    'X-Lark-Signature': signature,
  });
}

function seal(text: string): string {
  const iv = Buffer.alloc(16, 7);
  const cipher = createCipheriv('aes-256-cbc', createHash('sha256').update(sealed.encryptKey).digest(), iv);
  return JSON.stringify({ encrypt: Buffer.concat([iv, cipher.update(text), cipher.final()]).toString('base64') });
}

const header = {
  event_id: 'e-1',
  token: 'v-tok',
  create_time: `${NOW}000`,
  event_type: 'card.action.trigger',
  tenant_key: 't',
  app_id: 'cli_1',
};
function press(changes: { header?: object; value?: unknown } = {}): string {
  return JSON.stringify({
    schema: '2.0',
    header: { ...header, ...changes.header },
    event: {
      operator: { open_id: 'ou_1' },
      token: 'c-1',
      action: { value: changes.value ?? { v: 1, t: 'button-token', m: 240 }, tag: 'button' },
      context: { open_message_id: 'om_1' },
    },
  });
}
const flatPress = JSON.stringify({
  open_id: 'ou_1',
  open_message_id: 'om_1',
  tenant_key: 't',
  token: 'c-295e',
  action: { value: { v: 1, t: 'button-token' }, tag: 'button' },
});

const statusOf = (read: () => unknown): number | 'accepted' => {
  try {
    read();
    return 'accepted';
  } catch (error) {
    if (error instanceof CallbackError) return error.status;
    throw error;
  }
};

describe('the published vectors of Feishu', () => {
  it('decrypts the sample of the vendor', () => {
    expect(decrypt('test key', 'P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=')).toBe('hello world');
  });

  it('decrypts the sample of larksuite/node-sdk', () => {
    const text = decrypt(
      'mazhe.nerd',
      'tT1xP+ovuc0T3b/rnZX3ax76exqAn0ANQ6/U45GcciC0mgNBc8JtvqOJGNAPMKpgRs2dVU1NYk9VDeqS8T4SYtU0hzNU54aS84WnxvZ3VFfDcy/RyABlNqlUiGyLDzFI0yxdCMT4KR/YEQXlt6nZi50KwRlZ+A75r645KesZuLMljezYyY8VeeXEVjPw35+e',
    );
    expect(JSON.parse(text)).toEqual({
      challenge: '5634b122-c042-4634-bc7f-b07a3c3e77ad',
      token: 'iRdCP2WwXNBXRM3mGLqhrgch3cn0gbT6',
      type: 'url_verification',
    });
  });

  const vector = (signature: string, body: string) =>
    request(body, {
      'x-lark-request-timestamp': '1700000000',
      'x-lark-request-nonce': 'n0nce',
      'x-lark-signature': signature,
    });

  it('accepts the signature over an encrypted body, and answers the challenge in it', () => {
    const check = vector(
      '277a3e3ce4009cf7c78afd006b4121e68a2b4b9fe266d1b87f23a9053679a47a',
      '{"encrypt":"MDEyMzQ1Njc4OWFiY2RlZqXLUk7zzKnVyQQFFqWQq57dgN9pP3qwU+NS6JJis+Zrtea4F7ZtWYsfZJaobWdCrgvd1Ac/kHE1JbN8/7W3xzI="}',
    );
    verifySignature(check, 'sha256', sealed.encryptKey);
    expect(feishuCallback.read(check, sealed)).toEqual({
      happenings: [],
      answer: { status: 200, body: '{"challenge":"c-123"}', contentType: 'application/json' },
    });
  });

  it('signs the bytes as they came, not the JSON they mean', () => {
    const signature = '7848eb4c6bc4b76b533c679e9881094213501d65a4f19f624c3e930ad2859742';
    const verify = (body: string) => () => {
      verifySignature(vector(signature, body), 'sha256', sealed.encryptKey);
    };
    expect(statusOf(verify('{"a": 1}'))).toBe('accepted');
    expect(statusOf(verify('{"a":1}'))).toBe(401);
  });

  it('accepts the older signature of flat presses', () => {
    const old = vector('ffbbab694ca97a214fde89c034c1a2ecad852463', '{"open_id":"ou_1"}');
    expect(
      statusOf(() => {
        verifySignature(old, 'sha1', 'v-tok');
      }),
    ).toBe('accepted');
  });
});

describe('the check of the callback address', () => {
  it('is answered when the verification token is right, encrypted or not', () => {
    const body = JSON.stringify({ type: 'url_verification', challenge: 'c', token: 'v-tok' });
    expect(feishuCallback.read(request(body), open).answer?.body).toBe('{"challenge":"c"}');
    expect(feishuCallback.read(request(seal(body)), sealed).answer?.body).toBe('{"challenge":"c"}');
  });

  it('is refused when the verification token is wrong', () => {
    const body = JSON.stringify({ type: 'url_verification', challenge: 'c', token: 'guess' });
    expect(statusOf(() => feishuCallback.read(request(body), open))).toBe(401);
  });
});

describe('a press on a card', () => {
  const happening = { kind: 'press', token: 'button-token', identity: 'ou_1', eventId: 'e-1', minutes: 240 };

  it('is read with who pressed what, encrypted and signed', () => {
    const pressed = signed('sha256', sealed.encryptKey, seal(press()));
    expect(feishuCallback.read(pressed, sealed)).toEqual({ happenings: [happening] });
  });

  it('is read from an app without an Encrypt Key by its verification token', () => {
    expect(feishuCallback.read(request(press()), open)).toEqual({ happenings: [happening] });
    const forged = request(press({ header: { token: 'guess' } }));
    expect(statusOf(() => feishuCallback.read(forged, open))).toBe(401);
  });

  it.each([
    ['the signature is missing', () => request(seal(press()))],
    ['it was signed with another key', () => signed('sha256', 'another', seal(press()))],
    [
      'a byte was changed',
      () => ({ ...signed('sha256', sealed.encryptKey, press()), body: Buffer.from(`${press()} `) }),
    ],
    ['it is six minutes old', () => signed('sha256', sealed.encryptKey, seal(press()), NOW - 360_000)],
    ['it comes from the future', () => signed('sha256', sealed.encryptKey, seal(press()), NOW + 360_000)],
    ['it is for another app', () => signed('sha256', sealed.encryptKey, press({ header: { app_id: 'cli_2' } }))],
    ['it carries another token', () => signed('sha256', sealed.encryptKey, press({ header: { token: 'x' } }))],
    ['it was encrypted with another key', () => signed('sha256', sealed.encryptKey, '{"encrypt":"AAAA"}')],
  ])('is refused when %s', (_why, make) => {
    expect(statusOf(() => feishuCallback.read(make(), sealed))).toBe(401);
  });

  it('is refused without an Encrypt Key when it is old', () => {
    const old = request(press({ header: { create_time: `${NOW - 360_000}000` } }));
    expect(statusOf(() => feishuCallback.read(old, open))).toBe(401);
  });

  it('cannot be read when it is no press at all', () => {
    expect(statusOf(() => feishuCallback.read(request('hello'), open))).toBe(400);
    expect(statusOf(() => feishuCallback.read(request('[]'), open))).toBe(400);
  });

  it('on a card of somebody else does nothing', () => {
    expect(feishuCallback.read(request(press({ value: { action: 'approve' } })), open)).toEqual({ happenings: [] });
  });

  it('of the older kind is read too, whether or not the app has an Encrypt Key', () => {
    for (const account of [open, sealed]) {
      const { happenings } = feishuCallback.read(signed('sha1', 'v-tok', flatPress), account);
      expect(happenings).toMatchObject([{ kind: 'press', token: 'button-token', identity: 'ou_1' }]);
      // The vendor's token of the press may change the card: it must not travel on.
      expect(JSON.stringify(happenings)).not.toContain('c-295e');
    }
  });

  it('of the older kind is refused when its signature is missing, wrong or old', () => {
    for (const flat of [
      request(flatPress),
      signed('sha1', 'guess', flatPress),
      signed('sha1', 'v-tok', flatPress, NOW - 360_000),
    ]) {
      expect(statusOf(() => feishuCallback.read(flat, open))).toBe(401);
    }
  });
});

describe('other events', () => {
  it('are taken and change nothing, however old', () => {
    const message = press({ header: { event_type: 'im.message.receive_v1', create_time: '1600000000000' } });
    expect(feishuCallback.read(request(message), open)).toEqual({
      happenings: [],
      answer: { status: 200, body: '{}', contentType: 'application/json' },
    });
  });
});

describe('the answer to a press', () => {
  const result: PressResult = { state: 'done', action: 'acknowledge', text: 'Acknowledged. It is yours now.' };
  const picture: Picture = { face: { ...face, progress: 'Processing' }, wording, buttons: [], menu: [] };
  const drawn: PressResult = { ...result, picture };
  const answerOf = (asked: HttpRequest, results: PressResult[]): unknown =>
    JSON.parse(feishuCallback.answer(asked, open, results).body);

  it('tells the presser what became of it', () => {
    expect(answerOf(request(press()), [result])).toEqual({
      toast: { type: 'success', content: 'Acknowledged. It is yours now.' },
    });
    expect(answerOf(request(press()), [{ state: 'unknown-person', text: 'Not linked.' }])).toEqual({
      toast: { type: 'error', content: 'Not linked.' },
    });
  });

  it('shows the new state at once when it is known', () => {
    expect(answerOf(request(press()), [drawn])).toMatchObject({
      card: { type: 'raw', data: { config: { update_multi: true }, header: { template: 'blue' } } },
    });
  });

  it('to an older press is the bare card, or nothing', () => {
    expect(answerOf(request(flatPress), [drawn])).toMatchObject({ header: { template: 'blue' } });
    expect(answerOf(request(flatPress), [result])).toEqual({});
  });
});

const message = JSON.stringify({
  schema: '2.0',
  header: { ...header, event_id: 'e-2', event_type: 'im.message.receive_v1', create_time: String(NOW) },
  event: {
    sender: { sender_id: { open_id: 'ou_1' }, sender_type: 'user' },
    message: {
      message_id: 'om_2',
      chat_id: 'oc_1',
      chat_type: 'p2p',
      message_type: 'text',
      content: JSON.stringify({ text: 'ack' }),
    },
  },
});

describe('a push that was altered on its way', () => {
  const json = { 'content-type': 'application/json; charset=utf-8' };
  const HEADERS = ['x-lark-signature', 'x-lark-request-timestamp', 'x-lark-request-nonce'];
  const encrypted = { account: sealed, signed: HEADERS, skewMs: 5 * MINUTE };
  const PUSHES = [
    { ...encrypted, kind: 'press', genuine: signed('sha256', sealed.encryptKey, seal(press())) },
    {
      ...encrypted,
      kind: 'message',
      genuine: signed('sha256', sealed.encryptKey, seal(message)),
      skewMs: 480 * MINUTE,
    },
    { ...encrypted, kind: 'older press', genuine: signed('sha1', 'v-tok', flatPress) },
    { ...encrypted, kind: 'older press in the clear', account: open, genuine: signed('sha1', 'v-tok', flatPress) },
    // Nothing signs these: the verification token inside speaks for them.
    { kind: 'press in the clear', account: open, signed: [], skewMs: 5 * MINUTE, genuine: request(press()) },
  ].map((push) => ({ ...push, genuine: changed(push.genuine, { headers: json }) }));
  const others = [
    { ...open, verificationToken: 'another' },
    { ...sealed, encryptKey: 'another', verificationToken: 'another' },
  ];

  const read = (given: HttpRequest, by: typeof open) => takenFrom(() => feishuCallback.read(given, by));
  const isActedOn = (taken: Taken): boolean => typeof taken !== 'number' && taken.length > 0;

  /** Signed as it should be, or in no need of it, and not what Feishu would ever send. */
  const nonsense = (send: (body: string) => HttpRequest): Mutation[] =>
    [
      ...['null', '[]', '7', '{', '', '"x"', '{"encrypt":7}', '{"encrypt":""}', '{"encrypt":"AAAA"}'],
      ...['guess', '', 'v-to', 'v-tokk', 'V-TOK', null, 7, ['v-tok']].map((token) => press({ header: { token } })),
      ...['cli_2', '', 'CLI_1', null, 7].map((app_id) => press({ header: { app_id } })),
      ...['', 'now', '0', '-1', `${String(NOW)}e3`, NOW, null].map((create_time) => press({ header: { create_time } })),
      ...['', null, 7].map((event_id) => press({ header: { event_id } })),
      ...['', 'approve', 7, [], { v: 2, t: 'x' }, { t: 'x' }, { v: 1 }].map((value) => press({ value })),
    ].map((body) => ({ how: body.slice(0, 200), request: changed(send(body), { headers: json }) }));

  it('was genuine before', async () => {
    for (const { genuine, account } of PUSHES) expect(await read(genuine, account)).toHaveLength(1);
  });

  it('is not acted on, in hundreds of ways, and crashes nothing', async () => {
    let tried = 0;
    for (const { kind, genuine, account, signed, skewMs } of PUSHES) {
      const mutations = mutationsOf(genuine, { signed, skewMs, signsBody: signed.length > 0 })
        // A push that does not say how it is encoded is read as what it has to be.
        .filter(({ how }) => how !== 'content-type removed' && how !== 'content-type empty');
      tried += mutations.length;
      expect(await acceptedOf(mutations, (given) => read(given, account), isActedOn), kind).toEqual([]);
    }
    expect(tried).toBeGreaterThanOrEqual(300);
  });

  it('is not acted on when it is nonsense, however well it is signed', async () => {
    const inTheClear = nonsense(request);
    const encryptedToo = nonsense((body) => signed('sha256', sealed.encryptKey, seal(body)));
    expect(await acceptedOf(inTheClear, (given) => read(given, open), isActedOn)).toEqual([]);
    expect(await acceptedOf(encryptedToo, (given) => read(given, sealed), isActedOn)).toEqual([]);
  });

  it('is not taken by another account', async () => {
    for (const { genuine } of PUSHES) {
      for (const other of others) expect([400, 401]).toContain(await read(genuine, other));
    }
  });
});
