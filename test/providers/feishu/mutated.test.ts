import { createCipheriv, createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feishuAppAccount } from '../../../providers/feishu/account.ts';
import { feishuCallback } from '../../../providers/feishu/callback.ts';
import { CallbackError, type HttpRequest } from '../../../providers/kit/adapter.ts';

const NOW = 1_700_000_000_000;
const account = feishuAppAccount.parse({
  appId: 'cli_1',
  appSecret: 's3cret',
  verificationToken: 'v-tok',
  encryptKey: 'kX9-example-encrypt-key',
});
/** Another app, whose secrets somebody may know. */
const other = { ...account, appId: 'cli_2', verificationToken: 'w-tok', encryptKey: 'another-encrypt-key-of-nobody' };

interface Push {
  body: Buffer;
  headers: Record<string, string>;
}

/** As the platform encrypts and signs it. */
function pushed(type: string, event: object, key = account.encryptKey ?? '', token = account.verificationToken): Push {
  const header = { event_id: 'e-1', token, create_time: String(NOW), event_type: type, app_id: 'cli_1' };
  const iv = Buffer.alloc(16, 7);
  const cipher = createCipheriv('aes-256-cbc', createHash('sha256').update(key).digest(), iv);
  const sealed = Buffer.concat([iv, cipher.update(JSON.stringify({ schema: '2.0', header, event })), cipher.final()]);
  const body = Buffer.from(JSON.stringify({ encrypt: sealed.toString('base64') }));
  const timestamp = String(NOW / 1000);
  const signature = createHash('sha256').update(`${timestamp}nonce${key}`).update(body).digest('hex');
  return {
    body,
    headers: {
      'x-lark-request-timestamp': timestamp,
      'x-lark-request-nonce': 'nonce',
      'x-lark-signature': signature,
    },
  };
}

const EVENTS: [string, object][] = [
  [
    'card.action.trigger',
    { operator: { open_id: 'ou_1' }, action: { value: { v: 1, t: 'token' }, form_value: { text: 'hello' } } },
  ],
  [
    'im.message.receive_v1',
    {
      sender: { sender_type: 'user', sender_id: { open_id: 'ou_1' } },
      message: {
        message_id: 'om_1',
        chat_id: 'oc_1',
        chat_type: 'p2p',
        message_type: 'text',
        content: '{"text":"ack 7QK2MD"}',
      },
    },
  ],
  ['im.chat.disbanded_v1', { chat_id: 'oc_1', name: 'Ops' }],
];
const HEADERS = ['x-lark-request-timestamp', 'x-lark-request-nonce', 'x-lark-signature'] as const;

function read({ body, headers }: Push) {
  const request: HttpRequest = {
    method: 'POST',
    body,
    headers: new Headers(headers),
    url: new URL('https://oncall.example.com/callbacks/feishu-cn'),
    receivedAt: NOW,
  };
  return feishuCallback.read(request, account);
}

/** Something done to a push on its way. */
const mutation: fc.Arbitrary<(push: Push) => Push> = fc.oneof(
  fc.constantFrom(...HEADERS).map((name) => ({ body, headers }: Push) => {
    const { [name]: _, ...rest } = headers;
    return { body, headers: rest };
  }),
  fc
    .tuple(fc.constantFrom(...HEADERS), fc.string({ maxLength: 70, unit: 'grapheme-ascii' }))
    .map(([name, value]) => ({ body, headers }: Push) => ({
      body,
      headers: { ...headers, [name]: `${value.trim()}!` },
    })),
  fc
    .integer({ min: -100_000, max: 100_000 })
    .filter((skew) => skew !== 0)
    .map((skew) => ({ body, headers }: Push) => ({
      body,
      headers: { ...headers, 'x-lark-request-timestamp': String(NOW / 1000 + skew) },
    })),
  fc.nat().map((at) => ({ body, headers }: Push) => ({ body: body.subarray(0, at % body.length), headers })),
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })).map(([at, flip]) => ({ body, headers }: Push) => {
    const changed = Buffer.from(body);
    changed[at % body.length] = (changed[at % body.length] ?? 0) ^ flip;
    return { body: changed, headers };
  }),
  fc.constant(({ body, headers }: Push) => ({
    body: Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 1)),
    headers,
  })),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => ({ headers }: Push) => ({ body: Buffer.from(bytes), headers })),
);

describe.each(EVENTS)('a push of %s', (type, event) => {
  it('is taken as the platform sent it', () => {
    expect(read(pushed(type, event)).happenings).toHaveLength(1);
  });

  it('is taken no other way, and breaks nothing', () => {
    fc.assert(
      fc.property(mutation, (mutate) => {
        const push = mutate(pushed(type, event));
        try {
          expect(read(push).happenings).toEqual([]);
        } catch (error) {
          expect(error).toBeInstanceOf(CallbackError);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is not taken from another app', () => {
    for (const push of [
      pushed(type, event, other.encryptKey, other.verificationToken),
      pushed(type, event, account.encryptKey, other.verificationToken),
      pushed(type, event, other.encryptKey, account.verificationToken),
    ]) {
      expect(() => read(push)).toThrow(CallbackError);
    }
  });
});
